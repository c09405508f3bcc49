"""What templates spell themselves: texts in calls, in defines, and in the lines of helpers.

Apart from the transform, so that who has no templates loads no parser of templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import gotemplate
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Left, Rendering
from transforms._keys import candidate
from transforms._literals import is_computed, whole
from transforms._spelled import is_forced_tag
from transforms._whole import pin_edits

SURFACE = "helm-template"
_LINE = on_use(r"^[ \t]*(?:- )?(?:image|\w+Image):[ \t]+([\"']?)([^\s\"'{}#]+)\1[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_VERB = on_use(r"%[sv]")
_WORDS = on_use(r"[\s()|]+")
_COMPARING = frozenset(
    "eq ne contains hasPrefix hasSuffix has hasKey fail replace split splitList splitn trimAll trimPrefix trimSuffix "
    "regexFind regexFindAll regexMatch regexReplaceAll regexReplaceAllLiteral regexSplit".split()
)
_TAIL = on_use(r":([\w.-]+)")
_TAGGED = on_use(rb""":(?<=[^"`\s:]:)([%\w][\w.%-]*)(?=(?:@[^"`\n]*)?["`])""")
_BEHIND = on_use(rb"""\}\}\s*(?:[^\s{}"']+)?:[\w.-]+""")
_NAMED = on_use(rb"""mage:[ \t]+["']?[^\s"'{}]+:""")
_DEFAULT = on_use(rb"""default(?<!\wdefault)\s+["`]([\w.-]+)["`]""")
"""A text with a tag; a tag behind an action, or all that a define says; an image by its key; a tag by default."""


def spelled(source: Source, fleet: Fleet, *, is_helper: bool) -> Iterator[Fact]:
    """Every image that a template or a file of helpers spells, and every tag that it forces."""
    if not _may_spell(source.data, fleet):
        return
    for node in gotemplate.walk(gotemplate.parse(source.data).nodes):
        if isinstance(node, gotemplate.Define):
            yield from _define(source, node, fleet)
        elif isinstance(node, gotemplate.Text) and is_helper:
            yield from _lines(source, node, fleet)
        elif isinstance(node, gotemplate.Pipe):
            yield from _pipe(source, node, fleet)


def _may_spell(data: bytes, fleet: Fleet) -> bool:
    """Whether a template may spell an image; most do not, and are not parsed."""
    if _BEHIND.search(data) or _NAMED.search(data):
        return True
    floats = fleet.config.floats
    tags = (found[1].decode("utf-8", "replace") for found in _TAGGED.finditer(data))
    defaults = (found[1].decode() for found in _DEFAULT.finditer(data))
    return any("%" not in tag or floats(_VERB.sub("x", tag)) for tag in tags) or any(map(floats, defaults))


def _pipe(source: Source, pipe: gotemplate.Pipe, fleet: Fleet) -> Iterator[Fact]:
    context = _line(source, pipe)
    for command in pipe.commands:
        function = command.operands[0]
        for node in command.operands:
            if not isinstance(node, gotemplate.String):
                continue
            text, span = node.value, Span(node.start + 1, node.end - 1)
            verbs = _VERB.sub("x", text)
            compares = isinstance(function, gotemplate.Identifier) and function.name in _COMPARING
            if whole(text, context, fleet.config.floats) and compares:
                yield Left(span, SURFACE, "purpose-unknown", text)
            elif whole(text, context, fleet.config.floats):
                yield from _image(source, span, text, fleet)
            elif verbs != text and is_computed(text, verbs, context, "", fleet.config.floats):
                if fleet.config.floats(verbs.rpartition(":")[2]):
                    yield Left(span, SURFACE, "computed-reference", text)
            elif isinstance(function, gotemplate.Identifier) and function.name == "default" and "image:" not in context:
                names = tuple(_WORDS.split(source.text(pipe.span)))
                if is_forced_tag(text, names, fleet.config.floats):
                    yield Left(span, SURFACE, "computed-reference", text)


def _define(source: Source, define: gotemplate.Define, fleet: Fleet) -> Iterator[Fact]:
    """What a helper yields where that is a text, and a tag that it puts behind an action."""
    said = [node for node in define.body if not isinstance(node, gotemplate.Comment) and not _is_blank(node)]
    for before, node in zip([None, *said], said, strict=False):
        if not isinstance(node, gotemplate.Text):
            continue
        text = node.text.strip()
        tail = _TAIL.fullmatch(text)
        if len(said) == 1 and whole(text, define.name, fleet.config.floats):
            yield from _image(source, _place(node, text), text, fleet)
        elif before is not None and tail and "mage" in define.name and fleet.config.floats(tail[1]):
            yield Left(_place(node, text), SURFACE, "computed-reference", text)


def _lines(source: Source, node: gotemplate.Text, fleet: Fleet) -> Iterator[Fact]:
    for match in _LINE.finditer(node.text):
        if whole(match[2], "image", fleet.config.floats):
            start = node.text_start + len(node.text[: match.start(2)].encode())
            yield from _image(source, Span(start, start + len(match[2].encode())), match[2], fleet)


def _image(source: Source, span: Span, text: str, fleet: Fleet) -> Iterator[Image]:
    reference = candidate(text)
    if reference is not None:
        edits = pin_edits(source, span, text, fleet.config.floats)
        yield Image(span, SURFACE, text, (Rendering(reference),), edits)


def _place(node: gotemplate.Text, text: str) -> Span:
    start = node.text_start + len(node.text[: node.text.index(text)].encode())
    return Span(start, start + len(text.encode()))


def _is_blank(node: gotemplate.Node) -> bool:
    return isinstance(node, gotemplate.Text) and not node.text.strip()


def _line(source: Source, node: gotemplate.Node) -> str:
    start = source.data.rfind(b"\n", 0, node.start) + 1
    end = source.data.find(b"\n", node.end)
    return source.data[start : end if end >= 0 else len(source.data)].decode("utf-8", "replace")
