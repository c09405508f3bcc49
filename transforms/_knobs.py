"""What is written about the digest that a chart begins to read: in the words of its tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from codemod.fleet import Fleet
from codemod.fleet.families import PLAIN, tag_family
from codemod.fleet.knobs import Knob
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.transform import SiteId, View

_WORDS = on_use(
    r"(?P<before>(?:[\w'/.-]+ ){0,4}?)(?P<tag>[Tt]ag)\b(?P<of> (?:of|for) (?!which\b)[\w'/-]+(?: [\w'/-]+){0,3})?"
)
_VERBS = frozenset("override overrides set sets specify specifies use uses choose chooses define defines".split())


def digest_words(words: str, *, is_ref: bool = False) -> str:
    """A description of the digest, or of the whole reference, given that of the tag."""
    end = "." if words.endswith(".") else ""
    if is_ref:
        return f"Whole image reference; takes precedence over repository and tag{end}"
    match = _WORDS.match(words)
    if match is None or match["before"].partition(" ")[0].lower() in _VERBS:
        said = "Image digest"
    else:
        digest = "Digest" if match["tag"][0] == "T" else "digest"
        said = f"{match['before']}{digest}{match['of'] or ''}"
    return f"{said}; takes precedence over the tag{end}"


def knobs_of(
    folder: str, documents: Sequence[yaml.Document], fleet: Fleet
) -> Iterator[tuple[Knob, yaml.Entry, SiteId]]:
    """The knobs of a chart whose tag its `values.yaml` (`documents`) has and whose digest it has not.

    With each the tag's entry, and the site of the image there; for an image whose tag others share, that of its name.
    """
    for document, knob in product(documents[:1], fleet.knobs(folder)):
        mapping, depth = yaml.descend(document.root, knob.keys)
        if isinstance(mapping, yaml.Mapping) and depth == len(knob.keys):
            entry = mapping.get(knob.tag) or _name(mapping, knob, fleet.knobs(folder)[knob], fleet)
            if entry is not None and yaml.lookup(mapping, knob.digest) is None:
                yield knob, entry, site_of(document.source.path, entry.value)


def _name(mapping: yaml.Mapping, knob: Knob, views: Sequence[View], fleet: Fleet) -> yaml.Entry | None:
    """The name of an image for which no release sets a tag."""
    if any(fleet.effective(view.stack, view.keys).text for view in views):
        return None
    entries = (mapping.get(name) for name in (tag_family(knob.tag) or PLAIN).names)
    return next((entry for entry in entries if entry is not None), None)


def site_of(path: str, value: yaml.Node) -> SiteId:
    """How the image of a values map is known, by its tag."""
    return path, value.inner.start if isinstance(value, yaml.Scalar) else value.start
