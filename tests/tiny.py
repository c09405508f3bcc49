"""Transforms that state what a test tells them, and plans of files with them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from codemod.config import Config
from codemod.digests import DigestSource
from codemod.edits import DIGEST, Edit
from codemod.engine import plan
from codemod.fleet import Fleet, build
from codemod.formats import yaml
from codemod.outcome import Plan
from codemod.reference import parse, split
from codemod.settle import Judge
from codemod.source import Segment, Source, Span
from codemod.testing import TODAY, EveryDigest
from codemod.transform import Embedded, Fact, Image, Keys, Language, PullPolicy, Rendering, Transform, View

TEXT = Language("text", suffixes=(".t",))
ALWAYS, IF_NOT_PRESENT = "Always", b"IfNotPresent"
States = Callable[[Source], Iterable[Fact]]
Stated = Mapping[str, States]
"""By path, what to say of the file there."""


def stating(facts: Stated, name: str = "tiny") -> Transform:
    """A transform that says of the file at each path what the path's function says; nothing of texts inside."""
    transform = Transform(f"transforms.{name}", reads=TEXT, looks_at_path=True)

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        if source.outer is None and source.path in facts:
            yield from (_seen(fact, source, fleet) for fact in facts[source.path](source))

    return transform


def _seen(fact: Fact, source: Source, fleet: Fleet) -> Fact:
    """The fact as the releases see it: keys that were given are those in the file."""
    if not isinstance(fact, (Image, PullPolicy)) or not fact.views:
        return fact
    return replace(fact, views=fleet.views(yaml.documents(source)[0], fact.views[0].keys))


def span(source: Source, text: str, nth: int = 0) -> Span:
    """Where a text stands in a source, for the nth time."""
    start = -1
    for _ in range(nth + 1):
        start = source.data.index(text.encode(), start + 1)
    return Span(start, start + len(text.encode()))


def image(
    source: Source, written: str, nth: int = 0, *, requires: Sequence[Span] = (), reason: str | None = None
) -> Image:
    """A whole reference that is pinned by putting the digest in the place of its tag, or after it if it stays."""
    at, spelling = span(source, written, nth), split(written)
    tagless = at.start + len(spelling.name.encode())
    stays = not Config().floats(spelling.tag)
    edits = () if spelling.digest else (Edit(at.end if stays else tagless, at.end, b"@" + DIGEST),)
    return Image(at, "manifest", written, (Rendering(parse(written)),), edits, reason, requires=tuple(requires))


def value(
    source: Source,
    tag: str,
    *references: str | Rendering | None,
    keys: Keys = ("image",),
    part: str = "tag",
    nth: int = 0,
) -> Image:
    """A tag of a values map, with the references that releases make of it."""
    at = span(source, tag, nth)
    renders = tuple(r if isinstance(r, Rendering) else Rendering(parse(r) if r else None) for r in references)
    is_known = all(render.reference is not None for render in renders)
    edits = (Edit(at.start, at.end, DIGEST),) if is_known and not tag.startswith("sha256:") else ()
    reason, views = None if is_known else "repository-unknown", (View(0, 0, (*keys, part)),)
    return Image(at, "helm-values", tag, renders, edits, reason, views, is_parted=True)


def policy(
    source: Source, governs: Sequence[Span] = (), *, keys: Keys | None = None, everywhere: bool = False, nth: int = 0
) -> PullPolicy:
    """A pull policy `Always`."""
    at = span(source, ALWAYS, nth)
    views = () if keys is None else (View(0, 0, keys),)
    return PullPolicy(at, "manifest", (Edit(at.start, at.end, IF_NOT_PRESENT),), tuple(governs), views, everywhere)


class Braces:
    """A quoting that cannot spell line breaks and doubles braces."""

    def encode(self, text: bytes) -> bytes | None:
        return None if b"\n" in text else text.replace(b"{", b"{{")


def inner(source: Source, begin: str = "{", end: str = "}") -> Embedded:
    """The text between the first opening and the last closing brace, as a source of its own."""
    start, stop = source.data.index(begin.encode()) + len(begin), source.data.rindex(end.encode())
    data = source.data[start:stop]
    segments = (Segment(0, len(data), start, len(data)),)
    return Embedded(Source(source.path, data, source.language, outer=source, segments=segments, quoting=Braces()))


def planned(
    transforms: Transform | Sequence[Transform],
    files: Mapping[str, str],
    *,
    config: Config | None = None,
    digests: DigestSource | None = None,
    today: datetime.date = TODAY,
    pin_all: bool = False,
    judge: Judge | None = None,
) -> Plan:
    """The plan over the files, in the order in which they are given."""
    sources = {path: Source(path, text.encode(), TEXT.name) for path, text in files.items()}
    chosen = [transforms] if isinstance(transforms, Transform) else transforms
    return plan(
        sources.values(),
        chosen,
        build(config or Config(), list(sources), sources.get),
        digests or EveryDigest(),
        today=today,
        pin_all=pin_all,
        judge=judge,
    )


def codes(result: Plan) -> list[tuple[str, str, str]]:
    """Path, text and code of everything that is left."""
    return [(entry.site.path, entry.text, entry.code) for entry in result.left]


def after(result: Plan, path: str) -> str:
    """The text of a file that changes."""
    return result.files[path][1].decode()
