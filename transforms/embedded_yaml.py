"""Read YAML and JSON inside strings: the other transforms then look into them as into a file of their own.

Why: smoke jobs, raw manifests and custom resources are often written as block strings inside values or ConfigMaps,
where a search by key does not see them.

     manifests: |
       kind: Job
    -  image: ghcr.io/acme/smoke:dev
    +  image: ghcr.io/acme/smoke@<digest>

Quoting, escapes, folding and indentation of the string are respected, to any depth.

Leaves alone: prose, scripts, annotations of Artifact Hub other than `artifacthub.io/images`, and any string whose text
cannot be mapped byte for byte to what is written.
Reports: a string that plainly holds a manifest but cannot be read (`unparsable`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Left, Transform
from transforms._documents import WORDS, documents, surface

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(*WORDS, b"helm"))

_ENTRY = on_use(r"^\s*(?:- )?[\"']?[A-Za-z_][\w./-]*[\"']?\s*:(?:\s|$)", re.MULTILINE)
_HUB = "artifacthub.io/"
_JSON = on_use(r"\s*(?:- +)?[\[{]")
_IMAGE_LINE = on_use(r"^\s*(?:- )?image:\s+[\"']?[\w./-]+:[\w.-]+[\"']?\s*$", re.MULTILINE)
_MANIFEST = on_use(r"^\s*(?:apiVersion|kind):\s", re.MULTILINE)
_TEXT_WORDS = tuple(word.decode() for word in WORDS)


@transform.scan
def strings(source: Source, fleet: Fleet) -> Iterator[Fact]:
    telling = tuple(documents(source))
    for document in telling:
        for scalar in document.texts:
            if _is_example(scalar):
                continue
            if looks_like_a_document(scalar.value) or _are_values(document, scalar, fleet):
                yield from _open(source, document, scalar)
    seen = set(map(id, telling))
    for document in yaml.documents(source) if fleet.stacks_of(source.path) else ():
        for scalar in document.texts if document.problem is None and id(document) not in seen else ():
            if _are_values(document, scalar, fleet):
                yield from _open(source, document, scalar)


def _are_values(document: yaml.Document, scalar: yaml.Scalar, fleet: Fleet) -> bool:
    """Whether a release takes its values from the text: there, any key may be that of an image."""
    views = fleet.views(document, yaml.keys_of(scalar)) if ":" in scalar.value else ()
    return any(fleet.stacks[view.stack].layers[view.layer].is_text for view in views)


def _is_example(scalar: yaml.Scalar) -> bool:
    """Whether an annotation is shown on Artifact Hub and names no image that a chart runs."""
    key = scalar.key if isinstance(scalar.key, str) else ""
    return key.startswith(_HUB) and key != f"{_HUB}images"


def looks_like_a_document(text: str) -> bool:
    """Whether a string is worth opening: several lines of entries, or JSON, with a word that concerns images."""
    if not any(word in text for word in _TEXT_WORDS):
        return False
    return _JSON.match(text) is not None or ("\n" in text and _ENTRY.search(text) is not None)


def _open(source: Source, document: yaml.Document, scalar: yaml.Scalar) -> Iterator[Fact]:
    text = yaml.nested(document, scalar, surface="embedded-yaml")
    if text is None:
        return
    inside = yaml.documents(text)
    problem = next((doc.problem for doc in inside if doc.problem is not None), None)
    if any(isinstance(doc.root, (yaml.Mapping, yaml.Sequence)) for doc in inside):
        yield Embedded(text)
    if problem is not None and _IMAGE_LINE.search(scalar.value) and _MANIFEST.search(scalar.value):
        at = text.outward(Span(min(problem.offset, len(text.data) - 1), min(problem.offset + 1, len(text.data))))
        yield Left(at, surface(document), "unparsable", message=f"the embedded document: {problem.message}")
