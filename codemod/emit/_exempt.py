"""The dated exceptions of the gate as exemptions of an admission policy, never wider than they are.

An exception for an image anywhere in the tree (`path: "**"`) is carried over as the glob that it is. Any other one is
about files, of which a cluster knows nothing. It becomes the very images that the inventory shows at the places that it
covers, in the namespaces in which those files are rendered; an image that such a namespace also shows at a place that
is not covered is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codemod.config import Allowance, Config
from codemod.emit._cel import CODES, Exemption, of_glob
from codemod.emit._target import Remark
from codemod.exceptions import ANYTHING, Exceptions
from codemod.fleet.namespaces import Namespaces
from codemod.outcome import FLOATING, READABLE, TAG_ONLY, ImageEntry, LeftAlone, Plan
from codemod.wording import shortened

_ALLOWED, _NO_PODS = "allowlisted", frozenset({"docs", "built-here"})


class Shown(NamedTuple):
    """An image that breaks a rule of the policy in some namespaces, where it stands, and who excuses it until when."""

    entry: ImageEntry
    code: str
    namespaces: frozenset[str]
    note: str

    @property
    def image(self) -> str:
        """The normalised reference."""
        return str(self.entry.reference)

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.entry.site.path}:{self.entry.site.line}"

    def is_denied(self, config: Config) -> bool:
        """Whether a strict release renders it, or it is no value and stands in what the namespaces run."""
        site = self.entry.site
        if site.stack is None:
            return bool(self.namespaces) and site.surface != "helm-values"
        return bool(self.namespaces) and config.policy(site.environment, site.path).no_digest


class Exempted(NamedTuple):
    """The exemptions, what is to be said of exceptions that are left out, and the images that would be denied."""

    exemptions: tuple[Exemption, ...]
    remarks: tuple[Remark, ...]
    denied: tuple[Shown, ...]


def exempted(
    plan: Plan, exceptions: Exceptions, config: Config, namespaces: Namespaces, strict: frozenset[str]
) -> Exempted:
    """What the exceptions of a tree let through in the `strict` namespaces."""
    everywhere, remarks = _everywhere(exceptions)
    shown = tuple(_shown(plan, exceptions, config, namespaces, strict))
    uncovered = {
        (where, one.image) for one in shown if not (one.note or one.entry.vendored) for where in one.namespaces
    }
    exact: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    nowhere, shared = [], []
    for one in (one for one in shown if one.note):
        where = {namespace for namespace in one.namespaces if (namespace, one.image) not in uncovered}
        exact[one.note, one.code, one.image.partition("@")[0]] |= where
        if not one.namespaces:
            nowhere.append(one)
        elif where != one.namespaces:
            shared.append(one)
    remarks += _remarks("Left out, exceptions for files whose namespace nothing says", nowhere)
    remarks += _remarks("Left out, exceptions for images that run in the same namespace for others, too", shared)
    denied = tuple(one for one in shown if one.is_denied(config) and (not one.note or one in shared))
    return Exempted((*everywhere, *_merged(exact, everywhere)), tuple(remarks), denied)


def _remarks(text: str, found: Sequence[Shown]) -> list[Remark]:
    return [Remark(text, tuple(dict.fromkeys(f"{one.place} ({one.image})" for one in found)))] if found else []


def _everywhere(exceptions: Exceptions) -> tuple[list[Exemption], list[Remark]]:
    """The exceptions that name an image alone, and remarks on those that are past their day or name not even that."""
    found: list[Exemption] = []
    expired: list[str] = []
    boundless: list[str] = []
    for excuse in exceptions.listed:
        allowance = excuse.allowance
        codes = _codes(allowance) if allowance is not None else ()
        if allowance is None or not codes:
            continue
        place = f"{excuse.path}:{excuse.line}"
        if allowance.expires < exceptions.today:
            expired.append(f"{place} ({allowance.expires})")
        elif allowance.path in ANYTHING and allowance.image in ANYTHING:
            boundless.append(place)
        elif allowance.path in ANYTHING:
            found.append(Exemption(_note(allowance), codes, matching=(of_glob(allowance.image),)))
    remarks = [
        *([Remark("Left out, exceptions past their last day", tuple(expired))] if expired else ()),
        *([Remark("Left out, exceptions for every image of every file", tuple(boundless))] if boundless else ()),
    ]
    return found, remarks


def _codes(allowance: Allowance) -> tuple[str, ...]:
    """The rules that an exception suspends wherever its image stands; none for those about reasons or other things."""
    return CODES if allowance.code == "*" else tuple(code for code in CODES if code == allowance.code)


def _shown(
    plan: Plan, exceptions: Exceptions, config: Config, namespaces: Namespaces, strict: frozenset[str]
) -> Iterator[Shown]:
    allowed = {_place(left): left for left in plan.left if left.code == _ALLOWED}
    for entry in plan.images:
        code = _breaks(entry, config)
        if code is None:
            continue
        reading = namespaces.reading(entry.site.path)
        is_lost = not reading and config.policy(entry.site.environment, entry.site.path).no_digest
        if reading & strict or is_lost:
            note = _excuse(entry, code, exceptions, allowed)
            if note or not is_lost:
                yield Shown(entry, code, reading & strict, note)


def _breaks(entry: ImageEntry, config: Config) -> str | None:
    """The rule of the policy that an image breaks."""
    if entry.reference is None or entry.reason in _NO_PODS:
        return None
    if entry.status == READABLE and config.floats(entry.reference.tag):
        return "UF003"
    return {FLOATING: "UF001", TAG_ONLY: "UF002"}.get(entry.status)


def _excuse(
    entry: ImageEntry, code: str, exceptions: Exceptions, allowed: Mapping[tuple[str, int, int], LeftAlone]
) -> str:
    """Who excuses a place, until when and why; empty where nobody does."""
    codes = {code, *((entry.reason,) if entry.reason else ()), *(("UF014",) if entry.drops else ())}
    found = exceptions.excusing(entry.site.path, entry.site.line, str(entry.reference), codes)
    if found is not None:
        return _note(found)
    left = allowed.get(_place(entry))
    return _said(left.owner or "", left.expires or "", left.allowed_because or "") if left is not None else ""


def _place(one: ImageEntry | LeftAlone) -> tuple[str, int, int]:
    return one.site.path, one.site.line, one.site.column


def _note(allowance: Allowance) -> str:
    return _said(allowance.owner, str(allowance.expires), allowance.reason)


def _said(owner: str, expires: str, reason: str) -> str:
    return shortened(f"{owner}, until {expires}: {reason}")


def _merged(exact: Mapping[tuple[str, str, str], set[str]], everywhere: Sequence[Exemption]) -> Iterator[Exemption]:
    """One exemption for the images of one exception and rule that run in the same namespaces.

    None where an exception for images anywhere makes it already: it has the same note and the code.
    """
    merged: dict[tuple[str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    for (note, code, image), where in exact.items():
        if where and not any(one.note == note and code in one.codes for one in everywhere):
            merged[note, code, tuple(sorted(where))].add(image)
    for (note, code, namespaces), images in sorted(merged.items()):
        yield Exemption(note, (code,), namespaces, tuple(sorted(images)))
