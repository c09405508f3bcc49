"""Which expressions of the templates that one release executes are made digest-aware: tried out, not guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from codemod.charts.aware import Helpers, ImageExpression, image_expressions, like
from codemod.charts.forms import REF
from codemod.charts.helpers import handed_over
from codemod.errors import OverlapError
from codemod.fleet.edited import Mending, Template, replaced, texts_of
from codemod.fleet.probe import Probed, Readings, probe_again, shown
from codemod.fleet.reading import ImageMapAt, Reading
from codemod.fleet.render import Renderer
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.patterns import on_use
from codemod.transform import View

_VALUES = on_use(r"\$?\.Values\.(\w+(?:\.\w+)*)")
Mendings = Mapping[Template, Mending]
Choice = tuple[Template, ImageExpression]


class Release(Struct, frozen=True):
    """One release: its number, its values, what its charts read as they are, and the templates that may be edited.

    Each template has the form that is wanted of it. `helpers` are those of its charts that print nothing but a tag.
    """

    number: int
    stack: Stack
    tree: Tree
    values: dict[str, Plain]
    before: Probed
    templates: Mapping[Template, str]
    helpers: Helpers
    sets_values: bool

    def choose(self, lacking: Collection[ImageMapAt], chosen: dict[Template, Mending]) -> None:
        """Add to what is chosen already what lets maps take a digest that they could not take before."""
        for template, contract in self.templates.items():
            for expression in image_expressions(template.text, contract, self.helpers):
                self._try(template, expression, lacking, chosen)
            if template in chosen:
                self._choose_likes(template, lacking, chosen)
        self._hand_over(lacking, chosen)

    def _try(
        self,
        template: Template,
        expression: ImageExpression,
        lacking: Collection[ImageMapAt],
        chosen: dict[Template, Mending],
    ) -> None:
        """Choose an expression if some map gains by it alone."""
        contract = self.templates[template]
        places = [place for place in lacking if self.sets_values or _may_read(expression, place)]
        after = self._tried({template: Mending(contract, {expression: None})}, contract, places) if places else {}
        gained = [place for place in places if _gains(self.before.readings[place], after[place], contract)]
        if gained:
            self._note(chosen, [(template, expression)], gained)

    def _choose_likes(
        self, template: Template, lacking: Collection[ImageMapAt], chosen: Mapping[Template, Mending]
    ) -> None:
        """Choose what spells the same image as a chosen expression, in branches of helpers that no release takes."""
        mending = chosen[template]
        known = {like(expression) for expression in mending.expressions}
        rest = [
            expression
            for expression in image_expressions(template.text, mending.contract, self.helpers)
            if expression not in mending.expressions and like(expression) in known
        ]
        own = {other: found for other, found in chosen.items() if other in self.templates}
        plain, deep = self._shown(own, mending.contract, lacking) if rest else (0, 0)
        for expression in rest:
            more = replace(mending, expressions={**mending.expressions, expression: None})
            then, deeper = self._shown({**own, template: more}, mending.contract, lacking)
            if then == plain and deeper > deep:
                mending.expressions[expression], deep = None, deeper

    def _hand_over(self, lacking: Collection[ImageMapAt], chosen: dict[Template, Mending]) -> None:
        """Choose the dictionaries that hand a tag over by itself, and what the helpers print that they are given to."""
        found = [
            (template, one)
            for template, contract in self.templates.items()
            for one in handed_over(template.text, contract, self.helpers)
            if any(self.sets_values or _may_read(one, place) for place in lacking)
        ]
        contracts = {self.templates[template] for template, _ in found}
        own = {template: mending for template, mending in chosen.items() if template in self.templates}
        for contract in sorted(contracts):
            before = self._tried(own, contract, lacking)
            places = [place for place in lacking if not _is_done(self.before.readings[place], before[place], contract)]
            given = [choice for choice in found if self.templates[choice[0]] == contract]
            alone = self._tried(_with(own, given, self.templates), contract, places) if places else {}
            for printing in ((), *((choice,) for choice in self._printing(contract, chosen))) if places else ():
                after = self._tried(_with(own, [*given, *printing], self.templates), contract, places)
                known = alone if printing else before
                gained = [place for place in places if _gains(known[place], after[place], contract)]
                for place in gained:
                    needed = self._needed(own, given, printing, place, before[place])
                    self._note(chosen, [*needed, *printing], [place])
                for template, _ in printing if gained else ():
                    self._choose_likes(template, lacking, chosen)

    def _needed(
        self,
        mendings: Mendings,
        given: Sequence[Choice],
        printing: Sequence[Choice],
        place: ImageMapAt,
        before: Reading,
    ) -> Sequence[Choice]:
        """Those of the dictionaries without which a map would not gain: one, or several that hand on to each other."""

        def gains(some: Sequence[Choice]) -> bool:
            contract = self.templates[given[0][0]]
            after = self._tried(_with(mendings, [*some, *printing], self.templates), contract, [place])
            return _gains(before, after[place], contract)

        fitting = [one for one in given if self.sets_values or _may_read(one[1], place)]
        single = [one for one in fitting if gains([one])]
        if single:
            return single
        needed = fitting if gains(fitting) else list(given)
        for one in tuple(needed):
            rest = [other for other in needed if other is not one]
            needed = rest if gains(rest) else needed
        return needed

    def _printing(self, contract: str, chosen: Mendings) -> Iterable[Choice]:
        """The expressions that read a tag from what a helper is given."""
        for template, form in self.templates.items():
            known = chosen[template].expressions if template in chosen else {}
            for expression in image_expressions(template.text, contract, self.helpers) if form == contract else ():
                if expression.within and expression not in known and ".Values." not in expression.tag:
                    yield template, expression

    def _note(self, chosen: dict[Template, Mending], choices: Sequence[Choice], gained: Iterable[ImageMapAt]) -> None:
        views = dict.fromkeys(View(self.number, 0, (*place.keys, place.tag)) for place in gained)
        for template, mending in _with(chosen, choices, self.templates).items():
            if any(template == other for other, _ in choices):
                chosen[template] = mending
                mending.serves.update(views)

    def _tried(self, mendings: Mendings, contract: str, asked: Collection[ImageMapAt]) -> Readings:
        """How the charts spell some maps with a digest alone, or a whole reference, after some edits."""
        known = self.before.readings
        hidden = {place: known[place].is_off for place in asked if known[place].is_hidden}
        renderer, values = self._edited(mendings)
        return probe_again(renderer, self.stack, values, self.before.paths, hidden, is_ref=contract == REF)

    def _shown(self, mendings: Mendings, contract: str, places: Collection[ImageMapAt]) -> tuple[int, int]:
        """How often digests of some maps come out after some edits, and how often in whatever branch."""
        renderer, values = self._edited(mendings)
        return shown(renderer, self.stack, values, places, contract)

    def _edited(self, mendings: Mendings) -> tuple[Renderer, dict[str, Plain]]:
        files = {one.path: mending.carried_out(one.text) for one, mending in mendings.items() if one.path}
        texts = texts_of(mendings)
        renderer = Renderer(self.tree, files, self.before.changers)
        return renderer, replaced(self.values, texts) if texts else self.values


def _with(mendings: Mendings, choices: Iterable[Choice], contracts: Mapping[Template, str]) -> Mendings:
    """Some mendings and more, but for what overlaps them."""
    found = dict(mendings)
    for template, expression in choices:
        known = found.get(template) or Mending(contracts[template])
        more = replace(known, expressions={**known.expressions, expression: None})
        if not _overlaps(more, template):
            found[template] = more
    return found


def _overlaps(mending: Mending, template: Template) -> bool:
    try:
        mending.carried_out(template.text)
    except OverlapError:
        return True
    return False


def _may_read(expression: ImageExpression, place: ImageMapAt) -> bool:
    """Whether the digest of an expression may be that of a map, by its name, and the whole way if it is `.Values.…`."""
    values = _VALUES.fullmatch(expression.digest)
    names = values[1].split(".") if values is not None else [expression.digest.rpartition(".")[2]]
    return any([*map(str, place.keys), own][-len(names) :] == names for own in (place.digest, place.ref))


def _gains(before: Reading, after: Reading, contract: str) -> bool:
    return after.refs > before.refs if contract == REF else after.digests > before.digests


def _is_done(before: Reading, after: Reading, contract: str) -> bool:
    """Whether as many images take a digest, or a whole reference, as showed the tag."""
    return (after.refs if contract == REF else after.digests) >= before.tagged.total()
