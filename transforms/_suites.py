"""Tests of a chart, executed with the values that they start from, as these are and as they will be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet, Stack
from codemod.fleet.suites import Case, Expectation, PlainMap, defaults, file_values, lay
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys, SiteId
from transforms._policies import IF_NOT_PRESENT
from transforms._suite_sites import Flip, Pin, asks_for_always, expected, flips_of, pins_of


def _placeholder(number: int) -> str:
    return f"sha256:{number:064x}"


def _setting_last(way: Keys, maps: Iterable[yaml.Mapping]) -> yaml.Entry | None:
    """The last entry that sets a value; keys may be joined by dots (`image.tag: dev`)."""
    found = [entry for mapping in maps if (entry := _setting(way, mapping)) is not None]
    return found[-1] if found else None


def _setting(way: Keys, mapping: yaml.Mapping) -> yaml.Entry | None:
    for entry in reversed(mapping.entries):
        keys = tuple(entry.key.value.split(".")) if isinstance(entry.key, yaml.Scalar) else ()
        if keys and keys == way:
            return entry
        if keys and way[: len(keys)] == keys and isinstance(entry.value, yaml.Mapping):
            below = _setting(way[len(keys) :], entry.value)
            if below is not None:
                return below
    return None


class Trial:
    """One test of a suite."""

    def __init__(self, source: Source, case: Case, stack: Stack, fleet: Fleet) -> None:
        self.source, self.case, self.stack, self.fleet = source, case, stack, fleet
        self._own = f"{stack.chart}/values.yaml".lstrip("/")
        files = (self._own, *case.files)
        self.pins = [pin for path in files for pin in pins_of(path, fleet)]
        self.flips = [flip for path in files for flip in flips_of(path, fleet)]

    def mended(self) -> Iterator[tuple[Edit, SiteId]]:
        """The edits that keep the test green, with the site that makes each necessary."""
        asking = [expectation for expectation in self.case.expectations if asks_for_always(expectation)]
        for flip in self.flips if asking else ():
            printed = self._printed(self._flipped(flip), mended=False)
            for edit in (edit for one in asking for edit in expected(one, one.found(printed))):
                yield edit, flip.site
        if self.pins:
            yield from ((edit, pin.site) for edit, pin in self._repinned())

    def _repinned(self) -> Iterator[tuple[Edit, Pin]]:
        before, after = self._printed(self._values(), mended=False), self._printed(self._after(), mended=True)
        for expectation in self.case.expectations:
            now = expectation.found(after)
            if expectation.is_met(expectation.found(before)) and not expectation.is_met(now):
                yield from self._unset(expectation) or self._expecting(expectation, now)

    def _unset(self, expectation: Expectation) -> list[tuple[Edit, Pin]]:
        """An empty digest beside each tag that the test sets, if that is what keeps the expectation."""
        found, values = [], self._after()
        for pin in self.pins:
            entry = _setting_last((*pin.keys, pin.tag), self.case.maps)
            edit = _beside(self.source, entry, pin) if entry is not None else None
            if edit is not None:
                found.append((edit, pin))
                lay(_nested((*pin.keys, pin.digest), ""), values)
        return found if found and expectation.is_met(expectation.found(self._printed(values, mended=True))) else []

    def _expecting(self, expectation: Expectation, now: list[str | None]) -> list[tuple[Edit, Pin]]:
        """What is printed now, in place of what was expected."""
        text = now[0] if now and len(set(now)) == 1 else None
        shown = [(number, pin) for number, pin in enumerate(self.pins) if text and _placeholder(number) in text]
        if text is None or len(shown) != 1:
            return []
        number, pin = shown[0]
        old, written = expectation.scalar, text
        if expectation.is_pattern:
            begin, end = "^" * old.value.startswith("^"), "$" * old.value.endswith("$")
            written = begin + re.escape(text).replace("\\-", "-") + end
        edit = yaml.replace(old, written.encode().replace(_placeholder(number).encode(), DIGEST))
        return [(edit, pin)] if edit is not None else []

    def _values(self) -> PlainMap:
        files = {path: file_values(path, self.fleet.tree) for path in self.case.files}
        return self.case.values(defaults(self.stack, self.fleet.tree), files, self.fleet.tree)

    def _after(self) -> PlainMap:
        """The same, once the values files are pinned."""
        chart = defaults(self.stack, self.fleet.tree)
        files = {path: file_values(path, self.fleet.tree) for path in self.case.files}
        for number, pin in enumerate(self.pins):
            pinned = _nested((*pin.keys, pin.digest), _placeholder(number))
            values = chart if pin.site[0] == self._own else files[pin.site[0]]
            if not pin.stays:
                lay(_nested((*pin.keys, pin.tag), None), values)
            lay(pinned, values)
        return self.case.values(chart, files, self.fleet.tree)

    def _flipped(self, flip: Flip) -> PlainMap:
        """The values of the test once a pull policy is flipped."""
        chart = defaults(self.stack, self.fleet.tree)
        files = {path: file_values(path, self.fleet.tree) for path in self.case.files}
        lay(_nested(flip.keys, IF_NOT_PRESENT.decode()), chart if flip.site[0] == self._own else files[flip.site[0]])
        return self.case.values(chart, files, self.fleet.tree)

    def _printed(self, values: PlainMap, *, mended: bool) -> list[tuple[str, str]]:
        return list(self.fleet.rendered(self.stack, values, mended=mended))


def _beside(source: Source, entry: yaml.Entry, pin: Pin) -> Edit | None:
    """An empty digest below a tag that is set."""
    key, value = entry.key, entry.value
    if not isinstance(key, yaml.Scalar) or not isinstance(value, yaml.Scalar):
        return None
    name = key.value.removesuffix(pin.tag) + pin.digest
    return yaml.insert_after(source, entry, name, b"" if value.style in ("'", '"') else b'""')


def _nested(keys: Keys, value: str | None) -> PlainMap:
    found: PlainMap = {str(keys[-1]): value}
    for key in reversed(keys[:-1]):
        found = {str(key): found}
    return found
