"""What Helm reads a YAML scalar as (`codemod.charts.functions.scalars` has the rules for plain ones)."""

from __future__ import annotations

from codemod.charts.functions.scalars import key_text, read_text
from codemod.formats import yaml

__all__ = ["Plain", "key_text", "read_scalar"]

Plain = None | bool | float | int | str | list["Plain"] | dict[str, "Plain"]
"""A value as templates see it."""

_STRING_TAGS = ("tag:yaml.org,2002:str", "!")


def read_scalar(scalar: yaml.Scalar) -> Plain:
    """The value of a scalar; quoted ones and those tagged `!!str` are text."""
    if scalar.tag in _STRING_TAGS or (scalar.style and scalar.tag is None):
        return scalar.value
    return read_text(scalar.value)
