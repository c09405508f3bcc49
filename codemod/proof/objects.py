"""What `helm template` and `kustomize build` print, as Kubernetes objects; and which one before is which one after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import yaml
from msgspec import Struct

from codemod.patterns import on_use

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HASHED_NAME = on_use(r"(.+)-[2456789bcdfghkmt]{10}")
_NOT_OF_KUBERNETES = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")

Key = tuple[str, ...]
Pair = tuple["Object | None", "Object | None"]


class _Loader(_Base):  # type: ignore[misc]
    """YAML as Kubernetes reads it: dates are strings, and so is a bare `=`."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NOT_OF_KUBERNETES]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


class Object(Struct, frozen=True):
    """One rendered object."""

    content: dict[str, Any]

    @property
    def kind(self) -> str:
        """Its kind, empty where it has none."""
        return _text(self.content.get("kind"))

    @property
    def name(self) -> str:
        """`metadata.name`, or what stands for it."""
        return _text(self._metadata.get("name")) or _text(self._metadata.get("generateName"))

    @property
    def key(self) -> Key:
        """What makes it the same object for a cluster: `apiVersion`, kind, namespace, name."""
        return _text(self.content.get("apiVersion")), self.kind, _text(self._metadata.get("namespace")), self.name

    @property
    def label(self) -> str:
        """`Deployment/web`."""
        return f"{self.kind or '?'}/{self.name or '?'}"

    @property
    def _metadata(self) -> dict[str, Any]:
        metadata = self.content.get("metadata")
        return metadata if isinstance(metadata, dict) else {}


def load(text: str | bytes) -> list[Any] | None:
    """The documents of a YAML text as plain values, empty ones left out; None where it is no YAML."""
    try:
        return [document for document in yaml.load_all(text, Loader=_Loader) if document is not None]
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, AttributeError):
        return None


def parse(text: str | bytes) -> list[Object] | None:
    """The objects of a rendered text, the items of a `List` one by one; None where the text is no list of objects."""
    documents = load(text)
    if documents is None or not all(isinstance(document, dict) for document in documents):
        return None
    return [Object(content) for document in documents for content in _items(document)]


def _items(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    items = content.get("items")
    if not _text(content.get("kind")).endswith("List") or not isinstance(items, list):
        yield content
        return
    for item in items:
        if isinstance(item, dict):
            yield item


def hashless(name: str) -> str | None:
    """The name without the hash of its content that kustomize's generators append; None where there is none."""
    match = _HASHED_NAME.fullmatch(name)
    return match[1] if match else None


def pairs(before: Sequence[Object], after: Sequence[Object]) -> Iterator[Pair]:
    """Every object before with the one that it has become, duplicates by their order.

    First those of the same key, then those whose names differ in a hash of their content, then those that are left of
    one kind and namespace if they are as many on both sides (a name may be random). What remains stands alone.
    """
    for key, same_count in ((_own_key, False), (_hashless_key, True), (_nameless_key, True)):
        found, before, after = _matched(before, after, key, same_count=same_count)
        yield from found
    yield from ((item, None) for item in before)
    yield from ((None, item) for item in after)


def _own_key(item: Object) -> Key:
    return item.key


def _hashless_key(item: Object) -> Key:
    return *item.key[:3], hashless(item.name) or item.name


def _nameless_key(item: Object) -> Key:
    return item.key[:3]


def _matched(
    before: Iterable[Object], after: Iterable[Object], key: Callable[[Object], Key], *, same_count: bool
) -> tuple[list[Pair], list[Object], list[Object]]:
    """The pairs of equal keys, and what finds no partner; with `same_count` a key pairs all or none."""
    groups: dict[Key, tuple[list[Object], list[Object]]] = defaultdict(lambda: ([], []))
    for item in before:
        groups[key(item)][0].append(item)
    for item in after:
        groups[key(item)][1].append(item)
    found: list[Pair] = []
    alone: tuple[list[Object], list[Object]] = ([], [])
    for one, other in groups.values():
        count = 0 if same_count and len(one) != len(other) else min(len(one), len(other))
        found += zip(one[:count], other[:count], strict=True)
        alone[0].extend(one[count:])
        alone[1].extend(other[count:])
    return found, *alone


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
