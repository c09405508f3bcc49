"""Dated exceptions: those of the configuration and those in comments; which one excuses a place, and what of them rots.

A comment excuses the line that it stands on or, alone on its line, the next line that is no comment.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain, repeat

from codemod.config import Allowance, Config
from codemod.outcome import Excuse
from codemod.patterns import on_use
from codemod.source import Source
from codemod.wording import shortened

MARK = b"unfloat:"
_MARKS = (MARK,)
CONFIGURATION = ".unfloat.yaml"

_HASH, _SLASHES = rb"#", rb"//|/\*"
_LEADERS = {
    "yaml": rb"#|//|\{\{-?\s*/\*",
    "helm-template": rb"#|\{\{-?\s*/\*",
    "go": _SLASHES,
    "typescript": _SLASHES,
    "jsonnet": rb"#|//|/\*",
    "hcl": rb"#|//|/\*",
    "markdown": rb"<!--",
}
"""What begins a comment, by language; `#` in all others."""

_ALLOW = rb"\s*unfloat:\s*allow\b(?:\[([^\]\n]*)\])?([^\n]*)"
_FIELD = on_use(r"""(\w+)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+)""")
_FIELDS = ("until", "reason", "owner")
_END = on_use(r"-->|\*/|\}\}|(?:^|\s)(?:#|//)")
"""What ends a comment, or begins another one behind it."""
_CODE = on_use(r"[a-z]+(-[a-z]+)*|UF[0-9]{3}")
ANYTHING = frozenset({"*", "**", "**/*"})
"""Globs that let everything through, or say that they do."""


class Exceptions:
    """The exceptions of a tree on one day: those that the configuration lists, at `places`, then those in comments.

    `used` are the numbers of those that were of use, which grows with every answer.
    """

    def __init__(
        self,
        config: Config,
        today: datetime.date,
        comments: Iterable[Excuse] = (),
        places: Iterable[tuple[str, int]] = (),
        used: Iterable[int] = (),
    ) -> None:
        self.today, self.last = today, last_day(today, config)
        at = chain(places, repeat((CONFIGURATION, 1)))
        self.listed = [Excuse(*place, allowance) for place, allowance in zip(at, config.allow, strict=False)]
        self.comments = tuple(comments)
        self.used = set(used)
        self._near: dict[str, list[tuple[int, Excuse]]] = defaultdict(list)
        for number, excuse in enumerate(self.comments, len(self.listed)):
            self._near[excuse.path].append((number, excuse))

    def __bool__(self) -> bool:
        return bool(self.listed or self.comments)

    def has_comments(self, path: str) -> bool:
        """Whether a line has to be known to say what excuses a place of a file."""
        return path in self._near

    def excusing(self, path: str, line: int | None, image: str | None, codes: Collection[str]) -> Allowance | None:
        """The first exception that holds for any of the codes (reason codes or `UFnnn`) at a place.

        `image` is the normalised reference; a site without one is excused only by an image glob that matches anything.
        """
        near = ((number, excuse) for number, excuse in self._near.get(path, ()) if excuse.covers == line)
        for number, excuse in chain(near, enumerate(self.listed)):
            allowance = excuse.allowance
            if allowance is not None and allowance.expires >= self.today and allowance.fits(path, image, codes):
                self.used.add(number)
                return allowance
        return None

    def rotten(self, is_judged: Callable[[str], bool]) -> Iterator[tuple[Excuse, str, str]]:
        """What is wrong with exceptions: the code of the gate and why; ask once everything was excused.

        `is_judged` says whether all that a code (`*` for any) could excuse was looked for; an exception for another is
        never called useless.
        """
        for number, excuse in enumerate((*self.listed, *self.comments)):
            allowance = excuse.allowance
            if allowance is None:
                yield excuse, "UF013", excuse.fault
            elif allowance.expires < self.today:
                yield excuse, "UF007", f"expired on {allowance.expires}; mend what it excuses or agree on a new date"
            else:
                if number not in self.used and is_judged(allowance.code):
                    yield excuse, "UF008", "excuses nothing; remove it"
                yield from self._faults(excuse, allowance)

    def _faults(self, excuse: Excuse, allowance: Allowance) -> Iterator[tuple[Excuse, str, str]]:
        if excuse.covers is None and ANYTHING.issuperset((allowance.path, allowance.image)):
            yield excuse, "UF011", "covers every image of every file; name the files or the images that it is for"
        if allowance.expires > self.last:
            yield excuse, "UF012", f"holds until {allowance.expires}, longer than {self.last}; give it an earlier date"


def last_day(today: datetime.date, config: Config) -> datetime.date:
    """The last day on which an exception may hold that is written today; no calendar goes beyond the year 9999."""
    return datetime.date.fromordinal(min(today.toordinal() + config.exception_days, datetime.date.max.toordinal()))


def in_comments(source: Source) -> Iterable[Excuse]:
    """The exceptions in the comments of a file, those that cannot be understood included."""
    return _in_comments(source) if source.mentions(_MARKS) else ()


def _in_comments(source: Source) -> Iterator[Excuse]:
    leader = _LEADERS.get(source.language, _HASH)
    comment = re.compile(rb"(?:" + leader + rb")" + _ALLOW)
    lines = source.data.splitlines()
    for number, line in enumerate(lines, 1):
        found = comment.search(line) if MARK in line else None
        if found is not None:
            alone = not line[: found.start()].strip().lstrip(b"\xef\xbb\xbf")
            covered = _next(lines, number, leader) if alone else number
            codes, text = (part.decode("utf-8", "replace") for part in (found[1] or b"", found[2]))
            yield from _excuses(source.path, number, covered, codes, text)


def _next(lines: list[bytes], number: int, leader: bytes) -> int:
    """The next line that is neither blank nor a comment alone."""
    is_comment = re.compile(rb"\s*(?:(?:" + leader + rb").*)?$")
    after = (at for at in range(number + 1, len(lines) + 1) if not is_comment.match(lines[at - 1]))
    return next(after, number)


def _excuses(path: str, line: int, covered: int, codes: str, text: str) -> Iterator[Excuse]:
    """One for each code that a comment names; one with a fault where the comment cannot be understood."""
    fields = {name: _unquoted(value) for name, value in _FIELD.findall(text)}
    named = [code for code in re.split(r"[\s,]+", codes) if code]
    fault = _fault(named, fields) or _stray(text)
    if fault:
        yield Excuse(path, line, None, covered, fault)
        return
    for code in named:
        until = datetime.date.fromisoformat(fields["until"])
        allowance = Allowance(
            path="**", image="**", code=code, reason=fields["reason"], owner=fields["owner"], expires=until
        )
        yield Excuse(path, line, allowance, covered)


def _stray(text: str) -> str:
    """What is wrong with words that are in no field: a reason without quotes would lose all but its first word."""
    words = _END.split(_FIELD.sub("", text))[0].replace(",", " ").split()
    said = f"has `{shortened(words[0], 30)}` outside of its fields" if words else ""
    return said and f'{said}; put what has spaces into quotes, `reason="…"`, and give each exception a comment'


def _unquoted(value: str) -> str:
    if value[0] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value.strip("'")


def _fault(codes: list[str], fields: Mapping[str, str]) -> str:
    if not codes or not all(map(_CODE.fullmatch, codes)):
        return 'names no code; write `unfloat: allow[UF001] until=YYYY-MM-DD reason="…" owner=…`'
    missing = [name for name in _FIELDS if not fields.get(name, "").strip()]
    if missing:
        return f"lacks {' and '.join(f'`{name}=`' for name in missing)}; an exception needs its date, reason and owner"
    unknown = sorted(fields.keys() - set(_FIELDS))
    if unknown:
        return f"has `{unknown[0]}=`, which means nothing; it takes {', '.join(f'`{name}=`' for name in _FIELDS)}"
    if not _is_date(fields["until"]):
        return f"has no date: `until={fields['until']}`; write it as YYYY-MM-DD"
    return ""


def _is_date(text: str) -> bool:
    """Whether a text is a day in the one form that the configuration takes, too (Python reads weeks and `20270101`)."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
