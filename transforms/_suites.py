"""Tests of a chart, executed with the values that they start from, as these are and as they will be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet, Stack
from codemod.fleet.suites import Case, Expectation, PlainMap, defaults, file_values, lay
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import SiteId
from transforms._policies import IF_NOT_PRESENT
from transforms._suite_settings import beside, nested, placeholder, setting
from transforms._suite_sites import Flip, Pin, asks_for_always, expected, flips_of, literals_of, pins_of
from transforms._suite_texts import standing, swapped


class Trial:
    """One test of a suite."""

    def __init__(self, source: Source, case: Case, stack: Stack, fleet: Fleet) -> None:
        self.source, self.case, self.stack, self.fleet = source, case, stack, fleet
        self._own = f"{stack.chart}/values.yaml".lstrip("/")
        files = (self._own, *case.files)
        self.pins = [pin for path in files for pin in pins_of(path, fleet)]
        self.flips = [flip for path in files for flip in flips_of(path, fleet)]
        self.literals = [one for one in literals_of(stack.chart or "", fleet) if not self._sets(one.text)]
        self.sites = [*(pin.site for pin in self.pins), *(one.site for one in self.literals)]

    def mended(self) -> Iterator[tuple[Edit, SiteId]]:
        """The edits that keep the test green, with the site that makes each necessary."""
        asking = [expectation for expectation in self.case.expectations if asks_for_always(expectation)]
        for flip in self.flips if asking else ():
            printed = self._printed(self._flipped(flip), mended=False)
            for edit in (edit for one in asking for edit in expected(one, one.found(printed))):
                yield edit, flip.site
        if self.sites:
            yield from self._repinned()
        if self.sites and (self.case.contents or self.case.is_recorded):
            yield from self._recounted()

    def swaps(self) -> dict[str, tuple[bytes, SiteId]]:
        """What the run makes of the texts that are printed, once the test sets an empty digest beside its tags."""
        values = self._after()
        for pin, _ in self._settings():
            lay(nested((*pin.keys, pin.digest), ""), values)
        return self._swapped(values)

    def _sets(self, text: str) -> bool:
        """Whether the test says a text itself, so that what is printed may come from there."""
        roots = (*self.case.maps, *(self.fleet.tree.root(path) for path in self.case.files))
        return any(text in scalar.value for root in roots for scalar in yaml.scalars(root))

    def _repinned(self) -> Iterator[tuple[Edit, SiteId]]:
        before, after = self._printed(self._values(), mended=False), self._pinned(self._after())
        for expectation in self.case.expectations:
            now = expectation.found(after)
            if expectation.is_met(expectation.found(before)) and not expectation.is_met(now):
                yield from self._unset(expectation) or self._expecting(expectation, now)

    def _recounted(self) -> Iterator[tuple[Edit, SiteId]]:
        """The texts in lists and maps that are expected, and an empty digest where the test sets the tag of any."""
        swaps, settings = self.swaps(), list(self._settings())
        plainly = self._swapped(self._after()) if settings else swaps
        wanted = {scalar.value for scalar in self.case.contents}
        if any(text not in swaps for text in plainly if self.case.is_recorded or text in wanted):
            yield from ((edit, pin.site) for pin, edit in settings)
        for scalar in self.case.contents:
            text, site = swaps.get(scalar.value, (b"", None))
            edit = yaml.replace(scalar, text) if site is not None else None
            if edit is not None and site is not None:
                yield edit, site

    def _settings(self) -> Iterator[tuple[Pin, Edit]]:
        """The pins whose tag the test sets, each with the edit that sets an empty digest beside it."""
        for pin in self.pins:
            entry = setting((*pin.keys, pin.tag), self.case.maps)
            edit = beside(self.source, entry, pin) if entry is not None else None
            if edit is not None:
                yield pin, edit

    def _swapped(self, values: PlainMap) -> dict[str, tuple[bytes, SiteId]]:
        before, after = self._printed(self._values(), mended=False), self._pinned(values)
        return {
            old: (new.encode().replace(placeholder(number).encode(), DIGEST), site)
            for old, new in swapped(before, after).items()
            for number, site in enumerate(self.sites)
            if placeholder(number) in new
        }

    def _unset(self, expectation: Expectation) -> list[tuple[Edit, SiteId]]:
        """An empty digest beside each tag that the test sets, if that is what keeps the expectation."""
        found, values = [], self._after()
        for pin, edit in self._settings():
            found.append((edit, pin.site))
            lay(nested((*pin.keys, pin.digest), ""), values)
        return found if found and expectation.is_met(expectation.found(self._pinned(values))) else []

    def _expecting(self, expectation: Expectation, now: list[str | None]) -> list[tuple[Edit, SiteId]]:
        """What is printed now, in place of what was expected."""
        text = now[0] if now and len(set(now)) == 1 else None
        shown = [(number, site) for number, site in enumerate(self.sites) if text and placeholder(number) in text]
        if text is None or len(shown) != 1:
            return []
        number, site = shown[0]
        old, written = expectation.scalar, text
        if expectation.is_pattern:
            begin, end = "^" * old.value.startswith("^"), "$" * old.value.endswith("$")
            written = begin + re.escape(text).replace("\\-", "-") + end
        edit = yaml.replace(old, written.encode().replace(placeholder(number).encode(), DIGEST))
        return [(edit, site)] if edit is not None else []

    def _pinned(self, values: PlainMap) -> list[tuple[str, str]]:
        """What is printed after the run, the references that the chart spells itself included."""
        printed = self._printed(values, mended=True)
        for number, one in enumerate(self.literals, len(self.pins)):
            text = one.pinned.replace(DIGEST, placeholder(number).encode()).decode()
            printed = [(path, standing(one.text).sub(text, output)) for path, output in printed]
        return printed

    def _values(self) -> PlainMap:
        files = {path: file_values(path, self.fleet.tree) for path in self.case.files}
        return self.case.values(defaults(self.stack, self.fleet.tree), files, self.fleet.tree)

    def _after(self) -> PlainMap:
        """The same, once the values files are pinned."""
        chart = defaults(self.stack, self.fleet.tree)
        files = {path: file_values(path, self.fleet.tree) for path in self.case.files}
        for number, pin in enumerate(self.pins):
            pinned = nested((*pin.keys, pin.digest), placeholder(number))
            values = chart if pin.site[0] == self._own else files[pin.site[0]]
            if not pin.stays:
                lay(nested((*pin.keys, pin.tag), None), values)
            lay(pinned, values)
        return self.case.values(chart, files, self.fleet.tree)

    def _flipped(self, flip: Flip) -> PlainMap:
        """The values of the test once a pull policy is flipped."""
        chart = defaults(self.stack, self.fleet.tree)
        files = {path: file_values(path, self.fleet.tree) for path in self.case.files}
        lay(nested(flip.keys, IF_NOT_PRESENT.decode()), chart if flip.site[0] == self._own else files[flip.site[0]])
        return self.case.values(chart, files, self.fleet.tree)

    def _printed(self, values: PlainMap, *, mended: bool) -> list[tuple[str, str]]:
        return list(self.fleet.rendered(self.stack, values, mended=mended))
