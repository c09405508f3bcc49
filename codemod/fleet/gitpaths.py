"""The paths of git generators: what a glob with captures matches.

Files are asked of `git ls-files` (a pathspec, in which `*` and `?` match the slash as well), directories are
tested with Go's `path.Match` (in which they do not, and `**` is `*`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemod.fleet.unify import Binding, Pattern, beginning, captures, pieces
from codemod.patterns import on_use

SEGMENT, ANY = "[^/]*", ".*"
"""What a star matches."""

_WILD = on_use(r"[*?\[\\]")
_GLOB = on_use(r"\*+|\?|\[[!^]?\]?[^\]]*\]|\\.|[^*?\[\\]+|.", re.DOTALL)


def matched(pattern: Pattern, among: Sequence[str], star: str) -> Iterator[tuple[str, Binding]]:
    """Of sorted paths those that a glob matches, with what its captures bind; a glob that is none matches nothing."""
    try:
        regex, names = _regex(pattern, star), captures(pattern)
    except re.error:
        return
    for path in beginning(_WILD.split(pieces(pattern)[0])[0], among):
        match = regex.fullmatch(path)
        if match is not None:
            yield path, dict(zip(names, match.groups(), strict=True))


def _regex(pattern: Pattern, star: str) -> re.Pattern[str]:
    """A glob as a regular expression in which captures are groups; a path without wildcards is all below it, too."""
    seen: dict[str, int] = {}
    text = ""
    for at, piece in enumerate(pieces(pattern)):
        if at % 2 == 0:
            text += "".join(_token(token, star) for token in _GLOB.findall(piece))
        elif piece in seen:
            text += f"(?P=c{seen[piece]})"
        else:
            seen[piece] = len(seen)
            text += f"(?P<c{seen[piece]}>[^/]+)"
    below = "(?:/.*)?" if star == ANY and not _WILD.search(pattern) else ""
    return re.compile(text + below, re.DOTALL)


def _token(token: str, star: str) -> str:
    if token[0] == "*":
        return star
    if token == "?":
        return star[:-1]
    if token[0] == "[" and len(token) > 2:
        body = token[1:-1].replace("\\", "\\\\").replace("[", "\\[").replace("&&", "&\\&")
        return f"[^{body[1:]}]" if body[0] in "!^" else f"[{body}]"
    return re.escape(token[1:] if token[0] == "\\" and len(token) > 1 else token)
