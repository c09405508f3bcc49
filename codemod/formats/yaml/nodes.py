"""The nodes of a YAML document: what the parser saw, with byte spans into the source.

A scalar's span covers the token as it is written, quotes included, anchor and tag not; a block scalar's begins at its
`|` or `>` and ends after its last line break. An empty (implied null) scalar has an empty span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from codemod.patterns import on_use
from codemod.source import Span

_NULLS = ("", "~", "null", "Null", "NULL")
# YAML 1.1, https://yaml.org/type/ (what Helm, kubectl and Go's YAML read)
_OTHER = on_use(
    r"[-+]?(?:0|[1-9][0-9_]*|0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+)"
    r"|[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][-+]?[0-9]+)?(?<=[0-9_.])"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"
)


class Node(Struct, eq=False):
    """Anything with a place: byte offsets, the way up (`parent`, and `key` below it), anchor and tag."""

    start: int
    end: int
    parent: Mapping | Sequence | None = None
    key: str | int = ""
    anchor: str | None = None
    tag: str | None = None

    @property
    def span(self) -> Span:
        """The bytes of the node."""
        return Span(self.start, self.end)


class Scalar(Node, eq=False):
    """A scalar: `value` is the decoded text, `style` one of `''` (plain), `'`, `"`, `|`, `>`.

    In a document that was read with its template actions masked, `value` holds the masked text, and `templated` says
    whether this scalar holds any; `templated` is also set where the text itself holds a template action.
    """

    value: str = ""
    style: str = ""
    templated: bool = False

    @property
    def inner(self) -> Span:
        """The bytes between the quotes; the whole token for other styles."""
        quoted = 1 if self.style in ("'", '"') else 0
        return Span(self.start + quoted, self.end - quoted)

    @property
    def is_null(self) -> bool:
        """Whether the scalar is null in YAML's core schema."""
        return self.style == "" and self.value in _NULLS and self.tag is None

    @property
    def is_text(self) -> bool:
        """Whether every YAML reader takes the scalar for a string (plain numbers, booleans and nulls are none)."""
        return self.style != "" or self.tag is not None or not (self.is_null or _OTHER.fullmatch(self.value))


class Alias(Node, eq=False):
    """`*name`; `target` is the node that the name stands for, None where it was never anchored."""

    name: str = ""
    target: Node | None = None


class Entry(Struct, eq=False):
    """One `key: value` of a mapping."""

    key: Node
    value: Node
    mapping: Mapping


class Mapping(Node, eq=False):
    """A mapping: entries in the order in which they stand, and by the text of their scalar key.

    Of duplicate keys `index` holds the last, as most readers have it.
    """

    flow: bool = False
    entries: list[Entry] = []
    index: dict[str, Entry] = {}

    def get(self, key: str) -> Entry | None:
        """This mapping's own entry of that key."""
        return self.index.get(key)

    def repeated(self, keys: Iterable[str]) -> str | None:
        """One of `keys` that stands twice in it: readers differ on which of the two counts."""
        if len(self.entries) == len(self.index):
            return None
        found = [entry.key.value for entry in self.entries if isinstance(entry.key, Scalar)]
        return next((key for key in keys if found.count(key) > 1), None)

    def text(self, key: str) -> str | None:
        """The text of a scalar value, aliases and merge keys followed; None where there is none."""
        node = lookup(self, key)
        return node.value if isinstance(node, Scalar) and not node.is_null else None


class Sequence(Node, eq=False):
    """A sequence."""

    flow: bool = False
    items: list[Node] = []


def target(node: Node | None) -> Node | None:
    """The node itself, or what an alias stands for."""
    return node.target if isinstance(node, Alias) else node


def merged(mapping: Mapping) -> Iterator[Mapping]:
    """The mappings that `<<` merges into this one, first wins (https://yaml.org/type/merge.html)."""
    entry = mapping.get("<<")
    if entry is None or not isinstance(entry.key, Scalar) or entry.key.style:
        return
    value = target(entry.value)
    for node in value.items if isinstance(value, Sequence) else [value]:
        found = target(node)
        if isinstance(found, Mapping):
            yield found


def lookup(mapping: Mapping, key: str) -> Node | None:
    """The value of a key with aliases followed and merge keys applied; no mapping is asked twice, so loops end."""
    own = mapping.index.get(key)
    if own is not None or "<<" not in mapping.index:
        return target(own.value) if own is not None else None
    seen: set[Mapping] = set()
    waiting = [mapping]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        entry = here.get(key)
        if entry is not None:
            return target(entry.value)
        if "<<" in here.index:
            waiting.extend(reversed(tuple(merged(here))))
    return None


def keys_of(node: Node) -> tuple[str | int, ...]:
    """The way to a node from its document's root."""
    keys: list[str | int] = []
    here: Node = node
    while here.parent is not None:
        keys.append(here.key)
        here = here.parent
    return tuple(reversed(keys))


def descend(root: Node | None, keys: tuple[str | int, ...]) -> tuple[Node | None, int]:
    """Follow keys and list indices from a root: the node reached (None if there is none), and how many were followed.

    A node that has neither keys nor such an index ends the way early: it is returned with the number that led to it.
    """
    node = target(root)
    for depth, key in enumerate(keys):
        if isinstance(node, Sequence) and isinstance(key, int) and key < len(node.items):
            node = target(node.items[key])
            continue
        if not isinstance(node, Mapping) or not isinstance(key, str):
            return node, depth
        found = lookup(node, key)
        if found is None:
            return None, depth
        node = found
    return node, len(keys)
