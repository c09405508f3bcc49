"""Flip `Always` to `IfNotPresent` where everything that the policy governs is pinned.

Why: `Always` was there to fetch what a moving tag pointed to; it never rolled anything out. A digest needs no refresh.

     image:
       repository: ghcr.io/acme/web
    -  tag: main
    -  pullPolicy: Always
    +  digest: <digest>
    +  pullPolicy: IfNotPresent

A policy governs the image of its container, of its values map, of the maps below it that have no policy of their own,
wherever an alias or a merge repeats it, and, where it stands apart from any image (`global.imagePullPolicy`), every
image of every stack that reads the file. In a JSON patch it governs the image that the same patch sets beside it.

Leaves alone: `IfNotPresent`, `Never`, policies that a template computes, enums and descriptions of CRDs.
Reports: a policy that governs an image which stays unpinned, or whose images are not known
(`pull-policy-governs-unpinned`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.fleet.families import PLAIN, family_of
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Fact, PullPolicy, Transform
from transforms._custom import site_of, told
from transforms._documents import documents, surface
from transforms._maps import image_maps
from transforms._places import merging
from transforms._policies import IF_NOT_PRESENT, POLICY_KEY, is_always, patches, same_container
from transforms._references import references
from transforms._shared import is_apart

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"Always",))

Sites = list[tuple[yaml.Mapping, str | None, Span]]
"""Image sites: the map that holds them, the prefix of their keys if they have one, and their span."""


@transform.scan
def always(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in documents(source, fleet.config.words):
        policies = [entry for mapping in document.mappings for entry in mapping.entries if is_always(entry)]
        if policies:
            sites = _sites(document, fleet)
            for entry in policies:
                yield _fact(document, entry, sites, fleet)


def _sites(document: yaml.Document, fleet: Fleet) -> Sites:
    wholes: Sites = [
        (w.mapping, _key(w.scalar), w.scalar.inner) for w in references(document, fleet) if w.mapping is not None
    ]
    maps: Sites = []
    for image in image_maps(document, fleet):
        if is_apart(document, image, fleet):
            continue
        span = image.site.inner if isinstance(image.site, yaml.Scalar) else image.site.span
        maps.append((image.mapping, image.family.tag if image.family is not PLAIN else None, span))
    spelled = [(one, site_of(one, part)) for one, parts in told(document, fleet).parts.values() for part in parts]
    return wholes + maps + [(mapping, None, site.inner) for mapping, site in spelled if site is not None]


def _key(scalar: yaml.Scalar) -> str | None:
    return None if scalar.key == "image" else str(scalar.key)


def _fact(document: yaml.Document, entry: yaml.Entry, sites: Sites, fleet: Fleet) -> PullPolicy:
    assert isinstance(entry.key, yaml.Scalar)
    assert isinstance(entry.value, yaml.Scalar)
    edit = yaml.replace(entry.value, IF_NOT_PRESENT)
    edits = (edit,) if edit is not None else ()
    span, where = entry.value.inner, surface(document)
    governs = _governed(entry.mapping, entry.key.value, sites)
    shared = _shared(document, entry, entry.key.value, governs, sites)
    if shared:
        return PullPolicy(span, where, edits, tuple(site for sites in shared for site in sites) if all(shared) else ())
    if patches(entry.mapping):
        return PullPolicy(
            span, where, edits, tuple(s for holder, _, s in sites if same_container(holder, entry.mapping))
        )
    views = fleet.views(document, yaml.keys_of(entry.mapping))
    return PullPolicy(span, where, edits, governs, views, not governs)


def _shared(
    document: yaml.Document, entry: yaml.Entry, key: str, governs: tuple[Span, ...], sites: Sites
) -> list[tuple[Span, ...]]:
    """What the policy governs at each place that repeats it by an alias or a merge, its own included; () if unknown."""
    aliases = [alias for alias in document.aliases if alias.target is entry.value]
    repeated = [
        _governed(alias.parent, str(alias.key), sites)
        if isinstance(alias.parent, yaml.Mapping) and POLICY_KEY.fullmatch(str(alias.key))
        else ()
        for alias in aliases
    ]
    mergers = [mapping for mapping in merging(document, entry.mapping) if key not in mapping.index]
    merged = [_governed(mapping, key, sites) or governs for mapping in mergers]
    own = [governs] if governs or aliases else []
    return [*repeated, *merged, *own] if repeated or merged else []


def _governed(mapping: yaml.Mapping, key: str, sites: Sites) -> tuple[Span, ...]:
    """The images of the same map, else those below it that have no policy of their own."""
    own = [(prefix, span) for holder, prefix, span in sites if holder is mapping]
    if own:
        prefixed = [span for prefix, span in own if prefix is not None and _policy_of(prefix, key)]
        return tuple(prefixed or (span for _, span in own))
    below = [(holder, span) for holder, _, span in sites if _is_below(holder, mapping)]
    return tuple(span for holder, span in below if not any(map(POLICY_KEY.fullmatch, holder.index)))


def _policy_of(prefix: str, key: str) -> bool:
    family = family_of(prefix) or family_of(prefix + "Tag")
    return family is not None and key in family.pull_policies


def _is_below(node: yaml.Node, ancestor: yaml.Mapping) -> bool:
    here = node.parent
    while here is not None and here is not ancestor:
        here = here.parent
    return here is ancestor
