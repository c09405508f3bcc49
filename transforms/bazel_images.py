"""Pin the base images that Bazel pulls.

Why: a tag that moves makes another build tomorrow; rules_oci warns of it, and takes the digest in its place.

     oci.pull(
         name = "base",
         image = "ghcr.io/acme/base",
    -    tag = "main",
    +    digest = "<digest>",
         platforms = ["linux/amd64", "linux/arm64"],
     )
    -oci_pull(name = "tools", image = "ghcr.io/acme/tools:edge")
    +oci_pull(name = "tools", image = "ghcr.io/acme/tools@<digest>")

Seen are `oci.pull` and `oci_pull` of rules_oci and `container_pull` of rules_docker, in `MODULE.bazel`, `WORKSPACE`,
`BUILD` and `.bzl` files; the image is `image`, or `registry` and `repository`.

Leaves alone: all other rules: what they build has no digest yet.
Reports: tags and names that a constant or a macro gives, calls with an empty `digest` (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.formats import python, starlark
from codemod.patterns import on_use
from codemod.reference import Reference
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform
from transforms._keys import candidate
from transforms._literals import Floats
from transforms._whole import pin_edits

SURFACE = "bazel"
_PULLS = on_use(r"\w*(?:oci|container|docker|image)\w*\.pull|(?:\w+\.)?(?:oci_pull|container_pull)")
_PARTS = ("image", "registry", "repository", "tag", "digest")

transform = Transform(__name__, reads=starlark.LANGUAGE, words=(b"pull",))


@transform.scan
def pulls(source: Source, fleet: Fleet) -> Iterator[Fact]:
    constants = python.Constants(source)
    for call in starlark.calls(source):
        is_pull = _PULLS.fullmatch(call.function) is not None and ("image" in call.arguments or _is_parted(call))
        if is_pull:
            yield _fact(source, call, constants, fleet)


def _is_parted(call: starlark.Call) -> bool:
    return "registry" in call.arguments and "repository" in call.arguments


def _fact(source: Source, call: starlark.Call, constants: python.Constants, fleet: Fleet) -> Image:
    given = {name: call.arguments[name] for name in _PARTS if name in call.arguments}
    said = {name: one.text if one.text is not None else constants.lookup(one.code) for name, one in given.items()}
    site = given.get("tag") or given.get("digest") or given.get("image") or given["repository"]
    shown = site.code if site.text is None else site.text
    reference = None if None in said.values() else _reference(said)
    edits = () if reference is None else _edits(source, call, reference, fleet.config.floats)
    is_known = reference is not None and (edits or reference.digest is not None)
    written = given["digest"].body if "digest" in given and site is not given["digest"] else None
    reason = None if is_known else "computed-reference"
    return Image(site.body, SURFACE, shown, (Rendering(reference),), edits, reason, digest=written)


def _reference(said: dict[str, str | None]) -> Reference | None:
    name = said.get("image") or f"{said.get('registry')}/{said.get('repository')}"
    tag, digest = (f"{mark}{said[key]}" if said.get(key) else "" for key, mark in (("tag", ":"), ("digest", "@")))
    return candidate(f"{name.partition('://')[2] or name}{tag}{digest}")


def _edits(source: Source, call: starlark.Call, reference: Reference, floats: Floats) -> tuple[Edit, ...]:
    """The digest in the place of a floating tag, before any other; none where it is no plain text of the call."""
    tag, image = call.arguments.get("tag"), call.arguments.get("image")
    if reference.digest is not None or "digest" in call.arguments:
        return ()
    if tag is not None and tag.text:
        if floats(reference.tag):
            return (Edit(*tag.key, b"digest"), Edit(*tag.body, DIGEST))
        added = b'digest = "' + DIGEST + b'", '
        return () if "reproducible" in call.arguments else (Edit(tag.key.start, tag.key.start, added),)
    if tag is None and image is not None and image.text and reference.tag is not None:
        return pin_edits(source, image.body, image.text, floats)
    return ()
