"""Names to which a program gives a reference, to go on with it elsewhere: `Image + "-debug"` is none with a digest."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codemod.patterns import on_use
from codemod.source import Source, Span

_NEAR = 120
_GIVEN = on_use(
    rb"(?:\b(?P<name>[A-Za-z_]\w*)(?:[ \t]+string|[ \t]*:[ \t]*[\w.]+)?[ \t]*:?=[ \t]*\(?[a-zA-Z]?[\"'`]?"
    rb"|\$\{(?P<default>\w+):?[-=])$"
)
_GOES_ON = rb"(?:\w|[.:@/-][\w{$%\"'`])"
_USES = (
    rb"\bNAME[ \t]*\+=?[ \t\r\n]*(?:[fF]?[\"'`]" + _GOES_ON + rb"|[A-Za-z_(])",
    rb"\{NAME\}" + _GOES_ON,
    rb"\$NAME[.:@/-][\w{$]",
)


def extension(source: Source, span: Span, texts: Iterable[Source]) -> str | None:
    """The name that is given the text at `span` and that any of `texts` then puts something behind."""
    given = _GIVEN.search(source.data, max(span.start - _NEAR, 0), span.start)
    if given is None:
        return None
    name = given["name"] or given["default"]
    uses = re.compile(b"|".join(_USES).replace(b"NAME", name))
    return name.decode() if any(name in text.data and uses.search(text.data) for text in texts) else None
