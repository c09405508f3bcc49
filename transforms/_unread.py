"""Parameters that no known release reads: those of a `templatePatch`, and of sources that cannot be evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from codemod.fleet import Fleet
from codemod.fleet.families import family_of
from codemod.fleet.parameters import way_of
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Image, Rendering
from transforms._documents import documents, surface
from transforms._keys import candidate, is_computed, is_image_key, is_spelled_out
from transforms._whole import pin_edits


def unread(source: Source, fleet: Fleet, known: Collection[int]) -> Iterator[Image]:
    """Whole references, which are pinned, and floating tags, whose repository nothing says; not those at `known`."""
    for document in documents(source, fleet.config.words) if source.mentions((b"parameters",)) else ():
        for mapping in document.mappings:
            items = yaml.lookup(mapping, "parameters") if mapping.key == "helm" else None
            for item in items.items if isinstance(items, yaml.Sequence) else ():
                fact = _fact(source, document, item, fleet) if isinstance(item, yaml.Mapping) else None
                if fact is not None and fact.span.start not in known:
                    yield fact


def _fact(source: Source, document: yaml.Document, item: yaml.Mapping, fleet: Fleet) -> Image | None:
    entry, name = item.get("value"), item.text("name") or ""
    scalar, key = entry.value if entry is not None else None, str((way_of(name) or ("",))[-1])
    if not isinstance(scalar, yaml.Scalar) or scalar.templated or is_computed(scalar.value):
        return None
    span, where, text, family = scalar.inner, surface(document), scalar.value, family_of(key)
    if family is not None and key == family.tag and fleet.config.floats(text):
        return Image(span, where, text, (Rendering(None),), (), "repository-unknown", is_parted=True, tag=text)
    reference = candidate(text) if is_image_key(key) and is_spelled_out(text) else None
    if reference is None:
        return None
    return Image(span, where, text, (Rendering(reference),), pin_edits(source, span, text, fleet.config.floats))
