"""What a rendering reads: the files of a chart with its layers, or of a kustomization with all that it names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Any

from codemod.fleet.stack import Stack
from codemod.proof.objects import load
from codemod.proof.verdict import KUSTOMIZATIONS

Inputs = dict[str, bytes]
"""Paths below a side with the SHA-256 of their bytes."""

CHART_HOME = "charts"
"""Where kustomize looks for the charts that it inflates, unless `helmGlobals.chartHome` names another folder."""

_CHARTS = ("helmCharts", "helmChartInflationGenerator")
_PLUGIN_KEYS = ("generators", "transformers", "validators")


class Side:
    """One side of a proof: a folder, and the hashes of its files, each read once; links of one file are one file."""

    def __init__(self, folder: str, known: dict[tuple[int, int], bytes] | None = None) -> None:
        self.folder = os.path.realpath(folder)
        self._known = {} if known is None else known
        self._below: dict[str, frozenset[str]] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None if there is none."""
        try:
            with open(os.path.join(self.folder, path), "rb") as file:
                return file.read()
        except OSError:
            return None

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""
        return os.path.isfile(os.path.join(self.folder, path))

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return os.path.isdir(os.path.join(self.folder, path))

    def below(self, folder: str) -> frozenset[str]:
        """Every file below a folder; links within the tree are followed and give the paths that they lead to."""
        if folder not in self._below:
            self._below[folder] = frozenset(self._walk(folder))
        return self._below[folder]

    def hashes(self, paths: Iterable[str]) -> Inputs:
        """The files among some paths with their hashes."""
        found = ((path, self._hash(path)) for path in sorted(set(paths)))
        return {path: digest for path, digest in found if digest is not None}

    def _walk(self, folder: str) -> Iterator[str]:
        waiting, seen = [self._real(os.path.join(self.folder, folder))], set[str | None]()
        while waiting:
            here = waiting.pop()
            if here is None or here in seen:
                continue
            seen.add(here)
            if self.has_file(here):
                yield here
            elif self.has_folder(here):
                for entry in os.scandir(os.path.join(self.folder, here)):
                    is_link = entry.is_symlink()
                    waiting.append(self._real(entry.path) if is_link else os.path.normpath(f"{here}/{entry.name}"))

    def _real(self, path: str) -> str | None:
        """Where a path leads, relative to the side; None where it leads out of it."""
        real = os.path.relpath(os.path.realpath(path), self.folder)
        return None if real.partition("/")[0] == ".." else real

    def _hash(self, path: str) -> bytes | None:
        try:
            status = os.stat(os.path.join(self.folder, path))
        except OSError:
            return None
        identity = status.st_dev, status.st_ino
        if identity not in self._known:
            data = self.read(path)
            if data is None:
                return None
            self._known[identity] = hashlib.sha256(data).digest()
        return self._known[identity]


def of_stack(side: Side, stack: Stack) -> Inputs:
    """The files that one release is rendered from."""
    folders = [stack.chart, *stack.subcharts.values()] if stack.chart is not None else []
    return side.hashes([*stack.paths, *(path for folder in folders for path in side.below(folder))])


def of_kustomization(side: Side, folder: str) -> Inputs:
    """The files that one kustomization is built from: its own, and recursively all that it names."""
    found: set[str] = set()
    waiting, seen = [folder], set[str]()
    while waiting:
        here = waiting.pop()
        file = kustomization_of(side, here)
        if here in seen or file is None:
            continue
        seen.add(here)
        found.add(file)
        for path in _named(side, here, file):
            if kustomization_of(side, path) is not None:
                waiting.append(path)
            else:
                found |= side.below(path)
    return side.hashes(found)


def kustomization_of(side: Side, folder: str) -> str | None:
    """The path of a folder's kustomization file, None if it has none."""
    paths = (os.path.normpath(os.path.join(folder, name)) for name in KUSTOMIZATIONS)
    return next((path for path in paths if side.has_file(path)), None)


def _named(side: Side, folder: str, file: str) -> Iterator[str]:
    """The files and folders of the side that a kustomization names; the configuration of a plugin may name more."""
    documents = load(side.read(file) or b"") or []
    if any(isinstance(document, dict) and any(key in document for key in _CHARTS) for document in documents):
        yield os.path.normpath(os.path.join(folder, CHART_HOME))
    waiting: list[tuple[str, Any]] = [("", document) for document in documents]
    read: set[str] = set()
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(key or str(inner), item) for inner, item in value.items()]
        elif isinstance(value, list):
            waiting += [(key, item) for item in value]
        elif isinstance(value, str) and (path := _path(side, folder, value)) is not None:
            yield path
            if key in _PLUGIN_KEYS and path not in read:
                read.add(path)
                waiting += [(key, document) for document in load(side.read(path) or b"") or []]


def _path(side: Side, folder: str, text: str) -> str | None:
    """The file or folder that a text names, if it does: `path`, or `key=path` of a generator."""
    if not text or len(text) > 1024 or "\n" in text or "\0" in text:
        return None
    for name in dict.fromkeys((text, text.rpartition("=")[2])):
        path = os.path.normpath(os.path.join(folder, name))
        is_inside = not os.path.isabs(path) and path.partition("/")[0] != ".."
        if name and is_inside and path != (folder or ".") and (side.has_file(path) or side.has_folder(path)):
            return path
    return None
