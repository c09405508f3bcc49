"""The images that a rendered object names, and the pull policies beside them.

Pods are known by their shape: a map with `containers`, of which one has an image, is one in any object. In custom
resources the table of kinds and the user's own rows say where images stand; elsewhere a text under a key `image` counts
that can be nothing else than a reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from codemod.customresources import CustomResource
from codemod.formats.yaml.definition import DEFINITION
from codemod.formats.yaml.kubernetes import CONTAINERS
from codemod.kinds import ANY, BY_NAME, DEEP, Items, Kind, Parts, Step, steps
from codemod.patterns import on_use
from codemod.proof.objects import Object
from codemod.reference import is_digest, try_parse

_POLICIES = ("imagePullPolicy", "pullPolicy")
_METADATA = ("labels", "annotations")
_SCHEME = on_use(r"[a-z]+://")
_UNREAD = frozenset({DEFINITION, "Application", "ApplicationSet", "HelmRelease", "HelmChart", "HelmChartConfig"})
"""Schemas, which run nothing, and kinds that only hand values to charts: what these print is rendered by itself."""

Way = tuple[str, ...]
Holder = tuple[int, str | int]
"""A place in an object: the identity of a map or list, and the key there."""


class Use(Struct, frozen=True):
    """One image of an object: its text, the keys that lead to it, and the pull policy beside it (None: nothing says).

    `container` is the name of the container that runs it, None for what is no container.
    """

    image: str
    way: Way
    policy: str | None = None
    container: str | None = None

    @property
    def place(self) -> str:
        """`spec.template.spec.containers[web].image`."""
        return ".".join(self.way).replace(".[", "[")


def uses(one: Object, rows: Iterable[CustomResource] = ()) -> Iterator[Use]:
    """Every image of an object that is deployed, in the order of its keys; `rows` are those of the configuration."""
    if one.kind not in _UNREAD and not _is_test(one):
        yield from _Reader(_told(one, rows)).read(one.content, ())


def _is_test(one: Object) -> bool:
    """Whether only `helm test` creates an object."""
    metadata = one.content.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    hooks = annotations.get("helm.sh/hook") if isinstance(annotations, dict) else None
    return isinstance(hooks, str) and any(hook.strip().startswith("test") for hook in hooks.split(","))


class _Told(Struct):
    """What is known of places: images, images in parts by their map, and places at and below which none is deployed.

    `names` are those images that the controller completes with a tag where they have none.
    """

    images: set[Holder] = field(default_factory=set)
    names: set[Holder] = field(default_factory=set)
    parts: dict[int, list[Parts]] = field(default_factory=dict)
    left: set[Holder] = field(default_factory=set)


def _told(one: Object, rows: Iterable[CustomResource]) -> _Told:
    group = one.key[0].rpartition("/")[0]
    found = _Told()
    for row in BY_NAME.get((group, one.kind), ()):
        _tell(found, one.content, row, row.parts)
    for own in rows:
        if own.kind == one.kind and own.group in (None, group):
            _tell(found, one.content, own, [part.parts for part in own.parts])
    return found


def _tell(found: _Told, root: Any, row: Kind | CustomResource, parts: Iterable[Parts]) -> None:
    """The last row that says anything of a place counts."""
    left, images, names = (_places(root, paths) for paths in (row.left, row.images, row.names))
    found.left = (found.left | left) - images - names
    found.images = (found.images - left) | images | names
    found.names = (found.names - images) | names
    for part in parts:
        for holder, key in _at(root, steps(part.at)):
            if isinstance(holder[key], dict):
                found.parts.setdefault(id(holder[key]), []).append(part)


def _places(root: Any, paths: Iterable[str]) -> set[Holder]:
    return {(id(holder), key) for path in paths for holder, key in _at(root, steps(path))}


def _at(value: Any, way: Sequence[Step], holder: Any = None, key: str | int = "") -> Iterator[tuple[Any, Any]]:
    """The places that steps lead to, each as the map or list that holds it and the key there."""
    if not way:
        yield holder, key
        return
    first, rest = way[0], way[1:]
    if isinstance(first, Items):
        for at, item in enumerate(value if isinstance(value, list) else ()):
            if not first.key or (isinstance(item, dict) and str(item.get(first.key)) == first.value):
                yield from _at(item, rest, value, at)
    elif first == DEEP:
        yield from _at(value, rest, holder, key)
        for at, inner in _inner(value):
            yield from _at(inner, way, value, at)
    elif isinstance(value, dict):
        for name in list(value) if first == ANY else [first]:
            if name in value:
                yield from _at(value[name], rest, value, name)


def _inner(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


class _Reader(Struct, frozen=True):
    told: _Told

    def read(self, value: Any, way: Way, but: str = "") -> Iterator[Use]:
        """The images at and below a value; of a map's keys one may be left out."""
        if isinstance(value, dict):
            for part in self.told.parts.get(id(value), ()):
                yield from _spelled(value, part, way)
            is_pod = _is_pod(value)
            for key, inner in value.items():
                if key != but and (id(value), key) not in self.told.left:
                    yield from self._entry(value, key, inner, (*way, str(key)), is_pod=is_pod)
        elif isinstance(value, list):
            for at, item in enumerate(value):
                here = (*way, f"[{_name(item) or at}]")
                if isinstance(item, str) and (id(value), at) in self.told.images:
                    yield Use(_SCHEME.sub("", item), here)
                elif (id(value), at) not in self.told.left:
                    yield from self.read(item, here)

    def _entry(self, holder: dict[str, Any], key: str, inner: Any, way: Way, *, is_pod: bool) -> Iterator[Use]:
        if isinstance(inner, str):
            yield from self._text(holder, key, inner, way)
        elif is_pod and key in CONTAINERS and isinstance(inner, list):
            yield from self._containers(inner, way)
        else:
            yield from self.read(inner, way)

    def _containers(self, containers: list[Any], way: Way) -> Iterator[Use]:
        for at, item in enumerate(containers):
            here = (*way, f"[{_name(item) or at}]")
            if isinstance(item, dict) and isinstance(item.get("image"), str) and item["image"].strip():
                yield Use(item["image"], (*here, "image"), _policy(item), _name(item) or str(at))
                yield from self.read(item, here, "image")
            else:
                yield from self.read(item, here)

    def _text(self, holder: dict[str, Any], key: str, text: str, way: Way) -> Iterator[Use]:
        """A text that is an image: by the table, as an image volume, or as the value of a key `image`."""
        is_known = (id(holder), key) in self.told.images
        is_completed = (id(holder), key) in self.told.names and not _has_tail(text)
        if not text.strip() or is_completed or (not is_known and way[-2:-1] and way[-2] in _METADATA):
            return
        image = _SCHEME.sub("", text)
        is_volume = key == "reference" and way[-2:-1] == ("image",)
        is_whole = is_known or key == "image" or is_volume
        if (is_known and "mage" in str(key)) or (is_whole and _looks_like_reference(image)):
            yield Use(image, way, _policy(holder))


