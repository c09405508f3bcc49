"""The digests that files carry: one entry for each place at which one is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.reference import Reference
from codemod.scan import Finding
from codemod.source import Position, Source, Span
from codemod.transform import Image, Keys


class Shown(Struct, frozen=True):
    """One release, or the file itself where none is known, that shows a digest; `keys` are the place in its values."""

    reference: Reference
    environment: str | None
    stack: int | None = None
    keys: Keys = ()


class Pinned(Struct):
    """A digest that is written in a file: `at` are its bytes, `tag_at` those of the tag that stands with it."""

    source: Source
    at: Span
    digest: str
    surface: str
    vendored: bool
    tag_at: Span | None = None
    alias: str = ""
    """`*name` where that stands for the digest, which then cannot be moved here."""
    shown: list[Shown] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The file, relative to the root."""
        return self.source.path

    @property
    def position(self) -> Position:
        """Where the digest stands."""
        return self.source.position(self.at.start)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The images that it pins, once each; more than one where several repositories share it."""
        return tuple(dict.fromkeys(shown.reference for shown in self.shown))

    @property
    def environments(self) -> frozenset[str | None]:
        """The environments in which it is in force; None stands for a file or a release that belongs to none."""
        return frozenset(shown.environment for shown in self.shown)

    @property
    def comment(self) -> str:
        """What stands between the digest and the end of its line."""
        end = self.source.data.find(b"\n", self.at.end)
        rest = self.source.data[self.at.end : end if end >= 0 else None]
        return rest.decode("utf-8", "replace").strip(" \t\r\"'`,;)]}")

    def edit(self, digest: str) -> Edit:
        """The edit that puts another digest in its place."""
        return Edit(self.at.start, self.at.end, digest.encode())


def pinned(findings: Iterable[Finding], fleet: Fleet) -> list[Pinned]:
    """Every digest of an image that is written in some file and in force somewhere, in the order of the tree."""
    found: dict[tuple[str, int], Pinned] = {}
    for finding in findings:
        if isinstance(finding.fact, Image):
            for one in _of(finding, finding.fact, fleet):
                known = found.setdefault((one.path, one.at.start), one)
                known.shown += [shown for shown in one.shown if shown not in known.shown]
    return [found[place] for place in sorted(found)]


def _of(finding: Finding, fact: Image, fleet: Fleet) -> Iterator[Pinned]:
    """What one image site says: at most one digest, shown by any number of releases."""
    digests = {render.reference.digest for render in fact.renders if render.reference is not None}
    for digest in sorted(digest for digest in digests if digest is not None):
        span, alias = _written(finding.source, fact, digest), ""
        if span is None:
            span, alias = _alias(finding.source, fact)
        if span is None:
            continue
        file = finding.source.file
        if finding.path != file.path:
            file = Source(finding.path, file.data, file.language)
        one = Pinned(
            file,
            finding.in_file(span),
            digest,
            fact.surface,
            fleet.config.spared(finding.path) is not None,
            _tag(finding, fact),
            alias,
        )
        one.shown = list(_shown(finding, fact, digest, fleet))
        yield one


def _written(source: Source, fact: Image, digest: str) -> Span | None:
    """Where the digest is written at a site, None where it comes from elsewhere."""
    for span in (fact.span, fact.digest):
        at = source.data.find(digest.encode(), span.start, span.end) if span is not None else -1
        if at >= 0:
            return Span(at, at + len(digest))
    return None


def _alias(source: Source, fact: Image) -> tuple[Span | None, str]:
    """The YAML alias at a site that has no text of its own."""
    for span in (fact.digest, fact.span):
        text = source.data[span.start : span.end] if span is not None else b""
        if source.language == "yaml" and text.startswith(b"*"):
            return span, text.decode("utf-8", "replace")
    return None, ""


def _tag(finding: Finding, fact: Image) -> Span | None:
    """Where the tag stands that a site spells together with its digest."""
    tag = next((r.reference.tag for r in fact.renders if r.reference is not None and r.reference.tag), None)
    if tag is None:
        return None
    data = finding.source.data
    if data[fact.span.start : fact.span.end] == tag.encode():
        return finding.in_file(fact.span)
    at = data.find(f":{tag}@".encode(), fact.span.start, fact.span.end)
    return finding.in_file(Span(at + 1, at + 1 + len(tag))) if at >= 0 else None


def _shown(finding: Finding, fact: Image, digest: str, fleet: Fleet) -> Iterator[Shown]:
    """The releases that show the digest of a site."""
    own = fleet.config.environment_of(finding.path)
    for render in fact.renders:
        if render.reference is None or render.reference.digest != digest:
            continue
        environment = render.environment or own
        stacks = ((view, fleet.stacks[view.stack]) for view in fact.views)
        views = [
            view for view, stack in stacks if (stack.name, stack.environment) == (render.stack, render.environment)
        ]
        yield from (Shown(render.reference, environment, view.stack, view.keys) for view in views)
        if not views:
            yield Shown(render.reference, environment)
