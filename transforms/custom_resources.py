"""Pin images that a custom resource spells in parts, where its controller takes a digest.

Why: a controller that puts `repository:tag` together runs whatever the tag points to; some take a digest for a tag.

     apiVersion: argoproj.io/v1beta1
     kind: ArgoCD
     spec:
       image: ghcr.io/acme/argocd
    -  version: main
    +  version: <digest>

Which kinds spell images in parts, and how each takes a digest, is a table (`codemod/kinds`) that `custom_resources` of
the configuration adds to. Whole references of those kinds are pinned by image-references.

A fixed tag only gives way to a digest of another key: it is the version that people and programs read.

Leaves alone: kinds that neither the table nor the configuration knows, parts that are pinned, versions without a
repository beside them.
Reports: controllers that only know tags (`computed-reference`), parts that a template computes
(`computed-reference`), a tag that an anchor puts elsewhere, too (`anchor-shared`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.fleet.families import Family
from codemod.formats import yaml
from codemod.kinds import Parts
from codemod.reference import is_digest
from codemod.source import Source
from codemod.transform import Fact, Image, Left, Rendering, Transform
from transforms._custom import name_of, site_of, told
from transforms._documents import WORDS, documents, surface
from transforms._keys import candidate, is_computed
from transforms._map_edits import pin_map_edits
from transforms._maps import ImageMap

transform = Transform(__name__, reads=yaml.LANGUAGE, words=WORDS)


@transform.scan
def in_parts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in documents(source, fleet.config.words):
        for mapping, parts in told(document, fleet).parts.values():
            for part in parts:
                site = site_of(mapping, part)
                if site is not None:
                    yield _fact(source, document, mapping, part, site, fleet)


def _fact(
    source: Source, document: yaml.Document, mapping: yaml.Mapping, part: Parts, site: yaml.Scalar, fleet: Fleet
) -> Fact:
    where, written = surface(document), source.text(site.inner)
    name, tag = name_of(mapping, part), mapping.text(part.tag) or ""
    if site.templated or is_computed(f"{name}:{tag}"):
        reason = None if where == "helm-template" else "computed-reference"
        message = "a template computes this reference"
        return Image(site.inner, where, written, (Rendering(None),), reason=reason, message=message)
    text = _text(mapping, part, name, tag)
    if text == name:
        message = "its controller puts a tag of its own behind this name"
        return Left(site.inner, where, "computed-reference", written, message)
    reference = candidate(text) if name else None
    renders = (Rendering(reference),)
    if reference is not None and reference.digest is not None:
        return Image(site.inner, where, written, renders)
    reason, message = _why_not(document, part, site, fleet)
    edits = () if reason or reference is None else _edits(source, mapping, part, renders, fleet)
    return Image(site.inner, where, written, renders, edits, reason, message=message)


def _text(mapping: yaml.Mapping, part: Parts, name: str, tag: str) -> str:
    """The reference that the controller makes of the parts; a digest of its own key counts more than the tag."""
    if is_digest(tag):
        return f"{name}@{tag}"
    digest = mapping.text(part.digest) if part.digest not in ("", part.tag) else None
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _why_not(document: yaml.Document, part: Parts, site: yaml.Scalar, fleet: Fleet) -> tuple[str | None, str]:
    if not part.digest:
        return "computed-reference", "its controller puts the tag behind a name, and takes no digest"
    if part.digest == part.tag and not fleet.config.floats(site.value):
        return "tag-only", "a digest would take the place of the version"
    if site.anchor is not None and any(alias.target is site for alias in document.aliases):
        return "anchor-shared", ""
    return None, ""


def _edits(
    source: Source, mapping: yaml.Mapping, part: Parts, renders: tuple[Rendering, ...], fleet: Fleet
) -> tuple[Edit, ...]:
    """A digest in the place of the tag, or under the key that takes it."""
    tag = mapping.index[part.tag]
    assert isinstance(tag.value, yaml.Scalar)
    if part.digest == part.tag:
        edit = yaml.replace(tag.value, DIGEST)
        return (edit,) if edit is not None else ()
    family = Family(part.tag, part.digest, (), (), (), False, "")
    image = ImageMap(mapping, family, tag, mapping.get(part.digest), tag.value, yaml.keys_of(mapping))
    return pin_map_edits(source, image, renders[0].reference, fleet.config.floats)
