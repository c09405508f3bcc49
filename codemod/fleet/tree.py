"""The repository as the finders see it: paths, texts, and the Kubernetes objects that declare releases."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from typing import Any

from msgspec import Struct

from codemod.formats import yaml
from codemod.source import Source

Read = Callable[[str], Source | None]
YAML_SUFFIXES = (".yaml", ".yml", ".json")


class Manifest(Struct, frozen=True):
    """One Kubernetes object: its root map, its document's number in the file, `kind`, and its API group."""

    path: str
    document: int
    root: yaml.Mapping
    kind: str
    group: str
    line: int

    @property
    def origin(self) -> str:
        """`path:line` of the object."""
        return f"{self.path}:{self.line}"


class Tree:
    """All paths of a run (POSIX, relative to its root) and their texts, each read once."""

    def __init__(self, paths: Collection[str], read: Read) -> None:
        self.paths = frozenset(paths)
        self._read = read
        self._sources: dict[str, Source | None] = {}
        self._folders: frozenset[str] | None = None
        self._sorted: list[str] | None = None
        self.memo: dict[object, Any] = {}
        """What was found in the tree once, for those who ask again."""

    @property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file at some depth; the root is the empty string."""
        if self._folders is None:
            found = {""}
            for path in self.paths:
                folder = path.rpartition("/")[0]
                while folder and folder not in found:
                    found.add(folder)
                    folder = folder.rpartition("/")[0]
            self._folders = frozenset(found)
        return self._folders

    def below(self, folder: str) -> tuple[str, ...]:
        """The files in a folder, at any depth, sorted."""
        if self._sorted is None:
            self._sorted = sorted(self.paths)
        begin = f"{folder}/" if folder else ""
        start = bisect_left(self._sorted, begin)
        end = bisect_left(self._sorted, begin[:-1] + "0") if begin else len(self._sorted)
        return tuple(self._sorted[start:end])

    def source(self, path: str) -> Source | None:
        """The text of one file, None if there is none."""
        if path not in self._sources:
            self._sources[path] = self._read(path) if path in self.paths else None
        return self._sources[path]

    def text(self, path: str) -> bytes | None:
        """The bytes of one text file, None if there is none."""
        source = self.source(path)
        return None if source is None else source.data

    def documents(self, path: str) -> tuple[yaml.Document, ...]:
        """The YAML documents of one file; none where there is no such file."""
        source = self.source(path)
        return yaml.documents(source) if source is not None else ()

    def root(self, path: str) -> yaml.Mapping | None:
        """The first document of a file that is a map."""
        roots = (document.root for document in self.documents(path))
        return next((root for root in roots if isinstance(root, yaml.Mapping)), None)

    def manifests(self, *groups: str) -> Iterator[Manifest]:
        """The objects of some API groups (`argoproj.io`), in the order of the paths; Helm templates included."""
        words = [group.encode() for group in groups]
        for path in sorted(self.paths):
            if not path.endswith(YAML_SUFFIXES):
                continue
            source = self.source(path)
            if source is None or not any(word in source.data for word in words):
                continue
            for number, document in enumerate(yaml.documents(source)):
                if any(word in document.text for word in words):
                    manifest = _manifest(path, number, document)
                    if manifest is not None and manifest.group in groups:
                        yield manifest


def _manifest(path: str, number: int, document: yaml.Document) -> Manifest | None:
    root = document.root
    if not isinstance(root, yaml.Mapping):
        return None
    kind, version = root.text("kind"), root.text("apiVersion")
    if not kind or not version:
        return None
    line = document.source.position(root.start).line
    return Manifest(path, number, root, kind, version.partition("/")[0], line)
