"""What of a policy is about images: keys of patterns, and expressions (JMESPath, CEL, Rego) that read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.admission.objects import Object
from codemod.admission.policy import NAMES, TAGS, Text
from codemod.formats import yaml
from codemod.patterns import on_use

_READS = on_use(
    r"(?:\.|\[[\"'])image\b(?!\s*\()|\bimages\s*[.\[]|\b(?:image|container_image)\b(?=\s*[!=]=)"
    r"|\bverifyImageSignatures?\(|\bverifyAttestationSignatures?\("
)
"""A field `image` that is read, or the variable `images` of Kyverno."""
_OTHER = on_use(r"\b(?:imagePullPolicy|imagePullSecrets)\b")
"""Expressions that read these beside images are about how images are pulled."""
_EXEMPT = on_use(r"\b\w+\.image\s+in\s+variables\.\w*[eE]xempt\w*")
"""Expressions that spare some images are about what they spare them from."""
_DIGESTS = on_use(r"digest|sha256|resolved|GetMetadata", re.IGNORECASE)
_TAGS = on_use(r"latest|digest|sha256|\btags?\b|checksum|@|\*:\*|[\"']:[\"']|\bimmutable\b|\bmutable\b", re.IGNORECASE)
_ANCHOR = on_use(r"(?P<sign>[=X^+<]?)\((?P<key>[^()]*)\)\Z")
_CONTAINERS = on_use(r"(?<![\w])containers\b")
_INIT = on_use(r"[iI]nit_?[cC]ontainers?\b|\ballContainers\b|\bimages\.\*|\.\*\.")
_OF_ONE = on_use(r"\bcontainers\[\?|\.name\s*==")
_QUOTED = on_use(r"(\w\[|\[\?)?(?:'([^'\\\n]*)'|\"([^\"\\\n]*)\")")
"""The strings of an expression; the first group says that one is the key of a map."""
_IS_NAME = on_use(r"[\w.*?<>@:-]+(?:/[\w.*?<>@: -]*)+", re.ASCII)


def key_of(written: str) -> tuple[str, str]:
    """A key of a pattern of Kyverno without its anchor, and the anchor: `=(image)` is `image` and `=`.

    The sign of a condition, `(image)`, is `?`.
    """
    found = _ANCHOR.match(written)
    return (found["key"], found["sign"] or "?") if found else (written, "")


def reads_images(expression: str) -> bool:
    """Whether an expression says something about images."""
    text = _EXEMPT.sub("", expression)
    return _READS.search(text) is not None and _OTHER.search(text) is None


def writes_digests(text: str) -> bool:
    """Whether a mutation of images gives them their digests."""
    return _DIGESTS.search(text) is not None


def concern(text: str) -> str:
    """Whether a rule is about tags and digests, or about the names of images."""
    return TAGS if _TAGS.search(text) else NAMES


def pattern_images(node: yaml.Node | None) -> Iterator[tuple[yaml.Scalar, yaml.Mapping]]:
    """The images that a pattern demands, and the maps that they are in.

    Those of conditions, `(image)` and `<(image)`, and those that are only added where there is none, are left out.
    """
    for mapping in yaml.mappings(node):
        for entry in mapping.entries:
            written = entry.key.value if isinstance(entry.key, yaml.Scalar) else ""
            key, sign = key_of(written)
            value = yaml.target(entry.value)
            if key == "image" and sign not in ("?", "<", "+") and isinstance(value, yaml.Scalar):
                yield value, mapping


def skipped(one: Object, nodes: list[yaml.Node]) -> Text | None:
    """Where some parts of a policy speak of containers, if none of them speaks of init containers.

    A policy about one container by its name is complete. The text says whether ephemeral containers are left out, too.
    """
    words = [scalar for node in nodes for scalar in yaml.scalars(node)]
    texts = [one.value(scalar) for scalar in words]
    named = (mapping.text("name") for node in nodes for _, mapping in pattern_images(node))
    if any(_INIT.search(text) or _OF_ONE.search(text) for text in texts) or any(_is_literal(name) for name in named):
        return None
    found = next((scalar for scalar, text in zip(words, texts, strict=True) if _CONTAINERS.search(text)), None)
    others = [] if any("ephemeralContainers" in text for text in texts) else ["ephemeralContainers"]
    return None if found is None else Text(" and ".join(["initContainers", *others]), one.place(found))


def _is_literal(name: str | None) -> bool:
    return bool(name) and not any(sign in (name or "") for sign in "*?{")


def quoted(one: Object, scalar: yaml.Scalar) -> Iterator[Text]:
    """The strings in an expression that look like names of images; a long expression's place is where it begins."""
    for found in _QUOTED.finditer(one.value(scalar)):
        text = found[2] or found[3] or ""
        if not found[1] and _IS_NAME.fullmatch(text):
            yield Text(text, one.place(scalar))
