"""The proof of a migration: each release and kustomization rendered before and after, and a verdict on each."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from codemod.fleet.stack import Stack
from codemod.proof.allowed import Planned
from codemod.proof.compare import Change, compare
from codemod.proof.images import rendered_images
from codemod.proof.inputs import Inputs, Side, of_kustomization, of_stack
from codemod.proof.objects import Object, parse
from codemod.proof.render import Job, Rendered, Renderer, helm_job, kustomize_job
from codemod.proof.tools import Tool, Tools
from codemod.proof.unshown import Written, refused
from codemod.proof.verdict import (
    DIFFERS,
    HELM,
    PROVEN,
    UNCHANGED,
    UNPROVEN,
    Proof,
    Target,
    Verdict,
    one_sided,
    value_keys,
)

UNREADABLE = "what it renders is no list of objects"


def prove(
    targets: Iterable[Target],
    before: str,
    after: str,
    tools: Tools,
    *,
    planned: Planned | None = None,
    written: Written | None = None,
    jobs: int = 1,
    cache: str | None = None,
    all_images: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Proof:
    """Render every target that changed between two folders, and compare.

    `planned` gives the one digest that each image may gain (None: any; `Known`: any where none is known), and
    `written` the files that it is written to, where some release has to show it. `cache` is a
    folder of earlier renderings by the hash of what they were made from. With `all_images` what did not change is
    rendered too, for its images.
    `progress` is told how many targets are done. Where rendering the first release of a chart takes too much, the
    others of that chart are not tried.
    """
    targets = list(targets)
    known: dict[tuple[int, int], bytes] = {}
    with _folder(cache) as kept, ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        sides = Side(before, known), Side(after, known)
        prover = _Prover(*sides, tools, Renderer(tools, kept), planned, value_keys(targets), all_images)
        try:
            verdicts = _in_waves(pool, prover, targets, progress)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    verdicts = list(refused(verdicts, written or {}))
    return Proof(tuple(sorted(verdicts, key=lambda verdict: (verdict.tool, verdict.target))))


def _in_waves(
    pool: ThreadPoolExecutor, prover: _Prover, targets: Sequence[Target], progress: Callable[[int], None] | None
) -> list[Verdict]:
    """The verdicts: on one release of each chart first, then on all others."""
    first = {_chart(target): target for target in reversed(targets)}
    found: dict[tuple[str, str], Verdict] = {}
    verdicts: list[Verdict] = []
    for wave in (list(first.values()), [target for target in targets if first[_chart(target)] is not target]):
        waiting = {pool.submit(_tried, prover, target, found.get(_chart(target))): target for target in wave}
        for done, future in enumerate(as_completed(waiting), len(verdicts) + 1):
            found.setdefault(_chart(waiting[future]), future.result())
            if progress is not None:
                progress(done)
        verdicts += [future.result() for future in waiting]
    return verdicts


def _tried(prover: _Prover, target: Target, first: Verdict | None) -> Verdict:
    """The verdict on a target; on one whose chart took too much for the first of its releases, that one's."""
    if first is None or not first.stopped:
        return prover.verdict(target)
    return Verdict(target.name, target.tool, UNPROVEN, f"{first.target}, of the same chart, {first.reason}")


