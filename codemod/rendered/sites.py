"""Which place of the tree sets an image or a pull policy that a release renders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.outcome import PULL_POLICY, Changed, ImageEntry, LeftAlone, Plan
from codemod.reference import Reference, try_parse

Place = tuple[str, int, int]
_DEFAULTED = "pull-policy-defaulted"
_NO_IMAGES = ("docs", "built-here")
"""Reasons of sites that no gate judges."""


class Site(Struct, frozen=True):
    """A place, with the reason code of what stands there; `is_foreign`: it is not to be edited, being vendored."""

    place: Place
    reason: str | None
    is_foreign: bool

    @property
    def is_judged(self) -> bool:
        """Whether the gate has anything to say of it."""
        return self.reason not in _NO_IMAGES


class Sites:
    """The sites of a plan by what they name."""

    def __init__(self, plan: Plan, fleet: Fleet) -> None:
        self._config, self._tree = fleet.config, fleet.tree
        self._containers: dict[str, dict[int, str]] = {}
        self._images: Mapping[str, list[ImageEntry]] = _by_name(plan.images)
        outcomes: tuple[Changed | LeftAlone, ...] = (*plan.changed, *plan.left)
        self._policies = [outcome for outcome in outcomes if outcome.kind == PULL_POLICY]
        self._defaulted: dict[str, list[LeftAlone]] = defaultdict(list)
        for remark in plan.remarks:
            if remark.code == _DEFAULTED:
                self._defaulted[remark.site.path].append(remark)

    def of_image(self, image: Reference, files: Collection[str], ranks: Mapping[str, int], stack: str) -> Site | None:
        """What sets an image: the highest of the layers that name it, the release's own entries first."""
        own = [entry for entry in self._images.get(image.name, ()) if entry.site.path in files]
        same = [entry for entry in own if _is_same(entry.reference, image)]
        if not same:
            return None
        best = max(same, key=lambda entry: (entry.site.stack == stack, ranks.get(entry.site.path, -1), _early(entry)))
        return self._site(best, best.reason)

    def of_policy(self, files: Collection[str], ranks: Mapping[str, int]) -> Iterator[Site]:
        """What sets `Always` in some files, the highest layer first."""
        own = [outcome for outcome in self._policies if outcome.site.path in files]
        own.sort(key=lambda outcome: (-ranks.get(outcome.site.path, -1), outcome.site.path, outcome.site.line))
        for outcome in own:
            yield self._site(outcome, outcome.code if isinstance(outcome, LeftAlone) else None)

    def of_nothing(self, text: str, container: str, files: frozenset[str]) -> Site | None:
        """Where a container says no pull policy: one of that name or that image, best with both.

        kustomize may have given the image another tag, or another name.
        """
        image = try_parse(text)
        ranked = []
        for path in files & self._defaulted.keys():
            for remark in self._defaulted[path]:
                written, line = try_parse(remark.text), remark.site.line
                is_named = self._names(path).get(line) == container
                is_one = written is not None and image is not None and written.name == image.name
                if is_named or is_one:
                    ranked.append(((not is_one, written != image, not is_named, path, line), remark))
        return self._site(min(ranked, key=lambda one: one[0])[1], None) if ranked else None

    def _names(self, path: str) -> dict[int, str]:
        """The names of the containers of a file, by the lines of their images."""
        if path not in self._containers:
            found = self._containers[path] = {}
            for document in self._tree.documents(path):
                for mapping in yaml.mappings(document.root):
                    image = mapping.index.get("image")
                    if image is not None:
                        found[document.source.position(image.value.start).line] = mapping.text("name") or ""
        return self._containers[path]

    def _site(self, found: ImageEntry | Changed | LeftAlone, reason: str | None) -> Site:
        site = found.site
        return Site((site.path, site.line, site.column), reason, self._config.spared(site.path) is not None)


def _by_name(images: Iterable[ImageEntry]) -> dict[str, list[ImageEntry]]:
    found: dict[str, list[ImageEntry]] = defaultdict(list)
    for entry in images:
        if entry.reference is not None:
            found[entry.reference.name].append(entry)
    return found


def _is_same(one: Reference | None, other: Reference) -> bool:
    """Whether two references of one name are one image: by their digest, else by their tag."""
    if one is None:
        return False
    return one.digest == other.digest if one.digest or other.digest else one.lookup == other.lookup


def _early(entry: ImageEntry) -> tuple[int, int]:
    return -entry.site.line, -entry.site.column
