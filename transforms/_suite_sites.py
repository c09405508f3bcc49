"""What a run changes in the values files under the tests of a chart: tags and pull policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.fleet.suites import Expectation
from codemod.formats import yaml
from codemod.transform import Keys, SiteId
from transforms._charts import charts_of
from transforms._documents import documents
from transforms._knobs import site_of
from transforms._maps import image_maps
from transforms._policies import ALWAYS, IF_NOT_PRESENT, is_always


class Pin(NamedTuple):
    """A tag that gets a digest in this run: its site, the keys of its map, the names of both, whether the tag stays."""

    site: SiteId
    keys: Keys
    tag: str
    digest: str
    stays: bool


def pins_of(path: str, fleet: Fleet) -> tuple[Pin, ...]:
    """The tags of a values file that digests are written for."""
    source = fleet.tree.source(path)
    found = []
    for document in documents(source) if source is not None else ():
        for image in image_maps(document, fleet):
            text = image.mapping.text(image.family.tag)
            if image.tag is not None and fleet.gives_way(text):
                stays = not fleet.config.floats(text) or bool(charts_of(document, image, fleet).keep_tag)
                site = site_of(path, image.tag.value)
                found.append(Pin(site, image.keys, image.family.tag, image.family.digest, stays))
    return tuple(found)


class Flip(NamedTuple):
    """A pull policy `Always` that a run may flip: its site, and its keys in the values."""

    site: SiteId
    keys: Keys


def flips_of(path: str, fleet: Fleet) -> tuple[Flip, ...]:
    """The pull policies `Always` of a values file, those in lists left out."""
    source = fleet.tree.source(path)
    found = (
        Flip(site_of(path, entry.value), yaml.keys_of(entry.value))
        for document in (documents(source) if source is not None else ())
        for mapping in document.mappings
        for entry in mapping.entries
        if is_always(entry)
    )
    return tuple(flip for flip in found if all(isinstance(key, str) for key in flip.keys))


def asks_for_always(expectation: Expectation) -> bool:
    """Whether a test expects exactly `Always`."""
    return expectation.scalar.value == ALWAYS and not expectation.is_pattern


def expected(expectation: Expectation, printed: Sequence[str | None]) -> Iterator[Edit]:
    """The edit of an expectation for which `IfNotPresent` is printed by now."""
    if printed and set(printed) == {IF_NOT_PRESENT.decode()}:
        edit = yaml.replace(expectation.scalar, IF_NOT_PRESENT)
        if edit is not None:
            yield edit
