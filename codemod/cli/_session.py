"""One run: what the command line names, opened; and plans of it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from codemod import configfile, discover, listing, place, registry
from codemod.cli._files import below, contents
from codemod.cli._jobs import over
from codemod.cli._options import Options
from codemod.cli._registries import Registries
from codemod.cli._sources import Sources, open_sources
from codemod.cli._terminal import progress, say
from codemod.config import Config
from codemod.digests import Chain
from codemod.errors import UnfloatError
from codemod.outcome import LeftAlone, Plan, Site
from codemod.source import Source
from codemod.transform import Transform

if TYPE_CHECKING:
    from codemod.exceptions import Exceptions
    from codemod.fleet import Fleet
    from codemod.moving.pinned import Pinned
    from codemod.outcome import Ignored

REPORT = "migration-report.md"
OWN = (REPORT, ".unfloat.yaml", ".unfloat.yml")
"""The report and the configuration at the root of a run, which are never read as sources."""
MENDS, LISTS = "helm-templates", "chart-schemas"
"""The transforms without which charts, or their schemas, stay as they are, and values are written for them so."""
Edited = Mapping[str, bytes]
"""The bytes that files hold after a run, by path."""


class Session(Struct):
    """A root with its configuration, digests, transforms and files; `jobs` is for whoever splits the scan."""

    options: Options
    root: str
    config: Config
    sources: Sources
    digests: Chain
    transforms: tuple[Transform, ...]
    tree: discover.Tree
    today: datetime.date
    unasked: frozenset[str] = frozenset()
    """The codes of remarks that nobody looks for in this run."""
    _held: list[tuple[str, bytes, str]] | None = None

    @property
    def prefix(self) -> str:
        """The way from the top of the repository to the root, empty or with a closing slash."""
        return listing.prefix_in_repository(self.root)

    def facts(self, edited: Edited | None = None, *, pin_all: bool = False, names_all: bool = True) -> Fleet:
        """What the files say together, as they are or as they would be with the `edited` ones.

        Without `names_all` only for what floats.
        """
        from codemod import fleet

        names = {transform.name for transform in self.transforms}
        return fleet.build(
            self.config,
            self.tree.paths,
            (lambda path: (source := self.tree.read(path)) and _edited(source, edited)) if edited else self.tree.read,
            mends=MENDS in names,
            lists=LISTS in names,
            pin_all=pin_all,
            names_all=names_all,
        )

    def plan(
        self,
        edited: Edited | None = None,
        *,
        pin_all: bool = False,
        to_edit: bool = False,
        rolled_back: Mapping[str, str] | None = None,
        restless: Mapping[str, str] | None = None,
        facts: Fleet | None = None,
    ) -> Plan:
        """What is to be done with the files as they are, or as they would be with the `edited` ones.

        A plan `to_edit` is judged: every edited file must mean what it meant but for what was planned. Its bytes are
        kept for the plan of the same files after the run. Files `rolled_back` or `restless` stay, for the reason given.
        `facts` are those of the same files, for who has them.
        """
        from codemod import engine

        if to_edit:
            from codemod.judge import fault
        edited = edited or {}
        facts = facts or self.facts(edited, pin_all=pin_all)
        with progress(len(self.tree.selected), quiet=self.options.quiet) as advance:
            plan = engine.plan(
                self._sources(edited, to_edit),
                self.transforms,
                facts,
                self.digests,
                today=self.today,
                pin_all=pin_all,
                judge=fault if to_edit else None,
                rolled_back=rolled_back,
                restless=restless,
                spread=over(self.options.jobs) if self.options.jobs > 1 else map,
                progress=advance,
            )
        return replace(plan, left=(*plan.left, *self._unread()), failed=(*plan.failed, *self.tree.failed))

    def ignores(self, facts: Fleet) -> tuple[Ignored, ...]:
        """What Argo CD may be told to ignore, in a run that looks at the pull policies that nothing sets."""
        from codemod.pulls.ignoring import TRANSFORM, proposals

        return proposals(facts) if any(one.name == TRANSFORM for one in self.transforms) else ()

    @property
    def configuration(self) -> tuple[str, bytes]:
        """The file of the configuration, as the user would write it, and its bytes; none where there is none yet."""
        files = _configuration(self.root, self.options.config)
        path = configfile.holder(files) or below(self.root, configfile.NAMES[0])
        return path, files.get(path, b"")

    def exceptions(self, plan: Plan) -> Exceptions:
        """The dated exceptions of the tree, and which of them a plan found of use."""
        from codemod.exceptions import Exceptions

        found = configfile.places(*self.configuration, "allow") if self.config.allow else []
        places = [(_relative(self.root, path), line) for path, line in found]
        return Exceptions(self.config, self.today, plan.comments, places, plan.excused)

    def pinned(self, facts: Fleet) -> list[Pinned]:
        """Every digest that stands in a file; `facts` are those of the files as they are."""
        from codemod import engine
        from codemod.moving.pinned import pinned

        with progress(len(self.tree.selected), quiet=self.options.quiet) as advance:
            found, _ = engine.findings(self.tree.sources, self.transforms, facts, progress=advance)
        return pinned(found, facts)

    def texts(self, edited: Edited) -> Iterator[tuple[str, bytes]]:
        """The path and the text of every listed file, but of no report."""
        for path in self.tree.paths:
            if path.rpartition("/")[2] != REPORT:
                text = edited[path] if path in edited else self.tree.text(path)
                if text is not None:
                    yield path, text

    def _sources(self, edited: Edited, hold: bool) -> Iterable[Source]:
        if self._held is not None:
            return (Source(path, edited.get(path, data), language) for path, data, language in self._held)
        return self._read(edited, hold) if edited or hold else self.tree.sources

    def _read(self, edited: Edited, hold: bool) -> Iterator[Source]:
        held = []
        for source in self.tree.sources:
            if hold:
                held.append((source.path, source.data, source.language))
            yield _edited(source, edited)
        self._held = held if hold else None

    def _unread(self) -> Iterator[LeftAlone]:
        """Transitional entries for the files that the tree does not give out, with their reason."""
        for path in self.tree.too_large:
            yield self._left(path, "too-large", f"larger than {discover.SIZE_MAX // 2**20} MiB")
        for path in self.tree.utf16:
            yield self._left(path, "unparsable", "UTF-16 or UTF-32 text; save it as UTF-8")

    def _left(self, path: str, code: str, message: str) -> LeftAlone:
        site = Site(path, 1, 1, "file", "discover", self.config.environment_of(path))
        return LeftAlone(site, "image", code, "", message)


def open_session(
    options: Options,
    today: datetime.date | None = None,
    *,
    asks: bool = False,
    verified: bool = True,
    remarks: bool = True,
) -> Session:
    """Open what the options name. Raises `UnfloatError` for everything that is wrong with it.

    A session that `asks` goes to registries for what is known nowhere else; `verified`, as it must be for what is
    written, it computes each digest from the manifest itself. Without `remarks`, transforms that do nothing but remark
    are only asked if the user names transforms.
    """
    root = _root(options.path)
    with listing.asked(root) as answer:  # Git looks while transforms, and what they need, are imported
        config = _config(root, options.config)
        transforms = registry.select(registry.load(), options.only, options.skip)
        unasked = [transform for transform in transforms if transform.remarks and not (remarks or options.only)]
        transforms = tuple(transform for transform in transforms if transform not in unasked)
        sources = open_sources(root, options, Registries(config, root, verified, options.quiet) if asks else None)
        languages = [language for transform in transforms for language in transform.reads]
        tree = discover.Tree(root, languages, _included(config), answer)
    config = config.sparing(place.copies(tree.paths))
    if options.verbose:
        names = ", ".join(transform.name for transform in transforms)
        say(f"{root}: {len(tree.paths):,} files, {len(tree.selected):,} of them to read by {names}\n")
    codes, today = frozenset(code for one in unasked for code in one.remarks), today or datetime.date.today()
    return Session(options, root, config, sources, sources.chain(), transforms, tree, today, codes)


def _root(path: str) -> str:
    if not os.path.lexists(path):
        raise UnfloatError(f"{path}: no such folder; name a repository or a folder")
    if not os.path.isdir(path):
        raise UnfloatError(f"{path}: not a folder; name the folder that holds it")
    return path


def _relative(root: str, path: str) -> str:
    """A path from the root on; as it is where that is elsewhere."""
    relative = os.path.relpath(path, root)
    return path if relative.startswith(os.pardir) else relative


def _config(root: str, file: str | None) -> Config:
    files = _configuration(root, file)
    return configfile.load(files) if file is None else configfile.load_file(file, files[file])


def _configuration(root: str, file: str | None) -> dict[str, bytes]:
    """The files that may hold the configuration, by the path to show."""
    paths = [file] if file is not None else [below(root, name) for name in configfile.NAMES]
    return {path: contents(path) for path in paths if file is not None or os.path.lexists(path)}


def _included(config: Config) -> Callable[[str], bool]:
    """Which paths are wanted, never a report or a configuration, those of folders of the root included."""
    everything = config.include == ("**",) and not config.exclude
    return lambda path: (
        (everything or config.is_included(path)) and not (path.endswith(OWN) and path.rpartition("/")[2] in OWN)
    )


def _edited(source: Source, edited: Edited) -> Source:
    if source.path not in edited:
        return source
    return Source(source.path, edited[source.path], source.language)
