"""Path globs as users write them.

`*` and `?` stay within one folder, `**` spans folders (`**/x` also matches `x` at the root), `[a-z]` and `[!a-z]` are
sets, `{a,b}` is a choice and may nest, a backslash takes the meaning from the character after it. A glob must match
the whole text; names that begin with a dot are like any other. For whole-component `**` this is `glob.translate` of
Python 3.13 with `recursive=True, include_hidden=True`; braces are expanded first, as in Bash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from codemod.patterns import on_use

CHOICES_MAX = 256
_SPECIAL = "*?[]{},!^-\\"
_TOKEN = on_use(r"\\.?|\*{2,}|[*?/{},]|\[[!^]?+(?:\]|\\.|[^\]\\])(?:\\.|[^\]\\])*\]|\[|[^*?/{},\[\\]+", re.DOTALL)
_NOTHING, _NOTHING_RE2 = r"[^\x00-\U0010ffff]", r"[^\x00-\x{10FFFF}]"
_SIGN, _SURROGATE = on_use(r"[][*?{}\\]"), on_use(r"[\ud800-\udfff]")
_FOLDERS = "(?:.*/)?"
_MEMBER = on_use(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", re.DOTALL)


def matches(text: str, globs: tuple[str, ...]) -> bool:
    """Whether the whole text (a POSIX path, a tag, an image name) matches any of the globs."""
    return bool(globs) and _union(globs).fullmatch(text) is not None


def literally(text: str) -> str:
    """A glob that matches one text alone; what no file can spell (a name that is no UTF-8) is any character."""
    return _SURROGATE.sub("?", _SIGN.sub(r"\\\g<0>", text))


@lru_cache(maxsize=4096)
def pattern(glob: str) -> re.Pattern[str]:
    """The regular expression that a glob means; raises `ValueError` that says what is wrong with the glob."""
    return re.compile(_regex(glob), re.DOTALL)


def re2(glob: str) -> str:
    """The same for engines without lookaround (RE2, Go, CEL): to be put into a group, and that between `^` and `$`."""
    return _regex(glob).replace(_NOTHING, _NOTHING_RE2)


@lru_cache(maxsize=512)
def _union(globs: tuple[str, ...]) -> re.Pattern[str]:
    choices = [choice for glob in globs for choice in _choices(glob)]
    anywhere = [choice.removeprefix(_FOLDERS) for choice in choices if choice.startswith(_FOLDERS)]
    rooted = [choice for choice in choices if not choice.startswith(_FOLDERS)]
    return re.compile("|".join([*rooted, f"{_FOLDERS}(?:{'|'.join(anywhere)})"] if anywhere else rooted), re.DOTALL)


def _regex(glob: str) -> str:
    return "|".join(_choices(glob))


def _choices(glob: str) -> list[str]:
    if glob.count("{") > CHOICES_MAX:
        raise ValueError(f"it spells more than {CHOICES_MAX} choices")
    return [_translate(tokens) for tokens in _expand(iter(_TOKEN.findall(glob)), nested=False)]


def _expand(tokens: Iterator[str], *, nested: bool) -> list[list[str]]:
    """Every way to choose from the braces: one list of tokens each."""
    done: list[list[str]] = []
    grown: list[list[str]] = [[]]
    for token in tokens:
        if token == "{":
            inner = _expand(tokens, nested=True)
            if len(grown) * len(inner) > CHOICES_MAX:
                raise ValueError(f"it spells more than {CHOICES_MAX} choices")
            grown = [[*head, *tail] for head in grown for tail in inner]
        elif token == "}":
            if not nested:
                raise ValueError("`}` has no `{` before it")
            return done + grown
        elif token == "," and nested:
            done += grown
            grown = [[]]
        else:
            for head in grown:
                head.append(token)
    if nested:
        raise ValueError("`{` has no `}` after it")
    return grown


def _translate(tokens: list[str]) -> str:
    """The regular expression of one choice; two stars with a slash on both sides also mean no folder at all."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        follows_slash = at == 0 or tokens[at - 1] == "/"
        if token.startswith("**") and follows_slash and tokens[at + 1 : at + 2] == ["/"]:
            if out[-1:] != [_FOLDERS]:
                out.append(_FOLDERS)
            at += 1
        else:
            out.append(_piece(token))
        at += 1
    return "".join(out)


def _piece(token: str) -> str:
    """The regular expression of one token."""
    if token.startswith("**"):
        return ".*"
    if token == "*":
        return "[^/]*"
    if token == "?":
        return "[^/]"
    if token == "[":
        raise ValueError("`[` has no `]` after it")
    if token.startswith("["):
        return _set(token[1:-1])
    return re.escape(_unescape(token) if token.startswith("\\") else token)


def _set(body: str) -> str:
    """A set of characters; no set holds the slash."""
    negated = body[0] in "!^"
    members = []
    for low, high in _MEMBER.findall(body[1:] if negated else body):
        first, last = _unescape(low), _unescape(high or low)
        if first > last:
            raise ValueError(f"the range `{first}-{last}` is empty")
        members += [one if one == other else f"{one}-{other}" for one, other in _without_slash(first, last)]
    if not members and not negated:
        return _NOTHING
    return f"[^/{''.join(members)}]" if negated else f"[{''.join(members)}]"


def _without_slash(first: str, last: str) -> Iterator[tuple[str, str]]:
    """The ranges that are left of one where the slash is taken out of it, escaped."""
    parts = ((first, min(last, chr(ord("/") - 1))), (max(first, chr(ord("/") + 1)), last))
    whole = ((first, last),)
    for low, high in parts if first <= "/" <= last else whole:
        if low <= high:
            yield re.escape(low), re.escape(high)


def _unescape(text: str) -> str:
    if not text.startswith("\\"):
        return text
    if len(text) == 1 or text[1] not in _SPECIAL:
        raise ValueError(f"a backslash goes before one of {_SPECIAL} only, folders are parted by `/`")
    return text[1]