def _is_pod(value: dict[str, Any]) -> bool:
    items = value.get("containers")
    return isinstance(items, list) and any(
        isinstance(item, dict) and isinstance(item.get("image"), str) for item in items
    )


def _spelled(value: dict[str, Any], part: Parts, way: Way) -> Iterator[Use]:
    """The image that a map spells in parts; none where the controller knows the name, or nothing is said."""
    names = [value.get(key) for key in part.repository.split("/")] if part.repository else []
    name = "/".join(text.strip("/") for text in names if isinstance(text, str) and text)
    tag, digest = value.get(part.tag), value.get(part.digest) if part.digest else None
    if not name or not isinstance(tag, str | None):
        return
    text = tag or ""
    pinned = digest if isinstance(digest, str) and is_digest(digest) else text if is_digest(text) else ""
    fixed = "" if text == pinned else text
    tail = f"{fixed and ':' + fixed}{pinned and '@' + pinned}"
    if tail:
        yield Use(name + tail, (*way, part.tag), _policy(value))


def _policy(holder: dict[str, Any]) -> str | None:
    found = (holder[key] for key in _POLICIES if isinstance(holder.get(key), str) and holder[key])
    return next(found, None)


def _has_tail(text: str) -> bool:
    """Whether a reference has a tag or a digest."""
    reference = try_parse(text)
    return reference is None or reference.tag is not None or reference.digest is not None


def _looks_like_reference(text: str) -> bool:
    return any(mark in text for mark in "/:@") and try_parse(text) is not None


def _name(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else ""
