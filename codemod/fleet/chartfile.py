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
    """A path relative to a folder of the repository as one relative to the root; None for one that leaves it."""
    below = normal(path)
    while below.startswith(".."):
        if below[2:3] not in ("", "/"):
            break
        if not folder:
            return None
        folder, below = folder.rpartition("/")[0], below[3:]
    if below.startswith("/"):
        return None
    return f"{folder}/{below}" if folder and below else folder or below


@lru_cache(maxsize=16_384)
def normal(path: str) -> str:
    """A path without the parts that say nothing; empty for the folder itself."""
    found = posixpath.normpath(path)
    return "" if found == "." else found


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
