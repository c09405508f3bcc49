"""Images that the scripts of CI jobs run or pull: read for the report, never edited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from codemod.fleet import Fleet
from codemod.formats import shell, yaml
from codemod.patterns import on_use
from codemod.program import Expression
from codemod.source import Source, Span
from codemod.transform import Image, Left
from transforms._helm_sets import is_set, settings, tag_set
from transforms._programs import fact, may_matter

KEYS = frozenset("run script before_script after_script commands".split())
_EXPRESSION = on_use(rb"\$\{\{.*?\}\}", re.DOTALL)
_PULLS = on_use(rb"\b(?:docker|podman|nerdctl|kubectl|helm|oc|crane|skopeo|[A-Z_]*IMAGE[A-Z_]*=)\b")
_SEPARATOR = on_use(rb"[=,]")
_ROLES = (shell.Role.IMAGE, shell.Role.OPTION, shell.Role.VALUE)


def scripts(node: yaml.Node | None) -> Iterator[yaml.Scalar]:
    """The scripts that a value holds: a text, or a list of them."""
    for item in node.items if isinstance(node, yaml.Sequence) else (node,):
        if isinstance(item, yaml.Scalar):
            yield item


def masked(text: Source) -> Source:
    """The text with a variable of the shell in place of each expression that the CI fills in before."""
    text.data = _EXPRESSION.sub(_variable, text.data)
    return text


def floating(document: yaml.Document, script: yaml.Scalar, surface: str, fleet: Fleet) -> Iterator[Left | Image]:
    """The floating images that a script names where it runs or pulls them, and the tags that it hands to Helm."""
    may_name = ":" in script.value or "--set" in script.value
    text = yaml.nested(document, script, shell.LANGUAGE.name) if may_name else None
    if text is None or not _PULLS.search(text.data):
        return
    masked(text)
    floats = fleet.config.floats
    variables = shell.Variables(text)
    for word in shell.words(text):
        data, role = text.data[word.start_byte : word.end_byte], shell.role(word)
        span = Span(word.start_byte, word.end_byte)
        pieces = _SEPARATOR.split(data.strip(b"\"'"))
        if role in _ROLES and b"\n" not in data and any(may_matter(text, span, piece, floats) for piece in pieces):
            said = shell.expression(text, word, variables)
            if is_set(said):
                yield from _set(text, surface, said, shell.command_of(word), fleet)
            else:
                yield from _named(text, fact(text, surface, said, floats), fleet)


def _set(text: Source, surface: str, said: Expression, command: Sequence[str], fleet: Fleet) -> Iterator[Image]:
    for setting in settings(said):
        stated = tag_set(text, surface, setting, command, fleet)
        if stated is not None:
            yield replace(stated, span=text.outward(stated.span))


def _named(text: Source, stated: object, fleet: Fleet) -> Iterator[Left]:
    reference = stated.renders[0].reference if isinstance(stated, Image) else None
    if reference is None or reference.digest is not None or not fleet.config.floats(reference.tag):
        return
    assert isinstance(stated, Image)
    yield Left(text.outward(stated.span), stated.surface, "run-text", stated.text)


def _variable(expression: re.Match[bytes]) -> bytes:
    """A variable as long as the expression."""
    return b"${" + b"_" * (len(expression[0]) - 3) + b"}"
