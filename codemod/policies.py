"""What a pull policy governs, and what of it stays unpinned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from codemod.candidate import Candidate, name_of
from codemod.fleet import Fleet
from codemod.shown import Shown
from codemod.transform import PullPolicy, View

_GLOBAL = "global"
_NAMED = 3
"""Images that a message names; the others are counted."""


class Governed(NamedTuple):
    """An image under a policy, and the release that shows it (none for one that stands beside the policy)."""

    image: Candidate
    stack: int | None = None


class Governance:
    """What the policies of a run govern: the images beside them, and those that releases show."""

    def __init__(self, shown: Shown, fleet: Fleet) -> None:
        self.shown, self.fleet = shown, fleet

    def obstacle(self, fact: PullPolicy, own: Sequence[Candidate]) -> str:
        """Why a policy has to stay `Always`, in words: what it governs and is not pinned; empty where it may flip."""
        governed, releases = self._governed(fact, own)
        found: dict[str, str] = {}
        for image, stack in governed:
            if not image.is_pinned_after or (stack is None and image.says_floating):
                found.setdefault(_called(image, stack), "" if stack is None else self.fleet.stacks[stack].name)
        if found:
            return f"it governs {_listed(found)}"
        hidden = (self.shown.unseen_in(stack, image, self.fleet) for image, stack in governed if stack is not None)
        if said := next(filter(None, hidden), ""):
            return f"the tag of an image that it governs is not known: {said}"
        for release in (self.fleet.stacks[number] for number in releases):
            if release.notes:
                return f"{release.name} may render more than is known: {release.notes[0].rstrip('.')}"
        return "" if governed else "no image that it governs is known"

    def _governed(self, fact: PullPolicy, own: Sequence[Candidate]) -> tuple[list[Governed], list[int]]:
        """The same container's or map's, with those that releases show there; for one apart, all that they show.

        Then the releases whose every image counts are given, too.
        """
        found = [Governed(image) for image in own]
        everywhere: list[int] = []
        for view in fact.views:
            if _is_for_all(view):
                everywhere.append(view.stack)
            else:
                found += [Governed(image, view.stack) for image in self.shown.at_or_below(view)]
        if fact.everywhere and not found and not everywhere:
            everywhere = [view.stack for view in fact.views]
        releases = list(dict.fromkeys(everywhere))
        return [*found, *(governed for number in releases for governed in self._all(number))], releases

    def _all(self, number: int) -> Iterator[Governed]:
        """What a release shows of its values, and what its templates name in full."""
        stack = self.fleet.stacks[number]
        folders = [*([stack.chart] if stack.chart is not None else ()), *stack.subcharts.values()]
        written = (image for folder in dict.fromkeys(folders) for image in self.shown.in_templates(folder))
        yield from (Governed(image, number) for image in (*self.shown.all(number), *written))


def _is_for_all(view: View) -> bool:
    """Whether a policy there is one of the whole release: at the root of its values, or in `global`."""
    return not view.keys or _GLOBAL in view.keys


def _called(image: Candidate, stack: int | None) -> str:
    """An image's name, or where it stands if it has none, or says a tag that no release takes."""
    line = image.finding.source.file.position(image.id[1]).line
    if stack is None and image.is_pinned_after:
        return f"the tag of {image.finding.path}:{line}, which other layers override"
    return name_of(image) or f"the image of {image.finding.path}:{line}"


def _listed(found: dict[str, str]) -> str:
    named = [f"{name} in {found[name]}" if found[name] else name for name in sorted(found)]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more
