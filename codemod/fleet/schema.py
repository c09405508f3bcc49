"""What a chart's `values.schema.json` says of a key: whether a release that sets it would be refused.

Helm validates the values of every chart with JSON Schema. Only what decides about a key of a map is looked at:
`properties`, `patternProperties`, `additionalProperties`, `unevaluatedProperties`, `propertyNames`, `required`,
references inside the file, and the combinations (`allOf`, `anyOf`, `oneOf`, `then`, `else`). In doubt a key is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from codemod.fleet.families import PLAIN, tag_family
from codemod.formats import yaml
from codemod.transform import Keys

_ALL, _ANY = ("allOf",), ("anyOf", "oneOf")
_BRANCHES = ("then", "else")


DIGEST = f"sha256:{'0' * 64}"


class Verdict(Struct, frozen=True):
    """What a schema says of a digest.

    `missing` are the entries of the tag behind which the digest has to be listed to be taken; `is_refused`: it is not
    taken, or may not be, whatever is listed.
    """

    missing: tuple[yaml.Entry, ...] = ()
    is_refused: bool = False


class Part(Struct, frozen=True):
    """One schema object that a value has to meet, or may (`is_optional`: one of several)."""

    node: yaml.Mapping
    is_optional: bool = False

    def below(self, word: str) -> yaml.Node | None:
        """The value of one of its keywords."""
        return yaml.lookup(self.node, word)

    def properties(self) -> yaml.Mapping | None:
        """The keys that it describes."""
        found = self.below("properties")
        return found if isinstance(found, yaml.Mapping) else None

    def described(self, key: str) -> list[yaml.Node]:
        """What it says of the value of a key by name or by pattern."""
        found = []
        properties = self.properties()
        if properties is not None and (entry := properties.get(key)) is not None:
            found.append(entry.value)
        patterns = self.below("patternProperties")
        if isinstance(patterns, yaml.Mapping):
            found += [entry.value for word, entry in patterns.index.items() if _matches(word, key)]
        return found

    def children(self, key: str | int) -> list[yaml.Node]:
        """What it says of the value of a key, be it among all others, or of an item of a list."""
        if isinstance(key, int):
            return self._items(key)
        found, other = self.described(key), self.below("additionalProperties")
        return found if found or other is None else [other]

    def _items(self, number: int) -> list[yaml.Node]:
        """`prefixItems` (or a list of `items`, as it was called) for the first ones, then what `items` says of all."""
        first, items = self.below("prefixItems"), self.below("items")
        first = items if isinstance(items, yaml.Sequence) else first
        if isinstance(first, yaml.Sequence) and number < len(first.items):
            return [first.items[number]]
        other = self.below("additionalItems") if isinstance(items, yaml.Sequence) else items
        return [other] if other is not None else []

    def requires(self, key: str) -> bool:
        """Whether a map must have the key."""
        words = self.below("required")
        return isinstance(words, yaml.Sequence) and any(_text(item) == key for item in words.items)


class Schema:
    """One schema; `root` is None where the file cannot be read."""

    def __init__(self, root: yaml.Node | None) -> None:
        self.root = root if isinstance(root, yaml.Mapping) else None
        self.is_certain = self.root is not None
        """Whether every reference on the way could be followed so far."""

    def parts(self, keys: Keys) -> list[Part]:
        """What the value at some keys has to meet."""
        parts = self._all([(self.root, False)])
        for key in keys:
            children = [(child, part.is_optional) for part in parts for child in part.children(key)]
            parts = self._all(children)
        return parts

    def verdict(self, keys: Keys, tag: str, digest: str) -> Verdict:
        """What would become of a release that sets a digest in the map at `keys`."""
        missing: dict[int, yaml.Entry] = {}
        is_refused = False
        for part in self.parts(keys):
            entry = self._listed(part, tag) or self._named(part, tag)
            if self._closes(part, digest):
                if entry is not None:
                    missing[entry.key.start] = entry
                is_refused = is_refused or (entry is None and not part.is_optional)
            elif entry is not None or not part.is_optional:
                is_refused = is_refused or _objects(part, digest)
        return Verdict(tuple(missing.values()), is_refused or not self.is_certain)

    def requires(self, keys: Keys, key: str) -> bool:
        """Whether the map at `keys` must have a key."""
        return any(part.requires(key) for part in self.parts(keys))

    def undescribed(self, keys: Keys, tag: str, digest: str) -> tuple[yaml.Entry, ...]:
        """Where the tag of the map at `keys` is described, and no digest is."""
        found = []
        for part in self.parts(keys):
            properties = part.properties()
            if properties is not None and (entry := properties.get(tag)) is not None and not part.described(digest):
                found.append(entry)
        return tuple(found)

    def _closes(self, part: Part, key: str) -> bool:
        """Whether a part does not list the key, and takes no others, or none whose value is a digest."""
        if part.described(key):
            return False
        other = part.below("additionalProperties")
        if _is_false(other) or (isinstance(other, yaml.Mapping) and not _takes(other, DIGEST)):
            return True
        if not _is_false(part.below("unevaluatedProperties")):
            return False
        return not any(inner.children(key) for inner in self._all([(part.node, part.is_optional)]))

    def _listed(self, part: Part, key: str) -> yaml.Entry | None:
        """Where a part, or one that it is put together of, describes a key by name."""
        for other in (part, *self._all([(part.node, part.is_optional)])):
            properties = other.properties()
            if properties is not None and (entry := properties.get(key)) is not None:
                return entry
        return None

    def _named(self, part: Part, tag: str) -> yaml.Entry | None:
        """Where a part describes the name of an image whose tag stands elsewhere."""
        names = (self._listed(part, name) for name in (tag_family(tag) or PLAIN).names)
        return next((entry for entry in names if entry is not None), None)

    def _all(self, nodes: Sequence[tuple[yaml.Node | None, bool]]) -> list[Part]:
        """The schemas and those that they are put together of, once each."""
        found: dict[int, Part] = {}
        waiting = list(nodes)
        while waiting:
            node, is_optional = waiting.pop(0)
            mapping = yaml.target(node)
            if not isinstance(mapping, yaml.Mapping) or mapping.start in found:
                continue
            part = found[mapping.start] = Part(mapping, is_optional)
            waiting += self._inside(part)
        return list(found.values())

    def _inside(self, part: Part) -> Iterator[tuple[yaml.Node | None, bool]]:
        reference = _text(part.below("$ref"))
        if reference is not None:
            node = self._referred(reference)
            self.is_certain = self.is_certain and node is not None
            yield node, part.is_optional
        for word in (*_ALL, *_ANY):
            listed = part.below(word)
            for item in listed.items if isinstance(listed, yaml.Sequence) else ():
                yield item, part.is_optional or word in _ANY
        yield from ((part.below(word), True) for word in _BRANCHES if part.below(word) is not None)

    def _referred(self, reference: str) -> yaml.Node | None:
        """What `#/definitions/image` names; None for other files and what is not there."""
        if reference != "#" and not reference.startswith("#/"):
            return None
        words = reference.split("/")[1:]
        if "%" in reference:
            from urllib.parse import unquote

            words = [unquote(word) for word in words]
        words = [word.replace("~1", "/").replace("~0", "~") for word in words]
        here: yaml.Node | None = self.root
        for word in words:
            here = yaml.target(here)
            if isinstance(here, yaml.Sequence) and word.isdigit():
                here = here.items[int(word)] if int(word) < len(here.items) else None
            else:
                here = yaml.lookup(here, word) if isinstance(here, yaml.Mapping) else None
        return here


def _objects(part: Part, key: str) -> bool:
    """Whether a part has something against the key or a digest there other than not to list it."""
    names = part.below("propertyNames")
    if isinstance(names, yaml.Mapping) and not _takes(names, key):
        return True
    described = part.described(key)
    return any(
        _is_false(child) or (isinstance(child, yaml.Mapping) and not _takes(child, DIGEST)) for child in described
    )


def _takes(node: yaml.Mapping, text: str) -> bool:
    """Whether a schema takes a text."""
    types, choices = yaml.lookup(node, "type"), yaml.lookup(node, "enum")
    allowed = types.items if isinstance(types, yaml.Sequence) else [types]
    if types is not None and "string" not in [_text(item) for item in allowed]:
        return False
    if isinstance(choices, yaml.Sequence) and text not in [_text(item) for item in choices.items]:
        return False
    pattern, least, most = node.text("pattern"), node.text("minLength") or "0", node.text("maxLength")
    if pattern is not None and not _matches(pattern, text):
        return False
    return not least.isdigit() or (int(least) <= len(text) and (most is None or len(text) <= int(most)))


def _matches(pattern: str, text: str) -> bool:
    """As ECMAScript's `search`; a pattern that Python cannot read matches nothing."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _is_false(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.Scalar) and node.style == "" and node.value == "false"


def _text(node: yaml.Node | None) -> str | None:
    return node.value if isinstance(node, yaml.Scalar) else None
