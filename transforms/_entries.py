"""One entry of `images:` of a kustomization as a fact: the image that comes out, and the edits that pin it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.fleet.imagetag import Entry, Parts, read, split
from codemod.fleet.renames import Reached
from codemod.fleet.scalars import read_scalar
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.reference import is_digest
from codemod.source import Source
from codemod.transform import Fact, Image, Left, Rendering, SiteId
from transforms._keys import candidate, is_computed
from transforms._markers import WRITES_TAG, follow
from transforms._whole import pin_edits

_EXPRESSION = on_use(r"[][(){}|*+?^$\\]")
_PARTS = ("newTag", "digest", "newName")


def entry_fact(source: Source, mapping: yaml.Mapping, where: str, fleet: Fleet) -> Fact | None:
    """What one entry says; None where it only renames."""
    shared = next((own for own in map(mapping.get, _PARTS) if own and _is_shared(own.value, source)), None)
    if shared is not None:
        return Left(shared.value.span, where, "anchor-shared", source.text(shared.value.span))
    if repeated := mapping.repeated(("name", *_PARTS)):
        message = f"the key {repeated!r} stands twice in one map"
        return Left(mapping.index[repeated].value.span, where, "unparsable", repeated, message)
    entry = read(mapping)
    site = entry.site
    if site is None or not entry.name or not entry.decides:
        return None
    text, span = site.value, site.inner
    reached = fleet.renames.reached(source.path, span.start)
    if not reached and not entry.new_name and not _may_match(entry):
        return None
    renders, reason, message = _result(entry, mapping, reached)
    if reason == "computed-reference" and (site.templated or _is_computed(entry)):
        return Image(span, where, source.text(span), (Rendering(None),), reason=reason)
    is_ended = not (entry.new_tag or entry.digest) and any(any(split(one.before)[1:]) for one in reached if one.is_now)
    edits = _edits(source, mapping, entry, fleet) if reason is None and not is_ended else ()
    if edits and (why := _replaced(reached, fleet)):
        edits, reason, message = (), "computed-reference", why
    digest = mapping.get("digest")
    edits, writes = follow(source, mapping.get("newTag"), digest, edits, fleet)
    reason, message = (WRITES_TAG, writes) if writes else (reason, message)
    written = digest.value.inner if digest is not None and isinstance(digest.value, yaml.Scalar) else None
    return Image(
        *(span, where, text, renders, edits, reason),
        message=message,
        digest=written,
        undoes=undone(reached),
    )


def _replaced(reached: tuple[Reached, ...], fleet: Fleet) -> str:
    """Why replacements would not take the digest for what they take the tag for, if so."""
    found = (fleet.renames.taken_apart(*one.site, one.after) for one in reached if one.is_now)
    return next(filter(None, found), "")


def undone(reached: Iterable[Reached]) -> tuple[tuple[SiteId, str], ...]:
    """The images whose digest an entry takes off, and where the pinned ones stand."""
    dropped = [one for one in reached if one.loses_digest]
    return tuple(dict.fromkeys((one.site, f"{one.site[0]}:{one.line}" if one.is_now else "") for one in dropped))


def _may_match(entry: Entry) -> bool:
    """Whether the name is that of an image, computed, or an expression for several."""
    return candidate(entry.name) is not None or is_computed(entry.name) or bool(_EXPRESSION.search(entry.name))


def _is_shared(node: yaml.Node, source: Source) -> bool:
    """Whether a value is an alias, or one that others stand for."""
    if isinstance(node, yaml.Alias):
        return True
    documents = (each for each in yaml.documents(source) if each.span.start <= node.start < each.span.end)
    return node.anchor is not None and any(alias.target is node for each in documents for alias in each.aliases)


def _is_computed(entry: Entry) -> bool:
    return any(map(is_computed, (entry.new_name or entry.name, entry.new_tag, entry.digest)))


def _result(
    entry: Entry, mapping: yaml.Mapping, reached: tuple[Reached, ...]
) -> tuple[tuple[Rendering, ...], str | None, str]:
    """The images that come out, and why they cannot be pinned here, if so: the code and a message."""
    if _is_computed(entry):
        return (Rendering(None),), "computed-reference", ""
    whole = str(Parts(entry.new_name or split(entry.name).name, entry.new_tag, entry.digest))
    reference = candidate(whole)
    for key in _PARTS:
        node = yaml.lookup(mapping, key)
        if isinstance(node, yaml.Scalar) and not node.is_null and not isinstance(read_scalar(node), str):
            return (Rendering(reference),), "ambiguous-tag", f"kustomize refuses a {key} that is not quoted"
    known = tuple(dict.fromkeys(Rendering(candidate(one.after)) for one in reached if one.is_now))
    if reference is not None and (split(entry.new_name)[1:] == ("", "") or not known):
        return (Rendering(reference),), None, ""
    if known and all(render.reference is not None for render in known):
        return known, None, ""
    if entry.new_name or not reached:
        why = f"kustomize makes {next((one.after for one in reached), whole)} of it"
        return (Rendering(None),), "computed-reference", why
    return (Rendering(None),), "computed-reference", ""


def _edits(source: Source, mapping: yaml.Mapping, entry: Entry, fleet: Fleet) -> tuple[Edit, ...]:
    """A tag that floats gives way to the digest; any other stays, and gets one below it."""
    tag, digest = mapping.get("newTag"), mapping.get("digest")
    if tag is None or not isinstance(tag.value, yaml.Scalar) or not entry.new_tag:
        site = entry.site
        is_name = not entry.digest and site is not None
        return pin_edits(source, site.inner, site.value, fleet.config.floats) if is_name and site is not None else ()
    written, _, own = entry.new_tag.partition("@")
    goes = fleet.config.floats(written)
    if entry.digest:
        return (yaml.remove(source, tag) or ()) if goes else ()
    if not goes:
        return tuple(_below(source, tag, digest)) if not own else ()
    new = own.encode() if is_digest(own) else DIGEST
    if digest is not None:
        filled, removed = yaml.fill(source, digest, new), yaml.remove(source, tag)
        return (*removed, filled) if filled is not None and removed is not None else ()
    renamed, replaced = yaml.rename(tag, "digest"), yaml.replace(tag.value, new)
    return (renamed, replaced) if renamed is not None and replaced is not None else ()


def _below(source: Source, tag: yaml.Entry, digest: yaml.Entry | None) -> Iterator[Edit]:
    added = yaml.insert_after(source, tag, "digest", DIGEST) if digest is None else yaml.fill(source, digest, DIGEST)
    if added is not None:
        yield added
