"""The releases that one Argo CD Application makes: captures bound by the files at hand, layers in Helm's order.

Precedence: the chart's values, the value files in order, `valuesObject` or else `values`, the parameters
(Argo CD, "Helm Value Precedence").
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from codemod.config import Config
from codemod.fleet.filled import NOTE, filled
from codemod.fleet.overrides import overridden, overrides_of
from codemod.fleet.parameters import way_of
from codemod.fleet.params import as_list, as_map, as_text, flatten
from codemod.fleet.sources import Declared, Wish, inline_layers, may_be_helm, namespace, sources, wish_of
from codemod.fleet.stack import Layer, Stack, is_name
from codemod.fleet.tree import Tree
from codemod.fleet.unify import Binding, Unifier, as_name, captures, fill, says_something, shown
from codemod.globs import pattern
from codemod.patterns import on_use
from codemod.transform import Keys

BINDINGS_MAX = 20_000
_WILD = on_use(r"[*?\[{\\]")
_ENVIRONMENTS = ("env", "environment", "stage")
_PREFIXES = ("", "values.", "metadata.labels.")


class Applications:
    """Makes stacks of declared Applications; what the tree says of one pattern is asked once for all of them."""

    def __init__(self, tree: Tree, config: Config) -> None:
        self._tree = tree
        self._config = config
        self._unifier = Unifier(tree.ordered)
        self._globs: dict[str, list[str]] = {}

    def stacks_of(self, app: Declared) -> Iterator[Stack]:
        """The releases of every Helm source of an Application; none for kustomize, plain folders and plugins."""
        found = list(sources(app.spec))
        refs = frozenset(as_text(source.get("ref")) for source, _ in found)
        for source, keys in found:
            if not may_be_helm(source):
                continue
            wish = wish_of(app, source, refs)
            for binding in self._bindings(app, wish):
                bound = replace(app, expander=app.expander.bound(binding)) if binding else app
                known = wish_of(bound, source, refs) if binding else wish
                if _agree(wish, known, binding):
                    yield from self._stack(bound, source, (*app.keys, *keys), known, binding)

    def _bindings(self, app: Declared, wish: Wish) -> list[Binding]:
        """What the captures of the paths can be; one empty binding where there are none, or where nothing says it."""
        paths = [file.path for file in wish.files]
        if not any(map(captures, [*paths, wish.chart or ""])):
            return [{}]
        files = [file.path for file in wish.files if file.is_evidence and self._unifier.matches(file.path)]
        own, charts = [], []
        if wish.chart is not None and (says_something(wish.chart) or not captures(wish.chart)):
            own = [posixpath.join(wish.chart, "values.yaml")]
            charts = [posixpath.join(wish.chart, "Chart.yaml")]
        charts = [chart for chart in charts if captures(chart) and self._unifier.matches(chart)]
        if not files and not charts:
            return [] if app.must_bind else [{}]
        apart = [path for path in (*paths, *own) if not captures(path)]
        needed = charts if wish.ignores_missing else charts + files
        found = self._unifier.bindings([*files, *charts, *apart], BINDINGS_MAX)
        proven = [binding for binding in found if all(fill(path, binding) in self._tree.paths for path in needed)]
        return proven or ([] if app.must_bind else [{}])

    def _stack(
        self, app: Declared, source: Mapping[str, Any], keys: Keys, wish: Wish, binding: Binding
    ) -> Iterator[Stack]:
        chart, notes = self._chart(app, source, wish, binding)
        if chart is None and not notes:
            return
        name = _filled(app, app.name, binding)
        overrides = overrides_of(chart, name, self._tree)
        if overrides:
            wish = wish_of(app, overridden(source, overrides), wish.refs)
        wanted = [fill(file.path, binding) for file in wish.files if file.is_here]
        files, missing = self._expanded(wanted)
        missing += [file.path for file in wish.files if not file.is_here]
        own = [] if chart is None else [posixpath.join(chart, "values.yaml")]
        own = [path for path in own if path in self._tree.paths and files[:1] != [path]]
        declared, remarks = inline_layers(app, source, keys, overrides)
        inline, is_known = filled(declared, app.expander, self._tree)
        remarks = [remark for remark in remarks if remark != NOTE or not is_known]
        helm = as_map(overridden(source, overrides).get("helm"))
        where = fill(app.pattern(namespace(helm, app.spec)), binding)
        yield Stack(
            name,
            self._environment(app, binding, files),
            (*map(Layer, own + files), *inline),
            tuple(dict.fromkeys(map(shown, missing))),
            chart,
            tuple(dict.fromkeys((*app.notes, *notes, *_unbound(wanted), *wish.notes, *remarks))),
            app.manifest.origin,
            app.kind,
            release=as_name(fill(app.pattern(helm.get("releaseName") or app.name), binding)),
            namespace=as_name(where) or "default",
            has_namespace=is_name(where),
            set_by_files=tuple(
                way_of(as_text(as_map(item).get("name"))) for item in as_list(helm.get("fileParameters"))
            ),
        )

    def _chart(
        self, app: Declared, source: Mapping[str, Any], wish: Wish, binding: Binding
    ) -> tuple[str | None, tuple[str, ...]]:
        """The chart's folder, or a note why there is none; neither for what is no Helm release."""
        if wish.chart is None:
            packaged, where = (_filled(app, source.get(key), binding) for key in ("chart", "repoURL"))
            return None, (f"The chart {packaged} of {where or '?'} is not in the repository.",)
        chart = fill(wish.chart, binding)
        if captures(chart):
            return None, (f"The chart's path {shown(chart)} cannot be evaluated.",)
        if posixpath.join(chart, "Chart.yaml") in self._tree.paths:
            return chart, ()
        return None, (f"The chart {chart or '.'} is not in the repository.",) if source.get("helm") else ()

    def _environment(self, app: Declared, binding: Binding, files: list[str]) -> str | None:
        """What the parameters say, else the highest value file that has an environment, else the manifest's path."""
        known = {**flatten(app.expander.params), **binding}
        for name in (prefix + word for prefix in _PREFIXES for word in _ENVIRONMENTS):
            if known.get(name):
                return known[name]
        of_files = (self._config.environment_of(path) for path in reversed(files))
        return next(filter(None, of_files), None) or self._config.environment_of(app.manifest.path)

    def _expanded(self, wanted: list[str]) -> tuple[list[str], list[str]]:
        """The value files that exist, each once, and those that do not.

        A glob stands for what it matches, less the files that are also listed by name.
        """
        found: dict[str, None] = {}
        missing: list[str] = []
        for path in wanted:
            matched = [path] if path in self._tree.paths else self._globbed(path)
            missing += [] if matched else [path]
            found.update(dict.fromkeys(file for file in matched if file == path or file not in wanted))
        return list(found), missing

    def _globbed(self, glob: str) -> list[str]:
        """What a glob matches, a folder's own files before its subfolders."""
        if not _WILD.search(glob):
            return []
        if glob not in self._globs:
            try:
                regex = pattern(glob)
            except ValueError:
                return []
            below = self._unifier.beginning(_WILD.split(glob)[0])
            self._globs[glob] = sorted((path for path in below if regex.fullmatch(path)), key=_walked)
        return self._globs[glob]


def _agree(wish: Wish, bound: Wish, binding: Binding) -> bool:
    """Whether actions that only the files bound say the same once the parameters in them are known."""
    pairs = [(wish.chart or "", bound.chart or "")]
    pairs += [(before.path, after.path) for before, after in zip(wish.files, bound.files, strict=True)]
    return all(
        captures(after) or captures(fill(before, binding)) or fill(before, binding) == after for before, after in pairs
    )


def _unbound(paths: list[str]) -> list[str]:
    """A note on the captures of value files that nothing binds."""
    names = dict.fromkeys(name for path in paths for name in captures(path))
    return [f"Nothing says what {', '.join(names)} is in its value files."] if names else []


def _walked(path: str) -> list[tuple[bool, str]]:
    """The order in which a folder's own files come before its subfolders."""
    *folders, name = path.split("/")
    return [*((True, folder) for folder in folders), (False, name)]


def _filled(app: Declared, template: object, binding: Binding) -> str:
    return shown(fill(app.pattern(template), binding))
