"""The generators of an ApplicationSet, as far as the files at hand evaluate them: sets of parameters.

Follows Argo CD's `applicationset/generators`: list, matrix (the second child may use the parameters of the first),
merge, git files (`path` as a Git pathspec: `*` spans folders, Argo CD's default) and git directories (Go's
`path.Match`), read from this tree whatever repository they name. What a cluster, a forge or a plugin would have to be
asked yields one set that is not complete.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from codemod.fleet.expand import Expander
from codemod.fleet.gitpaths import ANY, SEGMENT, matched
from codemod.fleet.params import (
    Params,
    as_list,
    as_map,
    as_text,
    assigned,
    flatten,
    overlaid,
    parsed,
    path_params,
    plain,
)
from codemod.fleet.tree import Tree
from codemod.fleet.unify import Binding
from codemod.patterns import on_use

_SETS_MAX = 5_000
_HIDDEN = on_use(r"(?:^|/)\.")
_ASKED = ("clusters", "clusterDecisionResource", "scmProvider", "pullRequest", "plugin")


class Generated(Struct, frozen=True, dict=True):
    """One set of parameters; `complete`: those that are not in it do not exist. `notes` say what is not evaluated."""

    params: Params
    complete: bool = True
    notes: tuple[str, ...] = ()


class Generators:
    """Evaluates generators over a tree; `go` is the ApplicationSet's `goTemplate`."""

    def __init__(self, tree: Tree, *, go: bool) -> None:
        self._tree = tree
        self._go = go
        self._files, self._folders = tree.ordered, tree.once(_visible)
        self._read: dict[tuple[str, str], list[Generated]] = {}
        self._kinds: dict[str, Callable[[dict[str, Any]], Iterator[Generated]]] = {
            "list": self._list,
            "git": self._git,
            "matrix": self._matrix,
            "merge": self._merge,
        }

    def generate(self, generator: Any) -> Iterator[Generated]:
        """The parameter sets of one generator, its `selector` applied; an unknown one yields an open set."""
        selector = as_map(as_map(generator).get("selector"))
        for kind, body in as_map(generator).items():
            if kind == "selector" or body is None:
                continue
            notes = (f"The template of the {kind} generator is not evaluated.",) if as_map(body).get("template") else ()
            evaluate = self._kinds.get(kind)
            found = self._asked(kind, as_map(body)) if evaluate is None else evaluate(as_map(body))
            for one in found:
                if _is_selected(one, selector):
                    yield replace(one, notes=one.notes + notes) if notes else one

    def _asked(self, kind: str, body: dict[str, Any]) -> Iterator[Generated]:
        what = "cannot be evaluated from files" if kind in _ASKED else "is unknown"
        params = self._with_values({}, body, complete=False)
        yield Generated(params, complete=False, notes=(f"The {kind} generator {what}.",))

    def _list(self, body: dict[str, Any]) -> Iterator[Generated]:
        elements = as_list(body.get("elements"))
        text = as_text(body.get("elementsYaml"))
        if "{{" in text:
            yield Generated({}, complete=False, notes=("The list generator's elementsYaml cannot be evaluated.",))
        elif text:
            elements = [*elements, *as_list(parsed(text))]
        for element in elements:
            yield Generated(self._shaped(as_map(element)))

    def _shaped(self, params: Params) -> Params:
        return params if self._go else dict(flatten(params))

    def _with_values(self, params: Params, body: Mapping[str, Any], *, complete: bool) -> Params:
        """The parameters and the generator's own `values`, those that can be expanded."""
        expander = Expander(params, self._go, complete)
        texts = {key: expander.text(as_text(value)) for key, value in as_map(body.get("values")).items()}
        known = {key: text for key, text in texts.items() if text is not None}
        if not known:
            return params
        return {**params, "values": known} if self._go else params | {f"values.{key}": known[key] for key in known}

    def _git(self, body: dict[str, Any]) -> Iterator[Generated]:
        prefix = as_text(body.get("pathParamPrefix"))
        directories = [as_map(item) for item in as_list(body.get("directories"))]
        asked = directories or [as_map(item) for item in as_list(body.get("files"))]
        found = self._chosen(asked, self._folders if directories else self._files, SEGMENT if directories else ANY)
        for path, binding in found.items():
            own = path_params(path, None, prefix, go=self._go)
            for one in [Generated(own)] if directories else self._file(path, prefix):
                params = one.params
                for name, value in binding.items():
                    params = assigned(params, name, value, go=self._go)
                yield replace(one, params=self._with_values(params, body, complete=True))
        if not found:
            paths = ", ".join(f"`{as_text(item.get('path'))}`" for item in asked)
            note = f"The git generator finds nothing here for {paths or 'no path'}: it may read another repository."
            yield Generated(self._with_values({}, body, complete=False), complete=False, notes=(note,))

    def _file(self, path: str, prefix: str) -> list[Generated]:
        """The parameters of one file: of its map, or of every map of its list."""
        if (path, prefix) not in self._read:
            own = path_params(posixpath.dirname(path) or ".", posixpath.basename(path), prefix, go=self._go)
            source, documents = self._tree.source(path), self._tree.documents(path)
            if source is None or not documents or documents[0].problem is not None:
                self._read[path, prefix] = [Generated(own, complete=False, notes=(f"{path} cannot be read.",))]
            else:
                root = plain(documents[0].root, source)
                items = root if isinstance(root, list) else [root]
                self._read[path, prefix] = [Generated(self._shaped(as_map(item)) | own) for item in items]
        return self._read[path, prefix]

    def _chosen(self, items: list[dict[str, Any]], among: Sequence[str], star: str) -> dict[str, Binding]:
        """What the paths of a git generator match, less what those to be excluded match, with what captures bind."""
        found: dict[str, Binding] = {}
        excluded: set[str] = set()
        for item in items:
            pattern = Expander({}, self._go).pattern(as_text(item.get("path"))) or ""
            here = dict(matched(pattern.removeprefix("./").removeprefix("/"), among, star))
            if item.get("exclude") is True:
                excluded.update(here)
            else:
                found = here | found
        return {path: found[path] for path in sorted(found.keys() - excluded)}

    def _matrix(self, body: dict[str, Any]) -> Iterator[Generated]:
        children = as_list(body.get("generators"))
        if len(children) != 2:
            yield Generated({}, complete=False, notes=("The matrix generator needs two children.",))
            return
        for one in self.generate(children[0]):
            expander = Expander(one.params, self._go)
            for other in self.generate(_interpolated(children[1], expander)):
                yield self._combined(one, other)

    def _combined(self, one: Generated, other: Generated) -> Generated:
        notes = tuple(dict.fromkeys(one.notes + other.notes))
        complete = one.complete and other.complete
        if self._go:
            return Generated(overlaid(other.params, one.params), complete, notes)
        twice = [key for key in one.params if other.params.get(key, one.params[key]) != one.params[key]]
        if twice:
            notes += (f"Both generators of a matrix say what {min(twice)} is: Argo CD refuses that.",)
        return Generated(other.params | one.params, complete, notes)

    def _merge(self, body: dict[str, Any]) -> Iterator[Generated]:
        keys = [as_text(key) for key in as_list(body.get("mergeKeys"))]
        tables = [list(islice(self.generate(child), _SETS_MAX)) for child in as_list(body.get("generators"))]
        if len(tables) < 2 or not keys:
            yield Generated({}, complete=False, notes=("The merge generator needs two children and merge keys.",))
            return
        for base in tables[0]:
            found = base
            for table in tables[1:]:
                for other in table:
                    if not other.complete:
                        found = replace(found, notes=found.notes + other.notes, complete=False)
                    elif _merge_key(other, keys) == _merge_key(base, keys):
                        merged = overlaid(found.params, other.params) if self._go else found.params | other.params
                        found = replace(found, params=merged)
            yield replace(found, notes=tuple(dict.fromkeys(found.notes)))


