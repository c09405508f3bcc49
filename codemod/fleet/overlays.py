"""Which kustomizations reach a file, and in which order their patches and generators work on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from codemod.fleet.kustomization import Generator, Kustomization, Patch
from codemod.fleet.kustomizationfile import kustomizations
from codemod.fleet.tree import YAML_SUFFIXES, Manifest, Tree


def overlays_of(tree: Tree) -> Overlays:
    """The kustomizations of a tree; asked for often, found once."""
    if Overlays not in tree.memo:
        tree.memo[Overlays] = Overlays(tree)
    found: Overlays = tree.memo[Overlays]
    return found


class Overlays:
    """All kustomizations of a repository and the way from each to the files that it includes."""

    def __init__(self, tree: Tree) -> None:
        self.all = tuple(kustomizations(tree))
        self._tree = tree
        self._by_folder = {each.folder: each for each in self.all if not each.is_flux}
        self._files: dict[Kustomization, frozenset[str]] = {}
        self._resources_of: dict[Kustomization, dict[Kustomization, None]] = {}
        self._reached: dict[str, tuple[Kustomization, ...]] = {}
        self._above: dict[Kustomization, list[Kustomization]] | None = None
        self._takers: dict[str, list[Generator]] | None = None
        self._holders: dict[str, list[Kustomization]] | None = None
        self.patched_with = frozenset(patch.path for each in self.all for patch in each.patches if not patch.is_inline)
        """The files that are patches, not objects."""

    def reaching(self, path: str) -> tuple[Kustomization, ...]:
        """The kustomizations that include a file at some depth, inner ones first."""
        if path not in self._reached:
            found = self._reaching.get(path, [])
            found.sort(key=lambda each: (len(self.files(each)), each.path, each.line))
            self._reached[path] = tuple(found)
        return self._reached[path]

    @cached_property
    def _reaching(self) -> Mapping[str, list[Kustomization]]:
        found: dict[str, list[Kustomization]] = defaultdict(list)
        for each in self.all:
            for path in self.files(each):
                found[path].append(each)
        return found

    def files(self, each: Kustomization) -> frozenset[str]:
        """The files that a kustomization includes at any depth, its components' as well."""
        found = self._files.get(each)
        if found is None:
            found = frozenset(path for one in self.subtree(each) for path in self._own_files(one))
            self._files[each] = found
        return found

    def subtree(self, each: Kustomization) -> tuple[Kustomization, ...]:
        """A kustomization and all that it includes, outer ones first, each once."""
        found = {each: None}
        waiting = [each]
        while waiting:
            here = waiting.pop(0)
            for below in (*self._resources(here), *self._components(here)):
                if below not in found:
                    found[below] = None
                    waiting.append(below)
        return tuple(found)

    def holders(self, path: str) -> tuple[Kustomization, ...]:
        """The kustomizations that bring a file themselves: as a resource, as a patch, or in a text of their own."""
        if self._holders is None:
            self._holders = defaultdict(list)
            for each in self.all:
                for held in dict.fromkeys((*self._own_files(each), *(patch.path for patch in each.patches))):
                    self._holders[held].append(each)
        return tuple(self._holders.get(path, ()))

    def above(self, each: Kustomization) -> tuple[Kustomization, ...]:
        """The kustomizations that include one themselves, as a resource or as a component."""
        if self._above is None:
            self._above = defaultdict(list)
            for one in self.all:
                for below in dict.fromkeys((*self._resources(one), *self._components(one))):
                    self._above[below].append(one)
        return tuple(self._above.get(each, ()))

    def group(self, each: Kustomization) -> tuple[Kustomization, ...]:
        """A kustomization with its components, in the order in which they work on what it brings."""
        return (*dict.fromkeys(self._with_components(each, frozenset())), each)

    def _with_components(self, each: Kustomization, seen: frozenset[Kustomization]) -> Iterator[Kustomization]:
        """Its components, each behind those that it has itself."""
        for one in self._components(each):
            if one not in seen:
                yield from self._with_components(one, seen | {each})
                yield one

    def chain(self, each: Kustomization, path: str) -> tuple[Kustomization, ...]:
        """The way from a kustomization to a file that it includes, outermost first, components left out."""
        way: list[Kustomization] = []
        here: Kustomization | None = each
        while here is not None and here not in way:
            way.append(here)
            below = self._resources(here)
            here = next((one for one in self.reaching(path) if one in below), None) if below else None
        return tuple(way)

    def own_patches(self, each: Kustomization, manifest: Manifest) -> tuple[Patch, ...]:
        """The patches for an object that a kustomization brings itself, those of its components first."""
        return tuple(patch for one in self.group(each) for patch in one.patches if patch.is_for(manifest))

    def patches(self, each: Kustomization, manifest: Manifest) -> tuple[Patch, ...]:
        """The patches for an object on the way to it, in the order in which they apply: inner ones first."""
        way = reversed(self.chain(each, manifest.path))
        return tuple(patch for one in way for patch in self.own_patches(one, manifest))

    def generators(self, each: Kustomization, kind: str, name: str) -> Iterator[Generator]:
        """The generators of one object, outer ones, whose keys win, first."""
        for one in self.subtree(each):
            yield from (found for found in one.generators if (found.kind, found.name) == (kind, name))

    def generators_of(self, path: str) -> tuple[Generator, ...]:
        """The generators that take a file of variables."""
        if self._takers is None:
            self._takers = defaultdict(list)
            for found in (found for each in self.all for found in each.generators):
                for env in found.envs:
                    self._takers[env].append(found)
        return tuple(self._takers.get(path, ()))

    def namespace(self, each: Kustomization | None, manifest: Manifest) -> str | None:
        """The namespace that kustomizations give to an object: the outermost wins.

        Asked for one of them, only what includes that one counts. None where none sets any, or where they differ.
        """
        found = {said for _, said in self.namespaces(manifest.path, each)} - {None}
        return found.pop() if len(found) == 1 else None

    def namespaces(self, path: str, each: Kustomization | None = None) -> tuple[tuple[Kustomization, str | None], ...]:
        """The outermost kustomizations that include a file, each with the namespace that it, or one within, sets.

        Asked for one of them, only what includes that one counts.
        """
        ways = [self.chain(outer, path) for outer in self.reaching(path)]
        if each is not None:
            ways = [way for way in ways if each in way]
        tops = [way for way in ways if not any(way[0] in other[1:] for other in ways)]
        return tuple((way[0], next(filter(None, map(self._namespace_of, way)), None)) for way in tops)

    def _namespace_of(self, each: Kustomization) -> str | None:
        """What it sets itself, or else the last of its components that does."""
        group = (each, *reversed(tuple(self._components(each))))
        return next((one.namespace for one in group if one.namespace), None)

    def _resources(self, each: Kustomization) -> Mapping[Kustomization, None]:
        found = self._resources_of.get(each)
        if found is None:
            folders = self._scan(each.folder) if self._takes_all(each) else each.resources
            found = {self._by_folder[path]: None for path in folders if path in self._by_folder}
            self._resources_of[each] = found
        return found

    def _components(self, each: Kustomization) -> Iterator[Kustomization]:
        yield from (self._by_folder[path] for path in each.components if path in self._by_folder)

    def _own_files(self, each: Kustomization) -> Iterator[str]:
        paths = self._scan(each.folder) if self._takes_all(each) else each.resources
        return (path for path in paths if path in self._tree.paths)

    def _takes_all(self, each: Kustomization) -> bool:
        return each.is_flux and each.folder not in self._by_folder

    def _scan(self, folder: str) -> Iterator[str]:
        """Manifests below a folder without kustomization, and the folders at which one ends the walk."""
        waiting = [folder]
        while waiting:
            for path in self._tree.inside(waiting.pop()):
                if path in self._by_folder or path.endswith(YAML_SUFFIXES[:2]):
                    yield path
                elif path in self._tree.folders:
                    waiting.append(path)
