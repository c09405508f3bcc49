"""What a literal is or holds beside a reference: a tag, the option that it sets, the places that a program fills."""

from __future__ import annotations

import re
from collections.abc import Callable

from codemod.patterns import on_use

_PLACEHOLDER = on_use(r"\{\{[^{}]*\}\}|\$\{\w+\}|\$\w+")
_OPTION = on_use(r"(--?[\w.-]+|[A-Z][A-Z0-9_]+|[\w*-]+)=")

_IS_TAG = on_use(
    r"(?:^|[.$])(?!(?i:git|struct|build|html|xml|json|yaml|npm|dist)_?[tT])[\w-]*(?:[tT]ag|TAG)$", re.ASCII
)


def is_forced_tag(text: str, names: tuple[str, ...], floats: Callable[[str | None], bool]) -> bool:
    """Whether a literal is a floating tag that the program sets, or insists on, for images."""
    return floats(text) and any(_IS_TAG.search(name.strip("\"'`&*")) is not None for name in names)


def option_of(text: str) -> int:
    """The length of what sets an option or a variable before a value: `--image=`, `IMAGE=`."""
    option = _OPTION.match(text)
    return 0 if option is None else option.end()


def purpose(around: str, option: str) -> str:
    """What tells what a value is for: a flag says so by itself (`--config=env:NAME`), whatever takes the argument."""
    return option if option.startswith("-") else f"{around} {option}"


def without_placeholders(text: str) -> str:
    """The text with the letter `x` in place of template actions and variables (`{{ .Name }}`, `${NAME}`, `$NAME`)."""
    return _PLACEHOLDER.sub("x", text)
