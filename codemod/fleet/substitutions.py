"""What Flux fills in (`postBuild` of a Kustomization): where variables are set, and where they are used.

Follows kustomize-controller: the maps of `substituteFrom` in order, then `substitute`, into all that the Kustomization
builds. A Kustomization that a patch gives its `postBuild` is not known to have one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from functools import cache, cached_property

from msgspec import Struct, field

from codemod.fleet.envsubst import Use, filled, uses, variable
from codemod.fleet.fluxvalues import Object, is_encrypted, objects_named
from codemod.fleet.kustomization import FLUX_GROUP, Kustomization, items_at, text_at
from codemod.fleet.overlays import Overlays
from codemod.fleet.tree import Manifest, Tree
from codemod.formats import yaml

_POST_BUILD = ("spec", "postBuild")


class _Scope(Struct):
    """What one Kustomization fills in: the variables that it sets, and the files that it builds from."""

    files: frozenset[str]
    values: dict[str, tuple[str, yaml.Scalar]] = field(default_factory=dict)
    is_complete: bool = True
    """Whether all that sets variables is in the repository, and readable."""

    @property
    def said(self) -> Hashable:
        """The texts of all variables, and whether there may be more."""
        return tuple((name, scalar.value) for name, (_, scalar) in sorted(self.values.items())), self.is_complete

    def value(self, name: str) -> str | None:
        """What a variable says, empty where nothing sets it; None where that is not known."""
        if name in self.values:
            return self.values[name][1].value.replace("\n", "")
        return "" if self.is_complete else None


class _Said(Struct, frozen=True):
    """Kinds and names of what a Kustomization takes variables from, those that it sets itself, its namespace."""

    sources: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, yaml.Scalar], ...]
    namespace: str | None


class Substitutions:
    """The Kustomizations of a repository that fill in variables."""

    def __init__(self, tree: Tree, overlays: Callable[[], Overlays]) -> None:
        self._tree, self._overlays = tree, overlays
        self._uses_in: dict[str, tuple[tuple[str, Use], ...]] = {}

    def set_in(self, path: str) -> Mapping[int, tuple[Use, ...]]:
        """Where the variables are used whose values stand in a file, by the offsets of these; () for unused ones."""
        return self._used.get(path, {})

    @property
    def files(self) -> Collection[str]:
        """The files that anything is filled into, or taken from."""
        return self._in.keys() | self._used.keys()

    def said_of(self, path: str) -> Hashable:
        """All that is filled into a file and taken from it, equal where it is.

        By Kustomization: the variables, and if that is all; then where those set here are used.
        """
        scopes, used = self._in.get(path), self._used.get(path)
        return tuple([scope.said for scope in scopes]) if scopes else (), tuple(used.items()) if used else ()

    def filled(self, path: str, text: str) -> tuple[str, ...]:
        """What a text becomes, once for each Kustomization that fills it in; () where any of them does not say."""
        found: dict[str, None] = {}
        for scope in self._in.get(path, ()):
            result = filled(text, scope.value)
            if result is None:
                return ()
            found[result] = None
        return tuple(found)

    def is_set(self, path: str, text: str) -> bool:
        """Whether a text is nothing but a variable, and all Kustomizations of its file set that in the repository."""
        name, scopes = variable(text), self._in.get(path, ())
        return bool(name and scopes) and all(name in scope.values for scope in scopes)

    @cached_property
    def _in(self) -> Mapping[str, list[_Scope]]:
        """The scopes that each file is built in."""
        found: dict[str, list[_Scope]] = defaultdict(list)
        for scope in self._scopes:
            for path in scope.files:
                found[path].append(scope)
        return found

    @cached_property
    def _used(self) -> Mapping[str, Mapping[int, tuple[Use, ...]]]:
        found: dict[tuple[str, int], dict[Use, None]] = {}
        for scope in self._scopes:
            for path, scalar in scope.values.values():
                found.setdefault((path, scalar.start), {})
            for name, use in (pair for path in sorted(scope.files) for pair in self._uses(path)):
                if name in scope.values:
                    path, scalar = scope.values[name]
                    found[path, scalar.start][use] = None
        by_path: dict[str, dict[int, tuple[Use, ...]]] = defaultdict(dict)
        for (path, start), each in found.items():
            by_path[path][start] = tuple(each)
        return by_path

    def _uses(self, path: str) -> tuple[tuple[str, Use], ...]:
        if path not in self._uses_in:
            data = self._tree.text(path) or b""
            self._uses_in[path] = tuple(uses(path, data.decode("utf-8", "replace"))) if b"${" in data else ()
        return self._uses_in[path]

    @cached_property
    def _scopes(self) -> tuple[_Scope, ...]:
        manifests = [each for each in self._tree.manifests(FLUX_GROUP) if each.kind == "Kustomization"]
        said_by = cache(_said)  # equal files share their nodes
        filling = [(each, said) for each in manifests if (said := said_by(each.root)) is not None]
        names = {name for _, said in filling for _, name in said.sources}
        found: dict[tuple[str | None, ...], list[Object]] = defaultdict(list)
        for one in objects_named(self._tree, frozenset(names) - {""}):
            found[one.kind, one.name].append(one)
            found[one.kind, one.name, one.namespace].append(one)
        return tuple(self._scope(each, said, found) for each, said in filling)

    def _scope(self, manifest: Manifest, said: _Said, found: Mapping[tuple[str | None, ...], list[Object]]) -> _Scope:
        scope = _Scope(frozenset(self._files(manifest)))
        for kind, name in said.sources:
            candidates, same = found.get((kind, name), []), found.get((kind, name, said.namespace), [])
            chosen = same if len(same) == 1 else candidates
            if len(chosen) == 1 and not is_encrypted(chosen[0].root):
                within = "data" if kind == "ConfigMap" else "stringData"
                values = _scalars(chosen[0].root, (within,))
                scope.values.update((key, (chosen[0].path, scalar)) for key, scalar in values)
                scope.is_complete = scope.is_complete and (kind == "ConfigMap" or chosen[0].root.get("data") is None)
            else:  # what it sets may take the place of all that stands before it
                scope.values.clear()
                scope.is_complete = False
        scope.values.update((key, (manifest.path, scalar)) for key, scalar in said.values)
        return scope

    def _files(self, manifest: Manifest) -> Iterator[str]:
        overlays = self._overlays()
        for each in self._flux.get((manifest.path, manifest.line), ()):
            yield from overlays.files(each)
            for one in overlays.subtree(each):
                yield from (patch.path for patch in one.patches)
                yield from (path for generator in one.generators for _, path in generator.files)

    @cached_property
    def _flux(self) -> Mapping[tuple[str, int], list[Kustomization]]:
        """The Kustomizations of Flux, by where they stand."""
        found: dict[tuple[str, int], list[Kustomization]] = defaultdict(list)
        for each in self._overlays().all:
            if each.is_flux:
                found[each.path, each.line].append(each)
        return found


def _said(root: yaml.Mapping) -> _Said | None:
    """What a Kustomization says of its variables; None where it fills in none."""
    if yaml.descend(root, _POST_BUILD)[1] < len(_POST_BUILD):
        return None
    sources = items_at(root, *_POST_BUILD, "substituteFrom")
    return _Said(
        tuple((text_at(item, "kind") or "", text_at(item, "name") or "") for item in sources),
        tuple(_scalars(root, (*_POST_BUILD, "substitute"))),
        text_at(root, "metadata", "namespace"),
    )


def _scalars(root: yaml.Mapping, keys: tuple[str, ...]) -> Iterator[tuple[str, yaml.Scalar]]:
    """The texts of a map at a way of keys."""
    values, depth = yaml.descend(root, keys)
    for entry in values.entries if depth == len(keys) and isinstance(values, yaml.Mapping) else ():
        if isinstance(entry.key, yaml.Scalar) and isinstance(entry.value, yaml.Scalar):
            yield entry.key.value, entry.value
