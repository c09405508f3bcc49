"""The gate: what of a plan breaks the policy. Pure: the plan, the configuration and its exceptions give violations.

An image site gives at most one violation however many stacks render it: the one with the lowest code. Vendored and
excused sites give none, and neither do templated references, which no text of the file decides, nor examples in docs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby

from msgspec import Struct

from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.outcome import (
    FLOATING,
    PINNED,
    PULL_POLICY,
    READABLE,
    TAG_ONLY,
    UNKNOWN_REPOSITORY,
    Excuse,
    ImageEntry,
    LeftAlone,
    Plan,
    Site,
)
from codemod.reference import is_digest, is_tag
from codemod.wording import shortened

_EXCUSED, _STALE, _SHOWN, _BUILT = "allowlisted", "stale-inherited-digest", "docs", "built-here"


class Violation(Struct, frozen=True):
    """One broken rule at one place: 1-based line and column, a code of `codemod.codes`, one line of text.

    `image` is the normalised effective reference, None where it is unknown or the rule is about no image.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    image: str | None = None


def violations(plan: Plan, config: Config, exceptions: Exceptions) -> tuple[Violation, ...]:
    """Everything in the plan that the configuration forbids and no exception excuses, sorted by place, then code."""
    found = (
        *_image_violations(plan, config, exceptions),
        *_stale(plan),
        *_policy_violations(plan, config, exceptions),
    )
    return in_order(found)


def of_exceptions(exceptions: Exceptions, is_judged: Callable[[str], bool]) -> Iterator[Violation]:
    """What is wrong with the exceptions themselves; see `Exceptions.rotten`. Ask last."""
    for excuse, code, why in exceptions.rotten(is_judged):
        yield Violation(excuse.path, excuse.line, 1, code, f"{_named(excuse)} {why}")


def _named(excuse: Excuse) -> str:
    allowance = excuse.allowance
    if allowance is None:
        return "this exception"
    if excuse.covers is not None:
        return f"this exception of {shortened(allowance.owner)} for {allowance.code}"
    image = "" if allowance.image == "**" else f" ({shortened(allowance.image)})"
    return f"the exception for {shortened(allowance.path)}{image}, owned by {shortened(allowance.owner)},"


def in_order(found: Iterable[Violation]) -> tuple[Violation, ...]:
    """Sorted by place, then code."""
    return tuple(sorted(found, key=lambda v: (v.path, v.line, v.column, v.code, v.message)))


def judges_names(config: Config, paths: Collection[str]) -> bool:
    """Whether the policy of some files has a say in images that do not float, so that their names have to be known."""
    return bool(config.allow) or config.requires_digests(paths)


def _image_violations(plan: Plan, config: Config, exceptions: Exceptions) -> Iterator[Violation]:
    judged = [
        (_place(entry.site), code, _image(entry) or "", entry)
        for entry in plan.images
        if (code := _verdict(entry, config)) and not _is_excused(entry, code, exceptions)
    ]
    judged.sort(key=lambda item: item[:3])
    for _, group in groupby(judged, key=lambda item: item[0]):
        (_, code, image, entry), *others = group
        same = {name: other.site.stack for _, its, name, other in others if its == code and name != image}
        where = "here" if entry.site.stack in same.values() else "in other stacks"
        message = _message(code, entry) + (f" (with {len(same)} more {where})" if same else "")
        yield Violation(entry.site.path, entry.site.line, entry.site.column, code, message, image or None)


def _verdict(entry: ImageEntry, config: Config) -> str | None:
    """The rule that an image breaks in its environment, excuses aside."""
    status = _standing(entry, config)
    if entry.reason == _STALE or status == PINNED:
        return None
    policy = config.policy(entry.site.environment, entry.site.path)
    if status == FLOATING:
        return "UF001" if policy.floating else None
    if status == TAG_ONLY and entry.drops and (policy.floating or policy.no_digest):
        return "UF014"
    if status == TAG_ONLY:
        return "UF002" if policy.no_digest else None
    tag = entry.reference.tag if entry.reference else None
    beside = status == READABLE and tag is not None and config.floats(tag)
    return "UF003" if beside and policy.floating_beside_digest else None


def _standing(entry: ImageEntry, config: Config) -> str | None:
    """The status, where an unknown repository counts as its written tag does; None for a digest of one."""
    if entry.status != UNKNOWN_REPOSITORY:
        return entry.status
    written = entry.written.strip().strip("\"'")
    if is_digest(written):
        return None
    return TAG_ONLY if is_tag(written) and not config.floats(written) else FLOATING


def _is_excused(entry: ImageEntry, code: str, exceptions: Exceptions) -> bool:
    if entry.vendored or entry.reason in (_EXCUSED, _SHOWN, _BUILT):
        return True
    codes = {code} if entry.reason is None else {code, entry.reason}
    return exceptions.excusing(entry.site.path, entry.site.line, _image(entry), codes) is not None


def _message(code: str, entry: ImageEntry) -> str:
    image = _image(entry)
    if code == "UF002":
        return f"{image or f'tag {shortened(entry.written)}'} has no digest, which this environment requires; add one"
    if code == "UF014":
        return f"{image} has no digest and takes off the one at {entry.drops}; set its digest, too"
    if code == "UF003":
        return f"{image} has a floating tag beside its digest; drop the tag or name a fixed one"
    if image is None:
        return f"tag {shortened(entry.written)} floats and its repository is unknown; name the repository, then pin it"
    if entry.reason == "tag-not-rendered":
        return f"{image} floats and its chart does not render this tag; remove it, or let the chart read its digest"
    if entry.reason == "digest-unknown":
        return f"{image} floats and no digest is known for it; supply one, then pin it"
    return f"{image} floats; replace the tag by its digest"


def _stale(plan: Plan) -> Iterator[Violation]:
    """Digests of lower layers that serve another image than they were written for."""
    for left in plan.left:
        if left.code == _STALE:
            what = f"{left.image or left.text} inherits a digest that is not its own: {left.message}; give it its own"
            yield Violation(*_place(left.site), "UF005", what, left.image)


def _policy_violations(plan: Plan, config: Config, exceptions: Exceptions) -> Iterator[Violation]:
    flipped = [
        (change.site, None, {"UF004"}, "everything it governs is or gets pinned, so set IfNotPresent")
        for change in plan.changed
        if change.kind == PULL_POLICY
    ]
    kept = [
        (left.site, left.image, {"UF004", left.code}, _why_kept(left))
        for left in plan.left
        if left.kind == PULL_POLICY and left.code not in (_EXCUSED, "vendored", "test-data")
    ]
    seen: set[tuple[str, int, int]] = set()
    for site, image, codes, mend in (*flipped, *kept):
        if not config.policy(site.environment, site.path).always:
            continue
        if _place(site) not in seen and exceptions.excusing(site.path, site.line, image, codes) is None:
            seen.add(_place(site))
            message = f"pull policy Always{f' for {image}' if image else ''}: {mend}"
            yield Violation(*_place(site), "UF004", message, image)


def _why_kept(left: LeftAlone) -> str:
    if left.code == "pull-policy-governs-unpinned":
        return "pin the images it governs, then set IfNotPresent"
    return f"set IfNotPresent (left by unfloat: {left.code})"


def counts(found: Iterable[Violation]) -> dict[str, int]:
    """How many violations there are of each code, sorted by code."""
    return dict(sorted(Counter(violation.code for violation in found).items()))


def _place(site: Site) -> tuple[str, int, int]:
    return site.path, site.line, site.column


def _image(entry: ImageEntry) -> str | None:
    return None if entry.reference is None else str(entry.reference)
