"""Template actions as the template at hand writes them: spaces inside the braces, trim markers, lines of their own."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from codemod.edits import Edit, apply
from codemod.formats.gotemplate import Action, Node


class Style(Struct, frozen=True):
    """How actions begin and end, without trim markers: `{{ ` and ` }}`, or `{{` and `}}`."""

    open: str
    close: str

    def action(self, text: str) -> str:
        """One action."""
        return f"{self.open}{text}{self.close}"


def style_of(node: Node, data: bytes) -> Style:
    """The style of the action that a node is, or begins with."""
    is_spaced = data[node.start + 2 : node.start + 3] in (b" ", b"-")
    return Style("{{ ", " }}") if is_spaced else Style("{{", "}}")


def chosen(node: Action, swapped: Iterable[Edit], digest: str, data: bytes) -> tuple[Edit, ...]:
    """The edits after which an action does what it does where there is no digest, and what `swapped` says where one is.

    A variable is set anew; what prints is printed by one of two branches. These stand on lines of their own where the
    action does and trims the line break before it.
    """
    text = data[node.start : node.end].decode()
    other = apply(data[node.start : node.end], [_moved(edit, -node.start) for edit in swapped]).decode()
    left, right = text.startswith("{{-"), text.endswith("-}}")
    between = f"\n{_indent(node, data)}" if left and _is_alone(node, data) else ""
    begin, end = ("{{- " if between else "{{ "), (" -}}" if right and between else " }}")
    first = ("{{- " if left else "{{ ") + f"if {digest}" + end
    last = f"{begin}end" + (" -}}" if right else " }}")
    if node.pipe.variables:
        again = other.replace(":=", "=", 1) if not node.pipe.assigns else other
        inside = f"{begin}if {digest}{end}" if between else f"{{{{ if {digest} }}}}"
        added = [inside, again if between else _untrimmed(again), last]
        return (Edit(node.end, node.end, "".join(f"{between}{part}" for part in added).encode()),)
    one, two = (other, text) if between else (_untrimmed(other), _untrimmed(text))
    before = between.join((first, one, f"{begin}else{end}", ""))
    after = f"{between}{last}"
    if one != other or two != text:
        return (Edit(node.start, node.end, f"{before}{two}{after}".encode()),)
    return Edit(node.start, node.start, before.encode()), Edit(node.end, node.end, after.encode())


def _untrimmed(action: str) -> str:
    """The action without trim markers."""
    inside = action[3:] if action.startswith("{{-") else action[2:]
    inside = inside[:-3] if action.endswith("-}}") else inside[:-2]
    return f"{{{{{inside}}}}}"


def _is_alone(node: Node, data: bytes) -> bool:
    """Whether nothing else stands on the lines of an action."""
    before = data[data.rfind(b"\n", 0, node.start) + 1 : node.start]
    after = data[node.end :].partition(b"\n")[0]
    return not before.strip() and not after.strip()


def _indent(node: Node, data: bytes) -> str:
    return data[data.rfind(b"\n", 0, node.start) + 1 : node.start].decode()


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.text)
