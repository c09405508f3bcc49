"""What releases show: for each place in their values, the image sites of every layer that speak of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from codemod.candidate import Candidate
from codemod.fleet import Fleet
from codemod.transform import Change, Image, Keys, SiteId, View


class Shown:
    """The image sites of all releases, by stack and by the keys under which its values hold them."""

    def __init__(self, images: Iterable[Candidate]) -> None:
        self._sites: dict[int, dict[Keys, list[tuple[int, Candidate]]]] = {}
        self._tops: dict[int, list[tuple[Keys, Candidate]]] = {}
        self._templates: dict[str, list[Candidate]] = defaultdict(list)
        for image in images:
            for view in views_of(image):
                self._sites.setdefault(view.stack, {}).setdefault(view.keys, []).append((view.layer, image))
            folder, found, _ = image.finding.path.partition("/templates/")
            if found and image.reference is not None:
                self._templates[folder].append(image)

    def above(self, image: Candidate) -> list[Candidate]:
        """Sites of higher layers, in any release, that set the tag of the same values map."""
        fact = image.finding.fact
        if not isinstance(fact, Image) or not fact.is_parted:
            return []
        return [
            other
            for view in fact.views
            for layer, other in self._sites_at(view.stack, view.keys)
            if layer > view.layer and other is not image
        ]

    def unseen_above(self, image: Candidate, fleet: Fleet) -> str:
        """A higher layer that sets the tag where no image site is known (a parameter, say), in words; empty if none."""
        fact = image.finding.fact
        views = fact.views if isinstance(fact, Image) and fact.is_parted and image.is_changed else ()
        return next((said for view in views if (said := self._unseen(view, fleet))), "")

    def unseen_in(self, stack: int, image: Candidate, fleet: Fleet) -> str:
        """The same for one release, whether or not the image can be pinned."""
        fact = image.finding.fact
        views = fact.views if isinstance(fact, Image) and fact.is_parted else ()
        return next((said for view in views if view.stack == stack and (said := self._unseen(view, fleet))), "")

    def _unseen(self, view: View, fleet: Fleet) -> str:
        if view.keys in fleet.stacks[view.stack].set_by_files:
            return f"a file parameter sets it for {fleet.stacks[view.stack].name}, where no image can be pinned"
        for other in fleet.setters_above(view):
            if not self._at(other):
                stack = fleet.stacks[other.stack]
                return f"{stack.layers[other.layer]} sets it for {stack.name}, where no image can be pinned"
        return ""

    def renamed(self, image: Candidate) -> list[Candidate | None]:
        """Sites of higher layers that name another repository for the tag; None for one that is not known."""
        fact = image.finding.fact
        return self._all_at(fact.renamed if isinstance(fact, Image) else ())

    def lower(self, image: Candidate) -> list[Candidate | None]:
        """Sites of lower layers whose tags would stay in force; None for one that is not known."""
        fact = image.finding.fact
        return self._all_at(fact.lower if isinstance(fact, Image) else ())

    def _all_at(self, views: Iterable[View]) -> list[Candidate | None]:
        found: list[Candidate | None] = []
        for view in views:
            found += self._at(view) or (None,)
        return found

    def _at(self, view: View) -> list[Candidate]:
        return [image for layer, image in self._sites_at(view.stack, view.keys) if layer == view.layer]

    def _sites_at(self, stack: int, keys: Keys) -> list[tuple[int, Candidate]]:
        return self._sites.get(stack, {}).get(keys, [])

    def shows(self, image: Candidate) -> list[Candidate]:
        """The image sites that a template string shows; none if some release has none for it."""
        fact = image.finding.fact
        found = [
            [other for keys, other in self._shown(view.stack) if keys == view.keys]
            for view in (fact.shows if isinstance(fact, Image) else ())
        ]
        return [other for others in found for other in others] if all(found) else []

    def served(self, change: Candidate) -> list[Candidate]:
        """The image sites, in whatever layer, for whose sake a change is made."""
        fact = change.finding.fact
        places = {(view.stack, view.keys) for view in fact.serves} if isinstance(fact, Change) else ()
        found = (image for stack, keys in places for _, image in self._sites_at(stack, keys))
        return list({id(image): image for image in found}.values())

    def tie(self, change: Candidate, sites: Mapping[SiteId, Sequence[Candidate]]) -> None:
        """Tie a change to the image sites for whose sake, instead of which, and after which it is made."""
        fact = change.finding.fact
        assert isinstance(fact, Change)
        change.served = self.served(change)
        change.moot_by = [image for site in fact.unless for image in sites.get(site, ())]
        change.followed = [image for site in fact.follows for image in sites.get(site, ())]
        for image in change.served:
            image.served_by.append(change)
        if any(edit.wants_digest for edit in change.edits):
            digests = {image.resolution.digest for image in change.followed if image.resolution is not None}
            change.edits = tuple(edit.filled(*digests) for edit in change.edits) if len(digests) == 1 else ()

    def all(self, stack: int) -> list[Candidate]:
        """The images that a release shows: at each place the highest layer's."""
        return [image for _, image in self._shown(stack)]

    def in_templates(self, chart: str) -> list[Candidate]:
        """The images that the templates of a chart, by its folder, name in full."""
        return self._templates.get(chart, [])

    def at_or_below(self, view: View) -> list[Candidate]:
        """Those of them that stand in the values map at the view's keys, or one map below."""
        return [
            image
            for keys, image in self._shown(view.stack)
            if view.keys in (keys[:-1], keys[:-2] if keys[1:] else None)
        ]

    def _shown(self, stack: int) -> list[tuple[Keys, Candidate]]:
        if stack not in self._tops:
            self._tops[stack] = list(_tops(self._sites.get(stack, {})))
        return self._tops[stack]


def follow(changes: Iterable[Candidate], policies: Iterable[Candidate]) -> None:
    """Tie changes to the pull policies after whose flip they are made."""
    by_id: dict[SiteId, list[Candidate]] = defaultdict(list)
    for policy in policies:
        by_id[policy.id].append(policy)
    for change in changes:
        fact = change.finding.fact
        sites = fact.follows if isinstance(fact, Change) else ()
        change.followed += [policy for site in sites for policy in by_id.get(site, ())]


def tie_deciding(image: Candidate, sites: Mapping[SiteId, Sequence[Candidate]]) -> None:
    """Tie an image to the kustomizations that decide what runs in its place."""
    fact = image.finding.fact
    assert isinstance(fact, Image)
    image.decided = [other for site in fact.decided_by for other in sites.get(site, ())]
    image.above = [*image.above, *(image.decided if fact.is_decided else ())]
    if fact.is_decided and not fact.edits:
        image.shows = image.decided


def views_of(image: Candidate) -> tuple[View, ...]:
    """How the releases see an image site."""
    fact = image.finding.fact
    return fact.views if isinstance(fact, Image) else ()


def _tops(sites: dict[Keys, list[tuple[int, Candidate]]]) -> Iterator[tuple[Keys, Candidate]]:
    for keys, found in sites.items():
        highest = max(layer for layer, _ in found)
        yield from ((keys, image) for layer, image in found if layer == highest)
