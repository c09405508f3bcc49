"""Which keys name images, and which values can be one: the questions that keep precision and recall.

Everything here is a plain predicate over text. Sources of the false friends: CircleCI machine images, GitHub runner
labels, AMIs, page images and disk images of public repositories.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from codemod.patterns import on_use
from codemod.reference import Reference, try_parse

_IMAGE_KEY = on_use(
    r"(?:image|[a-zA-Z0-9._-]*(?:[a-z0-9]Image|[_.-]image)|IMAGE|[A-Z0-9_]*_IMAGE|RELATED_IMAGE_[A-Z0-9_]+)"
    r"(?:Name|Ref|Reference|Url|URL|Uri|URI|[_-](?:name|ref|url|uri)|_NAME|_REF|_URL|_URI)?"
)
_NO_CONTAINER = on_use(
    r"(?:background|logo|icon|social|cover|banner|hero|thumb(?:nail)?|avatar|fav(?:icon)?|og|twitter|disk|vm|virtual[_-]?machine|"
    r"machine|boot|os|iso|ami|splash|header|footer|profile|featured?|preview|poster|wallpaper|card|seo|meta|share|kernel|initrd|"
    r"guest|cloud|qcow2?|instance|marketplace|page|post|author|site|default[_-]?og|placeholder|fallback|marker|tile|title)"
    r"[_.-]?(?:image|IMAGE|Image)",
    re.IGNORECASE,
)
_NO_CONTAINER_PARENTS = frozenset(
    "machine vm virtualMachine disk disks bootDisk boot_disk ami amis logo icon icons og opengraph twitter seo droplet "
    "branding banner cover splash thumbnail avatar favicon poster wallpaper runs-on vmss osDisk".split()
) | (LABELS := frozenset("labels matchLabels commonLabels podLabels selector nodeSelector".split()))
_PERHAPS_NO_CONTAINER_PARENTS = frozenset("author gallery hero instance instances meta pool social theme".split())
"""Words that name components just as well: what spells a registry's host below them is an image."""
_LIST_KEY = on_use(r"images|[a-zA-Z0-9_-]*(?:Images|[_-]images)")
_ENV_NAME = on_use(r"(?:[A-Z0-9_]*_)?IMAGES?(?:_[A-Z0-9_]+)?|[A-Z0-9_]*_IMAGE|RELATED_IMAGE_\w+")
_ENV_PART = on_use(r"_(?:TAG|REPO|REPOSITORY|REGISTRY|PULL_POLICY|PULL_SECRETS?|NAME_PREFIX|VERSION|DIR|PATH|FORMAT)$")
_NO_NAME = frozenset("auto default none inherit unset custom disabled enabled false true null latest".split())
_FILE_ENDING = on_use(
    r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|tiff?|iso|qcow2?|img|vmdk|vhdx?|raw|ova|ovf|tar|tgz|t?xz|gz|zip|zst|md|html?|pdf|"
    r"ya?ml|json|toml|txt|mp4|webm|sh|py|js|ts|css|bin|efi|squashfs|simg|sif)(?:[?#].*)?",
    re.IGNORECASE,
)
_RUNNER = on_use(
    r"(?:ubuntu|windows|macos)-(?:latest|\d[\w.-]*)|ami-[0-9a-f]+|Canonical:.*|projects/.*|.*/global/images/.*"
)
_COMPUTED = on_use(
    r"\{\{|\}\}|\$\{|\$\(|\$\[|<%|\[\[|%\(|%[-+#0-9.\[\]]*[sdvq]|\{[a-zA-Z_][\w.]*\}|<[A-Z_][A-Z0-9_]*>"
    r"|\$[A-Za-z_]\w*|@[A-Z_]+@"
)


@lru_cache(maxsize=65536)
def is_image_key(key: str) -> bool:
    """Whether a key's value names a container image (`image`, `initImage`, `sidecar_image`, `RELATED_IMAGE_X`, …)."""
    return _IMAGE_KEY.fullmatch(key) is not None and _NO_CONTAINER.match(key) is None


@lru_cache(maxsize=65536)
def is_image_list_key(key: str) -> bool:
    """Whether a key's value is a list of images (`images`, `extraImages`)."""
    return _LIST_KEY.fullmatch(key) is not None and _NO_CONTAINER.match(key) is None


def is_image_variable(name: str) -> bool:
    """Whether an environment variable by its name holds an image (`RELATED_IMAGE_PROXY`, `RUNNER_IMAGE`)."""
    return _ENV_NAME.fullmatch(name) is not None and _ENV_PART.search(name) is None


def is_no_container_parent(key: str | int, text: str = "") -> bool:
    """Whether what is below this key is about pictures, disks or machines; `text` is what stands there."""
    return key in _NO_CONTAINER_PARENTS or (key in _PERHAPS_NO_CONTAINER_PARENTS and not names_host(text))


def is_computed(text: str) -> bool:
    """Whether a text holds a placeholder of some template language."""
    return _COMPUTED.search(text) is not None


@lru_cache(maxsize=65536)
def candidate(text: str) -> Reference | None:
    """The reference that a text is, None for text that is none or that looks like a file, a URL, a runner or an AMI."""
    if not text or text[0] in "/.~-" or text in _NO_NAME or text.isdigit() or "://" in text or _RUNNER.fullmatch(text):
        return None
    reference = try_parse(text)
    if reference is None:
        return None
    if reference.tag is None and reference.digest is None and _FILE_ENDING.search(reference.path.rpartition("/")[2]):
        return None
    return reference


def is_spelled_out(text: str) -> bool:
    """Whether a reference says more than a bare word: a tag, a digest, or a registry host."""
    return "@" in text or ":" in text or names_host(text)


def names_host(text: str) -> bool:
    """Whether a reference begins with a registry's host, rather than leaving it to a default."""
    head, slash, _ = text.partition("/")
    return bool(slash) and ("." in head or ":" in head or head == "localhost")


_LITERAL_TAG = on_use(r":([A-Za-z0-9_][\w.-]*)[\"']?$|default[( ]+\\?[\"']([\w.-]+)\\?[\"']|:?[-=]([\w.-]+)\}$")


def is_literally_floating(text: str, floats: Callable[[str | None], bool]) -> bool:
    """Whether a computed reference holds a floating tag for everybody to see (`…:latest`, `| default "dev"`)."""
    return any(floats(next(filter(None, match.groups()))) for match in _LITERAL_TAG.finditer(text))
