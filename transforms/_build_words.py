"""The words of commands that build images: which name an argument, and where the Dockerfile is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from codemod.patterns import on_use
from codemod.program import Expression
from codemod.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_FLAG = "--build-arg"
_SCHEME = "docker://"
_ARGUMENT = on_use(rf"(?:{_FLAG}=)?[\"']?(\w+)=.*", re.DOTALL)
_FILE = on_use(r"(?:-f|--file)(?:=(.+))?")


def named(word: Node) -> str:
    """The name of the argument that a word hands to a build, empty where it hands none."""
    text, before = _text(word), word.prev_named_sibling
    if not text.startswith(f"{_FLAG}=") and (before is None or _text(before) != _FLAG):
        return ""
    match = _ARGUMENT.fullmatch(text.strip("\"'"))
    return match[1] if match is not None else ""


def without_flag(said: Expression) -> Expression:
    """What a word says behind `--build-arg=`."""
    return _behind(said, f"{_FLAG}=")


def without_scheme(said: Expression) -> Expression:
    """What a word says behind the `docker://` of skopeo."""
    return _behind(said, _SCHEME)


def _behind(said: Expression, prefix: str) -> Expression:
    first = said.parts[0] if said.parts else None
    if first is None or first.body is None or not (first.text or "").startswith(prefix):
        return said
    cut = len(prefix)
    body, text = Span(first.body.start + cut, first.body.end), (first.text or "")[cut:]
    return replace(
        said,
        span=Span(said.span.start + cut, said.span.end),
        text=said.text[cut:],
        parts=(replace(first, text=text, body=body), *said.parts[1:]),
    )


def command(words: list[str]) -> tuple[str, str | None]:
    """The context that a command builds from, and the file that it names, None where it names none."""
    file = None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        match = _FILE.fullmatch(word)
        file = (match[1] or following) if match is not None else file
    return (words[-1] if words else "."), file


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
