"""What is known about a kind of object: where it names images in ways that its keys alone do not tell."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from codemod.patterns import on_use


class Parts(Struct, frozen=True):
    """A map (`at`, a path) that spells an image in parts: the keys of its repository and of its tag.

    Several keys for the repository (`registry/repository/name`) are joined by slashes; none means that the controller
    knows the name itself. `digest` is the key that takes a digest: the tag's own where a digest may take the tag's
    place, another one beside it, or none where the controller only knows tags.
    """

    at: str
    repository: str = "repository"
    tag: str = "tag"
    digest: str = ""


class Kind(Struct, frozen=True):
    """One row: the kinds of one API group that name images alike; `source` is where that can be read.

    `images` are the paths of whole references, `names` those of references that the controller completes with a tag
    from elsewhere if they have none, `left` those of images that are not deployed: what is built, scanned, or allowed.
    A user's rows look like these (`Config.custom_resources`).
    """

    group: str
    kinds: str
    source: str
    images: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    parts: tuple[Parts, ...] = ()
    left: tuple[str, ...] = ()


_ITEMS = on_use(r"\[[^\]]*\]")
_WORDS = ("mage", "MAGE")
"""A path with one of these in a key is found in any text; `transforms._documents.WORDS` begin alike."""


def word_of(row: Kind) -> str:
    """The word by which a text that holds such an object is known, where no path has one that images have."""
    ways = [_keys(path) for path in (*row.images, *row.names)]
    ways += [f"{_keys(part.at)}.{part.tag}.{part.repository}" for part in row.parts]
    return row.group if any(not any(word in way for word in _WORDS) for way in ways) else ""


def _keys(path: str) -> str:
    """A path without what it says of items."""
    return _ITEMS.sub("", path) if "[" in path else path


def by_name(rows: Iterable[Kind]) -> dict[tuple[str, str], tuple[Kind, ...]]:
    """The rows of each group and kind."""
    found: dict[tuple[str, str], tuple[Kind, ...]] = {}
    for row in rows:
        for kind in row.kinds.split():
            found[row.group, kind] = (*found.get((row.group, kind), ()), row)
    return found
