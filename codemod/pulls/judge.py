"""Private images of pods that have no pull secret: neither of their own nor by their service account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.fleet import Fleet
from codemod.gate import Violation
from codemod.outcome import ImageEntry
from codemod.pulls.pods import ACCOUNT, Pod, pods
from codemod.pulls.world import Held, World
from codemod.reference import Reference, try_parse

CODE = "UF010"
Place = tuple[str, int, int]


class Bare(Struct, frozen=True):
    """One private image that a pod without pull secrets runs, and where a person would look."""

    place: Place
    image: Reference
    held: Held

    @property
    def runs(self) -> tuple[str, str]:
        """The object that runs it, and the release that it is of."""
        return self.held.one.label, self.held.stack.name if self.held.stack is not None else ""


class Found(Struct, frozen=True):
    """What is wrong, and the names of the releases of which not all can be said."""

    violations: tuple[Violation, ...]
    unread: tuple[str, ...]


def judge(fleet: Fleet, images: Iterable[ImageEntry], config: Config, exceptions: Exceptions) -> Found:
    """Every place at which a private image stands whose pods have no pull secret, exceptions aside."""
    world = World(fleet)
    held = tuple(world.held())
    pullers = _Pullers(held, world)
    sites = _Sites(images, fleet)
    by_place: dict[Place, list[Bare]] = defaultdict(list)
    for one in held:
        for pod in pods(one.one):
            if not pullers.may_pull(one, pod):
                for bare in _bare(one, pod, sites, config):
                    by_place[bare.place].append(bare)
    found = [violation for place in sorted(by_place) if (violation := _violation(by_place[place], exceptions))]
    return Found(tuple(found), tuple(world.unread))


def _bare(held: Held, pod: Pod, sites: _Sites, config: Config) -> Iterator[Bare]:
    for scalar in pod.images:
        image = try_parse(scalar.value)
        if image is not None and config.is_private(image.name):
            position = held.one.document.source.position(scalar.inner.start)
            place = sites.place(held, image, position.line, position.column)
            if place is not None:
                yield Bare(place, image, held)


class _Pullers:
    """Who has pull secrets: service accounts by name, and whole objects for the patches that are laid over them."""

    def __init__(self, held: Sequence[Held], world: World) -> None:
        self._overlays = world.overlays
        self._accounts: dict[str, list[Held]] = defaultdict(list)
        self._wholes: dict[tuple[str, str], list[Held]] = defaultdict(list)
        for one in held:
            if one.one.kind == ACCOUNT and (one.is_patched or one.one.has_secrets):
                self._accounts[one.one.name].append(one)
            if one.stack is None and not one.is_patch:
                self._wholes[one.one.kind, one.one.name].append(one)

    def may_pull(self, held: Held, pod: Pod) -> bool:
        """Whether a pod has a pull secret. A part of an object has those of the whole, which may be elsewhere."""
        if held.is_patched or pod.has_secrets:
            return True
        names = {pod.account, *held.accounts}
        if any(self._may_use(held, account) for name in names for account in self._accounts.get(name, ())):
            return True
        if not held.is_patch:
            return False
        wholes = self._wholes.get((held.one.kind, held.one.name), ())
        return not wholes or any(self.may_pull(whole, own) for whole in wholes for own in pods(whole.one))

    def _may_use(self, pod: Held, account: Held) -> bool:
        """Whether both may be in one namespace; where nothing says one, those that stand together are."""
        if pod.namespaces and account.namespaces:
            return not pod.namespaces.isdisjoint(account.namespaces)
        if pod.stack is not None or account.stack is not None:
            return False
        one, other = (f"{held.path.rpartition('/')[0]}/".lstrip("/") for held in (pod, account))
        if one.startswith(other) or other.startswith(one):
            return True
        around = set(self._overlays.reaching(pod.path))
        return not around.isdisjoint(self._overlays.reaching(account.path))


class _Sites:
    """The sites of the inventory: by place, and by image."""

    def __init__(self, images: Iterable[ImageEntry], fleet: Fleet) -> None:
        self._config = fleet.config
        self._plain: dict[Place, ImageEntry] = {}
        self._named: dict[str, list[ImageEntry]] = defaultdict(list)
        for entry in images:
            site = entry.site
            self._plain[site.path, site.line, site.column] = entry
            if entry.reference is not None and not entry.vendored:
                self._named[entry.reference.name].append(entry)

    def place(self, held: Held, image: Reference, line: int, column: int) -> Place | None:
        """Where a person would look: the image in the manifest, or what explains it; None for what is not theirs."""
        if held.stack is None:
            entry = self._plain.get((held.path, line, column))
            return (held.path, line, column) if entry is not None and not entry.vendored else None
        path, at = held.lines[line - 1] if line <= len(held.lines) else (held.path, 1)
        ranks = {path: -1, **{layer: number for number, layer in enumerate(held.stack.paths)}}
        own = [entry for entry in self._named.get(image.name, ()) if entry.site.path in ranks]
        if own:
            site = max(own, key=lambda entry: (entry.reference == image, ranks[entry.site.path], -entry.site.line)).site
            return site.path, site.line, site.column
        if self._config.is_vendored(path):
            origin, _, number = held.stack.origin.rpartition(":")
            return (origin, int(number), 1) if number.isdecimal() else None
        return path, at, 1


def _violation(found: Sequence[Bare], exceptions: Exceptions) -> Violation | None:
    first = min(found, key=lambda bare: (str(bare.image), bare.runs))
    image = str(first.image)
    if exceptions.excusing(*first.place[:2], image, {CODE}) is not None:
        return None
    label, release = first.runs
    others = len({bare.runs for bare in found}) - 1
    more = f" (and {others} more)" if others else ""
    message = (
        f"{image} is private, and {label}{f' of {release}' if release else ''}{more} has no pull secret; "
        "set imagePullSecrets, or a service account that has them"
    )
    return Violation(*first.place, CODE, message, image)
