"""Named templates: a chart's files and what they define, executed by name with `template`, `include` and `tpl`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from codemod.charts.builtins import bounded
from codemod.charts.calls import Calls, Function, fail, lookup, required, text_of
from codemod.charts.errors import TemplateError
from codemod.charts.rendered import Chunk, finished, joined
from codemod.charts.unknown import Unknown
from codemod.formats.gotemplate import Action, Command, Identifier, Node, Template, TemplateCall, parse

DEEPEST = 100
_TPL = " (tpl)"


class Exhausted(Exception):
    """Nothing more is executed, for templates call each other without end, or print without end."""


class Body(Struct, frozen=True):
    """A named template: its nodes, and the file that they stand in."""

    nodes: list[Node]
    template: Template


class Templates(Calls):
    """Evaluates expressions that execute templates.

    `template` is the file that is being executed, `chunks` the output so far. `explores` says whether branches that
    are not taken are looked into here; an expression looks into none, except `alone`, an `include` that is an action,
    unless the execution is `deep`.
    `certain` says whether Helm would come by here.
    """

    def __init__(
        self, bodies: Mapping[str, Body], functions: Mapping[str, Function], parsed: dict[str, Template]
    ) -> None:
        super().__init__(functions)
        self.functions |= {"include": self._include, "tpl": self._tpl}
        self.functions |= {"required": required, "fail": fail, "lookup": lookup}
        self.bodies = bodies
        self.parsed = parsed
        self.template = Template("", b"")
        self.chunks: list[Chunk] = []
        self.explores = True
        self.deep = False
        self.certain = True
        self.alone: Command | None = None
        self.depth = 0

    def run(self, nodes: list[Node], dot: object) -> type[Node] | None:
        """Execute some nodes into `chunks`; `Break` or `Continue` where one of them ended it."""
        raise NotImplementedError

    def execute(self, name: str, dot: object) -> None:
        """Execute a named template into `chunks`; raises `TemplateError` where there is none, or `Exhausted`."""
        body = self.bodies.get(name)
        if body is None:
            raise TemplateError(f'template "{name}" not defined')
        if self.depth >= DEEPEST:
            raise self._nested(name)
        around = self.template, self.variables, self.certain
        self.template, self.variables = body.template, [("$", dot)]
        self.depth += 1
        try:
            self.run(body.nodes, dot)
        except RecursionError:
            raise self._nested(name) from None
        finally:
            self.template, self.variables, self.certain = around
            self.depth -= 1

    def _nested(self, name: str) -> Exception:
        """What templates that call each other without end end with."""
        message = f"rendering template has a nested reference name: {name}"
        return Exhausted(message) if self.certain else TemplateError(message)

    def call(self, name: str, values: list[object], command: Node) -> object:
        """The result of a function; an `include` that stands alone is looked into."""
        if name != "include" or len(values) != 2 or type(values[0]) is Unknown:
            return super().call(name, values, command)
        around = self.explores
        self.explores = command is self.alone or (self.deep and around)
        try:
            return self._include(*values)
        finally:
            self.explores = around

    def _include(self, name: object, dot: object) -> str:
        around, self.chunks = self.chunks, []
        try:
            self.execute(text_of("include", name), dot)
            return bounded(joined(self.chunks))
        finally:
            self.chunks = around

    def _tpl(self, text: object, dot: object) -> str:
        """Helm's `tpl`: what the text defines is known to it alone."""
        template = self._parsed(text_of("tpl", text))
        around = self.bodies, self.chunks
        defined = {name: Body(define.body, template) for name, define in template.defines.items()}
        self.bodies = {**self.bodies, **defined, template.name: Body(template.nodes, template)}
        self.chunks = []
        try:
            self.execute(template.name, dot)
            return finished(bounded(joined(self.chunks)))
        finally:
            self.bodies, self.chunks = around

    def _parsed(self, text: str) -> Template:
        """The text as a template that is named after the one that it stands in."""
        template = self.parsed.get(text)
        if template is None:
            template = self.parsed[text] = parse(text.encode("utf-8", "replace"))
        if template.problem:
            raise TemplateError(f"cannot parse template: {template.problem.message}")
        return replace(template, name=f"{self.template.name.removesuffix(_TPL)}{_TPL}")


def stands_alone(node: Action | TemplateCall, template: Template) -> bool:
    """Whether a call of a template, by `template` or `include`, is all that stands on its lines."""
    if isinstance(node, Action):
        called = node.pipe.commands[0].operands[0]
        if not isinstance(called, Identifier) or called.name != "include":
            return False
    data = template.data
    before = data[data.rfind(b"\n", 0, node.start) + 1 : node.start]
    after = data[node.end : data.find(b"\n", node.end) + 1 or len(data)]
    return not before.strip() and not after.strip()
