"""What an admission policy says, whatever its engine: which objects it looks at, where, and what it does then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from codemod.formats.yaml import kubernetes

WORKLOADS = kubernetes.WORKLOADS - {"Pod"}
"""What holds the template of a pod."""
TAGS, NAMES, SIGNATURES = "tags and digests", "names and registries", "signatures"
"""What rules on images are about."""


class Place(NamedTuple):
    """Where a person would look: 1-based line and column."""

    path: str
    line: int
    column: int


class Text(Struct, frozen=True):
    """A scalar of a policy and its place."""

    value: str
    place: Place


class Scope(Struct, frozen=True):
    """Some namespaces: those that match one of `only` (None: all), but for those that match one of `but`.

    `*` and `?` are wildcards.
    """

    only: tuple[Text, ...] | None = None
    but: tuple[Text, ...] = ()

    def holds(self, namespace: str) -> bool:
        """Whether a namespace is one of them."""
        return (self.only is None or _matched(self.only, namespace) is not None) and not _matched(self.but, namespace)

    def place_without(self, namespace: str) -> Place | None:
        """What leaves a namespace out."""
        excluded = _matched(self.but, namespace)
        if excluded is not None:
            return excluded.place
        is_left_out = self.only and _matched(self.only, namespace) is None
        return self.only[0].place if self.only and is_left_out else None


class Reach(Struct, frozen=True):
    """The namespaces of a rule: those that all scopes of one of the `ways` hold, but for the excluded ones."""

    ways: tuple[tuple[Scope, ...], ...] = ((),)
    but: tuple[Text, ...] = ()

    def holds(self, namespace: str) -> bool:
        """Whether a rule works in a namespace; where that depends on what cannot be known, it does."""
        reached = any(all(scope.holds(namespace) for scope in way) for way in self.ways)
        return reached and _matched(self.but, namespace) is None

    def place_without(self, namespace: str) -> Place | None:
        """What leaves a namespace out."""
        excluded = _matched(self.but, namespace)
        scopes = (scope.place_without(namespace) for way in self.ways for scope in way)
        return excluded.place if excluded is not None else next(filter(None, scopes), None)

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every namespace that is written."""
        scopes = (scope for way in self.ways for scope in way)
        return tuple(text for scope in scopes for text in (*(scope.only or ()), *scope.but)) + self.but

    def within(self, scope: Scope) -> Reach:
        """The same in fewer namespaces."""
        return Reach(tuple((*way, scope) for way in self.ways), self.but)


EVERYWHERE = Reach()


class Action(Struct, frozen=True):
    """What a policy does with what breaks it: `enforces` is None where that cannot be known.

    `text` is the field and its value (`enforcementAction: warn`), or that it is not set.
    """

    enforces: bool | None
    text: str
    place: Place
    reach: Reach = EVERYWHERE


class Rule(Struct, frozen=True):
    """One rule on images of a policy; of a policy with bindings, one for each.

    `policy` is `Kind/name`, `place` its name. Rules with the same `check` demand the same, of other namespaces maybe.
    `actions`: the first one that reaches a namespace holds there; none where a rule only mutates.
    `images` are the patterns of images that it names. `pods`: only pods are checked, and why that is not made up for.
    `skips`: the containers that it leaves out, and where it speaks of the others. `mutates` is where images of
    workloads are rewritten: those of the patterns `mutated`, but not `spared`; `writes_digests` leaves pinned ones.
    """

    policy: str
    place: Place
    check: str
    concern: str = TAGS
    reach: Reach = EVERYWHERE
    actions: tuple[Action, ...] = ()
    images: tuple[Text, ...] = ()
    pods: Text | None = None
    skips: Text | None = None
    mutates: Place | None = None
    mutated: tuple[str, ...] = ("*",)
    spared: tuple[str, ...] = ()
    writes_digests: bool = False
    patched: str = ""
    """What kustomizations patch it with; what that speaks of is not judged."""

    @property
    def validates(self) -> bool:
        """Whether it accepts or refuses anything."""
        return bool(self.actions)

    def action(self, namespace: str) -> Action | None:
        """What it does in a namespace that it reaches."""
        return next((action for action in self.actions if action.reach.holds(namespace)), None)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign) or re.escape(sign) for sign in glob), re.DOTALL)


def matches(text: str, glob: str) -> bool:
    """Whether a text matches a pattern with `*` and `?`."""
    return _pattern(glob).fullmatch(text) is not None


def _matched(texts: Iterable[Text], namespace: str) -> Text | None:
    return next((text for text in texts if matches(namespace, text.value)), None)
