"""Templates inside values (`tpl`) that read a values map: removing the tag under them would break what they render."""

from __future__ import annotations

import re

from codemod.fleet import Fleet
from codemod.source import Source
from transforms._maps import ImageMap


def template_reader(source: Source, image: ImageMap, fleet: Fleet) -> str | None:
    """The file whose template strings read the map's tag but not its digest; None where there is none."""
    if source.outer is not None:
        return None
    for path, data in fleet.texts(source):
        if b".Values." in data and _reads_tag_only(data, image):
            return path
    return None


def _reads_tag_only(data: bytes, image: ImageMap) -> bool:
    """`.Values.image.tag` without `.Values.image.digest`, spelled out or under `with .Values.image`."""
    written = b".".join((b".Values", *(str(key).encode() for key in image.keys)))
    if written not in data:
        return False
    place = re.escape(written)
    tag, digest = re.escape(image.family.tag).encode(), re.escape(image.family.digest).encode()
    if re.search(place + rb"\." + tag + rb"\b", data):
        return re.search(place + rb"\." + digest + rb"\b", data) is None
    if not re.search(rb"\{\{-?\s*(?:with|\$\w+\s*:=)[^}]*" + place + rb"\s*[)}-]", data):
        return False
    return re.search(rb"[\s$\w(]\." + tag + rb"\b", data) is not None and not re.search(rb"\." + digest + rb"\b", data)
