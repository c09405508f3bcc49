"""The expressions of a template that spell an image by its tag alone, and the edits that let a digest decide.

An expression is one of three: a tag that is printed behind a colon, a branch that prints one, or a call (`printf`,
`print`, `join`) that puts a repository and a tag together. The edits leave every output without a digest as it was.
Whether an expression spells an image of some release is not asked here: `codemod.fleet.mending` tries it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from codemod.charts.composing import Call, calls
from codemod.charts.forms import BOTH, DIGEST, REF
from codemod.charts.places import Place, places
from codemod.charts.scalars import head, lead, name_before, printed, tail
from codemod.charts.tagfields import TagField, is_conditional_on_tag, mentions_digest, tag_field, variables_of
from codemod.charts.writing import Style, chosen, style_of
from codemod.edits import Edit
from codemod.formats.gotemplate import Action, Branch, If, Text, With, parse
from codemod.source import Span

Helpers = tuple[tuple[str, str], ...]


class ImageExpression(Struct, frozen=True):
    """One expression: its span, the fields that it reads its tag and will read its digest from, and the edits.

    `within` is the name of the definition that it stands in, empty where it stands in none.
    """

    span: Span
    tag: str
    digest: str
    edits: tuple[Edit, ...]
    within: str = ""


@lru_cache(maxsize=4096)
def image_expressions(data: bytes, contract: str = DIGEST, helpers: Helpers = ()) -> tuple[ImageExpression, ...]:
    """All expressions of a template that can be made digest-aware, in order; none of one that cannot be parsed.

    `contract` is the form: `digest`, where the digest takes the place of the tag; `tag-and-digest`, where a tag that is
    set stays in front of it (one that is printed; a call takes the digest alone); `ref`, where a whole reference does.
    `helpers` are the templates of the chart that print nothing but a tag, each with the field that it reads.
    """
    template = parse(data)
    if template.problem is not None:
        return ()
    return tuple(found for place in places(template, dict(helpers)) for found in _at(place, data, contract))


def like(expression: ImageExpression) -> tuple[str, str, str]:
    """What two expressions have in common that spell one image: their fields, and where they stand."""
    return expression.within, expression.tag, expression.digest


def _at(place: Place, data: bytes, contract: str) -> Iterator[ImageExpression]:
    node = place.node
    if not isinstance(node, Action | If | With) or is_conditional_on_tag(place, data):
        return
    if isinstance(node, Action):
        found = _called(place, node, data, contract) or _printed(place, node, data, contract)
    else:
        found = _branched(place, node, data, contract)
    if found is not None and not lead(found.span.start, found.span.end, data).is_prose:
        define = place.scope.define
        yield replace(found, within=define.name if define is not None else "")


def _called(place: Place, node: Action, data: bytes, contract: str) -> ImageExpression | None:
    """An action in which a call puts an image together."""
    if _knows_digests(place, node, data):
        return None
    for call in calls(node.pipe, data):
        if (field := _field(call, place, data)) is not None:
            asked = field.ref if contract == REF else field.digest
            swapped = call.replaced(asked) if contract == REF else call.swapped(asked)
            return ImageExpression(node.span, field.tag, asked, chosen(node, swapped, asked, data))
    return None


def _printed(place: Place, node: Action, data: bytes, contract: str) -> ImageExpression | None:
    """A tag that is printed right behind a colon: the colon goes with it."""
    before = place.nodes[place.index - 1] if place.index else None
    if node.pipe.variables or not isinstance(before, Text) or not printed(before, data).endswith(b":"):
        return None
    colon = before.text_start + len(printed(before, data)) - 1
    start, end = head(place, data), tail(place, data)
    field = tag_field(node.pipe, place, data, name_before(place, start, data))
    if field is None or end is None or start >= colon or mentions_digest(data[start : end.end]):
        return None
    if mentions_digest(variables_of([node.pipe], place, data)):
        return None
    style, trims = style_of(node, data), _trims(end.closing, data)
    if contract == REF:
        edits = _wrapped(start, end.end, field.ref, style.action(field.ref), style, trims=trims)
        return ImageExpression(Span(start, end.end), field.tag, field.ref, edits)
    shown = f"@{style.action(field.digest)}"
    if contract == BOTH:
        shown = f"{style.action(f'if {field.tag}')}:{style.action(field.tag)}{style.action('end')}{shown}"
    edits = _wrapped(colon, end.end, field.digest, shown, style, trims=trims)
    return ImageExpression(Span(start, end.end), field.tag, field.digest, edits)


def _branched(place: Place, node: If | With, data: bytes, contract: str) -> ImageExpression | None:
    """A branch that asks for the tag and prints it behind a colon; the digest is asked for first."""
    first = node.body[0] if node.body else None
    closed = node.end_span.end if node.end_span is not None else None
    start = head(place, data)
    if (
        not isinstance(first, Text)
        or not printed(first, data).startswith(b":")
        or closed is None
        or start >= node.start
    ):
        return None
    field = tag_field(node.pipe, place, data, name_before(place, start, data))
    if field is None or mentions_digest(data[start:closed]) or b"\n" in data[node.start : closed]:
        return None
    style = style_of(node, data)
    if contract == REF:
        edits = _wrapped(start, closed, field.ref, style.action(field.ref), style)
        return ImageExpression(Span(start, closed), field.tag, field.ref, edits)
    if contract == BOTH:
        asked = style.action(f"if {field.digest}") + f"@{style.action(field.digest)}" + style.action("end")
        return ImageExpression(Span(start, closed), field.tag, field.digest, (Edit(closed, closed, asked.encode()),))
    if isinstance(node, If):
        at = data.index(b"if", node.start)
        before = f"if {field.digest}{style.close}@{style.action(field.digest)}{style.open}else "
        edits = (Edit(at, at, before.encode()),)
    else:
        edits = _wrapped(node.start, closed, field.digest, f"@{style.action(field.digest)}", style)
    return ImageExpression(Span(start, closed), field.tag, field.digest, edits)


def _wrapped(start: int, end: int, asked: str, shown: str, style: Style, *, trims: bool = False) -> tuple[Edit, ...]:
    """What stands between two offsets becomes what is printed where the field that is asked for is empty."""
    before = f"{style.action(f'if {asked}')}{shown}{style.action('else')}"
    after = style.action("end")
    after = after[: -len(style.close)] + " -}}" if trims else after
    return Edit(start, start, before.encode()), Edit(end, end, after.encode())


def _trims(node: object, data: bytes) -> bool:
    """Whether a scalar ends with an action that trims what stands behind it."""
    end = node.end_span.end if isinstance(node, Branch) and node.end_span else getattr(node, "end", 0)
    return data[:end].endswith(b"-}}")


def _knows_digests(place: Place, node: Action, data: bytes) -> bool:
    return mentions_digest(data[node.start : node.end]) or mentions_digest(variables_of([node.pipe], place, data))


def _field(call: Call, place: Place, data: bytes) -> TagField | None:
    """The one field that the tag of a call comes from; what else is part of its tag (a suffix) holds none."""
    found = [field for tag in call.tags if (field := tag_field(tag, place, data, call.names)) is not None]
    return found[0] if len(found) == 1 else None
