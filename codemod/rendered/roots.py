"""What is rendered: the releases that something declares, and the kustomizations that are deployed as they are.

A kustomization that another one includes is a part of that, unless an Application of Argo CD or a Kustomization of Flux
takes it itself. Charts that nothing declares are rendered with their own values; vendored ones and tests are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from codemod.fleet import Fleet, Stack, inflated
from codemod.fleet.argokustomize import deployed
from codemod.fleet.imagetag import Entry
from codemod.fleet.imagetag import read as entry_of
from codemod.fleet.taken import folders as folders_of_applications
from codemod.formats import yaml


class Way(Struct, frozen=True):
    """What something does to the images of what is rendered, one entry after the other, and the files that say so."""

    entries: Sequence[Entry] = ()
    files: frozenset[str] = frozenset()


Ways = Sequence[Way]
"""Every way in which something is deployed."""
_UNDECLARED = ("chart", "values")


def releases(fleet: Fleet) -> Iterator[Stack]:
    """The releases, but for charts of others that nothing declares, and those that are part of a kustomization."""
    for stack in fleet.stacks:
        if stack.kind == inflated.KIND:
            continue
        is_spared = stack.chart is not None and fleet.config.spared(f"{stack.chart}/Chart.yaml") is not None
        if not (stack.kind in _UNDECLARED and is_spared) and fleet.config.spared(declaration(stack)[0]) is None:
            yield stack


def declaration(stack: Stack) -> tuple[str, int]:
    """The file and the line that declare a release."""
    path, _, line = stack.origin.rpartition(":")
    return (path, int(line)) if path and line.isdecimal() else (stack.origin, 1)


def patches_policies(fleet: Fleet, stack: Stack) -> bool:
    """Whether Flux patches pull policies into what the chart of a release prints (`postRenderers`)."""
    path, line = declaration(stack)
    for document in fleet.tree.documents(path) if stack.kind == "flux" else ():
        root = document.root
        if isinstance(root, yaml.Mapping) and document.source.position(root.start).line == line:
            spec = yaml.lookup(root, "spec")
            found = yaml.lookup(spec, "postRenderers") if isinstance(spec, yaml.Mapping) else None
            return found is not None and b"ullPolicy" in document.source.data[found.start : found.end]
    return False


def folders(fleet: Fleet, buildable: Iterable[str]) -> Iterator[str]:
    """Those of some folders with kustomizations that are deployed as they are."""
    overlays = fleet.renames.overlays
    by_folder = {each.folder: each for each in overlays.all if not each.is_flux}
    taken = set(folders_of_applications(fleet.tree))
    for folder in buildable:
        each = by_folder.get(folder)
        if each is None or fleet.config.spared(each.path) is not None:
            continue
        above = overlays.above(each)
        if folder in taken or not above or any(one.is_flux for one in above):
            yield folder


def files_of(fleet: Fleet, item: Stack | str) -> Iterator[str]:
    """Files of which one is touched if anything is that an item is rendered from."""
    if isinstance(item, Stack):
        yield from (declaration(item)[0], *item.paths)
        yield from (
            f"{folder}/Chart.yaml".lstrip("/")
            for folder in (item.chart, *item.subcharts.values())
            if folder is not None
        )
        return
    overlays = fleet.renames.overlays
    for each in overlays.all:
        if each.folder == item:
            for one in overlays.subtree(each):
                yield from (one.path, *(patch.path for patch in one.patches))
            yield from overlays.files(each)


def post_rendered(fleet: Fleet) -> Mapping[str, Ways]:
    """By folder what Argo CD and Flux make of the images of its kustomization; nothing for most."""
    found: dict[str, list[Way]] = defaultdict(list)
    for folder, ways in deployed(fleet.tree).items():
        for given in ways:
            found[folder].append(Way([one.entry for one in given], frozenset(one.path for one in given)))
    for each in fleet.renames.overlays.all:
        if each.is_flux and each.images:
            found[each.folder].append(Way([entry_of(image) for image in each.images], frozenset({each.path})))
    return found
