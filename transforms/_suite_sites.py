"""What a run changes under the tests of a chart: tags and pull policies in values files, references in templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.fleet.suites import Expectation
from codemod.formats import helm, yaml
from codemod.place import TEMPLATE
from codemod.reference import split
from codemod.source import Source
from codemod.transform import Image, Keys, SiteId
from transforms._charts import charts_of
from transforms._documents import documents
from transforms._keys import candidate
from transforms._knobs import site_of
from transforms._maps import image_maps
from transforms._policies import ALWAYS, IF_NOT_PRESENT, is_always
from transforms._references import references


class Pin(Struct, frozen=True):
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


class Literal(Struct, frozen=True):
    """A whole reference that a chart spells itself and that gets a digest: what it becomes, and its site."""

    text: str
    pinned: bytes
    site: SiteId


def literals_of(folder: str, fleet: Fleet) -> tuple[Literal, ...]:
    """Those of the templates and the `values.yaml` of a chart, each text once."""
    found: dict[str, Literal] = {}
    for path in (f"{folder}/values.yaml", *fleet.tree.below(f"{folder}/templates")):
        source = fleet.tree.source(path)
        for start, text in _wholes(source, fleet) if source is not None else ():
            reference = candidate(text)
            if reference is not None and reference.digest is None and fleet.gives_way(reference.effective_tag):
                goes = fleet.config.floats(reference.effective_tag)
                name = split(text).name if goes else text
                found.setdefault(text, Literal(text, name.encode() + b"@" + DIGEST, (path, start)))
    return tuple(found.values())


def _wholes(source: Source, fleet: Fleet) -> Iterator[tuple[int, str]]:
    if source.language == yaml.LANGUAGE.name:
        for document in documents(source):
            for whole in references(document, fleet):
                if whole.reference is not None and whole.reason is None:
                    yield whole.scalar.inner.start, whole.text
    is_helper = source.language == helm.LANGUAGE.name
    if TEMPLATE in source.place or is_helper:
        from transforms._spelled_in_templates import spelled

        facts = spelled(source, fleet, is_helper=is_helper)
        yield from ((fact.span.start, fact.text) for fact in facts if isinstance(fact, Image))


class Flip(Struct, frozen=True):
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
