"""Fields that Flux's image automation writes: those with a marker behind them, `# {"$imagepolicy": "ns:name:tag"}`.

What stands in a marked field plays no part: the controller writes the image, its name, its tag or its digest over it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source, Span

WRITES_TAG = "controller-writes-tag"
_COMMENT = on_use(rb"[ \t]+#+[ \t]*(\{[^\r\n]*\"\$imagepolicy\"[^\r\n]*\})[ \t]*(?=[\r\n]|\Z)")
_REST = on_use(rb"#[^\r\n]*(?:\r\n|\n|\r)")


class Marker(Struct, frozen=True):
    """The policy that a field is marked for, what of its image is written there, and where that word stands."""

    namespace: str
    name: str
    field: str
    span: Span

    @property
    def policy(self) -> str:
        return f"{self.namespace}:{self.name}"


def marker(source: Source, node: yaml.Node | None) -> Marker | None:
    """The marker behind a value of a file; in texts inside texts Flux looks for none."""
    found = _COMMENT.match(source.data, node.span.end) if isinstance(node, yaml.Scalar) and not source.outer else None
    if found is None:
        return None
    import json

    try:
        read = json.loads(found[1])
    except ValueError:
        return None
    text = read.get("$imagepolicy") if isinstance(read, dict) else None
    parts = text.split(":") if isinstance(text, str) else []
    if len(parts) not in (2, 3) or not isinstance(text, str):
        return None
    field = parts[2] if len(parts) == 3 else ""
    end = found.start(1) + found[1].rfind(text.encode()) + len(text.encode())
    return Marker(parts[0], parts[1], field, Span(end - len(field.encode()), end))


def follow(
    source: Source, tag: yaml.Entry | None, digest: yaml.Entry | None, edits: Sequence[Edit], fleet: Fleet
) -> tuple[tuple[Edit, ...], str]:
    """The edits that pin an image whose tag stands in a field of its own, its marker included; or why there are none.

    A marker for the tag becomes one for the digest where its policy has a digest to write. A tag that goes, as the
    digest beside it has a marker already, needs no more. Any other marked tag stays: the next one that the controller
    writes would land in the digest, or beside one that keeps the old image running.
    """
    found = marker(source, tag.value) if tag is not None and edits else None
    if found is None or tag is None or found.field == "digest":
        return tuple(edits), ""
    if digest is not None and (own := marker(source, digest.value)) is not None and own.field == "digest":
        return _with_comment(source, tag, edits), ""
    is_replaced = isinstance(tag.value, yaml.Scalar) and any(edit.start == tag.value.inner.start for edit in edits)
    reflects = fleet.image_policies.reflects(found.namespace, found.name)
    if digest is None and found.field == "tag" and is_replaced and reflects:
        return (*edits, Edit(*found.span, b"digest")), ""
    return (), f"the ImagePolicy {found.policy} says what stands here"


def _with_comment(source: Source, tag: yaml.Entry, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits, the comment behind the tag gone with it: its marker would speak of what stands below."""
    taken = next((edit for edit in edits if edit.start == tag.key.start and not edit.text), None)
    rest = _REST.match(source.data, taken.end) if taken is not None else None
    if taken is None or rest is None:
        return tuple(edits)
    line = max(source.data.rfind(end, 0, taken.start) for end in (b"\n", b"\r")) + 1
    return (*(edit for edit in edits if edit is not taken), Edit(line, rest.end(), b""))


def overwritten(source: Source, node: yaml.Node, fleet: Fleet) -> str:
    """Why a whole reference will not stay pinned: its policy has no digest to write; empty where it has, or none is."""
    found = marker(source, node)
    if found is None or found.field:
        return ""
    reflects = fleet.image_policies.reflects(found.namespace, found.name)
    if reflects is None:
        return f"the ImagePolicy {found.policy} is not in this repository"
    return "" if reflects else f"the ImagePolicy {found.policy} has no `digestReflectionPolicy`"
