"""What one entry of `images:` makes of an image, as kustomize does it (api/filters/imagetag, api/internal/image).

An entry is asked about the whole text of an image: its `name` is an expression that must match from the beginning, up
to a tag and a digest at the end. A tag or a digest of the entry replaces both of the image.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from codemod.formats import yaml
from codemod.patterns import on_use

_TAIL = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$"
_PLAIN = on_use(r"[\w./:@-]*", re.ASCII)
"""Names that mean in Go what they mean in Python, as nearly all do."""
_SOME_DIGEST = f"sha256:{'0' * 64}"
_LISTS = ("containers", "initContainers")
_KEYS = ("image", "reference", "value")


class Parts(NamedTuple):
    """The parts of an image; what is not there is empty."""

    name: str
    tag: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}{self.tag and f':{self.tag}'}{self.digest and f'@{self.digest}'}"


class Entry(Struct, frozen=True):
    """One entry; `site` is the scalar that a person would edit: its tag, else its digest, else a name with either."""

    name: str
    new_name: str
    new_tag: str
    digest: str
    suffix: str
    site: yaml.Scalar | None

    def applied(self, image: str) -> str | None:
        """What it makes of an image; None of one that it does not match."""
        if not is_matched(image, self.name):
            return None
        name, tag, digest = split(image)
        if self.new_tag or self.digest:
            tag, digest = self.new_tag, self.digest
        elif self.suffix:
            tag, digest = tag + self.suffix, ""
        return str(Parts(self.new_name or name, tag, digest))

    @property
    def decides(self) -> bool:
        """Whether it sets the tag, the digest, or a name that holds either."""
        return bool(self.new_tag or self.digest or any(split(self.new_name)[1:]))


def read(entry: yaml.Mapping) -> Entry:
    """An entry as it is written."""
    name, new_name, new_tag, digest, suffix = (
        entry.text(key) or "" for key in ("name", "newName", "newTag", "digest", "tagSuffix")
    )
    key = "newTag" if new_tag else "digest" if digest else "newName"
    site = yaml.lookup(entry, key)
    return Entry(name, new_name, new_tag, digest, suffix, site if isinstance(site, yaml.Scalar) else None)


def renamed_by(entries: Sequence[Entry], images: Sequence[str]) -> str | None:
    """What entries make of one of these images that keeps its own tag or digest under another name; None if of none."""
    for text in images:
        after, is_decided = text, False
        for entry in entries:
            applied = entry.applied(after)
            is_decided = is_decided or (applied is not None and entry.decides)
            after = applied or after
        if after not in images and not is_decided:
            return after
    return None


def is_matched(image: str, name: str) -> bool:
    """Whether the name of an entry matches an image; an expression that is none matches nothing."""
    if _PLAIN.fullmatch(name):
        return _compiled(name).search(image) is not None
    from codemod.charts.errors import TemplateError
    from codemod.charts.functions import regexes

    try:
        return regexes.match(f"^{name}{_TAIL}", image)
    except TemplateError:
        return False


@lru_cache(maxsize=4096)
def _compiled(name: str) -> re.Pattern[str]:
    return re.compile(f"^{name}{_TAIL[:-1]}\\Z")


def split(image: str) -> Parts:
    """Name, tag and digest, cut where kustomize cuts them: whatever text it is."""
    slash = max(image.find("/"), 0)
    at, colon = image.find("@", slash), image.find(":", slash)
    if at >= 0 and (at < colon or colon < 0):
        return Parts(image[:at], "", image[at + 1 :])
    if at >= 0:
        return Parts(image[:colon], image[colon + 1 : at], image[at + 1 :])
    return Parts(image[:colon], image[colon + 1 :], "") if colon >= 0 else Parts(image, "", "")


def pinned(text: str) -> str:
    """An image as it is with a digest in the place of its tag."""
    return text if split(text).digest else str(split(text)._replace(tag="", digest=_SOME_DIGEST))


def is_reached(scalar: yaml.Scalar) -> bool:
    """Whether a scalar stands where `images:` reaches: an image of a container or a volume, in a patch, too."""
    if scalar.key not in _KEYS:
        return False
    way = _way(scalar)
    return way[-2:] == ("image", "reference") or (way[-1:] == ("image",) and len(way) > 2 and way[-3] in _LISTS)


def _way(scalar: yaml.Scalar) -> tuple[str | int, ...]:
    """The keys to a scalar; those of the object that it is put into, for what a JSON patch puts there."""
    keys: list[str | int] = []
    here: yaml.Node = scalar
    while here.parent is not None:
        if (
            here.key == "value"
            and isinstance(here.parent, yaml.Mapping)
            and here.parent.text("op") in ("add", "replace")
        ):
            return (*(here.parent.text("path") or "").split("/"), *reversed(keys))
        keys.append(here.key)
        here = here.parent
    return tuple(reversed(keys))
