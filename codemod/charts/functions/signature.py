"""Check the arguments of a function as text/template does before it calls one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import Function, kind_of, type_of

_KINDS = {"str": "string", "int": "int", "float": "float64", "bool": "bool", "dict[str, object]": "map"}


def checked(functions: Mapping[str, Function]) -> dict[str, Function]:
    """The functions under their names, each with its arguments checked.

    The annotation of a parameter says what Go asks for (`object`: anything). A wrong number of arguments or a wrong
    type is a TemplateError.
    """
    return {name: _checked(name, function) for name, function in functions.items()}


def _checked(name: str, function: Function) -> Callable[..., object]:
    parameters = list(inspect.signature(function).parameters.values())
    many = parameters.pop() if parameters and parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL else None
    kinds = [_KINDS.get(parameter.annotation) for parameter in parameters]
    further = _KINDS.get(many.annotation) if many else None
    needed = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)

    def call(*args: object) -> object:
        if len(args) < needed or (many is None and len(args) > len(kinds)):
            raise TemplateError(f"wrong number of args for {name}: want {needed} got {len(args)}")
        wanted = kinds + [further] * (len(args) - len(kinds))
        return function(*(_argument(name, value, kind) for value, kind in zip(args, wanted, strict=False)))

    return call


def _argument(name: str, value: object, kind: str | None) -> object:
    if kind is None or kind_of(value) == kind:
        return value
    if kind == "map" and value is None:
        return {}
    raise TemplateError(f"error calling {name}: wrong type for value; expected {kind}; got {type_of(value)}")
