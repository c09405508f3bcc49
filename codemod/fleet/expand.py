"""Templates of an ApplicationSet, filled in with parameters: fasttemplate's `{{ key }}`, or Go templates with Sprig.

What is unknown becomes a capture where a template is a path (`pattern`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from codemod.fleet.params import Params, Site, Written, assigned, go_text
from codemod.fleet.pipelines import UnknownError, executed
from codemod.fleet.unify import Pattern, capture
from codemod.patterns import on_use

_ACTION = on_use(r"\{\{(.*?)\}\}", re.DOTALL)
_GO_ACTION = on_use(
    r"""(?:\s*\{\{-(?=\s)|\{\{)((?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!\}\})[^"`])*?)(?:(?<=\s)-\}\}\s*|\}\})""", re.DOTALL
)
_FIELD = on_use(r"\s*-?\s*\$?\.((?:\w+\.)*\w+)\s*-?\s*")
_NAME = on_use(r"[\w.\[\]-]+")
_INDEXED = on_use(r"\s*-?\s*index\s+\$?\.((?:\w+\.)*\w+)\s+\"([^\"]+)\"\s*-?\s*")
_CONTROL = on_use(r"\s*-?\s*(?:if|else|end|range|with|define|block|template|break|continue)\b|.*:=|/\*", re.DOTALL)
_ESCAPED = on_use(r"\{\{-?\s*`([^`]*)`\s*-?\}\}|\{\{-?\s*\"(\{\{|\}\})\"\s*-?\}\}")


class Expander(Struct, frozen=True, dict=True):
    """Parameters and the language of the templates.

    `complete`: what is not among the parameters does not exist. `absent` are parameters that other Applications of
    the ApplicationSet have and this one has not: no file says what they are.
    """

    params: Params
    go: bool = True
    complete: bool = False
    absent: frozenset[str] = frozenset()

    def text(self, template: str) -> str | None:
        """The template filled in, None where anything in it is unknown."""
        return expand(template, self.params, go=self.go, complete=self.complete)

    def origin(self, template: str) -> Site | None:
        """Where the text is written that a template is, if that is one parameter and nothing else."""
        action = (_GO_ACTION if self.go else _ACTION).fullmatch(template.strip())
        if action is None or (self.go and _FIELD.fullmatch(action[1]) is None):
            return None
        found: Any = self.params
        for key in name_of(action[1]).split(".") if self.go else (action[1].strip(),):
            found = found.get(key) if isinstance(found, dict) else None
        return found.site if isinstance(found, Written) else None

    def pattern(self, template: str) -> Pattern | None:
        """The template with what is known filled in and a capture for each other action; None for a control structure.

        The capture of a parameter has its name (`env`, `path.basename`), any other that of its whole action.
        """
        if "{{" not in template:
            return template
        whole = self.text(template)
        if whole is not None:
            return _GO_ACTION.sub(lambda match: capture(name_of(match[1])), whole)
        action = _GO_ACTION if self.go else _ACTION
        if self.go and any(_CONTROL.match(match[1]) for match in action.finditer(template)):
            return None
        return action.sub(self._piece, template)

    def bound(self, binding: Mapping[str, str]) -> Expander:
        """The same with parameters that captures were bound to; a capture of a whole action is none."""
        params = self.params
        for name, value in binding.items():
            if _NAME.fullmatch(name):
                params = assigned(params, name, value, go=self.go)
        return replace(self, params=params) if binding else self

    def _piece(self, match: re.Match[str]) -> str:
        known = self.text(match[0])
        if known is not None:
            return known
        name = name_of(match[1])
        if name in self.absent:
            return "<no value>" if self.go else match[0]
        return capture(name)


def expand(template: str, params: Mapping[str, Any], *, go: bool = True, complete: bool = True) -> str | None:
    """The template filled in, None where anything in it is unknown.

    `go` is the ApplicationSet's `goTemplate`. A parameter that is missing from `complete` ones is nil (`default`
    helps); from others it is unknown.
    """
    if "{{" not in template:
        return template
    try:
        if go:
            fields = [_FIELD.fullmatch(match[1]) for match in _GO_ACTION.finditer(template)]
            if not all(fields) or not fields:
                return executed(template, params, complete)
            return _GO_ACTION.sub(lambda match: _field(name_of(match[1]), params), template)
        return _ACTION.sub(lambda match: _looked_up(match[1].strip(), params), template)
    except UnknownError:
        return None


def name_of(action: str) -> str:
    """The parameter that an action is, else its own text: the name of its capture."""
    if field := _FIELD.fullmatch(action):
        return field[1]
    if indexed := _INDEXED.fullmatch(action):
        return f"{indexed[1]}.{indexed[2]}"
    return " ".join(action.strip().strip("-").split())


def unescaped(template: str) -> str:
    """What a Helm template's escapes render to: ``{{`{{ .env }}`}}`` and ``{{ "{{" }} .env {{ "}}" }}``."""
    return _ESCAPED.sub(lambda match: match[1] if match[1] is not None else match[2], template)


def _looked_up(key: str, params: Mapping[str, Any]) -> str:
    found = params.get(key)
    if not isinstance(found, str):
        raise UnknownError(key)
    return found


def _field(way: str, params: Mapping[str, Any]) -> str:
    here: Any = params
    for key in way.split("."):
        here = here.get(key) if isinstance(here, dict) else None
    if here is None:
        raise UnknownError(way)
    return go_text(here)
