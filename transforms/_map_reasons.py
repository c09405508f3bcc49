"""Why an image that a values map spells in parts cannot be pinned, whatever its digest."""

from __future__ import annotations

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.transform import Rendering
from codemod.unclear import unclear
from transforms._maps import ImageMap, repository
from transforms._places import merging

_AFFIX = on_use(r"(?:.*[tT]ag[_-]?)?(?:[sS]uffix|[pP]refix)")


def why_not(
    image: ImageMap, document: yaml.Document, renders: tuple[Rendering, ...], fleet: Fleet
) -> tuple[str | None, str]:
    """The reason code for a map that cannot be pinned whatever the digest, and more about it."""
    reason = _without_digest(image, fleet)
    if reason is not None:
        return reason or None, ""
    reason, message = unclear(renders)
    if reason == "ambiguous-repository" and repository(image.mapping.text, image.family, image.keys) is None:
        reason, message = _sharing(renders) or (reason, message)
    return (reason, message) if reason is not None else (_spelling(image, document, renders[0], fleet), "")


def _sharing(renders: tuple[Rendering, ...]) -> tuple[str, str] | None:
    """The reason code for a tag without a name of which one release makes several images, and which."""
    for stack in sorted({render.stack or "" for render in renders}):
        found = sorted({str(render.reference) for render in renders if render.stack == stack and render.reference})
        if len(found) > 1:
            return "shared-tag", f"{stack} makes {', '.join(found)} of it"
    return None


def _without_digest(image: ImageMap, fleet: Fleet) -> str | None:
    """What the map says in itself; an empty text where that is pinned."""
    tag = image.tag.value if image.tag is not None else None
    if isinstance(tag, yaml.Scalar) and "@" in tag.value:
        return "floating-tag-beside-digest" if fleet.config.floats(tag.value.partition("@")[0]) else ""
    if not (image.mapping.text(image.family.tag) or image.mapping.text(image.family.digest)):
        return "chart-default-tag"
    if image.digest is None and "Never" in (image.mapping.text("pullPolicy"), image.mapping.text("imagePullPolicy")):
        return "never-pulled"
    return None


def _spelling(image: ImageMap, document: yaml.Document, render: Rendering, fleet: Fleet) -> str | None:
    reference, tag = render.reference, image.tag.value if image.tag is not None else None
    if reference is not None and reference.digest and image.digest is None and fleet.config.floats(reference.tag):
        return "floating-tag-beside-digest" if reference.tag is not None else None
    if _is_shared(document, image):
        return "anchor-shared"
    if isinstance(tag, yaml.Scalar) and not tag.is_text and _is_rewritten(tag.value):
        return "ambiguous-tag"
    return None


def repeated_key(image: ImageMap) -> str | None:
    """A key of the image that its map holds twice."""
    family = image.family
    return image.mapping.repeated((family.tag, family.digest, *family.registries, *family.names))


def affix(image: ImageMap) -> str | None:
    """A key beside the tag that a chart puts in front of it or behind it, if it says something (`tagSuffix`)."""
    return next((key for key in image.mapping.index if _AFFIX.fullmatch(key) and image.mapping.text(key)), None)


def _is_rewritten(text: str) -> bool:
    """Whether what YAML reads prints differently (`1.10`, `1e3`, `0x1f`, `yes`): Helm deploys what it reads."""
    if text.isdigit():
        return str(int(text)) != text or int(text) >= 2**63
    try:
        return f"{float(text):.15g}" != text
    except ValueError:
        return text not in ("true", "false")


def _is_shared(document: yaml.Document, image: ImageMap) -> bool:
    """Whether another map merges this one and names another repository under the same tag, or does so itself."""
    if image.tag is None:
        return not image.mapping.text(image.family.digest)
    names, own = {*image.family.registries, *image.family.names}, image.mapping
    return any(
        image.family.tag not in other.index
        and any(name in other.index and other.text(name) != own.text(name) for name in names)
        for other in merging(document, own)
    )
