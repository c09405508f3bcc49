"""Templates that are edited: files of charts, and strings in values that charts execute (`tpl`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from codemod.charts.aware import ImageExpression
from codemod.charts.forms import DIGEST
from codemod.edits import Edit, apply
from codemod.fleet.scalars import Plain
from codemod.transform import View


class Mending(Struct):
    """The edits of one template, in the form of its contract, and the images, as releases see them, that need it."""

    contract: str = DIGEST
    expressions: dict[ImageExpression, None] = field(default_factory=dict)
    serves: dict[View, None] = field(default_factory=dict)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits, in the order of the text."""
        found = [edit for expression in self.expressions for edit in expression.edits]
        return tuple(sorted(found, key=lambda edit: edit.start))

    def carried_out(self, text: bytes) -> bytes:
        """The template as it will be."""
        return apply(text, self.edits)


class Template(NamedTuple):
    """A file of a chart, by its path, or a text in the values, by what it says."""

    path: str
    text: bytes


def texts_of(mendings: Mapping[Template, Mending]) -> dict[str, str]:
    """Texts in values, before and after."""
    found = ((template, mending) for template, mending in mendings.items() if not template.path)
    return {template.text.decode(): mending.carried_out(template.text).decode() for template, mending in found}


def strings_in(value: Plain) -> Iterator[str]:
    """The texts in some values that may be templates."""
    if isinstance(value, str):
        if "{{" in value:
            yield value
    elif isinstance(value, (dict, list)):
        for below in value.values() if isinstance(value, dict) else value:
            yield from strings_in(below)


def replaced(values: Mapping[str, Plain], texts: Mapping[str, str]) -> dict[str, Plain]:
    """Values with other texts in the place of some."""
    return {key: _replaced_in(value, texts) for key, value in values.items()}


def _replaced_in(value: Plain, texts: Mapping[str, str]) -> Plain:
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, list):
        return [_replaced_in(below, texts) for below in value]
    return replaced(value, texts) if isinstance(value, dict) else value
