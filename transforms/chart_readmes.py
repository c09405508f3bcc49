"""Add the digest to the values table in the README of a chart whose templates become digest-aware.

Why: people set what the table lists.

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
       repository: ghcr.io/acme/web
       tag: ""
    +  digest: ""
    # file: charts/web/README.md
     | Key | Type | Default | Description |
     | --- | --- | --- | --- |
     | image.repository | string | `"ghcr.io/acme/web"` | Image repository |
     | image.tag | string | `""` | Image tag |
    +| image.digest | string | `""` | Image digest; takes precedence over the tag |
    # file: charts/web/values-dev.yaml
     image:
    -  tag: dev
    +  digest: <digest>

The row goes below the tag's, the first of several, and is spelled as it is, in any order of columns.

Leaves alone: tables without a row for exactly that tag or with one for the digest, code blocks, all other Markdown, the
default of a tag that gives way to its digest in `values.yaml`.
Reports: nothing of its own; the templates say why a chart stays as it is (`chart-ignores-digest`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import markdown
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Change, Fact, Transform
from transforms._knobs import digest_words, knobs_of

transform = Transform(__name__, reads=markdown.LANGUAGE, words=(b"tag", b"Tag"), looks_at_path=True)

_LINE_BREAK = on_use(rb"\r\n|\n|\r")
_DECORATION = "`*_\"' "
_DEFAULT, _DESCRIPTION = on_use(r"(?i)default|value"), on_use(r"(?i)desc|meaning|purpose")


@transform.scan
def rows(source: Source, fleet: Fleet) -> Iterator[Fact]:
    folder, _, name = source.path.rpartition("/")
    values = fleet.tree.documents(f"{folder}/values.yaml".lstrip("/")) if name == "README.md" else ()
    knobs = fleet.knobs(folder) if values else {}
    if not knobs or fleet.config.is_vendored(source.path):
        return
    tables = markdown.tables(source)
    for knob, _, site in knobs_of(folder, values, fleet):
        tag = ".".join(map(str, (*knob.keys, knob.tag)))
        digest = ".".join(map(str, (*knob.keys, knob.digest)))
        if digest in {_key(row) for table in tables for row in table.rows}:
            continue
        found = ((table, row) for table in tables for row in table.rows if _key(row) == tag)
        table, row = next(found, (None, None))
        if table is not None and row is not None:
            edit = _below(source, table, row, digest, is_ref=knob.is_ref)
            yield Change(Span(edit.start, edit.end), "docs", (edit,), knobs[knob], unless=(site,))


def _key(row: markdown.Row) -> str:
    """The key that a row is about, out of its first cell."""
    return row.cells[0].text.strip(_DECORATION)


def _below(source: Source, table: markdown.Table, row: markdown.Row, digest: str, *, is_ref: bool) -> Edit:
    """A row for the digest behind the tag's: what is no key, default or description is taken over."""
    data = source.data
    pieces, position = [], row.span.start
    for number, cell in enumerate(row.cells):
        heading = table.header.cells[number].text if number < len(table.header.cells) else ""
        pieces.append(data[position : cell.start])
        raw = data[cell.start : cell.end].decode("utf-8", "replace")
        pieces.append(_spelled(raw, _said(number, heading, cell.text, digest, is_ref=is_ref)).encode())
        position = cell.end
    pieces.append(data[position : row.span.end])
    line_break = _LINE_BREAK.match(data, row.span.end) or _LINE_BREAK.search(data)
    assert line_break is not None
    return Edit(row.span.end, row.span.end, line_break[0] + b"".join(pieces))


def _said(number: int, heading: str, text: str, digest: str, *, is_ref: bool) -> str:
    key = text.strip(_DECORATION)
    if number == 0:
        return text.replace(key, digest)
    if _DESCRIPTION.search(heading):
        return digest_words(text, is_ref=is_ref)
    if _DEFAULT.search(heading):
        return '`""`' if text.startswith("`") else '""'
    return text


def _spelled(raw: str, text: str) -> str:
    """A cell that says something else, as wide as it was where it is padded."""
    before = raw[: len(raw) - len(raw.lstrip())]
    after = raw[len(raw.rstrip()) :]
    wide = before + text
    return wide + (after if len(after) <= 1 else " " * max(len(raw) - len(wide), 1))
