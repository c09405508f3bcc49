"""What a release's templates print, without Helm: the charts of a stack executed with some values.

Names, built-in objects and the order follow Helm's engine (`pkg/engine`, `ToRenderValues`). What only a cluster knows
is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy

from msgspec import Struct

from codemod.charts.functions.table import FUNCTIONS
from codemod.charts.interpret import Interpreter
from codemod.charts.rendered import Rendered
from codemod.charts.unknown import MARK, Unknown
from codemod.fleet.chartfile import Chart, chart_at, within
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.formats import gotemplate
from codemod.patterns import on_use
from codemod.transform import Keys

KUBERNETES = {"Version": "v1.37.0", "GitVersion": "v1.37.0", "Major": "1", "Minor": "37"}
"""The version that templates are told, as Helm tells one of its own where it has no cluster."""
_CHANGER = on_use(rb"\b(?:set|unset|(?:mustM|m)erge\w*)\s")
"""A function that changes its first argument, which may be of the values."""
_VALUES = on_use(rb"\.Values\b")
_BRACES = on_use(rb"[{}]+")
MOST = 4_000_000
"""What executing all templates of a release once may cost, in actions: some seconds."""
Edited = Mapping[str, bytes]


class Instance(Struct, frozen=True):
    """One chart of a release: its place in the values, its folder, and its name as templates see it."""

    place: Keys
    chart: Chart
    path: str


Changers = Mapping[Stack, frozenset[str]]


class _Watch:
    """Sees which templates change the values that they are given."""

    def __init__(self, values: dict[str, Plain]) -> None:
        self.values, self._before = values, deepcopy(values)
        self.changers: set[str] = set()

    def look(self, path: str) -> None:
        """Note whether the values have changed since the last look."""
        try:
            is_same = self.values == self._before
        except RecursionError:
            is_same = False
        if not is_same:
            self.changers.add(path)
            self._before = deepcopy(self.values)


def changes_values(template: bytes) -> bool:
    """Whether an action of a template may change the values; the time grows with the length of the text alone."""
    for action in template.split(b"{{")[1:] if b".Values" in template and _CHANGER.search(template) else ():
        for part in _BRACES.split(action.partition(b"}}")[0]):
            changer = _CHANGER.search(part)
            if changer is not None and _VALUES.search(part, changer.end()) is not None:
                return True
    return False


class Renderer:
    """Executes the charts of a tree, or of one in which some templates read otherwise (`edited`, by path).

    `changers` are the templates that change the values of a release, where all of its templates were executed once.
    """

    def __init__(self, tree: Tree, edited: Edited | None = None, changers: Changers | None = None) -> None:
        self.tree = tree
        self.edited = edited or {}
        self.changers = dict(changers or {})
        self._interpreters: dict[tuple[Instance, ...], Interpreter] = {}
        self._cut: dict[Stack, str] = {}

    def render(
        self,
        stack: Stack,
        values: dict[str, Plain],
        only: Collection[str] | None = None,
        *,
        explores: bool = True,
        deep: bool = False,
        gives_up: bool = True,
    ) -> Iterator[tuple[str, Rendered]]:
        """Every template file of the release (its path in the tree) with what it prints; none without a chart here.

        `only` are the paths that are asked for; others are executed where they change values for those, or may.
        Without `explores` branches that are not taken are not looked into; with `deep` those of all helpers are. Where
        it takes too long the rest is left out, and if it `gives_up`, the release is not executed again.
        """
        instances = tuple(instances_of(stack, self.tree))
        if not instances or stack in self._cut:
            return
        spent, interpreter = 0, self._interpreter(instances)
        values, watch, asked = deepcopy(values), None, only
        if self.sets_values(stack):
            changers = self.changers.get(stack)
            watch = _Watch(values) if only is None else None
            asked = {*only, *changers} if only is not None and changers is not None else None
        for instance in reversed(instances):
            if instance.chart.type == "library":
                continue
            dot = self._dot(stack, instance, values)
            for path, name in self._files(instance):
                is_printed = name.rpartition("/")[2][0] != "_" and not name.endswith((".tpl", ".txt"))
                if is_printed and (asked is None or path in asked):
                    rendered = interpreter.render(name, dot, explores=explores, deep=deep)
                    spent += rendered.cost
                    if rendered.is_cut or spent > MOST:
                        if gives_up:
                            self._cut[stack] = path
                        return
                    if watch is not None:
                        watch.look(path)
                    yield path, rendered
        if watch is not None:
            self.changers[stack] = self.changers.get(stack, frozenset()) | watch.changers

    def cut(self, stack: Stack) -> str:
        """The template at which the execution of a release was given up, since it takes too long; empty if it was not.

        It is not executed again.
        """
        return self._cut.get(stack, "")

    def sets_values(self, stack: Stack) -> bool:
        """Whether a template of the release changes the values, for itself and those that are executed after it."""
        paths = (path for instance in instances_of(stack, self.tree) for path, _ in self._files(instance))
        return any(changes_values(self.edited.get(path) or self.tree.text(path) or b"") for path in paths)

    def printed(self, stack: Stack, place: Keys, text: str, values: dict[str, Plain]) -> str | None:
        """What a text in the values prints where the chart executes it (`tpl`) with its own root as the dot.

        `place` is where the text stands in the values. None where it cannot be known.
        """
        instances = tuple(instances_of(stack, self.tree))
        owners = [instance for instance in instances if instance.place == place[: len(instance.place)]]
        if not owners:
            return None
        dot = self._dot(stack, owners[-1], deepcopy(values))
        found = self._interpreter(instances).printed(text, dot)
        return None if found is None or MARK in found else found

    def _interpreter(self, instances: tuple[Instance, ...]) -> Interpreter:
        found = self._interpreters.get(instances)
        if found is None:
            files = (file for instance in instances for file in self._files(instance))
            templates = {name: self._template(path, name) for path, name in files}
            found = self._interpreters[instances] = Interpreter(templates, FUNCTIONS)
        return found

    def _files(self, instance: Instance) -> Iterator[tuple[str, str]]:
        """Path and Helm's name of every template of one chart."""
        for path in template_paths(instance.chart.folder, self.tree):
            inside = path[len(instance.chart.folder) :].lstrip("/")
            yield path, f"{instance.path}/{inside}"

    def _template(self, path: str, name: str) -> gotemplate.Template:
        source = self.tree.source(path)
        if source is None or path in self.edited:
            return gotemplate.parse(self.edited.get(path, b""), name)
        key = ("gotemplate", name)
        if key not in source.memo:
            source.memo[key] = gotemplate.parse(source.data, name)
        found: gotemplate.Template = source.memo[key]
        return found

    def _dot(self, stack: Stack, instance: Instance, values: dict[str, Plain]) -> dict[str, object]:
        chart = instance.chart
        name = str(instance.place[-1]) if instance.place else chart.name
        return {
            "Values": _section(values, instance.place),
            "Chart": {"Name": name, "Version": chart.version, "AppVersion": chart.app_version, "Type": chart.type},
            "Release": {
                **{"Name": stack.release, "Namespace": stack.namespace, "Service": "Helm", "Revision": 1.0},
                **{"IsInstall": True, "IsUpgrade": False},
            },
            "Capabilities": {
                **{"KubeVersion": KUBERNETES, "APIVersions": Unknown("Capabilities.APIVersions")},
                "HelmVersion": {"Version": "v4.0.0", "GoVersion": "go1.25"},
            },
            "Files": Unknown("Files"),
            "Subcharts": Unknown("Subcharts"),
        }


def instances_of(stack: Stack, tree: Tree) -> Iterator[Instance]:
    """The release's charts, parents first; none where the chart is not in the repository."""
    top = chart_at(tree, stack.chart) if stack.chart is not None else None
    if top is None:
        return
    paths: dict[Keys, str] = {(): top.name}
    yield Instance((), top, top.name)
    for place, folder in sorted(stack.subcharts.items(), key=lambda item: len(item[0])):
        chart = chart_at(tree, folder)
        if chart is not None and place[:-1] in paths:
            paths[place] = f"{paths[place[:-1]]}/charts/{place[-1]}"
            yield Instance(place, chart, paths[place])


def template_paths(folder: str, tree: Tree) -> tuple[str, ...]:
    """The files of a chart's `templates` folder, sorted."""
    return tree.below(within(folder, "templates"))


def _section(values: dict[str, Plain], place: Keys) -> dict[str, Plain]:
    here = values
    for key in place:
        found = here.get(str(key))
        if not isinstance(found, dict):
            return {}
        here = found
    return here
