"""Pin image references in shell scripts.

Why: what a script runs or applies by hand is deployed, too, and what it takes by default is what people get.

    -IMAGE="${IMAGE:-ghcr.io/acme/migrations:dev}"
    +IMAGE="${IMAGE:-ghcr.io/acme/migrations@<digest>}"
    -docker run --rm ghcr.io/acme/tool:main migrate
    +docker run --rm ghcr.io/acme/tool@<digest> migrate

Seen are values and defaults of variables, the images that docker, podman and nerdctl run, create and pull, options that
say image, `kubectl set image`, and manifests and Dockerfiles in heredocs and quoted texts. Variables that get one plain
text are known.

Leaves alone: comments, what is echoed, searched for or copied, volumes, ports, and every text that nothing marks as an
image: neither a registry host, a floating tag or a digest behind a slash, nor a name that says image or container.
Reports: references that the script puts together and tags that it sets (`computed-reference`), those that `helm --set`
sets, with the image that the chart makes of them (`tag-in-parameter`), images that it builds, tags or pushes
(`built-here`), and images handed to a command that is not known (`purpose-unknown`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from codemod.formats import shell
from codemod.patterns import on_use
from codemod.program import Expression
from codemod.reference import DEFAULT_DOMAIN
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Image, Left, Transform
from transforms._build_words import named, without_scheme
from transforms._fragments import fragments
from transforms._helm_sets import is_set, settings, tag_set
from transforms._literals import Floats, has_host
from transforms._manifests import is_readable, language_of, may_be_document
from transforms._programs import fact, may_matter

if TYPE_CHECKING:
    from tree_sitter import Node

    from codemod.fleet import Fleet

SURFACE = "shell"
_HINT = on_use(
    rb":[\w.%$][\w.${}-]*|@sha256:|(?:tag|Tag|TAG)\w*[\"']?[ \t]*=|[iI]mage[\w.-]*[\"']?[ \t]*:|\nFROM[ \t]", re.ASCII
)
_OF_KIND = (b"kind build node-image", "kindest/node:latest")
"""What calls its result so without saying it."""
_SEPARATOR = on_use(rb"[=,]")
_PUBLISHES = r"(?:build|push|tag|load|commit|save|import)\b(?:[^\n]|\\\r?\n)*?\$\{?%s\b"


transform = Transform(__name__, reads=shell.LANGUAGE, looks_at_path=(b"--set",))


@transform.scan
def images_in_words(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not _HINT.search(source.data):
        return
    floats, variables, seen = fleet.config.floats, shell.Variables(source), list[Span]()
    for text in shell.texts(source, "yaml", _surface(source)):
        if may_be_document(text.data) and (language := language_of(text.data)) is not None:
            text.language = language
            text.memo["printf"] = b"%" in text.data
            seen.append(text.in_file(Span(0, len(text.data))) if source.outer is None else Span(0, 0))
            body = text.outward(Span(0, len(text.data)))
            yield from [] if is_readable(text) else fragments(source, _surface(source), body, floats)
            yield Embedded(text)
    found: list[Fact] = []
    for word in shell.words(source):
        data = source.data[word.start_byte : word.end_byte]
        span = Span(word.start_byte, word.end_byte)
        if b"\n" in data or (not shell.is_default(word) and any(one.start <= span.start < one.end for one in seen)):
            continue
        if named(word):
            continue
        if any(may_matter(source, span, piece, floats) for piece in _SEPARATOR.split(data.strip(b"\"'"))):
            said = shell.expression(source, word, variables)
            found += _set(source, said, word, fleet) if is_set(said) else _facts(source, said, shell.role(word), floats)
    made = {_OF_KIND[1]} if _OF_KIND[0] in source.data else set()
    made |= {
        fact.text for fact in found if isinstance(fact, Image) and fact.reason in ("built-here", "purpose-unknown")
    }
    yield from (_by_name(fact) if isinstance(fact, Image) and fact.text in made else fact for fact in found)


def _surface(source: Source) -> str:
    return source.surface or SURFACE


def _by_name(image: Image) -> Image:
    """An image that the script also saves, loads or tags by its name, which none has that comes by digest."""
    return image if image.reason else replace(image, edits=(), reason="built-here", message="the script needs its name")


def _facts(source: Source, found: Expression, role: shell.Role, floats: Floats) -> Iterator[Fact]:
    if role is shell.Role.SAID:
        return
    found = without_scheme(found)
    if role in (shell.Role.IMAGE, shell.Role.MADE):
        found = replace(found, names=("image", *found.names))
    stated = fact(source, _surface(source), found, floats)
    if isinstance(stated, Image) and stated.reason is None and stated.edits:
        if role is shell.Role.MADE or (role is shell.Role.VALUE and _is_published(source, found.names)):
            stated = replace(stated, edits=(), reason="built-here")
        elif role is shell.Role.UNKNOWN:
            reference = stated.renders[0].reference
            is_named = reference is not None and reference.domain != DEFAULT_DOMAIN
            stated = replace(stated, edits=(), reason="purpose-unknown") if is_named else None
    elif isinstance(stated, Left) and role is shell.Role.UNKNOWN and not has_host(stated.text):
        return
    if stated is not None:
        yield stated


def _is_published(source: Source, names: tuple[str, ...]) -> bool:
    """Whether the script builds, tags or pushes what it calls by one of these names."""
    text = source.data.decode("utf-8", "replace")
    return any(re.search(_PUBLISHES % re.escape(name), text) for name in names if name.isidentifier())


def _set(source: Source, found: Expression, word: Node, fleet: Fleet) -> Iterator[Fact]:
    """Values that a `--set` of Helm sets by their keys: tags are reported, whole references are pinned."""
    for setting in settings(found) if shell.role(word) is not shell.Role.SAID else ():
        key = setting.name.rpartition(".")[2]
        stated: Fact | None = tag_set(source, _surface(source), setting, shell.command_of(word), fleet)
        if stated is None and "mage" in key:
            part = replace(found.parts[0], text=setting.value, code=setting.value, body=setting.span)
            given = replace(found, span=setting.span, text=setting.value, parts=(part,), names=(key,))
            stated = fact(source, _surface(source), given, fleet.config.floats)
        if stated is not None:
            yield stated
