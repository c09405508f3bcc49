"""Go templates over plain parameters, executed as Argo CD does: text/template with Sprig's functions and its own few.

Follows `applicationset/utils`: a missing parameter prints `<no value>`, which is no answer here. Nothing is guessed:
what fails, or depends on what is not known, is unknown as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from codemod.charts.errors import TemplateError
from codemod.charts.unknown import MARK, Unknown
from codemod.fleet.params import sanitized

_NAME = "template"
_BUDGET = 20_000


class UnknownError(Exception):
    """Something that the parameters do not say, or that cannot be evaluated."""


class _Open(dict[str, object]):
    """Parameters of which some are not known: what is missing is unknown."""

    def get(self, key: str, default: object = None) -> object:
        return self[key] if key in self else Unknown(key)


def executed(text: str, params: Mapping[str, object], complete: bool) -> str:
    """What a template prints; raises `UnknownError`. A parameter that `complete` ones lack is nil."""
    from codemod.charts.execute import Execution
    from codemod.charts.functions.table import FUNCTIONS
    from codemod.charts.rendered import NO_VALUE, joined
    from codemod.charts.templates import Body, Exhausted
    from codemod.formats import gotemplate

    template = gotemplate.parse(text.encode("utf-8", "replace"), _NAME)
    if template.problem:
        raise UnknownError(template.problem.message)
    defines = {name: Body(define.body, template) for name, define in template.defines.items()}
    execution = Execution({**defines, _NAME: Body(template.nodes, template)}, {**FUNCTIONS, **_OWN}, {}, _BUDGET)
    try:
        execution.execute(_NAME, dict(params) if complete else _opened(params))
    except (Exhausted, TemplateError) as error:
        raise UnknownError(str(error)) from error
    printed = joined(execution.chunks)
    if execution.problems or execution.guesses or MARK in printed or NO_VALUE in printed:
        raise UnknownError(text)
    return printed


def _opened(params: Mapping[str, object]) -> _Open:
    return _Open({key: _opened(value) if isinstance(value, dict) else value for key, value in params.items()})


def _normalize(name: object) -> str:
    if not isinstance(name, str):
        raise TemplateError("error calling normalize: wrong type for value; expected string")
    return sanitized(name)


_OWN = {"normalize": _normalize}
"""The functions that Argo CD adds."""
