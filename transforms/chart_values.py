"""Offer the digest in the `values.yaml` of a chart whose templates become digest-aware.

Why: a chart's `values.yaml` is the list of what it reads; a digest that it does not name is a secret.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/deployment.yaml
     spec:
       containers:
         - name: web
           {{- with .Values.image }}
    -      image: "{{ .repository }}:{{ .tag }}"
    +      image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
           {{- end }}
    # file: charts/web/values.yaml
     image:
       # -- Image repository
       repository: ghcr.io/acme/web
       # -- Image tag
       tag: ""
    +  # -- Image digest; takes precedence over the tag
    +  digest: ""
    # file: charts/web/values-dev.yaml
     image:
    -  tag: dev
    +  digest: <digest>

The line goes below the tag, with a comment if the tag has one. It is added only if an image of that map is pinned in
the same run.

Leaves alone: charts that nothing floating goes through, vendored ones, maps without a tag, a floating tag that gives
way to its digest in place.
Reports: nothing of its own; the templates say why a chart stays as it is (`chart-ignores-digest`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.fleet.knobs import Knob
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Change, Fact, Transform
from transforms._knobs import digest_words, knobs_of

transform = Transform(
    __name__,
    reads=yaml.LANGUAGE,
    words=(b"tag", b"Tag", b"epo", b"mage"),
    looks_at_path="values.yaml",
)

_BREAK_AND_INDENT = on_use(rb"(\r\n|\n|\r)( *)")
_PARAMETER = on_use(r"(#+ @param )(\S+)(?: (\[[^\]]*\]))?( +)(.*)")


@transform.scan
def digests(source: Source, fleet: Fleet) -> Iterator[Fact]:
    folder, _, name = source.path.rpartition("/")
    if source.outer is not None or name != "values.yaml" or fleet.config.is_vendored(source.path):
        return
    knobs = fleet.knobs(folder)
    for knob, tag, site in knobs_of(folder, yaml.documents(source) if knobs else (), fleet):
        edits = _edits(source, tag, knob)
        if edits:
            span = Span(edits[-1].start, edits[-1].end)
            yield Change(span, "helm-values", edits, knobs[knob], unless=(site,))


def _edits(source: Source, tag: yaml.Entry, knob: Knob) -> tuple[Edit, ...]:
    """An empty digest below the tag, and the comments that go with it."""
    path, digest = ".".join(map(str, (*knob.keys, knob.tag))), knob.digest
    is_quoted = isinstance(tag.value, yaml.Scalar) and tag.value.style in ('"', "'")
    line = yaml.insert_after(source, tag, digest, b"" if is_quoted else b'""')
    lead = _BREAK_AND_INDENT.match(line.text) if line is not None else None
    if line is None or lead is None:
        return (line,) if line is not None else ()
    comment, is_apart = _comment(source.data, tag.key.start, lead[2])
    break_and_indent = lead[1] + lead[2]
    parameter = _parameter(source.data, path, knob, lead[1])
    if comment and parameter is None:
        words = comment.decode("utf-8", "replace")
        mark = re.match(r"#+ ?(?:-- ?)?(?:\([^)]*\) ?)?", words)
        said = (words[: mark.end()] if mark else "# ") + digest_words(
            words[mark.end() :] if mark else words, is_ref=knob.is_ref
        )
        above = (lead[1] if is_apart else b"") + break_and_indent + said.encode()
        return (Edit(line.start, line.end, above + line.text),)
    return (parameter, line) if parameter is not None else (line,)


def _comment(data: bytes, start: int, indent: bytes) -> tuple[bytes, bool]:
    """The comment right above a key, lines joined, and whether a blank line is above that."""
    lines = data[:start].splitlines()[:-1] if not data[:start].endswith((b"\n", b"\r")) else data[:start].splitlines()
    words: list[bytes] = []
    while lines and lines[-1].startswith(indent + b"#"):
        words.insert(0, lines.pop().strip())
    first, *rest = words or [b""]
    joined = b" ".join([first, *(line.lstrip(b"# ") for line in rest)])
    return joined, bool(lines) and not lines[-1].strip()


def _parameter(data: bytes, path: str, knob: Knob, line_break: bytes) -> Edit | None:
    """The line about the digest in a list of parameters (`## @param image.tag Image tag`), below that of the tag."""
    start = 0
    for line in data.splitlines(keepends=True):
        text = line.rstrip(b"\r\n").decode("utf-8", "replace")
        match = _PARAMETER.fullmatch(text.strip())
        end = start + len(line.rstrip(b"\r\n"))
        if match is not None and match[2] == path:
            indent = text[: len(text) - len(text.lstrip())]
            sibling = f"{path.rpartition('.')[0]}.{knob.digest}".lstrip(".")
            said = f"{indent}{match[1]}{sibling}{match[4]}{digest_words(match[5], is_ref=knob.is_ref)}"
            return Edit(end, end, line_break + said.encode())
        start += len(line)
    return None
