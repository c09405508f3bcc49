"""What a transform is, and the facts that it may state about one source.

A transform says *where* and *what for*; it never asks for a digest, decides, prints or writes. The engine gathers all
facts, asks for all digests at once, decides, and only then has edits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from codemod.edits import Edit
from codemod.reference import Reference
from codemod.source import Source, Span

if TYPE_CHECKING:
    from codemod.fleet import Fleet

REMARK = "remark"
Keys = tuple[str | int, ...]
"""The way to a node from the root of a values document: map keys and list indices."""
SiteId = tuple[str, int]
"""An image site: the path of its file, and the byte offset there of its fact's span."""


class View(NamedTuple):
    """How one release sees a site: the stack's number, the layer's number in it, and the keys in its values."""

    stack: int
    layer: int
    keys: Keys


class Language(Struct, frozen=True):
    """A kind of file: its name and the file names it goes by (case kept; suffixes begin with a dot).

    Of several languages that know a file, one that knows its whole name wins, then the longest suffix, then a prefix.
    A file without a suffix that none knows is of the language whose interpreter its first line names (`#!/bin/sh`).
    """

    name: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()

    def claims(self, name: str) -> bool:
        """Whether a file of this name is of this kind, unless another language knows it better."""
        return name in self.names or name.endswith(self.suffixes) or name.startswith(self.prefixes)


class Rendering(Struct, frozen=True):
    """What one release makes of an image site. `stack` and `environment` are None outside any known stack."""

    reference: Reference | None
    stack: str | None = None
    environment: str | None = None


class Image(Struct, frozen=True):
    """Here is an image, or the part of one that a person would edit.

    `edits` pin it (with `edits.DIGEST` where the digest goes); no edits and a `reason` code mean that it cannot be
    pinned here. `text` is what is written there. `views` are its places in the values of releases, at
    the key of its tag or of the whole reference; `is_parted` says that layers may set its parts one by one.
    """

    span: Span
    surface: str
    text: str
    renders: tuple[Rendering, ...]
    edits: tuple[Edit, ...] = ()
    reason: str | None = None
    views: tuple[View, ...] = ()
    is_parted: bool = False
    tag: str = ""
    """The tag that the values say, where they say one: a chart may put it together with a prefix or a suffix."""
    unproven: bool = False
    shows: tuple[View, ...] = ()
    """The tags in the values of releases that a template string takes its own from; it is pinned once they are."""
    goes: bool = False
    """Its edits take it away, once all that it `shows` is pinned; until then it stays, as one that several share."""
    renamed: tuple[View, ...] = ()
    """Where higher layers of releases name another repository and inherit this tag; pinned only with all of them."""
    lower: tuple[View, ...] = ()
    """Where lower layers set a tag that the chart would take before the digest; pinned only where all of them go."""
    decided_by: tuple[SiteId, ...] = ()
    """Sites of kustomizations that put a tag or a digest of their own in the place of what is written here."""
    is_decided: bool = False
    """Whether that is so wherever the image is deployed: then it is pinned only with all of these."""
    requires: tuple[Span, ...] = ()
    """Image sites of the same source that must be pinned in the same run, or this one is left."""
    message: str = ""
    """More about `reason` or `note` than its general explanation says."""
    note: str | None = None
    """A reason code that is reported though the image is pinned, for what stays behind beside it."""
    digest: Span | None = None
    """Where the digest of the image is written, if that is in this source and outside `span`."""
    undoes: tuple[tuple[SiteId, str], ...] = ()
    """Image sites whose digest this tag takes off, those that have one already with their place in words."""


class PullPolicy(Struct, frozen=True):
    """Here is a pull policy `Always`; `edits` flip it, once everything that it governs is pinned.

    It governs the images at `governs` (spans of this source), those of the values map that it stands in, as the
    releases of its `views` show it, and, if `everywhere`, every image of every release that reads this file.
    """

    span: Span
    surface: str
    edits: tuple[Edit, ...]
    governs: tuple[Span, ...] = ()
    views: tuple[View, ...] = ()
    everywhere: bool = False


class Left(Struct, frozen=True):
    """Something that names an image, or could, stays: `code` says why; a `REMARK` is said beside the images."""

    span: Span
    surface: str
    code: str
    text: str = ""
    message: str = ""
    kind: str = "image"
    names_image: bool = True
    """Whether the text of a remark is an image, where it reads like one: the path of a script does, too."""