def _visible(tree: Tree) -> Sequence[str]:
    """The folders that no dot hides, sorted."""
    return sorted(folder for folder in tree.folders if folder and not _HIDDEN.search(folder))


def _merge_key(one: Generated, keys: list[str]) -> str:
    import json

    return json.dumps([one.params.get(key) for key in keys], sort_keys=True, default=str)


def _interpolated(value: Any, expander: Expander) -> Any:
    """A generator with all its texts filled in as far as they are known."""
    if isinstance(value, dict):
        return {key: _interpolated(below, expander) for key, below in value.items()}
    if isinstance(value, list):
        return [_interpolated(item, expander) for item in value]
    if isinstance(value, str) and "{{" in value:
        known = expander.text(value)
        return value if known is None else known
    return value


def _is_selected(one: Generated, selector: Mapping[str, Any]) -> bool:
    """Whether the generator's label selector takes a set; what an open set does not say is no reason against it."""
    if not selector:
        return True
    flat = flatten(one.params)
    labels = as_map(selector.get("matchLabels")).items()
    tests: list[tuple[str, str, list[str]]] = [(key, "In", [as_text(value)]) for key, value in labels]
    for expression in map(as_map, as_list(selector.get("matchExpressions"))):
        values = [as_text(value) for value in as_list(expression.get("values"))]
        tests.append((as_text(expression.get("key")), as_text(expression.get("operator")), values))
    return all(_holds(flat.get(key), operator, values, one.complete) for key, operator, values in tests)


def _holds(value: str | None, operator: str, values: list[str], complete: bool) -> bool:
    if value is None and not complete:
        return True
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    return (value is not None) == (operator == "Exists")
