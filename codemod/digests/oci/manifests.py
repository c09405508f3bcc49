"""Manifests and indexes: which are known, what they offer, and whether they are what their digest says."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codemod.digests.oci import Unanswered
from codemod.patterns import on_use
from codemod.reference import is_digest

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
KNOWN = frozenset({OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST})
ACCEPT = ", ".join((OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST))
"""All of them, always: asked for less, a registry answers with one platform's manifest, or a converted one."""

CONFIGS = frozenset({"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"})
"""The media types of image configurations; what has another one (a chart, a signature) runs on no platform."""

_OLD = on_use(r"application/vnd\.docker\.distribution\.manifest\.v1\b")
_PLATFORM = on_use(r"[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a body says: the platforms of an index, or the digest of a single image's configuration, which has them."""

    platforms: tuple[str, ...] = ()
    config: str | None = None


def media_type(found: str, host: str) -> str:
    """The media type, in lower case, of an answer. Raises `Unanswered` for all but the four kinds of manifest."""
    if found in KNOWN:
        return found
    if _OLD.match(found):
        raise Unanswered("malformed", f"{host}: has the image only as an old manifest (schema 1), push it anew")
    if found == "text/html":
        raise Unanswered("malformed", f"{host}: answers with a web page, this is no registry or a login is in between")
    shown = found if re.fullmatch(r"[a-z0-9.+/-]{1,80}", found) else "no known media type"
    raise Unanswered("malformed", f"{host}: answers with {shown}, which is no manifest")


def digest_of(body: bytes, said: str, host: str) -> str:
    """The digest of a body, by the algorithm of the digest that was said. Raises `Unanswered` if they differ."""
    if said and not is_digest(said):
        raise Unanswered("malformed", f"{host}: the digest that it names is none")
    algorithm = said.partition(":")[0] or "sha256"
    found = f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"
    if said and said != found:
        raise Unanswered("malformed", f"{host}: names the digest {said}, but what it sends has {found}")
    return found


def read(media: str, body: bytes, host: str) -> Manifest:
    """What a manifest or index says. Raises `Unanswered` for what is not of its media type."""
    content = _object(body, host)
    if content.get("schemaVersion") != 2 or content.get("mediaType", media) != media:
        raise Unanswered("malformed", f"{host}: the manifest is not what its media type says")
    if media in INDEXES:
        children = content.get("manifests")
        if not isinstance(children, list) or "layers" in content:
            raise Unanswered("malformed", f"{host}: the index has no list of manifests")
        platforms = (_spelt(child.get("platform")) for child in children if isinstance(child, dict))
        return Manifest(tuple(sorted({platform for platform in platforms if platform is not None})))
    config = content.get("config")
    if not isinstance(config, dict) or "manifests" in content or not is_digest(str(config.get("digest"))):
        raise Unanswered("malformed", f"{host}: the manifest has no configuration")
    return Manifest(config=config["digest"] if config.get("mediaType") in CONFIGS else None)


def platform_of(config: bytes, host: str) -> tuple[str, ...]:
    """The platform that the configuration of a single image names."""
    platform = _spelt(_object(config, host))
    return (platform,) if platform is not None else ()


def _object(body: bytes, host: str) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Unanswered("malformed", f"{host}: what it sends as JSON is none")
    return content


def _spelt(platform: object) -> str | None:
    """`os/architecture[/variant]`; None for what is no platform, such as the attestations beside an image."""
    if not isinstance(platform, dict) or platform.get("os") == "unknown":
        return None
    parts = [platform.get(name) for name in ("os", "architecture", "variant")]
    text = "/".join(str(part).lower() for part in parts if part)
    return text if _PLATFORM.fullmatch(text) else None