class Change(Struct, frozen=True):
    """An edit that needs no digest.

    One that `serves` images, as releases see them (stack and keys count), is carried out if any of them is pinned, and
    none of them is pinned without it. It is moot if an image site of `unless` is pinned in this run, and carried out
    only if those of `follows` are, be it images (their digest is what `edits.DIGEST` stands for in the edits) or pull
    policies. Where it is not, `otherwise` says what stays.
    """

    span: Span
    surface: str
    edits: tuple[Edit, ...]
    serves: tuple[View, ...] = ()
    unless: tuple[SiteId, ...] = ()
    follows: tuple[SiteId, ...] = ()
    otherwise: Left | None = None


class Embedded(Struct, frozen=True):
    """A text inside this one that has a language of its own; the engine scans it as it scans a file.

    Where the text only shows something, `retold` makes of every fact about it what it comes to here, or nothing; it is
    then read by all transforms, whichever the user chose, and what is found is said to come from the embedding one.
    """

    source: Source
    retold: Callable[[Source, Fact], Fact | None] | None = None


Fact = Image | PullPolicy | Left | Change | Embedded
Scan = Callable[[Source, "Fleet"], Iterable[Fact]]
Look = Callable[[Source, "Fleet"], object]
"""What facts depend on beside a file's bytes and its place."""


class Transform:
    """One idempotent rewriting: its name is its module's, its documentation the module's docstring.

    `reads` are the languages of the sources it wants; `words` are byte strings of which at least one must occur in a
    source for the transform to be asked at all (an empty tuple: always ask). `looks_at_path` says that the facts depend
    on more of the path than the name and `Source.place` tell: True for all of it, a text for all of it where the name
    ends in that, byte strings where any of them occurs in the file, or a function from a file to what counts; files of
    equal bytes share their facts where that is equal. `opened_by` are the names of the transforms that open texts for
    it: who names this one names them, too. `after` are the names of those whose result clusters have to know before
    they can take what this one does on request. `remarks` are the codes of one that, not named, only remarks.
    """

    def __init__(
        self,
        module: str,
        *,
        reads: Language | tuple[Language, ...],
        words: tuple[bytes, ...] = (),
        looks_at_path: bool | str | tuple[bytes, ...] | Look = False,
        opened_by: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
        remarks: tuple[str, ...] = (),
    ) -> None:
        self.module, self.words = module, words
        self.name = module.rpartition(".")[2].replace("_", "-")
        self.reads = reads if isinstance(reads, tuple) else (reads,)
        self.languages = frozenset(language.name for language in self.reads)
        self._look: Look | None = looks_at_path if callable(looks_at_path) else _path if looks_at_path else None
        self._looks_for = looks_at_path if isinstance(looks_at_path, (str, tuple)) else ""
        self.opened_by, self.after, self.remarks = opened_by, after, remarks
        self.readers: tuple[Transform, ...] = ()  # those that read what it embeds to be retold, if not those of the run
        self._scan: Scan | None = None
        self._named: Scan | None = None

    def __repr__(self) -> str:
        return f"Transform({self.name})"

    def scan(self, function: Scan) -> Scan:
        """Decorator: the function that states the facts of one source."""
        self._scan = function
        return function

    def when_named(self, function: Scan) -> Scan:
        """Decorator: the function to take instead where the user names the transform with `--only`.

        For rewritings that nobody should get unasked; `scan` then only reports.
        """
        self._named = function
        return function

    @property
    def named(self) -> Transform:
        """This transform as `--only` asks for it."""
        other = copy(self) if self._named is not None else self
        if self._named is not None:
            other._scan, other._look, other._looks_for = self._named, _path, ""
        return other

    def look(self, source: Source) -> Look | None:
        """What it looks at of the path of a source that it is asked about; None where equal bytes are all."""
        file, wanted = source.file, self._looks_for
        is_there = file.path.endswith(wanted) if isinstance(wanted, str) else file.mentions(wanted)
        return self._look if is_there else None

    def stated(self, source: Source, fleet: Fleet) -> Iterable[Fact]:
        """The facts about a source for which it is asked."""
        if self._scan is not None:
            return self._scan(source, fleet)
        raise TypeError(f"{self.module} declares a transform without a scan function")


def _path(source: Source, fleet: Fleet) -> str:
    return source.path
