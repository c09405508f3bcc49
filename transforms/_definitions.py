"""The property `imagePullPolicy` of a schema, as controller-gen writes it, in the style of the file."""

from __future__ import annotations

from codemod.edits import Edit
from codemod.fleet.definitions import ImageField
from codemod.formats import yaml
from codemod.source import Source

POLICY = "imagePullPolicy"
SAID = "ImagePullPolicy says when the image is pulled."
POLICIES = ("Always", "IfNotPresent", "Never")


def addition(source: Source, document: yaml.Document, field: ImageField) -> Edit | None:
    """The property `imagePullPolicy`, sorted in where the properties are sorted; None where it cannot be put there."""
    entry = _before(field.entry)
    schema = yaml.target(field.entry.value)
    is_described = isinstance(schema, yaml.Mapping) and "description" in schema.index
    if entry.mapping.flow:
        return yaml.insert_after(source, entry, POLICY, _flow(entry, is_described))
    step, item = _depths(source, document, schema)
    lines = [POLICY.encode() + b":"]
    lines += [b" " * step + b"description: " + SAID.encode()] if is_described else []
    lines += [b" " * step + b"enum:", *(b" " * (step + item) + b"- " + one.encode() for one in POLICIES)]
    return yaml.insert_lines(source, entry, (*lines, b" " * step + b"type: string"))


def _before(entry: yaml.Entry) -> yaml.Entry:
    """The property that the new one comes behind."""
    keys = [one.key.value if isinstance(one.key, yaml.Scalar) else "" for one in entry.mapping.entries]
    if keys != sorted(keys):
        return entry
    return entry.mapping.entries[max(at for at, key in enumerate(keys) if key < POLICY)]


def _flow(entry: yaml.Entry, is_described: bool) -> bytes:
    quote = entry.key.style if isinstance(entry.key, yaml.Scalar) else ""
    said = f"{quote}description{quote}: {quote}{SAID}{quote}, " if is_described else ""
    listed = ", ".join(f"{quote}{one}{quote}" for one in POLICIES)
    return f"{{{said}{quote}enum{quote}: [{listed}], {quote}type{quote}: {quote}string{quote}}}".encode()


def _depths(source: Source, document: yaml.Document, schema: yaml.Node | None) -> tuple[int, int]:
    """How much deeper the file puts the entries of a map, and the dashes of a list."""
    step = 2
    if isinstance(schema, yaml.Mapping) and not schema.flow and isinstance(schema.parent, yaml.Mapping):
        key = schema.parent.index[str(schema.key)].key
        step = _column(source, schema.entries[0].key.start) - _column(source, key.start)
    item = 0
    for mapping in document.mappings:
        for entry in mapping.entries if not mapping.flow else ():
            value = entry.value
            if isinstance(value, yaml.Sequence) and not value.flow and value.items:
                dash = source.data.rfind(b"-", 0, value.items[0].start)
                item = _column(source, dash) - _column(source, entry.key.start)
                if isinstance(value.items[0], yaml.Scalar):
                    return step, item
    return step, item


def _column(source: Source, offset: int) -> int:
    return offset - source.data.rfind(b"\n", 0, offset) - 1