class _Prover(Struct, frozen=True):
    before: Side
    after: Side
    tools: Tools
    renderer: Renderer
    planned: Planned | None
    value_keys: frozenset[str]
    all_images: bool

    def verdict(self, target: Target) -> Verdict:
        """Prove one target."""
        if target.before is None or target.after is None:
            return one_sided(target)
        inputs = _inputs(self.before, target.before), _inputs(self.after, target.after)
        files = tuple(path for path in sorted({**inputs[0], **inputs[1]}) if inputs[0].get(path) != inputs[1].get(path))
        try:
            found = self._judged(target, inputs, is_same=not files and _is_same(target.before, target.after))
        except RecursionError:
            found = Verdict(target.name, target.tool, UNPROVEN, "what it renders is nested too deeply")
        missing = () if isinstance(target.after, str) else (*target.after.missing, *target.after.notes)
        return replace(found, files=files, missing=missing)

    def _judged(self, target: Target, inputs: tuple[Inputs, Inputs], *, is_same: bool) -> Verdict:
        assert target.before is not None
        assert target.after is not None
        if isinstance(target.after, Stack) and target.after.chart is None:
            outcome = UNCHANGED if is_same else UNPROVEN
            return Verdict(target.name, target.tool, outcome, "the chart is not in the repository")
        tool = self.tools.helm if target.tool == HELM else self.tools.kustomize
        if tool is None:
            outcome = UNCHANGED if is_same else UNPROVEN
            return Verdict(target.name, target.tool, outcome, f"no {target.tool} was found", lacks_tool=not is_same)
        old = self._job(tool, self.before, target.before, inputs[0])
        new = self._job(tool, self.after, target.after, inputs[1])
        if is_same or (isinstance(old, Job) and isinstance(new, Job) and old.key == new.key):
            return self._unchanged(target, new)
        one = self._rendered(self.before, old)
        if one.text is None:
            return Verdict(target.name, target.tool, UNPROVEN, one.reason, stopped=one.stopped)
        other = self._rendered(self.after, new)
        if other.text is None:
            return _broken(target, other)
        return self._compared(target, old, one.text, other.text)

    def _compared(self, target: Target, job: Job | str, one: bytes, other: bytes) -> Verdict:
        old, new = parse(one), parse(other)
        if old is None:
            return Verdict(target.name, target.tool, UNPROVEN, UNREADABLE)
        if new is None:
            return _broken(target, Rendered(None, UNREADABLE))
        found = compare(old, new, self.planned, self.value_keys)
        unstable = self._unstable(job, old) if found.differences else frozenset()
        left = found.without(unstable)
        return Verdict(
            target.name,
            target.tool,
            DIFFERS if left.differences else PROVEN,
            changes=found.allowed,
            differences=left.differences,
            unstable=tuple(sorted(f"{label} {path}" for label, path in unstable)),
            images=rendered_images(new),
        )

    def _unstable(self, job: Job | str, old: Sequence[Object]) -> frozenset[tuple[str, str]]:
        """The places that differ between two renderings of the side before: random values, keys, times."""
        again = self.renderer.render_anew(self.before, job) if isinstance(job, Job) else Rendered(None)
        objects = parse(again.text) if again.text is not None else None
        if objects is None:
            return frozenset()
        found = compare(old, objects)
        return frozenset(change.place for change in (*found.allowed, *found.differences))

    def _unchanged(self, target: Target, job: Job | str) -> Verdict:
        if not self.all_images:
            return Verdict(target.name, target.tool, UNCHANGED)
        found = self._rendered(self.after, job)
        objects = parse(found.text) if found.text is not None else None
        images = rendered_images(objects) if objects is not None else None
        reason = found.reason or ("" if objects is not None else UNREADABLE)
        return Verdict(target.name, target.tool, UNCHANGED, reason, images=images)

    def _job(self, tool: Tool, side: Side, item: Stack | str, inputs: Inputs) -> Job | str:
        if isinstance(item, str):
            return kustomize_job(self.renderer, tool, item, inputs)
        return helm_job(self.renderer, tool, side, item, inputs)

    def _rendered(self, side: Side, job: Job | str) -> Rendered:
        return Rendered(None, job) if isinstance(job, str) else self.renderer.render(side, job)


def _chart(target: Target) -> tuple[str, str]:
    """What targets have in common that take too long together: the chart; a kustomization is alone."""
    folder = target.after.chart if isinstance(target.after, Stack) else None
    return target.tool, target.name if folder is None else f"{folder}/"


def _broken(target: Target, after: Rendered) -> Verdict:
    """The verdict on what rendered before and does not after; one that took too long says nothing of the edits."""
    if after.stopped:
        return Verdict(target.name, target.tool, UNPROVEN, after.reason, stopped=True)
    change = Change("", "", "renders", f"does not: {after.reason}")
    return Verdict(target.name, target.tool, DIFFERS, differences=(change,))


def _is_same(one: Stack | str, other: Stack | str) -> bool:
    """Whether two sides mean the same rendering of the same files, wherever a release is declared."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return replace(one, origin="", notes=()) == replace(other, origin="", notes=())


def _inputs(side: Side, item: Stack | str) -> Inputs:
    return of_kustomization(side, item) if isinstance(item, str) else of_stack(side, item)


@contextmanager
def _folder(named: str | None) -> Iterator[str]:
    """The folder for renderings: the one named, else one that goes with the proof."""
    if named is not None:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="unfloat-") as folder:
        yield folder
