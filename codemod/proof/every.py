"""Every release and kustomization of a tree as it is, rendered by the real tools: objects, or why there are none."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from msgspec import Struct

from codemod.fleet.stack import Stack
from codemod.patterns import on_use
from codemod.proof.inputs import Side, of_kustomization, of_stack
from codemod.proof.objects import Object, parse
from codemod.proof.prove import UNREADABLE
from codemod.proof.render import Job, Rendered, Renderer, helm_job, kustomize_job
from codemod.proof.tools import Tools
from codemod.proof.verdict import HELM, KUSTOMIZE

_DOCUMENT = on_use(rb"^---\n(?=# Source: )", re.MULTILINE)
_TEMPLATE = on_use(rb"# Source: ([^\n]+)")

Item = Stack | str
"""A release, or the folder of a kustomization."""


class Printed(Struct, frozen=True):
    """An object, and the template that Helm says it is from (`chart/templates/web.yaml`), empty where none is."""

    one: Object
    template: str = ""


class Shown(Struct, frozen=True):
    """What one item renders, or None and the reason in one line; `files` are all that it is rendered from.

    `lacks`: the tool that is not there. `stopped`: rendering it took too much.
    """

    item: Item
    files: frozenset[str]
    objects: tuple[Printed, ...] | None
    reason: str = ""
    lacks: str = ""
    stopped: bool = False


def render_all(
    items: Sequence[Item],
    folder: str,
    tools: Tools,
    *,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> tuple[Shown, ...]:
    """Render items from the files below a folder, in their order. What equals in all inputs is rendered once.

    Where the first release of a chart takes too much, its others are not tried; nothing is kept afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="unfloat-") as cache, ThreadPoolExecutor(max_workers=jobs) as pool:
        every = _Every(Side(folder), tools, Renderer(tools, cache))
        first: dict[str, Item] = {}
        for item in items:
            first.setdefault(_group(item), item)
        found: dict[int, Shown] = {}
        try:
            for wave in (list(first.values()), [item for item in items if first[_group(item)] is not item]):
                stopped = {_group(shown.item): shown for shown in found.values() if shown.stopped}
                waiting = {pool.submit(every.shown, item, stopped.get(_group(item))): item for item in wave}
                for future in as_completed(waiting):
                    found[id(waiting[future])] = future.result()
                    if progress is not None:
                        progress(len(found))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tuple(found[id(item)] for item in items)


class _Every(Struct, frozen=True):
    side: Side
    tools: Tools
    renderer: Renderer

    def shown(self, item: Item, stopped: Shown | None) -> Shown:
        """Render one item, unless another of its chart took too much."""
        inputs = of_kustomization(self.side, item) if isinstance(item, str) else of_stack(self.side, item)
        files = frozenset(inputs)
        if stopped is not None:
            return Shown(item, files, None, stopped.reason)
        name, tool = (KUSTOMIZE, self.tools.kustomize) if isinstance(item, str) else (HELM, self.tools.helm)
        if isinstance(item, Stack) and item.chart is None:
            return Shown(item, files, None, "the chart is not in the repository")
        if tool is None:
            return Shown(item, files, None, f"no {name} was found", lacks=name)
        if isinstance(item, str):
            job: Job | str = kustomize_job(self.renderer, tool, item, inputs)
        else:
            job = helm_job(self.renderer, tool, self.side, item, inputs)
        found = Rendered(None, job) if isinstance(job, str) else self.renderer.render(self.side, job)
        if found.text is None:
            return Shown(item, files, None, found.reason, stopped=found.stopped)
        objects = _objects(found.text)
        return Shown(item, files, objects, UNREADABLE if objects is None else "")


def _objects(text: bytes) -> tuple[Printed, ...] | None:
    """The objects of a rendered text; None where it is no list of objects."""
    found: list[Printed] = []
    for part in _DOCUMENT.split(text):
        objects = _parsed(part)
        if objects is None:
            return None
        source = _TEMPLATE.match(part)
        template = source[1].decode("utf-8", "replace").strip() if source is not None else ""
        found += (Printed(one, template) for one in objects)
    return tuple(found)


def _parsed(part: bytes) -> Iterable[Object] | None:
    try:
        return parse(part)
    except RecursionError:
        return None


def _group(item: Item) -> str:
    """What items have in common that take too long together: the chart; a kustomization is alone."""
    return f"{item}/kustomization" if isinstance(item, str) else f"{item.chart}/"
