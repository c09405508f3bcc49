"""CustomResourceDefinitions: where their schemas hold the image of a container, and whose they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property

from msgspec import Struct

from codemod.fleet.tree import YAML_SUFFIXES, Tree
from codemod.formats import yaml
from codemod.formats.yaml.definition import DEFINITION
from codemod.patterns import on_use

GROUP = "apiextensions.k8s.io"
WORD = DEFINITION.encode()
_KEY = on_use(rb"(?m)^([ ]*)image:[ \t]*(?:\{|\r?$)|[\"']image[\"'][ \t]*:|[{,][ \t]*image:")
_OTHERS = on_use(
    r"rados|\brbd\b|disk|machine|\bVMs?\b|\bboot|\bAMI\b|operating system|\bOS\b|logo|icon|picture|photo|avatar"
    r"|thumbnail|snapshot|\biso\b|kernel|firmware",
    re.IGNORECASE,
)
_CONTAINER = on_use(
    r"container|docker|\bOCI\b|registry|repository|pull|pod|sidecar|tag\b|\bimage\b.*\b(?:run|use|deploy|version)",
    re.IGNORECASE | re.DOTALL,
)
_SIBLINGS = frozenset(
    "replicas resources env envFrom command args imagePullSecrets version tag serviceAccountName tolerations "
    "nodeSelector affinity ports podTemplate securityContext repository".split()
)
_OF_OTHERS = frozenset("monitors pool fsType diskSize instanceType flavor cpu".split())
_KIND = on_use(rb"(?m)^ {1,8}kind:[ \t]*[\"']?([A-Z]\w*)")
_GO_OBJECT = on_use(rb"(?m)^type[ \t]+(\w+)[ \t]+struct[ \t]*\{\s*(?:\w+\.)?TypeMeta\b")
_OBJECT = on_use(rb"(?m)^[ \t-]*apiVersion:[ \t]*[\"']?([\w.-]+)/\w+[\"']?[ \t]*\r?\n[ \t]*kind:[ \t]*[\"']?(\w+)")


class ImageField(Struct, frozen=True):
    """A string `image` of a definition's schema: whose kind it is, in which version, the way to its map, and its entry.

    The way leaves out lists and maps of such maps (`spec.sidecars.image`).
    """

    group: str
    kind: str
    version: str
    keys: tuple[str, ...]
    entry: yaml.Entry

    @property
    def policy(self) -> str | None:
        """The key beside it that holds a pull policy."""
        return next((key for key in self.entry.mapping.index if key.lower().endswith("pullpolicy")), None)

    @property
    def label(self) -> str:
        """`Domain v1 spec.image`."""
        return f"{self.kind} {self.version} {'.'.join((*self.keys, 'image'))}"


class Definitions:
    """All definitions of a repository that are its own: files that may be edited."""

    def __init__(self, tree: Tree, is_own: Callable[[str], bool]) -> None:
        self._tree, self._is_own = tree, is_own
        self._fields: dict[str, tuple[ImageField, ...]] = {}

    def fields(self, kind: str) -> tuple[ImageField, ...]:
        """The images in the schemas of a kind; definitions of others are not parsed."""
        if kind not in self._fields:
            self._fields[kind] = tuple(field for path in self._paths for field in self._fields_in(path, kind))
        return self._fields[kind]

    def _fields_in(self, path: str, kind: str) -> Iterator[ImageField]:
        for document in self._tree.documents(path) if kind.encode() in (self._tree.text(path) or b"") else ():
            kinds = _KIND.findall(document.text)
            if not kinds or kind.encode() in kinds:
                yield from (field for field in image_fields(document) if field.kind == kind)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        """The files that hold definitions."""
        paths = (path for path in self._tree.below("") if path.endswith(YAML_SUFFIXES) and self._is_own(path))
        return tuple(path for path in paths if WORD in (self._tree.text(path) or b""))

    def is_owned(self, group: str, kind: str) -> bool:
        """Whether the repository holds the Go type of a kind, or objects of it."""
        return kind in self._types or (group, kind) in self._objects

    def may_lack(self, text: bytes) -> bool:
        """Whether a definition may be the repository's own and lack a pull policy, by its text: most are not parsed."""
        if not _may_hold(text, is_policy_wanted=True):
            return False
        kinds = {kind.decode() for kind in _KIND.findall(text)}
        return not kinds or not kinds.isdisjoint(self._types) or not kinds.isdisjoint(kind for _, kind in self._objects)

    def files_of(self, kind: str) -> frozenset[str]:
        """The Go files that declare the type of a kind."""
        return frozenset(self._types.get(kind, ()))

    @cached_property
    def _types(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for path in self._tree.below(""):
            text = self._tree.text(path) if path.endswith(".go") and not path.endswith("_test.go") else None
            if text is not None and b"TypeMeta" in text and self._is_own(path):
                for name in _GO_OBJECT.findall(text):
                    found[name.decode()].append(path)
        return dict(found)

    @cached_property
    def _objects(self) -> frozenset[tuple[str, str]]:
        """Groups and kinds of objects with an image, in files and in texts of values."""
        paths = (path for path in self._tree.below("") if path.endswith(YAML_SUFFIXES) and self._is_own(path))
        texts = (text for path in paths if b"image:" in (text := self._tree.text(path) or b"") and WORD not in text)
        return frozenset((one.decode(), other.decode()) for text in texts for one, other in _OBJECT.findall(text))


def image_fields(document: yaml.Document) -> Iterator[ImageField]:
    """The images of containers in the schema of a definition; a text that says none is not parsed."""
    if WORD not in document.text or not _may_hold(document.text):
        return
    root = document.root
    if not isinstance(root, yaml.Mapping) or root.text("kind") != DEFINITION:
        return
    if root.text("apiVersion") != f"{GROUP}/v1" or not isinstance(spec := yaml.lookup(root, "spec"), yaml.Mapping):
        return
    names, versions = yaml.lookup(spec, "names"), yaml.lookup(spec, "versions")
    kind = names.text("kind") if isinstance(names, yaml.Mapping) else None
    for mapping in document.mappings if kind and isinstance(versions, yaml.Sequence) else ():
        if mapping.key == "properties" and "image" in mapping.index and _is_container(mapping):
            way = yaml.keys_of(mapping)
            keys = _keys(way)
            version = yaml.descend(root, way[:3])[0]
            name = version.text("name") if isinstance(version, yaml.Mapping) else None
            if keys is not None and name and kind:
                yield ImageField(spec.text("group") or "", kind, name, keys, mapping.index["image"])


def _may_hold(text: bytes, *, is_policy_wanted: bool = False) -> bool:
    """Whether any key `image` stands for a string that is no image of Ceph, and has no policy behind it."""
    for match in _KEY.finditer(text):
        if match[1] is None:
            return True
        indent = len(match[1])
        block = text[match.end() : _end_of_block(text, match.end(), indent)]
        if b"type: string" in block and b"rados" not in block:
            following = text[match.end() : _end_of_block(text, match.end(), indent - 1)] if is_policy_wanted else b""
            if not re.search(rb"\n[ ]{%d}\w*[pP]ullPolicy:" % indent, following):
                return True
    return False


def _end_of_block(text: bytes, at: int, indent: int) -> int:
    found = re.compile(rb"\n[ ]{0,%d}[^\s]" % indent).search(text, at + 1)
    return found.start() if found is not None else len(text)


def _is_container(properties: yaml.Mapping) -> bool:
    """Whether the property `image` is a string that names a container's image, by what is said of it and beside it."""
    schema = yaml.target(properties.index["image"].value)
    if not isinstance(schema, yaml.Mapping) or schema.text("type") != "string" or _OF_OTHERS & properties.index.keys():
        return False
    said = schema.text("description") or ""
    if _OTHERS.search(said):
        return False
    return not said or _CONTAINER.search(said) is not None or bool(_SIBLINGS & properties.index.keys())


def _keys(way: tuple[str | int, ...]) -> tuple[str, ...] | None:
    """The names on a way of `properties`, below `spec`; None for other ways."""
    if way[:2] != ("spec", "versions") or way[3:5] != ("schema", "openAPIV3Schema"):
        return None
    rest = list(way[5:])
    keys: list[str] = []
    while rest:
        step = rest.pop(0)
        if step == "properties" and rest:
            keys.append(str(rest.pop(0)))
        elif step not in ("items", "additionalProperties", "properties"):
            return None
    return tuple(keys) if keys[:1] == ["spec"] else None
