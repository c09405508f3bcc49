"""A whole image reference at one place, and what the table of kinds says is one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.reference import Reference
from codemod.transform import Image, Left, Rendering
from transforms._custom import HANDED, LEFT, NAME, told
from transforms._documents import surface
from transforms._keys import candidate, is_computed, is_image_key, is_spelled_out, names_host
from transforms._places import serves_others
from transforms._services import builder

_SCHEME = on_use(r"(?:oci(?:\+[a-z]+)?|docker|registry)://")
_ADDRESS = on_use(r".*(?:[uU]r[il]|UR[IL])")


class Whole(Struct, frozen=True):
    """One scalar that is, or computes, a whole reference. `reference` is None where it is computed."""

    scalar: yaml.Scalar
    mapping: yaml.Mapping | None
    text: str
    reference: Reference | None
    reason: str | None = None
    message: str = ""


def kept(whole: Whole, where: str, reason: str) -> Image | Left:
    """What is not pulled by this name, or may not be; what is built here is an image of the inventory all the same."""
    reference = candidate(whole.text) if reason == "built-here" else None
    if reference is None:
        return Left(whole.scalar.inner, where, reason, whole.text, whole.message)
    return Image(whole.scalar.inner, where, whole.text, (Rendering(reference),), reason=reason, message=whole.message)


def computed(
    document: yaml.Document, fleet: Fleet, scalar: yaml.Scalar, mapping: yaml.Mapping | None, strict: bool
) -> Whole | None:
    """A reference that a template computes; `strict` wants more than a bare expression."""
    text = document.source.text(scalar.inner).strip()
    if (strict and not ("/" in text or ":" in text)) or fleet.handed.is_expression(document.source, scalar):
        return None
    by = "a variable of the environment" if surface(document) == "compose" else "a template"
    return Whole(scalar, mapping, text, None, "computed-reference", f"{by} computes this reference")


def known(document: yaml.Document, fleet: Fleet) -> Iterator[Whole]:
    """The references that the table of kinds knows of, in the order in which they stand."""
    found = [(scalar, said) for scalar, said in told(document, fleet).scalars.values() if said != LEFT]
    for scalar, said in sorted(found, key=lambda one: one[0].start):
        whole = _handed(scalar, fleet) if said == HANDED else _known(document, fleet, scalar, is_name=said == NAME)
        if whole is not None:
            yield whole


def _known(document: yaml.Document, fleet: Fleet, scalar: yaml.Scalar, *, is_name: bool) -> Whole | None:
    mapping = scalar.parent if isinstance(scalar.parent, yaml.Mapping) else None
    text = scalar.value.strip()
    if (by := builder(document, mapping, text, fleet)) is not None:
        return Whole(scalar, mapping, text, None, "built-here", by)
    key, scheme = str(scalar.key), _SCHEME.match(text)
    if scalar.templated or is_computed(text):
        is_plain = is_image_key(key) or scheme is not None
        return None if _is_address(key) and not is_plain else computed(document, fleet, scalar, mapping, not is_plain)
    text = text[scheme.end() :] if scheme else text
    reference = candidate(text) if scalar.is_text else None
    if reference is None or not (scheme or _says_enough(key, text)):
        return None
    if not names_host(text) and _has_registry_above(scalar):
        message = "its controller puts a registry before this name"
        return Whole(scalar, mapping, text, None, "computed-reference", message)
    if is_name and reference.tag is None and reference.digest is None:
        message = "its controller puts a tag from elsewhere behind a bare name"
        return Whole(scalar, mapping, text, None, "computed-reference", message)
    return Whole(scalar, mapping, text, reference, "anchor-shared" if serves_others(document, scalar) else None)


def _handed(scalar: yaml.Scalar, fleet: Fleet) -> Whole | None:
    """A floating reference that a task or a workflow is handed: nobody says whether it is pulled or pushed."""
    text = scalar.value.strip()
    reference = None if scalar.templated or is_computed(text) else candidate(text)
    if reference is None or not is_spelled_out(text) or reference.digest or not fleet.config.floats(reference.tag):
        return None
    return Whole(scalar, None, text, None, "purpose-unknown")


def _says_enough(key: str, text: str) -> bool:
    """Whether a text without a scheme can be meant as an image: no bare version, no relative address."""
    if _is_address(key):
        return names_host(text)
    return is_image_key(key) or any(mark in text for mark in ":/@")


def _is_address(key: str) -> bool:
    """Whether a key holds addresses of any kind, told apart by their scheme."""
    return _ADDRESS.fullmatch(key) is not None and not is_image_key(key)


def _has_registry_above(scalar: yaml.Scalar) -> bool:
    """Whether the object says a registry that its controller puts before the names in it."""
    here: yaml.Node | None = scalar.parent
    while here is not None:
        if isinstance(here, yaml.Mapping) and here.text("imageRegistry"):
            return True
        here = here.parent
    return False
