"""What became of every site: a closed set of outcomes. Silence is none of them."""

from __future__ import annotations

from msgspec import Struct, field

from codemod.config import Allowance
from codemod.edits import Edit
from codemod.reference import Reference

PINNED, READABLE, FLOATING, TAG_ONLY, TEMPLATED, UNKNOWN_REPOSITORY = (
    "pinned",
    "readable",
    "floating",
    "tag-only",
    "templated",
    "unknown-repository",
)
IMAGE, PULL_POLICY = "image", "pull-policy"
"""What an outcome is about, where it is no other change."""
_IN_NO_REGISTRY = frozenset({"built-here", "docs"})


class Site(Struct, frozen=True):
    """One place in one file: POSIX path relative to the root, 1-based line and column, surface, transform name."""

    path: str
    line: int
    column: int
    surface: str
    transform: str
    environment: str | None = None
    stack: str | None = None


class ImageEntry(Struct, frozen=True):
    """One line of the inventory: a site, its effective image in one stack, and how it stands.

    `written` is the text at the site; `reference` is None where it is unknown or computed; `status` is one of the six
    words of this module; `reason` is the code of the transitional entry, if there is one. `vendored` sites are read,
    never edited and no violation; so are those of tests.
    """

    site: Site
    written: str
    reference: Reference | None
    status: str
    reason: str | None = None
    vendored: bool = False
    drops: str = ""
    """The place of a pinned image whose digest this tag takes off."""

    @property
    def is_for_registries(self) -> bool:
        """Whether its digest is to be asked for: not of what is vendored, built here, or an example in a page."""
        return self.reference is not None and not self.vendored and self.reason not in _IN_NO_REGISTRY


class Changed(Struct, frozen=True):
    """A site that is edited. `before` and `after` are the edited text; `image` and `digest` are None for pull policies.

    `source` names the digest source (`map digests.yaml`, `lock`, `written` for a digest that stood there already);
    `edits` are in terms of the file; `kind` is `image`, `pull-policy` or `change`; `unproven` marks a map that a
    chart outside the repository reads.
    """

    site: Site
    kind: str
    before: str
    after: str
    edits: tuple[Edit, ...]
    image: str | None = None
    digest: str | None = None
    source: str | None = None
    unproven: bool = False


class LeftAlone(Struct, frozen=True):
    """A transitional entry: what stays behind, with its reason code (see `codemod.codes`).

    `owner`, `expires` (ISO date) and `allowed_because` are those of the exception that excuses it (`allowlisted`).
    """

    site: Site
    kind: str
    code: str
    text: str
    message: str
    image: str | None = None
    owner: str | None = None
    expires: str | None = None
    allowed_because: str | None = None


class Failed(Struct, frozen=True):
    """A file that could not be read or written, and why; everything else goes on, the run leaves with exit code 2."""

    path: str
    message: str


class Ignored(Struct, frozen=True, order=True):
    """An entry of `ignoreDifferences` that is proposed for the Application or ApplicationSet at `declared`.

    `paths` are jq's, to the pull policies of one object that only Kubernetes sets. `declared_kind` is that of the
    stack, `group` empty for the core group, `namespace` empty where the object names none.
    """

    declared: str
    declared_kind: str
    group: str
    kind: str
    name: str
    namespace: str
    paths: tuple[str, ...]


class Excuse(Struct, frozen=True):
    """One exception where it stands (path, 1-based line); one in a comment `covers` a line of its own file.

    `fault` says what is wrong with a comment that therefore excuses nothing.
    """

    path: str
    line: int
    allowance: Allowance | None
    covers: int | None = None
    fault: str = ""


class Plan(Struct, frozen=True):
    """Everything that a run found and means to do.

    `images` is the inventory, `changed` and `left` the outcomes, `files` maps a path to its bytes before and after;
    `remarks` are said beside the images, as of a pull policy that nothing sets: no image floats for them.
    `ignores` are differences to Git that Argo CD may be told to ignore, for nothing here can set these policies.
    `comments` are the exceptions in comments, `excused` the numbers of the exceptions (those that the configuration
    lists first) that excused anything.
    """

    images: tuple[ImageEntry, ...] = ()
    changed: tuple[Changed, ...] = ()
    left: tuple[LeftAlone, ...] = ()
    remarks: tuple[LeftAlone, ...] = ()
    ignores: tuple[Ignored, ...] = ()
    failed: tuple[Failed, ...] = ()
    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    scanned: int = 0
    comments: tuple[Excuse, ...] = ()
    excused: frozenset[int] = frozenset()
