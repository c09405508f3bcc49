"""The repository as the finders see it: paths, texts, and the Kubernetes objects that declare releases."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from msgspec import Struct

from codemod.formats import yaml
from codemod.source import Alike, Source

Read = Callable[[str], Source | None]
YAML_SUFFIXES = (".yaml", ".yml", ".json")
Said = TypeVar("Said")
_Object = tuple[int, yaml.Mapping, str, str, int, bool]


class Manifest(Struct, frozen=True):
    """One Kubernetes object: its root map, its document's number in the file, `kind`, and its API group.

    `is_template` says that template actions had to be masked to read it.
    """

    path: str
    document: int
    root: yaml.Mapping
    kind: str
    group: str
    line: int
    is_template: bool = False

    @property
    def origin(self) -> str:
        """`path:line` of the object."""
        return f"{self.path}:{self.line}"


class Content(Struct, frozen=True):
    """The text of the first of some files of equal bytes, and all of them, by path and in order."""

    source: Source
    files: list[tuple[str, Source]]


class _Sources(dict[str, Source | None]):
    """The texts of some paths, each read when it is first asked for."""

    def __init__(self, paths: Collection[str], read: Read) -> None:
        super().__init__()
        self._paths, self._of = paths, read

    def __missing__(self, path: str) -> Source | None:
        self[path] = source = self._of(path) if path in self._paths else None
        return source


class Tree:
    """All paths of a run (POSIX, relative to its root) and their texts, each read once."""

    def __init__(self, paths: Collection[str], read: Read) -> None:
        self.paths = frozenset(paths)
        self.ordered: Sequence[str] = sorted(paths)
        """The paths in order."""
        self._sources = _Sources(self.paths, read)
        self._manifests: dict[str, Sequence[Manifest]] = {}
        self._found: dict[object, Any] = {}

    def once(self, find: Callable[[Tree], Said]) -> Said:
        """What a function finds in the tree; asked for often, found once."""
        if find not in self._found:
            self._found[find] = find(self)
        found: Said = self._found[find]
        return found

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file at some depth; the root is the empty string."""
        return frozenset(self._inside)

    @cached_property
    def _inside(self) -> Mapping[str, list[str]]:
        """The files and folders that stand in each folder itself."""
        found: dict[str, list[str]] = {"": []}
        for path in self.ordered:
            folder = path.rpartition("/")[0]
            if folder not in found:
                self._open(folder, found)
            found[folder].append(path)
        return found

    def _open(self, folder: str, found: dict[str, list[str]]) -> None:
        found[folder] = []
        above = folder.rpartition("/")[0]
        if above not in found:
            self._open(above, found)
        found[above].append(folder)

    def inside(self, folder: str) -> Sequence[str]:
        """The files and folders that stand in a folder itself, sorted."""
        found = self._inside.get(folder)
        return sorted(found) if found else ()

    def named(self, *names: str) -> Sequence[str]:
        """The files of some names, whatever their folders, sorted."""
        return sorted(path for name in names for path in self.by_name.get(name, ()))

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[str]]:
        """The files of each name, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.ordered:
            found[path[path.rfind("/") + 1 :]].append(path)
        return found

    def holds(self, folder: str) -> bool:
        """Whether a folder holds a file at some depth, for who asks of few folders."""
        begin = f"{folder}/" if folder else ""
        start = bisect_left(self.ordered, begin)
        return start < len(self.ordered) and self.ordered[start].startswith(begin)

    def below(self, folder: str) -> tuple[str, ...]:
        """The files in a folder, at any depth, sorted."""
        begin = f"{folder}/" if folder else ""
        start = bisect_left(self.ordered, begin)
        end = bisect_left(self.ordered, begin[:-1] + "0") if begin else len(self.ordered)
        return tuple(self.ordered[start:end])

    def source(self, path: str) -> Source | None:
        """The text of one file, None if there is none."""
        return self._sources[path]

    def text(self, path: str) -> bytes | None:
        """The bytes of one text file, None if there is none."""
        source = self.source(path)
        return None if source is None else source.data

    @cached_property
    def contents(self) -> Collection[Content]:
        """Each distinct text of YAML files, in the order of their first paths: what is read off it holds for all."""
        found: dict[Alike, Content] = {}
        for path in self.ordered:
            if path.endswith(YAML_SUFFIXES) and (source := self._sources[path]) is not None:
                content = found.get(source.alike)
                if content is None:
                    content = found[source.alike] = Content(source, [])
                content.files.append((path, source))
        return found.values()

    def documents(self, path: str) -> tuple[yaml.Document, ...]:
        """The YAML documents of one file; none where there is no such file."""
        source = self.source(path)
        return yaml.documents(source) if source is not None else ()

    def root(self, path: str) -> yaml.Mapping | None:
        """The first document of a file that is a map."""
        source = self.source(path)
        return alike(source, first_map, first_map) if source is not None else None

    def manifests(self, group: str) -> Sequence[Manifest]:
        """The objects of an API group (`argoproj.io`), in the order of the paths; Helm templates included."""
        if group not in self._manifests:
            domain = ".".join(group.split(".")[-2:]).encode()  # of several groups, and searched for once
            found = [
                Manifest(path, *said)
                for content in self.mentioning(domain)
                if content.source.mentions((group.encode(),))
                for path, objects in alike_all(content, (Manifest, group), lambda source: _objects(source, group))
                for said in objects
            ]
            self._manifests[group] = sorted(found, key=attrgetter("path"))
        return self._manifests[group]

    def mention(self, paths: Iterable[str], *words: bytes) -> bool:
        """Whether any of some words occurs in any of some files."""
        distinct = {source.alike: source for path in paths if (source := self.source(path)) is not None}
        return any(source.mentions(words) for source in distinct.values())

    def mentioning(self, *words: bytes) -> Iterator[Content]:
        """The texts of YAML files in which any of some words occurs."""
        return (content for content in self.contents if content.source.mentions(words))


def alike(source: Source, key: Hashable, read: Callable[[Source], Said]) -> Said:
    """What is read off the documents of a source, once for all sources of equal bytes.

    Where a document had to be mended to be read, its nodes are each source's own, and so is what is read.
    """
    memo = source.alike.memo
    if key not in memo:
        memo = source.memo
    if key not in memo:
        found = read(source)
        is_shared = all(document.is_shared for document in yaml.documents(source))
        memo = source.alike.memo if is_shared else source.memo
        memo[key] = found
    said: Said = memo[key]
    return said


def alike_all(content: Content, key: Hashable, read: Callable[[Source], Said]) -> Iterator[tuple[str, Said]]:
    """The same for all files of a content, each with its path."""
    first = alike(content.source, key, read)
    if key in content.source.alike.memo:
        return ((path, first) for path, _ in content.files)
    return ((path, alike(source, key, read)) for path, source in content.files)


def first_map(source: Source) -> yaml.Mapping | None:
    """The root of the first document that is a map."""
    roots = (document.root for document in yaml.documents(source))
    return next((root for root in roots if isinstance(root, yaml.Mapping)), None)


def _objects(source: Source, group: str) -> list[_Object]:
    """What makes the manifests of a source, but for the path."""
    word = group.encode()
    return [
        said
        for number, document in enumerate(yaml.documents(source))
        if _names(document.text, word) and (said := _object(number, document)) is not None and said[3] == group
    ]


def _names(text: bytes, group: bytes) -> bool:
    """Whether a text names a group; what only ends in its name, as keys of annotations do, is another one."""
    at = text.find(group)
    while at > 0 and (text[at - 1 : at].isalnum() or text[at - 1 : at] in b"_.-"):
        at = text.find(group, at + 1)
    return at >= 0


def _object(number: int, document: yaml.Document) -> _Object | None:
    root = document.root
    if not isinstance(root, yaml.Mapping):
        return None
    kind, version = root.text("kind"), root.text("apiVersion")
    if not kind or not version:
        return None
    line = document.source.position(root.start).line
    return number, root, kind, version.partition("/")[0], line, bool(document.masks)
