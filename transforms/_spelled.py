"""What a literal holds beside a reference: the option that it sets, and the places that the program fills."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}|\$\{\w+\}|\$\w+")
_OPTION = re.compile(r"(--?[\w.-]+|[A-Z][A-Z0-9_]+|[\w*-]+)=")


def option_of(text: str) -> int:
    """The length of what sets an option or a variable before a value: `--image=`, `IMAGE=`."""
    option = _OPTION.match(text)
    return 0 if option is None else option.end()


def without_placeholders(text: str) -> str:
    """The text with the letter `x` in place of template actions and variables (`{{ .Name }}`, `${NAME}`, `$NAME`)."""
    return _PLACEHOLDER.sub("x", text)
