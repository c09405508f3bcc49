"""Releases of helmfile: each entry of `releases`, once for every environment that its paths name.

Follows helmfile v1 ("Configuration", "Paths Overview"): paths are relative to the state file; the value files and
inline values of `values` come in order, then `set` and `setString`. What only a run of the templates would show,
secrets and remote files are noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from codemod import globs
from codemod.config import Config
from codemod.fleet.charts import chart_at, chart_layers, joined, subcharts, unresolved
from codemod.fleet.helmstate import Part, Release, State, fill, is_computed, read_state
from codemod.fleet.stack import Layer, Stack, is_name
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.patterns import on_use

_ROOT = on_use(r"(?:.*/)?(?:helmfile\.ya?ml(?:\.gotmpl)?|helmfile\.d/[^/]+(?:\.ya?ml|\.gotmpl))")
_REMOTE = on_use(r"[a-z0-9+]+://|[a-z0-9]+::")
_ENVIRONMENT = ".Environment.Name"
_VALUES = ("valuesTemplate", "values")
_PARAMETERS = ("setTemplate", "set", "setString")
_CHARTIFIED = ("strategicMergePatches", "jsonPatches", "transformers", "dependencies", "postRenderer", "forceNamespace")


class _Found(Struct):
    """What the values of a release come to."""

    layers: list[Layer] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def releases(tree: Tree, config: Config) -> Iterator[Stack]:
    """The releases of every `helmfile.yaml`, of the files in `helmfile.d`, and of the local `helmfiles` they name.

    A release whose name, namespace, chart or paths use `.Environment.Name` is one stack for each of `environments`.
    """
    for state, environments in _states(tree):
        for release in state.releases():
            if release.text("installed") == "false" or not release.text("chart"):
                continue
            names = (environments or ("default",)) if _names_environment(release) else (None,)
            for environment in names:
                yield _stack(tree, config, state, release, environment)


def _states(tree: Tree) -> Iterator[tuple[State, tuple[str, ...]]]:
    """Every state file once, the outer ones first, and its environments, or those of the file that names it."""
    roots = sorted(
        (path for path in tree.paths if "helmfile" in path and _ROOT.fullmatch(path)),
        key=lambda path: (path.count("/"), path),
    )
    waiting: list[tuple[str, tuple[str, ...]]] = [(path, ()) for path in roots]
    seen: set[str] = set()
    while waiting:
        path, inherited = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        state = read_state(tree, path)
        environments = state.environments or inherited
        yield state, environments
        below = (found for text in state.nested for found in _expand(tree, text))
        waiting = [*((found, environments) for found in below), *waiting]


def _expand(tree: Tree, path: str) -> list[str]:
    """The files that a path means: one file, the state files of a folder, or what a glob matches."""
    if path in tree.paths:
        return [path]
    if path in tree.folders:
        return sorted(found for found in tree.paths if found.rpartition("/")[0] == path and _ROOT.fullmatch(found))
    return _matching(tree, path)


def _matching(tree: Tree, pattern: str) -> list[str]:
    if not re.search(r"[*?\[]", pattern):
        return []
    try:
        return sorted(path for path in tree.paths if globs.matches(path, (pattern,)))
    except ValueError:
        return []


def _names_environment(release: Release) -> bool:
    texts = [release.text(key) for key in ("name", "namespace", "chart", "valuesPathPrefix")]
    texts += [part.text(item) for key in _VALUES for part, item in release.items(key)]
    return any(text and _ENVIRONMENT in text for text in texts)


def _stack(tree: Tree, config: Config, state: State, release: Release, environment: str | None) -> Stack:
    known = {"Environment.Name": environment} if environment is not None else {}
    name = fill(release.text("name") or "", known)
    said = fill(release.text("namespace") or state.text("namespace") or "", known)
    namespace = said or "default"
    known |= {"Release.Name": name, "Release.Namespace": namespace}
    folder, notes = _chart(tree, state, fill(release.text("chart") or "", known))
    chart = chart_at(tree, folder) if folder is not None else None
    found = _values(tree, state, release, known)
    return Stack(
        name,
        environment or config.environment_of(release.part.path),
        (*(chart_layers(tree, folder) if folder is not None else ()), *found.layers),
        tuple(found.missing),
        folder,
        tuple(
            dict.fromkeys((*notes, *(unresolved(tree, chart) if chart else ()), *found.notes, *_notes(release, name)))
        ),
        release.origin,
        "helmfile",
        name,
        namespace,
        subcharts(tree, chart) if chart is not None else {},
        has_namespace=is_name(said),
    )


def _notes(release: Release, name: str) -> Iterator[str]:
    if is_computed(name):
        yield "its name is computed"
    if release.part.has_control:
        yield "the conditions and loops of its helmfile are not evaluated"
    for key in _CHARTIFIED:
        if any(release.nodes(key)):
            yield f"its {key} are not evaluated"
    for part, item in release.items("secrets"):
        yield f"the secrets {part.text(item) or ''} are not read"


def _chart(tree: Tree, state: State, text: str) -> tuple[str | None, tuple[str, ...]]:
    """The chart's folder in the repository, and what is to be said where there is none."""
    if is_computed(text):
        return None, (f"chart {text} is computed",)
    folder = None if _REMOTE.match(text) else joined(state.folder, text)
    if folder is not None and chart_at(tree, folder) is not None:
        return folder, ()
    if folder is not None and text.startswith("."):
        made = folder in tree.folders
        return None, (f"{folder} is no chart, helmfile makes one of it" if made else f"there is no chart {folder}",)
    return None, (f"chart {text} is not in the repository",)


def _values(tree: Tree, state: State, release: Release, known: Mapping[str, str]) -> _Found:
    into = _Found()
    prefix = release.text("valuesPathPrefix") or ""
    for part, item in (found for key in _VALUES for found in release.items(key)):
        if isinstance(item, yaml.Mapping):
            _inline(part, item, into)
        elif text := part.text(item):
            _file(tree, state.folder, fill(prefix + text, known), into)
    for key in _PARAMETERS:
        for part, node in release.nodes(key):
            _parameters(part, node, key, into)
    return into


def _parameters(part: Part, node: yaml.Node, key: str, into: _Found) -> None:
    """A list for `--set` or `--set-string`; lists, files and computed values in it are only noted."""
    if not isinstance(node, yaml.Sequence):
        return
    into.layers.append(Layer(part.path, part.number, yaml.keys_of(node), key == "setString", parameters=True))
    items = [yaml.target(item) for item in node.items]
    values = [yaml.lookup(item, "value") for item in items if isinstance(item, yaml.Mapping)]
    if any(not isinstance(value, yaml.Scalar) or value.templated for value in values):
        into.notes.append(f"lists, files and template actions in its {key} are not evaluated")


def _inline(part: Part, node: yaml.Mapping, into: _Found) -> None:
    into.layers.append(Layer(part.path, part.number, yaml.keys_of(node)))
    if any(scalar.templated for scalar in yaml.scalars(node)):
        into.notes.append("the template actions in its inline values are not evaluated")


def _file(tree: Tree, folder: str, text: str, into: _Found) -> None:
    if is_computed(text):
        into.notes.append(f"the value file {text} is computed")
        return
    if _REMOTE.match(text):
        into.notes.append(f"the value file {text} is not in the repository")
        return
    path = joined(folder, text)
    paths = [path] if path in tree.paths else _matching(tree, path or "")
    for each in paths:
        if each.endswith(".gotmpl"):
            into.notes.append(f"the value file {each} is a template")
        else:
            into.layers.append(Layer(each))
    if not paths:
        into.missing.append(path or text)
