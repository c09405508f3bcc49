"""One side of a proof on disk: the files of a tree with some of them edited, in a folder of its own.

Unchanged files are hard links (copies where the file systems differ): kustomize refuses symbolic links that lead out,
and Helm follows and reports each. Subcharts that `helm dependency build` would only copy are linked to their place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping

from codemod.proof.objects import load
from codemod.proof.snapshot import Snapshot

CHART = "Chart.yaml"


def material(root: str, snapshot: Snapshot, into: str) -> None:
    """Put the files of a side, which differ from those below `root` as the snapshot says, into an empty folder.

    Links that lead out of the tree, and what has vanished, are left out. Packed subcharts that Git ignores are taken
    along. Raises `OSError` where the folder cannot be written.
    """
    charts = sorted(_folder(path) for path in snapshot.paths if path.rpartition("/")[2] == CHART)
    made: set[str] = set()
    for path in dict.fromkeys([*sorted(snapshot.paths), *_built_dependencies(root, charts)]):
        _make_folder(os.path.join(into, _folder(path)), made)
        if path in snapshot.files:
            _write(os.path.join(into, path), snapshot.files[path])
        elif path in snapshot.links:
            _link(into, path, snapshot.links[path])
        else:
            _take(root, path, into)
    link_dependencies(into, charts)


def link_dependencies(root: str, charts: Iterable[str]) -> None:
    """Link each subchart of a `file://` repository into the `charts/` of those that lack it, unless that is a loop."""
    needs = {chart: tuple(_file_dependencies(root, chart)) for chart in charts}
    for chart, dependencies in needs.items():
        for name, folder in dependencies:
            place = os.path.join(root, chart, "charts")
            if _is_packed(place, name) or chart in _reached(folder, needs):
                continue
            os.makedirs(place, exist_ok=True)
            os.symlink(os.path.relpath(os.path.join(root, folder), place), os.path.join(place, name))


def _file_dependencies(root: str, chart: str) -> Iterator[tuple[str, str]]:
    """Name and folder of every dependency of a chart that stands in the tree."""
    for dependency in _dependencies(os.path.join(root, chart, CHART)):
        name, repository = dependency.get("name"), dependency.get("repository")
        if not isinstance(name, str) or not isinstance(repository, str) or not repository.startswith("file://"):
            continue
        folder = os.path.normpath(os.path.join(chart, repository.removeprefix("file://")))
        is_inside = not os.path.isabs(folder) and folder.partition("/")[0] != ".."
        if is_inside and os.path.basename(name) == name and os.path.isfile(os.path.join(root, folder, CHART)):
            yield name, folder


def _dependencies(path: str) -> Iterator[dict[str, object]]:
    """The dependencies that a chart lists; in charts of the first format they stand in `requirements.yaml`."""
    for file in (path, os.path.join(os.path.dirname(path), "requirements.yaml")):
        if not os.path.isfile(file):
            continue
        with open(file, "rb") as opened:
            documents = load(opened.read()) or [None]
        listed = documents[0].get("dependencies") if isinstance(documents[0], dict) else None
        yield from (item for item in listed if isinstance(item, dict)) if isinstance(listed, list) else ()


def _is_packed(folder: str, name: str) -> bool:
    """Whether `charts/` holds a subchart of that name already, as a folder or packed."""
    if not os.path.isdir(folder):
        return False
    return any(
        entry == name or (entry.startswith(f"{name}-") and entry.endswith((".tgz", ".tar.gz")))
        for entry in os.listdir(folder)
    )


def _reached(folder: str, needs: Mapping[str, tuple[tuple[str, str], ...]]) -> set[str]:
    """The folder of a chart and those of all that it depends on."""
    seen, waiting = set[str](), [folder]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += [below for _, below in needs.get(here, ())]
    return seen


def _built_dependencies(root: str, charts: Iterable[str]) -> Iterator[str]:
    """The packed subcharts beside the charts, whether or not Git lists them."""
    for chart in charts:
        folder = os.path.join(chart, "charts")
        if os.path.isdir(os.path.join(root, folder)):
            for name in sorted(os.listdir(os.path.join(root, folder))):
                if name.endswith((".tgz", ".tar.gz")):
                    yield os.path.join(folder, name)


def _take(root: str, path: str, into: str) -> None:
    source, target = os.path.join(root, path), os.path.join(into, path)
    if os.path.islink(source):
        _link(into, path, os.readlink(source))
    elif os.path.isfile(source):
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _link(into: str, path: str, target: str) -> None:
    """Make a symbolic link, unless it leads out of the tree."""
    reached = os.path.normpath(os.path.join(_folder(path), target))
    if not os.path.isabs(reached) and reached.partition("/")[0] != "..":
        os.symlink(target, os.path.join(into, path))


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def _make_folder(folder: str, made: set[str]) -> None:
    if folder not in made:
        os.makedirs(folder, exist_ok=True)
        made.add(folder)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
