"""What `Chart.yaml` says of a chart (Helm's chart metadata), and paths below a folder of the repository.

As Helm does, `requirements.yaml` replaces the dependencies of `Chart.yaml` where there is one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from codemod.fleet.tree import Tree
from codemod.formats import yaml


class Dependency(Struct, frozen=True):
    """One entry of `dependencies`; what is not given is empty. `import_values` are the parts of `import-values`."""

    name: str
    alias: str = ""
    version: str = ""
    repository: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    import_values: tuple[str | tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """The key of the parent's values that is the subchart's."""
        return self.alias or self.name


class Chart(Struct, frozen=True):
    """A chart's folder and its metadata; `type` is `application` or `library`."""

    folder: str
    name: str
    version: str
    app_version: str
    type: str
    dependencies: tuple[Dependency, ...]


def joined(folder: str, path: str) -> str | None:
    """A path relative to a folder as one relative to the root; None for one that leaves the repository."""
    if path.startswith("/"):
        return None
    above, below = _normal(folder), _normal(path)
    while _is_outside(below):
        if not above or _is_outside(above):
            return None
        above, below = above.rpartition("/")[0], below[3:]
    return None if _is_outside(above) else f"{above}/{below}" if above and below else above or below


@lru_cache(maxsize=16_384)
def _normal(path: str) -> str:
    """A path without what says nothing in it; empty for the folder itself."""
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal


def _is_outside(path: str) -> bool:
    return path.startswith("..") and path[2:3] in ("", "/")


def within(folder: str, name: str) -> str:
    """The path of a file in a folder; the root is the empty string."""
    return f"{folder}/{name}" if folder else name


def chart_at(tree: Tree, folder: str) -> Chart | None:
    """The chart in a folder; None without a `Chart.yaml` that can be read and names it."""
    root = tree.root(within(folder, "Chart.yaml"))
    if root is None:
        return None
    name = yaml.lookup(root, "name")
    if not isinstance(name, yaml.Scalar) or name.is_null or name.templated:
        return None
    legacy = tree.root(within(folder, "requirements.yaml"))
    return Chart(
        folder,
        name.value,
        root.text("version") or "",
        root.text("appVersion") or "",
        root.text("type") or "application",
        tuple(_dependencies(root if legacy is None else legacy)),
    )


def _dependencies(root: yaml.Mapping) -> Iterator[Dependency]:
    listed = yaml.lookup(root, "dependencies")
    for item in listed.items if isinstance(listed, yaml.Sequence) else ():
        entry = yaml.target(item)
        name = entry.text("name") if isinstance(entry, yaml.Mapping) else None
        if isinstance(entry, yaml.Mapping) and name:
            texts = {key: entry.text(key) or "" for key in ("alias", "version", "repository", "condition")}
            yield Dependency(
                name, **texts, tags=tuple(_texts(entry, "tags")), import_values=tuple(_import_values(entry))
            )


def _texts(entry: yaml.Mapping, key: str) -> Iterator[str]:
    listed = yaml.lookup(entry, key)
    for item in listed.items if isinstance(listed, yaml.Sequence) else ():
        node = yaml.target(item)
        if isinstance(node, yaml.Scalar):
            yield node.value


def _import_values(entry: yaml.Mapping) -> Iterator[str | tuple[str, str]]:
    """A name below the subchart's `exports`, or the pair of `child` and `parent`."""
    listed = yaml.lookup(entry, "import-values")
    for item in listed.items if isinstance(listed, yaml.Sequence) else ():
        node = yaml.target(item)
        if isinstance(node, yaml.Scalar):
            yield node.value
        elif isinstance(node, yaml.Mapping):
            yield node.text("child") or "", node.text("parent") or ""
