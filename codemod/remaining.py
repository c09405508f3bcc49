"""What the inventory searches still find in a tree, and why each match is still there.

A match is a place that was understood or, where a search finds no such place in a line, the line of text. It is
`open` where the gate objects to it, `excused` where a dated exception keeps the gate from it, `kept` where the gate has
nothing to say (what is vendored, a test, an example, what an environment may do), and `text` where nothing is read as
an image.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from codemod.codes import CODES
from codemod.config import Allowance, Config
from codemod.exceptions import Exceptions
from codemod.gate import Violation
from codemod.inventory import Place, Search, place_of, searches_for
from codemod.outcome import PINNED, PULL_POLICY, READABLE, Changed, ImageEntry, LeftAlone, Plan
from codemod.wording import shortened

OPEN, EXCUSED, KEPT, TEXT = "open", "excused", "kept", "text"
STANDINGS = (OPEN, EXCUSED, KEPT, TEXT)
_OF_IMAGES = ("UF001", "UF002", "UF003", "UF005", "UF014")
_OF_POLICIES = ("UF004",)
_COMMENTS = (b"#", b"{{/*", b"{{- /*", b"<!--", b"//")
_OF_CODE = (b"//", b"/*", b"*")
_CODE, _PROSE = (".go", ".ts", ".tsx", ".js", ".jsonnet", ".libsonnet", ".tf", ".hcl"), (".md", ".rst", ".adoc")
"""Files in which a star begins the next line of a comment, and those in which `#` begins none."""
_UNREAD = ("unparsable", "too-large")
"""Codes of texts in which no place is understood."""
_TEXT_MAX = 120

Found = ImageEntry | Changed | LeftAlone


class Match(Struct, frozen=True, order=True):
    """One match of one search (by its name): where, how it stands, the text there and why it is still there.

    `code` is that of the gate or of the transitional entry, empty where neither says anything; `owner` and `expires`
    (ISO date) are those of the exception. `is_place`: it was understood; `is_line`: a search for text finds the line.
    """

    search: str
    path: str
    line: int
    column: int
    standing: str
    text: str
    why: str
    code: str = ""
    environment: str = ""
    owner: str = ""
    expires: str = ""
    is_place: bool = True
    is_line: bool = True


def remaining(
    plan: Plan,
    violations: Iterable[Violation],
    exceptions: Exceptions,
    config: Config,
    texts: Iterable[tuple[str, bytes]],
) -> list[Match]:
    """Every match in a tree, sorted by search and place: its plan, what the gate objects to, and its texts by path."""
    judge = _Judge(plan, violations, exceptions, config)
    wanted = searches_for(config.floating_tags)
    found: dict[Search, dict[Place, Match]] = {search: judge.places(search) for search in wanted}
    lines = {search: {place[:2] for place in places} for search, places in found.items()}
    seen: dict[Search, set[tuple[str, int]]] = {search: set() for search in wanted}
    rest: list[Match] = []
    for path, text in texts:
        for search in wanted:
            for number, column, line in search.lines(text):
                seen[search].add((path, number))
                if (path, number) not in lines[search]:
                    rest.append(judge.line(search, (path, number, column), line))
    sites = (_as_line(match, seen[search]) for search in wanted for match in found[search].values())
    order = {search.name: number for number, search in enumerate(wanted)}
    return sorted([*sites, *rest], key=lambda match: (order[match.search], match))


def _as_line(match: Match, seen: Collection[tuple[str, int]]) -> Match:
    return match if (match.path, match.line) in seen else replace(match, is_line=False)


class _Judge:
    """Says of a place and of a line how it stands."""

    def __init__(self, plan: Plan, violations: Iterable[Violation], exceptions: Exceptions, config: Config) -> None:
        self._plan, self._exceptions, self._config = plan, exceptions, config
        self._objections: dict[Place, list[Violation]] = defaultdict(list)
        for violation in violations:
            self._objections[violation.path, violation.line, violation.column].append(violation)
        self._images: dict[Place, list[ImageEntry]] = defaultdict(list)
        for entry in plan.images:
            self._images[place_of(entry)].append(entry)
        self._others: dict[Place, list[Changed | LeftAlone]] = defaultdict(list)
        self._left: dict[tuple[str, int], LeftAlone] = {}
        outcomes: tuple[Changed | LeftAlone, ...] = (*plan.changed, *plan.left)
        for outcome in outcomes:
            self._others[place_of(outcome)].append(outcome)
        self._unread = {left.site.path: left.code for left in plan.left if left.code in _UNREAD}
        for left in plan.left:
            if left.code not in _UNREAD:
                self._left.setdefault((left.site.path, left.site.line), left)

    def places(self, search: Search) -> dict[Place, Match]:
        """The places that a search is about."""
        return {place: self._place(search.name, place) for place in search.sites(self._plan)}

    def line(self, search: Search, place: Place, line: bytes) -> Match:
        """A line of text in which the search finds no place of its own."""
        path, number, _ = place
        text = shortened(line.decode("utf-8", "replace"), _TEXT_MAX)
        environment = self._config.environment_of(path) or ""
        left = self._left.get((path, number))
        if left is not None and left.owner:
            return replace(self._dated(search.name, place, text, left, environment), is_place=False)
        code = left.code if left is not None else self._config.spared(path) or ""
        is_comment = _is_comment(path, line.strip())
        if not code and not is_comment and path in self._unread:
            code = self._unread[path]
        if code:
            return Match(search.name, *place, KEPT, text, _title(code), code, environment, is_place=False)
        why = "a comment" if is_comment else "nothing that is read as an image"
        return Match(search.name, *place, TEXT, text, why, environment=environment, is_place=False)

    def _place(self, name: str, place: Place) -> Match:
        images = self._images.get(place, [])
        others = [found for found in self._others.get(place, []) if (found.kind == PULL_POLICY) == (not images)]
        codes = _OF_IMAGES if images else _OF_POLICIES
        text = shortened(images[0].written if images else _policy(others), _TEXT_MAX)
        environment = self._environment(place, [*images, *others])
        for violation in self._objections.get(place, ()):
            if violation.code in codes:
                return Match(name, *place, OPEN, text, violation.message, violation.code, environment)
        left = next((found for found in others if isinstance(found, LeftAlone)), None)
        if left is not None and left.owner:
            return self._dated(name, place, text, left, environment)
        excuse = self._excuse(place, images, left, codes)
        if excuse is not None:
            why = f"{excuse.reason} (until {excuse.expires}, {excuse.owner})"
            owner, expires = excuse.owner, excuse.expires.isoformat()
            return Match(name, *place, EXCUSED, text, why, excuse.code, environment, owner, expires)
        code = self._reason(place, images, left)
        why = _title(code) if code else _allowed(images, environment)
        return Match(name, *place, KEPT, text, why, code, environment)

    def _dated(self, name: str, place: Place, text: str, left: LeftAlone, environment: str) -> Match:
        """The match of a place that an exception excuses, as its transitional entry has it."""
        owner, expires = left.owner or "", left.expires or ""
        why = f"{left.allowed_because or left.message} (until {expires}, {owner})"
        return Match(name, *place, EXCUSED, text, why, left.code, environment, owner, expires)

    def _excuse(
        self, place: Place, images: Sequence[ImageEntry], left: LeftAlone | None, codes: Sequence[str]
    ) -> Allowance | None:
        """The exception that keeps the gate from a place."""
        names = [str(entry.reference) if entry.reference else None for entry in images]
        wanted = {*codes, *([left.code] if left is not None else [])}
        for image in names or [left.image if left is not None else None]:
            excuse = self._exceptions.excusing(*place[:2], image, wanted)
            if excuse is not None:
                return excuse
        return None

    def _reason(self, place: Place, images: Sequence[ImageEntry], left: LeftAlone | None) -> str:
        """The reason code of a place, empty where there is none."""
        spared = self._config.spared(place[0])
        if spared is not None:
            return spared
        reasons = (entry.reason for entry in images if entry.reason)
        return next(reasons, left.code if left is not None else "")

    def _environment(self, place: Place, found: Iterable[Found]) -> str:
        """The environment of a file, else that of all releases that read the place, if it is one."""
        own = self._config.environment_of(place[0])
        named = {one.site.environment or "" for one in found}
        return own or (named.pop() if len(named) == 1 else "")


def _is_comment(path: str, line: bytes) -> bool:
    """Whether a line is one of a comment, as far as it tells by itself."""
    if path.endswith(_PROSE):
        return line.startswith(b"<!--")
    return line.startswith(_OF_CODE if path.endswith(_CODE) else _COMMENTS)


def _policy(found: Iterable[Changed | LeftAlone]) -> str:
    return next((one.before if isinstance(one, Changed) else one.text for one in found), "Always")


def _allowed(images: Sequence[ImageEntry], environment: str) -> str:
    """Why the gate objects to nothing where there is no reason code."""
    if images and all(entry.status in (PINNED, READABLE) for entry in images):
        return "its image is pinned"
    return f"only reported here, by the policy of {environment or 'these files'}"


def _title(code: str) -> str:
    return f"{code}: {CODES[code].title}" if code in CODES else code
