"""Semantic versions and constraints, as Masterminds/semver v3 reads and compares them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from msgspec import Struct

from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import Function, Int64, Stringer
from codemod.patterns import on_use

_SUFFIX = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?P<metadata>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
_VERSION = on_use(r"v?(?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.(?P<patch>\d+))?" + _SUFFIX, re.ASCII)
_PART = r"[0-9|xX*]+"
_LIMIT = rf"v?(?P<major>{_PART})(?:\.(?P<minor>{_PART}))?(?:\.(?P<patch>{_PART}))?{_SUFFIX}"
_PLAIN_LIMIT = re.sub(r"\?P<\w+>", "?:", _LIMIT)
_OPERATOR = r"(?P<operator>!=|>=|=>|<=|=<|~>|=|>|<|~|\^|)"
_CLAUSE = on_use(rf"{_OPERATOR}\s*{_LIMIT}", re.ASCII)
_PLAIN_CLAUSE = re.sub(r"\?P<\w+>", "?:", _CLAUSE.pattern)
_CLAUSES = on_use(rf"\s*{_PLAIN_CLAUSE}\s*(?:(?:\s+|,\s*){_PLAIN_CLAUSE}\s*)*", re.ASCII)
_RANGE = on_use(rf"\s*({_PLAIN_LIMIT})\s+-\s+({_PLAIN_LIMIT})\s*", re.ASCII)
_DIGITS = 19
_ANY = ("x", "X", "*")


class Version(Struct, frozen=True):
    """A version; numbers that are not written are zero."""

    major: int
    minor: int
    patch: int
    pre: str = ""
    metadata: str = ""
    original: str = ""

    def __str__(self) -> str:
        """The version with all three numbers and without a `v`."""
        pre, metadata = f"-{self.pre}" if self.pre else "", f"+{self.metadata}" if self.metadata else ""
        return f"{self.major}.{self.minor}.{self.patch}{pre}{metadata}"

    @property
    def order(self) -> tuple[object, ...]:
        """What versions are sorted by: numbers, then the release after its prereleases; metadata does not count."""
        parts = tuple(
            (0, int(part), "") if part.isdigit() and len(part) <= _DIGITS else (1, 0, part)
            for part in self.pre.split(".")
        )
        return self.numbers, not self.pre, parts

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Major, minor and patch."""
        return self.major, self.minor, self.patch


class Clause(Struct, frozen=True):
    """One comparison: `version` has zeros for the numbers that are open, `given` of them are written (0 to 3)."""

    operator: str
    version: Version
    given: int


def parse(text: str) -> Version:
    """The version that the text is; `v1`, `1.2` are versions as well. A TemplateError if it is none."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise TemplateError(f"semver: invalid semantic version: {text}")
    major, minor, patch = (_number(found[name] or "0") for name in ("major", "minor", "patch"))
    pre = found["pre"] or ""
    if any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in pre.split(".")):
        raise TemplateError(f"semver: version segment starts with 0: {text}")
    return Version(major, minor, patch, pre, found["metadata"] or "", text)


def _number(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise TemplateError("semver: version segment out of range")
    return int(digits)


def semver(text: str) -> Stringer:
    """The version as a value with the fields Major, Minor, Patch, Prerelease, Metadata and Original."""
    found = parse(text)
    numbers = {"Major": Int64(found.major), "Minor": Int64(found.minor), "Patch": Int64(found.patch)}
    texts = {"Prerelease": found.pre, "Metadata": found.metadata, "Original": found.original, "String": str(found)}
    return Stringer(str(found), {**numbers, **texts})


def semver_compare(constraint: str, version: str) -> bool:
    """Whether the version fulfils the constraint; a TemplateError if either cannot be read."""
    alternatives, here = _alternatives(constraint), parse(version)
    return any(_fulfils(here, clauses) for clauses in alternatives)


def _fulfils(here: Version, clauses: tuple[Clause, ...]) -> bool:
    """A prerelease fulfils only what names a prerelease itself."""
    if here.pre and not any(clause.version.pre for clause in clauses):
        return False
    return all(_CHECKS[clause.operator](here, clause) for clause in clauses)


@cache
def _alternatives(constraint: str) -> tuple[tuple[Clause, ...], ...]:
    text = _RANGE.sub(r">= \1, <= \2 ", constraint)
    return tuple(_clauses(part) for part in text.split("||"))


def _clauses(text: str) -> tuple[Clause, ...]:
    if not _CLAUSES.fullmatch(text):
        raise TemplateError(f"semverCompare: improper constraint: {text}")
    return tuple(map(_clause, _CLAUSE.finditer(text)))


def _clause(found: re.Match[str]) -> Clause:
    given = 0
    for name in ("major", "minor", "patch"):
        if found[name] in (None, *_ANY):
            break
        given += 1
    numbers = [found[name] if at < given else "0" for at, name in enumerate(("major", "minor", "patch"))]
    pre = f"-{found['pre']}" if found["pre"] else ""
    return Clause(found["operator"], parse(".".join(numbers) + pre), given)


def _is_equal(here: Version, clause: Clause) -> bool:
    return here.order == clause.version.order if clause.given == 3 else _is_near(here, clause)


def _is_other(here: Version, clause: Clause) -> bool:
    if clause.given in (0, 3):
        return here.order != clause.version.order
    if here.numbers[: clause.given] != clause.version.numbers[: clause.given]:
        return True
    return clause.given == 2 and here.pre != clause.version.pre


def _is_greater(here: Version, clause: Clause) -> bool:
    if clause.given in (0, 3):
        return here.order > clause.version.order
    return here.numbers[: clause.given] > clause.version.numbers[: clause.given]


def _is_less(here: Version, clause: Clause) -> bool:
    return here.order < clause.version.order


def _is_at_least(here: Version, clause: Clause) -> bool:
    return here.order >= clause.version.order


def _is_at_most(here: Version, clause: Clause) -> bool:
    if clause.given == 3:
        return here.order <= clause.version.order
    given = clause.given or 2
    return here.numbers[:given] <= clause.version.numbers[:given]


def _is_near(here: Version, clause: Clause) -> bool:
    """`~`: the last number that is written may grow, but only the patch of three."""
    if _is_less(here, clause):
        return False
    if clause.version.numbers == (0, 0, 0) and clause.given in (0, 3):
        return True
    given = 1 if clause.given == 1 else 2
    return here.numbers[:given] == clause.version.numbers[:given]


def _is_compatible(here: Version, clause: Clause) -> bool:
    """`^`: the first number that is not zero stays, or the last one that is written."""
    if _is_less(here, clause):
        return False
    wanted = clause.version.numbers
    leading = next((at for at, number in enumerate(wanted) if number), 2)
    fixed = 1 + (leading if clause.given in (0, 3) else min(leading, clause.given - 1))
    return here.numbers[:fixed] == wanted[:fixed]


_CHECKS: dict[str, Callable[[Version, Clause], bool]] = {
    "": _is_equal, "=": _is_equal, "!=": _is_other, ">": _is_greater, "<": _is_less, ">=": _is_at_least,
    "=>": _is_at_least, "<=": _is_at_most, "=<": _is_at_most, "~": _is_near, "~>": _is_near, "^": _is_compatible,
}  # fmt: skip
FUNCTIONS: dict[str, Function] = {"semver": semver, "semverCompare": semver_compare}
