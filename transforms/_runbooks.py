"""What pages tell people to do: restart pods, so that they pull a tag that has moved."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats import markdown, pages
from codemod.patterns import on_use
from codemod.source import Source, Span
from transforms._literals import Floats

LANGUAGES = (markdown.LANGUAGE, pages.RST, pages.ASCIIDOC)
_HISTORY = on_use(r"(?i)(?:.*/)?(?:change(?:s|log)|history|news|releases?(?:[-_]?notes)?)\b[^/]*")
_RESTART = on_use(rb"(?i)\b(?:rollout[ \t]+restart|restart(?:s|ed|ing)?)\b")
_WORKLOAD = on_use(rb"(?i)\b(?:pods?|deploy(?:ment)?s?|statefulsets?|daemonsets?|workloads?|rollout)\b")
_PULL = on_use(
    rb"(?i)\b(?:re-?)?(?:pull|fetch|pick)(?:s|ed|ing)?\b|\broll(?:s|ed|ing)?[ \t]+out\b|\bnew(?:est)?\b|\bupdate"
)
_TAG = on_use(rb"(?:(?<=[`\"'*(\s])|(?<=[\w-]))[`\"'*]{0,2}:([a-z][\w.-]*)[`\"'*]{0,2}(?=[\s.,;:!?)`\"'*]|\Z)")
_LINE = on_use(rb"[^\n]*\S[^\n]*")
_BESIDE, _BEFORE = 1, 4
"""So many lines around advice may name the tag, and so many before a command."""


def restarts(source: Source, floats: Floats) -> Iterator[tuple[Span, str]]:
    """Each advice of a page to restart pods for a tag: the line that says so, and the tag."""
    if _HISTORY.fullmatch(source.path):
        return
    lines = [Span(*match.span()) for match in _LINE.finditer(source.data)]
    last = -_BEFORE
    for number, line in enumerate(lines):
        found = _RESTART.search(source.data, *line)
        if found is None or number - last < _BEFORE:
            continue
        is_command = found[0].lower().startswith(b"rollout")
        first = lines[max(number - (_BEFORE if is_command else _BESIDE), 0)]
        around = source.data[first.start : lines[min(number + _BESIDE, len(lines) - 1)].end]
        tag = _floating(around, floats)
        if tag is not None and _WORKLOAD.search(around) and _PULL.search(around):
            text = source.data[line.start : line.end]
            start = line.start + len(text) - len(text.lstrip(b" \t>*-"))
            yield Span(start, line.start + len(text.rstrip())), tag
            last = number


def _floating(text: bytes, floats: Floats) -> str | None:
    tags = (tag.decode("utf-8", "replace").rstrip(".") for tag in _TAG.findall(text))
    return next((tag for tag in tags if floats(tag)), None)
