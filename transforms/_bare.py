"""Names without a tag in programs: images of containers, where the code around says that they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from codemod.edits import DIGEST, Edit
from codemod.patterns import on_use
from codemod.reference import Reference, try_parse
from codemod.source import Span
from codemod.transform import Image, Rendering

_WORDS = on_use(r"[\w-]+")
_HOLDERS = tuple(
    f"{one}{ending}"
    for one in ("container", "containers", "sidecar", "sidecars")
    for ending in ("", "args", "array", "definition", "definitions", "props", "spec")
)
_DEPTH = 4
"""How many names around an object may say what it is."""
_PARTS = frozenset(("tag", "imagetag", "version", "imageversion", "digest"))


def plain(name: str) -> str:
    """A name without what separates its words, in lower case."""
    return name.replace("_", "").replace("-", "").replace(".", "").lower()


def is_container(within: Iterable[str]) -> bool:
    """Whether the names around an object say that it is a container: `containers`, `corev1.ContainerArgs`."""
    words = (_WORDS.findall(name)[-1:] for name in list(within)[:_DEPTH])
    return any(plain(word[0]).endswith(_HOLDERS) for word in words if word)


def bare(text: str, beside: Collection[str]) -> Reference | None:
    """The reference that a name without a tag is, None where the object beside it has a tag for it."""
    reference = try_parse(text)
    if reference is None or reference.tag is not None or reference.digest is not None:
        return None
    return None if _PARTS & set(map(plain, beside)) else reference


def image(surface: str, span: Span, text: str, reference: Reference) -> Image:
    """The image of a container, and the edit that pins it."""
    return Image(span, surface, text, (Rendering(reference),), (Edit(span.end, span.end, b"@" + DIGEST),))
