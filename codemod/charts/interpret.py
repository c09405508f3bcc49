"""Charts' templates executed without Helm.

Follows Go's `text/template` with the options that Helm's engine sets (`pkg/engine`): a missing key is nil, and nil
prints nothing. What cannot be known offline is `Unknown` and goes on; what fails makes its action unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from codemod.charts.calls import Function, text_of
from codemod.charts.errors import TemplateError
from codemod.charts.execute import Execution
from codemod.charts.rendered import Problem, Rendered, finished, joined, origins
from codemod.charts.templates import Body, Exhausted
from codemod.formats.gotemplate import Template
from codemod.formats.gotemplate.parser import is_empty

BUDGET = 200_000
_MOST_PARSED = 2_000


class Interpreter:
    """All templates of one chart and its subcharts, by Helm's names for them (`web/charts/db/templates/x.yaml`).

    `functions` are those that templates may call beside Go's own and those that need the engine (`include`, `tpl`,
    `required`, `fail`, `lookup`); they take and give plain values and raise `TemplateError`.
    """

    def __init__(
        self, templates: Mapping[str, Template], functions: Mapping[str, Function], budget: int = BUDGET
    ) -> None:
        self._templates = templates
        self._functions = functions
        self._budget = budget
        self._bodies = merged(templates)
        self._parsed: dict[str, Template] = {}

    def render(self, name: str, dot: dict[str, object], *, explores: bool = True, deep: bool = False) -> Rendered:
        """Execute one template file; never raises for what stands in templates or values.

        `dot` is what Helm gives to the template (`.Values`, `.Release`, …); `.Template` is added where it is missing.
        As in Helm, what a template sets in `.Values` stays set. Without `explores` there are no shadows; with `deep`
        there are those of templates that are included in the middle of a line, too.
        """
        template = self._templates.get(name)
        if template is None:
            return Rendered(problems=(Problem(name, 1, "there is no such template"),))
        if template.problem:
            problem = Problem(name, template.line(template.problem.offset), template.problem.message)
            return Rendered(problems=(problem,))
        if len(self._parsed) > _MOST_PARSED:
            self._parsed.clear()
        execution = Execution(self._bodies, self._functions, self._parsed, self._budget)
        execution.explores, execution.deep = explores, deep
        own = {"Name": name, "BasePath": name.partition("/templates/")[0] + "/templates"}
        is_cut = False
        try:
            execution.execute(name, {"Template": own, **dot})
        except (Exhausted, TemplateError) as error:
            execution.problems[Problem(name, 1, str(error))] = None
            is_cut = isinstance(error, Exhausted)
        return Rendered(
            finished(joined(execution.chunks)),
            tuple(execution.shadows),
            tuple(execution.problems),
            tuple(execution.guesses),
            origins(execution.chunks),
            execution.spent,
            is_cut,
        )

    def printed(self, text: str, dot: dict[str, object]) -> str | None:
        """What a text prints through `tpl`, None where it cannot be executed."""
        execution = Execution(self._bodies, self._functions, self._parsed, self._budget)
        execution.explores = False
        try:
            return text_of("tpl", execution.functions["tpl"](text, dot))
        except (Exhausted, TemplateError):
            return None


def merged(templates: Mapping[str, Template]) -> dict[str, Body]:
    """All named templates: of two with one name the one counts whose file Helm reads last, unless it is empty.

    Helm reads the files that lie deepest first, and of those the last by name.
    """
    bodies: dict[str, Body] = {}
    for name in sorted(templates, key=lambda name: (name.count("/"), name), reverse=True):
        template = templates[name]
        for defined, nodes in (*((key, one.body) for key, one in template.defines.items()), (name, template.nodes)):
            if defined not in bodies or not is_empty(nodes):
                bodies[defined] = Body(nodes, template)
    return bodies
