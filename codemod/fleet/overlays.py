"""Which kustomizations reach a file, and in which order their patches and generators work on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from codemod.fleet.kustomization import Generator, Kustomization, Patch
from codemod.fleet.kustomizationfile import kustomizations
from codemod.fleet.tree import YAML_SUFFIXES, Manifest, Tree


def overlays_of(tree: Tree) -> Overlays:
    """The kustomizations of a tree."""
    return tree.once(Overlays)


class _Links(Struct, frozen=True):
    """What each kustomization brings itself: files, and other kustomizations as resources, or as components, too."""

    files: dict[Kustomization, list[str]]
    bringing: dict[str, list[Kustomization]]
    """The other way round, with repetitions."""
    resources: dict[Kustomization, dict[Kustomization, None]]
    below: dict[Kustomization, tuple[Kustomization, ...]]
    above: dict[Kustomization, list[Kustomization]]


class Overlays:
    """All kustomizations of a repository and the way from each to the files that it includes."""

    def __init__(self, tree: Tree) -> None:
        self.all = tuple(kustomizations(tree))
        self._tree = tree
        self._by_folder = {each.folder: each for each in self.all if not each.is_flux}
        self._files: dict[Kustomization, frozenset[str]] = {}
        self._reaching: dict[str, tuple[Kustomization, ...]] = {}
        self._takers: dict[str, list[Generator]] | None = None
        self.patched_with = frozenset(patch.path for each in self.all for patch in each.patches if not patch.is_inline)
        """The files that are patches, not objects."""

    def reaching(self, path: str) -> tuple[Kustomization, ...]:
        """The kustomizations that include a file at some depth, inner ones first."""
        found = self._reaching.get(path)
        if found is None:
            bringing, above = self._links.bringing.get(path, ()), self._links.above
            within = dict.fromkeys(bringing)
            waiting = [each for each in within if each in above]
            for here in waiting:
                more = [one for one in above.get(here, ()) if one not in within]
                within.update(dict.fromkeys(more))
                waiting += more
            found = self._reaching[path] = tuple(sorted(within, key=self._inwards) if len(within) > 1 else within)
        return found

    def _inwards(self, each: Kustomization) -> tuple[object, ...]:
        return len(self.files(each)), each.path, each.line, each.is_flux

    def files(self, each: Kustomization) -> frozenset[str]:
        """The files that a kustomization includes at any depth, its components' as well."""
        found = self._files.get(each)
        if found is None:
            found = frozenset([path for one in self.subtree(each) for path in self._links.files[one]])
            self._files[each] = found
        return found

    def subtree(self, each: Kustomization) -> tuple[Kustomization, ...]:
        """A kustomization and all that it includes, outer ones first, each once."""
        found = {each: None}
        waiting = [each]
        for here in waiting:
            for below in self._links.below.get(here, ()):
                if below not in found:
                    found[below] = None
                    waiting.append(below)
        return tuple(found)

    def holders(self, path: str) -> tuple[Kustomization, ...]:
        """The kustomizations that bring a file themselves: as a resource, as a patch, or in a text of their own."""
        return tuple(self.held.get(path, ()))

    @cached_property
    def held(self) -> Mapping[str, list[Kustomization]]:
        """The files that kustomizations bring themselves, each with these."""
        found: dict[str, list[Kustomization]] = defaultdict(list)
        for each in self.all:
            for held in dict.fromkeys((*self._links.files[each], *(patch.path for patch in each.patches))):
                found[held].append(each)
        return found

    def above(self, each: Kustomization) -> tuple[Kustomization, ...]:
        """The kustomizations that include one themselves, as a resource or as a component."""
        return tuple(self._links.above.get(each, ()))

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
            below = self._links.resources.get(here)
            here = next((one for one in self.reaching(path) if one in below), None) if below else None
        return tuple(way)

    def own_patches(self, each: Kustomization, manifest: Manifest) -> tuple[Patch, ...]:
        """The patches for an object that a kustomization brings itself, those of its components first."""
        group = self.group(each) if each.components else (each,) if each.patches else ()
        return tuple([patch for one in group for patch in one.patches if patch.is_for(manifest)])

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
        around = self.reaching(manifest.path)
        if len(around) < 2:
            return self._namespace_of(around[0]) if around and each in (None, around[0]) else None
        found = {said for _, said in self.namespaces(manifest.path, each)} - {None}
        return found.pop() if len(found) == 1 else None

    def namespaces(self, path: str, each: Kustomization | None = None) -> tuple[tuple[Kustomization, str | None], ...]:
        """The outermost kustomizations that include a file, each with the namespace that it, or one within, sets.

        Asked for one of them, only what includes that one counts.
        """
        ways = [self.chain(outer, path) for outer in self.reaching(path)]
        if each is not None:
            ways = [way for way in ways if each in way]
        tops = [way for way in ways if not any(way[0] in other[1:] for other in ways)] if len(ways) > 1 else ways
        return tuple((way[0], next(filter(None, map(self._namespace_of, way)), None)) for way in tops)

    def _namespace_of(self, each: Kustomization) -> str | None:
        """What it sets itself, or else the last of its components that does."""
        if each.namespace or not each.components:
            return each.namespace or None
        return next((one.namespace for one in reversed(tuple(self._components(each))) if one.namespace), None)

    def _components(self, each: Kustomization) -> Iterator[Kustomization]:
        return (self._by_folder[path] for path in each.components if path in self._by_folder)

    @cached_property
    def _links(self) -> _Links:
        links = _Links({}, defaultdict(list), {}, {}, defaultdict(list))
        by_folder, known, bringing = self._by_folder, self._tree.paths, links.bringing
        for each in self.all:
            takes_all = each.is_flux and each.folder not in by_folder
            paths = tuple(self._scan(each.folder)) if takes_all else each.resources
            files = links.files[each] = [path for path in paths if path in known]
            for path in files:
                bringing[path].append(each)
            if len(files) == len(paths) and not each.components:
                continue
            resources = dict.fromkeys([by_folder[path] for path in paths if path in by_folder])
            below = tuple(dict.fromkeys((*resources, *self._components(each))) if each.components else resources)
            links.resources[each], links.below[each] = resources, below
            for one in below:
                links.above[one].append(each)
        return links

    def _scan(self, folder: str) -> Iterator[str]:
        """Manifests below a folder without kustomization, and the folders at which one ends the walk."""
        waiting = [folder] if self._tree.holds(folder) else []
        while waiting:
            for path in self._tree.inside(waiting.pop()):
                if path in self._by_folder or path.endswith(YAML_SUFFIXES[:2]):
                    yield path
                elif path in self._tree.folders:
                    waiting.append(path)
