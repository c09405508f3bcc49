"""The sites of one line, and why each is as it is: what is written, what releases make of it, what a run does. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from codemod.chain import Chain, Chains
from codemod.edits import Edit, apply
from codemod.fleet import Fleet, Stack
from codemod.fleet.stack import is_read_by
from codemod.outcome import Changed, ImageEntry, LeftAlone, Plan, Site
from codemod.place import TEMPLATE
from codemod.scan import Finding, Scanner
from codemod.transform import REMARK, Change, Embedded, Image, Left, PullPolicy, View


class Found(Struct, frozen=True):
    """A site of a file: its place, its last line and the column after its end, and the fact about it."""

    site: Site
    end: tuple[int, int]
    finding: Finding

    @property
    def place(self) -> tuple[int, int]:
        """Line and column."""
        return self.site.line, self.site.column

    @property
    def written(self) -> str:
        """What stands there."""
        fact = self.finding.fact
        if isinstance(fact, (Image, Left)) and fact.text:
            return fact.text
        return "" if isinstance(fact, Embedded) else self.finding.source.text(fact.span)


class Written(Struct, frozen=True):
    """What a run writes at a site: the lines that it changes, before and after."""

    change: Changed
    before: tuple[str, ...]
    after: tuple[str, ...]


class Explained(Struct, frozen=True):
    """One site with everything that is known of it.

    `kind` is `image`, `pull-policy` or `change`; `entries` are its lines of the inventory; `chains` say how the
    releases see it, `readers` are the releases of the chart whose template it is in; a run does what is `written`,
    and leaves what is `left`.
    """

    found: Found
    kind: str
    entries: tuple[ImageEntry, ...]
    chains: tuple[Chain, ...]
    readers: tuple[Stack, ...]
    written: tuple[Written, ...]
    left: tuple[LeftAlone, ...]

    @property
    def is_idle(self) -> bool:
        """Whether this is a change that only counts if it is made, and is not made."""
        return self.kind == "change" and not self.written and not self.left


def sites(findings: Iterable[Finding]) -> list[Found]:
    """The sites of a file, in the order of the text."""
    found = {}
    for finding in findings:
        fact = finding.fact
        if isinstance(fact, Embedded):
            continue
        file, span = finding.source.file, finding.in_file(fact.span)
        start, last = file.position(span.start), file.position(max(span.start, span.end - 1))
        site = Site(finding.path, start.line, start.column, fact.surface, finding.transform)
        found[site, type(fact)] = Found(site, (last.line, last.column + 1), finding)
    taken = {one.place for one in found.values() if not _is_remark(one)}
    shown = (one for one in found.values() if not (_is_remark(one) and one.place in taken))
    return sorted(shown, key=lambda one: (one.place, one.site.transform))


def at(found: Sequence[Found], line: int, column: int | None) -> list[Found]:
    """The sites that begin on a line, else those that it is inside of; with a column, only those that cover it."""
    here = [one for one in found if one.site.line == line] or [
        one for one in found if one.site.line < line <= one.end[0]
    ]
    return here if column is None else [one for one in here if one.place <= (line, column) < one.end]


def sites_of(path: str, line: int, scanner: Scanner, chains: Chains) -> list[Found]:
    """The images, in whatever layer, a part of which some release takes from a line."""
    fleet, place = scanner.fleet, f"{path}:{line}"
    paths = dict.fromkeys(other for stack in fleet.stacks_of(path) for other in stack.paths)
    found = []
    for other in paths:
        source = fleet.tree.source(other)
        for one in sites(scanner.findings(source)) if source is not None else ():
            fact = one.finding.fact
            all_of = (_chain(view, fact, chains) for view in _views(fact) if isinstance(fact, Image))
            if any(setting.place == place for chain in all_of for setting in chain.settings):
                found.append(one)
    return found


def explained(found: Found, plan: Plan, fleet: Fleet, chains: Chains) -> Explained:
    """Everything about one site."""
    fact = found.finding.fact
    return Explained(
        found,
        "pull-policy" if isinstance(fact, PullPolicy) else "change" if isinstance(fact, Change) else "image",
        tuple(entry for entry in plan.images if _is_at(entry.site, found.site)),
        tuple(_chain(view, fact, chains) for view in _views(fact)),
        _readers(found, fleet),
        tuple(_written(change, plan) for change in plan.changed if _is_at(change.site, found.site)),
        tuple(dict.fromkeys((*(e for e in plan.left if _is_at(e.site, found.site)), *_remarks(plan, found.site)))),
    )


def _chain(view: View, fact: object, chains: Chains) -> Chain:
    """How one release sees the site; where no chart tells what it prints, what the transform says of it."""
    if isinstance(fact, PullPolicy):
        return chains.of_policy(view)
    is_parted = not isinstance(fact, Image) or fact.is_parted or bool(fact.shows)
    chain = chains.of_image(view, is_parted=is_parted)
    if chain.images or not isinstance(fact, Image):
        return chain
    name, environment = chain.stack.name, chain.stack.environment
    shown = [render.reference for render in fact.renders if (render.stack, render.environment) == (name, environment)]
    return replace(chain, images=tuple(dict.fromkeys(str(reference) for reference in shown if reference is not None)))


def _written(change: Changed, plan: Plan) -> Written:
    """The whole lines that a change edits, without their common indentation."""
    data, _ = plan.files[change.site.path]
    start = data.rfind(b"\n", 0, min(edit.start for edit in change.edits)) + 1
    stop = data.find(b"\n", max(edit.end for edit in change.edits) - 1)
    lines = data[start : stop if stop >= 0 else len(data)]
    edits = [Edit(edit.start - start, edit.end - start, edit.text) for edit in change.edits]
    edited = apply(data[start:], edits)[: len(lines) + sum(len(e.text) - (e.end - e.start) for e in edits)]
    indent = len(lines) - len(lines.lstrip(b" \t"))
    before, after = (_unindented(text, indent) for text in (lines, edited))
    return Written(change, before, after)


def _unindented(text: bytes, indent: int) -> tuple[str, ...]:
    lines = text.decode("utf-8", "replace").rstrip().splitlines()
    return tuple(line[indent:] if not line[:indent].strip() else line for line in lines)


def _views(fact: object) -> tuple[View, ...]:
    """How the releases see a site; a template string is seen where it takes its tag from."""
    if isinstance(fact, Change):
        return fact.serves
    if isinstance(fact, Image) and fact.shows:
        return fact.shows
    return fact.views if isinstance(fact, (Image, PullPolicy)) else ()


def _readers(found: Found, fleet: Fleet) -> tuple[Stack, ...]:
    """The releases whose chart prints a template."""
    if TEMPLATE not in found.finding.source.file.place:
        return ()
    return tuple(stack for stack in fleet.stacks if is_read_by(found.site.path, stack))


def _is_remark(one: Found) -> bool:
    return isinstance(one.finding.fact, Left) and one.finding.fact.kind == REMARK


def _remarks(plan: Plan, site: Site) -> Iterator[LeftAlone]:
    """What is remarked on a place, whichever transform does."""
    place = (site.path, site.line, site.column)
    return (one for one in plan.remarks if (one.site.path, one.site.line, one.site.column) == place)


def _is_at(site: Site, other: Site) -> bool:
    places = [(one.path, one.line, one.column, one.transform) for one in (site, other)]
    return places[0] == places[1]
