"""What there is to prove, and what became of it: a closed set of outcomes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from codemod.fleet.stack import Stack
from codemod.proof.allowed import IMAGE
from codemod.proof.compare import ABSENT, Change
from codemod.proof.images import Rendered as Images
from codemod.proof.objects import load

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names that kustomize looks for, in its order."""
PROVEN, UNCHANGED, DIFFERS, UNPROVEN = "proven", "unchanged", "differs", "unproven"
HELM, KUSTOMIZE = "helm", "kustomize"


class Target(Struct, frozen=True):
    """One thing to prove: a release, or the folder of a kustomization, on each side; None where a side lacks it."""

    name: str
    tool: str
    before: Stack | str | None
    after: Stack | str | None


class Verdict(Struct, frozen=True):
    """What became of one target.

    `outcome` is `proven` (nothing but what is allowed differs), `unchanged` (all that it is rendered from is the same),
    `differs` (`differences` says in what) or `unproven` (`reason` says why it could not be rendered). `changes` are
    those that are allowed, `unstable` the places that differ between two renderings of one side, `files` the changed
    files that it is rendered from, `missing` what the release names and the repository has not: values that the proof
    does not know. `images` are those rendered after; None where nothing was rendered.
    `lacks_tool`: it changed, and there is no program to render it with. `stopped`: rendering it took too much.
    """

    target: str
    tool: str
    outcome: str
    reason: str = ""
    lacks_tool: bool = False
    stopped: bool = False
    changes: tuple[Change, ...] = ()
    differences: tuple[Change, ...] = ()
    unstable: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    images: Images | None = None

    @property
    def pinned(self) -> int:
        """How many images gained a digest."""
        return sum(change.allowed == IMAGE for change in self.changes)


class Proof(Struct, frozen=True):
    """The verdicts, sorted by target."""

    verdicts: tuple[Verdict, ...] = ()

    def of(self, outcome: str) -> tuple[Verdict, ...]:
        """The verdicts of one outcome."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome == outcome)

    @property
    def failed(self) -> bool:
        """Whether anything differs that may not."""
        return bool(self.of(DIFFERS))


def targets(
    stacks: Sequence[Stack], folders: Iterable[str], before: tuple[Sequence[Stack], Iterable[str]] | None = None
) -> Iterator[Target]:
    """The targets of a side's releases and kustomizations.

    `before` gives those of the other side where they may not be the same; releases are then matched by name,
    environment, chart and kind, in their order.
    """
    old_stacks, old_folders = (stacks, folders) if before is None else before
    groups: dict[tuple[object, ...], tuple[list[Stack], list[Stack]]] = defaultdict(lambda: ([], []))
    for side, found in enumerate((old_stacks, stacks)):
        for stack in found:
            groups[stack.name, stack.environment, stack.chart, stack.kind][side].append(stack)
    for one, other in groups.values():
        for at in range(max(len(one), len(other))):
            pair = one[at] if at < len(one) else None, other[at] if at < len(other) else None
            yield Target(_label(pair[1] or one[at]), HELM, *pair)
    sides = frozenset(old_folders), frozenset(folders)
    for folder in sorted(sides[0] | sides[1]):
        yield Target(folder or ".", KUSTOMIZE, *(folder if folder in side else None for side in sides))


def kustomizations(paths: Iterable[str], read: Callable[[str], bytes | None]) -> Iterator[str]:
    """The folders that kustomize can build: those of a kustomization that is no component, and no template of one."""
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        if name not in KUSTOMIZATIONS:
            continue
        documents = load(read(path) or b"") or []
        kinds = [document.get("kind", "Kustomization") for document in documents if isinstance(document, dict)]
        if kinds == ["Kustomization"]:
            yield folder


def value_keys(found: Iterable[Target]) -> frozenset[str]:
    """The keys of ConfigMaps and Secrets that hold values: those that releases name, and the names of value files.

    A generator of kustomize puts a file at the key of its name.
    """
    layers = [layer for target in found if isinstance(target.after, Stack) for layer in target.after.layers]
    named = (
        layer.within[1] for layer in layers if len(layer.within) == 2 and layer.within[0] in ("data", "stringData")
    )
    files = (layer.path.rpartition("/")[2] for layer in layers if not layer.within)
    return frozenset(map(str, (*named, *files)))


def lacking(proof: Proof) -> str | None:
    """The tool that a target which changed cannot be rendered without, None where all were found."""
    return next((verdict.tool for verdict in proof.verdicts if verdict.lacks_tool), None)


def one_sided(target: Target) -> Verdict:
    """The verdict on a target that one side lacks: no migration adds or removes a release."""
    there = "a release" if target.tool == HELM else "a kustomization"
    before, after = (ABSENT if side is None else there for side in (target.before, target.after))
    return Verdict(target.name, target.tool, DIFFERS, differences=(Change("", "", before, after),))


def _label(stack: Stack) -> str:
    return f"{stack.name} ({stack.environment})" if stack.environment else stack.name
