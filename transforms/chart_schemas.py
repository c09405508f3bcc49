"""List the digest in a chart's `values.schema.json`, where the schema would refuse it or lists the tag beside it.

Why: Helm refuses to render values that the schema does not allow, and a pinned release would fail to install.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/deployment.yaml
     spec:
       containers:
         - name: web
           {{- with .Values.image }}
           image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
           {{- end }}
    # file: charts/web/values.schema.json
     {
       "properties": {
         "image": {
           "additionalProperties": false,
           "properties": {
             "repository": {"type": "string"},
    -        "tag": {"type": "string"}
    +        "tag": {"type": "string"},
    +        "digest": {"type": "string"}
           }
         }
       }
     }
    # file: charts/web/values.yaml
     image:
       repository: ghcr.io/acme/web
    -  tag: dev
    +  digest: <digest>

References inside the file and combinations (`allOf`, `anyOf`) are followed; the schema of an umbrella chart speaks of
its subcharts' values, too.

Leaves alone: schemas that take a digest already, those of vendored charts.
Reports: nothing of its own; an image whose digest no edit makes acceptable stays as it is (`chart-ignores-digest`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.fleet.knobs import Knob
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Change, Fact, Transform, View
from transforms._knobs import digest_words

_NAME = "values.schema.json"

transform = Transform(
    __name__,
    reads=yaml.LANGUAGE,
    words=(b"tag", b"Tag", b"epo", b"mage"),
    looks_at_path=_NAME,
)
_BEFORE = on_use(rb"(?:\r\n|\n|\r)[ \t]*\Z")
_INSIDE = on_use(rb"\{((?:\r\n|\n|\r)[ \t]*)")


@transform.scan
def properties(source: Source, fleet: Fleet) -> Iterator[Fact]:
    folder, _, name = source.path.rpartition("/")
    if name != _NAME or source.outer is not None or fleet.config.is_vendored(source.path):
        return
    schema, needed = fleet.schemas.schema(source.path), fleet.schemas.knobs.get(source.path, {})
    edits: dict[Edit, dict[View, None]] = defaultdict(dict)
    for knob, views in needed.items():
        for entry in schema.verdict(*knob).missing:
            edits[_listed(source, entry, knob)].update(dict.fromkeys(views))
    for knob, views in fleet.knobs(folder).items():
        for entry in schema.undescribed(*knob):
            edits[_listed(source, entry, knob)].update(dict.fromkeys(views))
    for edit, serves in edits.items():
        yield Change(Span(edit.start, edit.end), "helm-values", (edit,), tuple(serves))


def _listed(source: Source, tag: yaml.Entry, knob: Knob) -> Edit:
    """The digest behind the tag: on a line of its own, and over several lines, if the tag is."""
    data = source.data
    before, inside = _BEFORE.search(data, 0, tag.key.start), _INSIDE.match(data, tag.value.start)
    apart = before[0] if before is not None else _gap(data, tag)
    colon = data[tag.key.end : tag.value.start]
    said = [b'"type"' + colon + _type(tag.value)]
    words = tag.value.text("description") if isinstance(tag.value, yaml.Mapping) else None
    if words is not None:
        from json import dumps

        said.append(
            b'"description"' + colon + dumps(digest_words(words, is_ref=knob.is_ref), ensure_ascii=False).encode()
        )
    between = inside[1] if inside is not None else b""
    listed = between + (b"," + (between or b" ")).join(said) + (apart if inside is not None else b"")
    return Edit(tag.value.end, tag.value.end, b"," + apart + f'"{knob.digest}"'.encode() + colon + b"{" + listed + b"}")


def _gap(data: bytes, tag: yaml.Entry) -> bytes:
    """The blanks between entries of one line."""
    entries = tag.mapping.entries
    at = entries.index(tag)
    gap = data[entries[at - 1].value.end : tag.key.start] if at else b", "
    return gap[1:] if gap.startswith(b",") and not gap[1:].strip() else b" "


def _type(tag: yaml.Node) -> bytes:
    """A text, and null where the tag may be null."""
    types = yaml.lookup(tag, "type") if isinstance(tag, yaml.Mapping) else None
    listed = types.items if isinstance(types, yaml.Sequence) else []
    may_be_null = any(isinstance(one, yaml.Scalar) and one.value == "null" for one in listed)
    return b'["string", "null"]' if may_be_null else b'"string"'
