"""Images that the scripts of CI jobs run or pull: read for the report, never edited."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import shell, yaml
from codemod.source import Source, Span
from codemod.transform import Image, Left
from transforms._programs import fact, may_matter

KEYS = frozenset("run script before_script after_script commands".split())
_EXPRESSION = re.compile(rb"\$\{\{.*?\}\}", re.DOTALL)
_PULLS = re.compile(rb"\b(?:docker|podman|nerdctl|kubectl|oc|crane|skopeo|[A-Z_]*IMAGE[A-Z_]*=)\b")
_ROLES = (shell.Role.IMAGE, shell.Role.OPTION, shell.Role.VALUE)


def scripts(node: yaml.Node | None) -> Iterator[yaml.Scalar]:
    """The scripts that a value holds: a text, or a list of them."""
    for item in node.items if isinstance(node, yaml.Sequence) else (node,):
        if isinstance(item, yaml.Scalar):
            yield item


def floating(document: yaml.Document, script: yaml.Scalar, surface: str, fleet: Fleet) -> Iterator[Left]:
    """The floating images that a script names where it runs or pulls them."""
    text = yaml.nested(document, script, shell.LANGUAGE.name) if ":" in script.value else None
    if text is None or not _PULLS.search(text.data):
        return
    text.data = _EXPRESSION.sub(_variable, text.data)
    floats = fleet.config.floats
    variables = shell.Variables(text)
    for word in shell.words(text):
        data, role = text.data[word.start_byte : word.end_byte], shell.role(word)
        span = Span(word.start_byte, word.end_byte)
        if role in _ROLES and b"\n" not in data and may_matter(text, span, data.strip(b"\"'"), floats):
            yield from _named(text, fact(text, surface, shell.expression(text, word, variables), floats), fleet)


def _named(text: Source, stated: object, fleet: Fleet) -> Iterator[Left]:
    reference = stated.renders[0].reference if isinstance(stated, Image) else None
    if reference is None or reference.digest is not None or not fleet.config.floats(reference.tag):
        return
    assert isinstance(stated, Image)
    yield Left(text.outward(stated.span), stated.surface, "run-text", stated.text)


def _variable(expression: re.Match[bytes]) -> bytes:
    """A variable of the shell, as long as the expression that the CI fills in before the shell reads it."""
    return b"${" + b"_" * (len(expression[0]) - 3) + b"}"
