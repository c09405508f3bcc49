"""Whether a pattern or a comparison of a script is about a floating tag of an image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from codemod.patterns import on_use
from transforms._literals import Floats

_TAGS = r"(?P<tags>[\w.-]+(?:\\?\|[\w.-]+)*)"
_AFTER = r"(?=\\?\)|\\?[\"'$@/|,}\];&<>#%]|\\[bs>]|\s|$)"
_BEHIND_COLON = on_use(rf"(?P<before>[^\s\"'|,;#%=(<>!]*?)(?:\[)?:(?:\])?\\?\(?(?:\?:)?{_TAGS}{_AFTER}")
_GAP = r"(?:\\s[*+?]?|\s|\[\[:(?:space|blank):\]\][*+?]?|\[[^\]\w]*\][*+?]?|\\?[\"'(^?*.])*"
_OF_KEY = on_use(
    rf"(?<![\w-])(?:\w*[iI]mage_?)?[tT](?:ag|AG)(?:\\?[\"'\])])*{_GAP}(?::|=[=~]?|!=){_GAP}{_TAGS}{_AFTER}"
)
_NO_IMAGE = on_use(
    r"(?:.*\W)?(?:env|environment|stage|branch|refs?|heads?|HEAD|tags|remotes|origin|upstream|profile|mode|namespace|ns|target|context"
    r"|localhost|https?|git|channel|release|version|type|status|kind|name|role|tier|scope)\W*"
)
_SAYS_IMAGE = on_use(r"image|docker|podman|crane|skopeo|kustomize|helm|rendered|manifest|tag\b", re.IGNORECASE)
_ELSE = on_use(
    r"dist-tag|\bnpm\b|\bgit (?:branch|log|push|fetch|rev-|remote|symbolic|status|ls-remote)|\bbazel\b|//"
    r"|\b(?:docker|podman|nerdctl) (?:images?|ps|rmi|inspect|container)\b"
)
"""What has tags and branches of its own, and what an engine has on this machine."""
_IMAGE_NAME = on_use(r"(?i)\$\{?\w*ima?ge?(?:s|_?name|_?ref|_?tag|_?version|_?uri|_?url)?\}?|\$\{?\w*image\w*\}?")
_TAG_NAME = on_use(r"(?i)\$\{?\w*(?:image|docker|container)_?\w*tag\w*\}?")
_MATCHED = on_use(rf"\*?(?:[\w./-]*)\\?:\\?\(?{_TAGS}\\?\)?\$?\*?")
_LATEST = on_use(r"\*:(?P<tags>latest)\*?")
_ALONE = on_use(rf"\^?\\?\(?{_TAGS}\\?\)?\$?")


def assumed(pattern: str, around: str, floats: Floats) -> str | None:
    """The floating tag that a pattern looks for; `around` is the statement that it stands in."""
    if _ELSE.search(around.replace("://", "")):
        return None
    for match in _OF_KEY.finditer(pattern):
        for tag in _tags(match, floats):
            return tag
    for match in _BEHIND_COLON.finditer(pattern):
        before = match["before"]
        if _NO_IMAGE.fullmatch(before) or before.endswith(":"):
            continue
        is_image = "/" in before or _SAYS_IMAGE.search(around) is not None
        for tag in _tags(match, floats) if is_image else ():
            return tag
    return None


def compared(subject: str, patterns: Iterable[str], floats: Floats, *, is_about_images: bool) -> str | None:
    """The floating tag that a variable of an image, or of its tag, is compared with.

    In a script that `is_about_images`, whatever is compared with `*:latest` is one.
    """
    is_tag = _TAG_NAME.fullmatch(subject) is not None
    is_image = is_tag or _IMAGE_NAME.fullmatch(subject) is not None
    for pattern in patterns:
        match = _MATCHED.fullmatch(pattern) if is_image else _LATEST.fullmatch(pattern) if is_about_images else None
        match = match or (_ALONE.fullmatch(pattern) if is_tag else None)
        for tag in _tags(match, floats) if match is not None else ():
            return tag
    return None


def _tags(match: re.Match[str], floats: Floats) -> Iterator[str]:
    return (tag for tag in re.split(r"\\?\|", match["tags"]) if floats(tag))
