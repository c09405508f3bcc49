"""Pin base images that builds are handed as arguments.

Why: `ARG BASE` is pinned in the Dockerfile in vain where every build of it is handed another base that moves.

    # file: compose.yaml
     services:
       web:
         build:
           context: web
           args:
    -        BASE: ghcr.io/acme/base:main
    +        BASE: ghcr.io/acme/base@<digest>
    # file: web/Dockerfile
     ARG BASE
     FROM ${BASE}

Looks at `build.args` of compose, `buildArgs` of Skaffold, `build-args` of actions that build, and `--build-arg` in
scripts. An argument names a base where the Dockerfile of the build says so: it stands for a whole `FROM`, and no more.

Leaves alone: arguments that name no image, and those that the code base computes.
Reports: floating ones whose Dockerfile is not known, or takes them for something else (`purpose-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from codemod.fleet import Fleet
from codemod.formats import dockerfile, shell, yaml
from codemod.patterns import on_use
from codemod.place import COMPOSE, WORKFLOW
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Image, Language, Transform
from transforms._build_words import command, named, without_flag
from transforms._built_from import NONE, Names, argument, bases, below, fed, unknown
from transforms._documents import surface
from transforms._keys import is_image_key, is_image_variable
from transforms._programs import fact

if TYPE_CHECKING:
    from tree_sitter import Node

LINES = Language("build-arguments")
"""Texts of lines `NAME=value`."""
_LINE = on_use(rb"(?m)^[ \t]*(\w+)=([^\s#]\S*)[ \t]*\r?$")
_ACTION = on_use(r"[\w.-]+/(?:build-push-action|buildah-build|kaniko-action|docker-build-push\S*)@\S+")
_HINTS = (b"args:", b"Args:", b"--build-arg")
_BUILDS = frozenset({COMPOSE, WORKFLOW})
_KINDS = ("docker", "kaniko", "custom", "buildpacks")


transform = Transform(
    __name__, reads=(yaml.LANGUAGE, shell.LANGUAGE, LINES), looks_at_path=(b"buildArgs", b"--build-arg")
)


@transform.scan
def arguments(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.language == LINES.name:
        yield from _lines(source, fleet)
    elif not source.mentions(_HINTS):
        return
    elif source.language == shell.LANGUAGE.name:
        yield from _words(source, fleet)
    elif source.outer is None and (b"buildArgs" in source.data or _BUILDS & {*source.place}):
        for document in yaml.documents(source):
            for mapping in document.mappings if WORKFLOW in source.place else ():
                yield from _step(document, mapping, fleet)
            for mapping in document.mappings:
                for holder, names in _holders(source, mapping, fleet):
                    yield from _entries(document, holder, names, fleet)


def _holders(source: Source, mapping: yaml.Mapping, fleet: Fleet) -> Iterator[tuple[yaml.Node, Names]]:
    """The arguments of the builds that a map describes: a service of compose, an artifact of Skaffold."""
    folder = source.path.rpartition("/")[0]
    build = yaml.lookup(mapping, "build") if COMPOSE in source.place else None
    if isinstance(build, yaml.Mapping) and (args := yaml.lookup(build, "args")) is not None:
        inline = build.text("dockerfile_inline")
        own = Source(source.path, (inline or "").encode(), dockerfile.LANGUAGE.name)
        path = below(folder, build.text("context") or ".", build.text("dockerfile"))
        yield args, bases(dockerfile.read(own)) if inline is not None else fed(fleet, [path])
    for kind in _KINDS if "image" in mapping.index else ():
        builder = yaml.lookup(mapping, kind)
        args = yaml.lookup(builder, "buildArgs") if isinstance(builder, yaml.Mapping) else None
        if isinstance(builder, yaml.Mapping) and args is not None:
            path = below(folder, mapping.text("context") or ".", builder.text("dockerfile"))
            yield args, fed(fleet, [path])


def _entries(document: yaml.Document, holder: yaml.Node, names: Names, fleet: Fleet) -> Iterator[Fact]:
    """The arguments of a map, those left out whose keys say that they are images; or of a list `NAME=value`."""
    source, where = document.source, surface(document)
    for item in holder.items if isinstance(holder, yaml.Sequence) else ():
        name, equals, text = item.value.partition("=") if isinstance(item, yaml.Scalar) else ("", "", "")
        if isinstance(item, yaml.Scalar) and equals and item.inner.end - item.inner.start == len(item.value.encode()):
            span = Span(item.inner.end - len(text.encode()), item.inner.end)
            yield from filter(None, [argument(source, where, name, span, names, fleet)])
    for entry in holder.entries if isinstance(holder, yaml.Mapping) else ():
        key, value = entry.key, entry.value
        if isinstance(key, yaml.Scalar) and isinstance(value, yaml.Scalar) and not _is_known(key.value):
            yield from filter(None, [argument(source, where, key.value, value.inner, names, fleet)])


def _is_known(key: str) -> bool:
    return is_image_key(key) or is_image_variable(key)


def _step(document: yaml.Document, step: yaml.Mapping, fleet: Fleet) -> Iterator[Embedded]:
    """The arguments that an action is handed which builds."""
    given = yaml.lookup(step, "with") if _ACTION.fullmatch(step.text("uses") or "") else None
    lines = yaml.lookup(given, "build-args") if isinstance(given, yaml.Mapping) else None
    text = yaml.nested(document, lines, LINES.name, "github-workflow") if isinstance(lines, yaml.Scalar) else None
    if text is not None and isinstance(given, yaml.Mapping):
        file = given.text("file") or given.text("dockerfile")
        text.memo[LINES] = fed(fleet, [below("", "." if file else given.text("context") or ".", file)])
        yield Embedded(text)


def _lines(source: Source, fleet: Fleet) -> Iterator[Fact]:
    names: Names = source.memo.get(LINES, NONE)
    for line in _LINE.finditer(source.data):
        stated = argument(source, source.surface or "", line[1].decode(), Span(*line.span(2)), names, fleet)
        yield from filter(None, [stated])


def _words(source: Source, fleet: Fleet) -> Iterator[Fact]:
    """The `--build-arg` of a script: pinned where the Dockerfiles that may be meant are built from it."""
    variables = shell.Variables(source)
    for word in shell.words(source):
        name = named(word)
        said = without_flag(shell.expression(source, word, variables)) if name else None
        stated = fact(source, source.surface or "shell", said, fleet.config.floats) if said is not None else None
        if isinstance(stated, Image) and stated.edits and name not in _names(source, word, fleet):
            is_local = said is not None and said.text.partition("=")[2].startswith("localhost")
            reason, message = ("built-here", "") if is_local else ("purpose-unknown", unknown(name))
            yield replace(stated, edits=(), reason=reason, message=message)
        elif stated is not None:
            yield stated


def _names(source: Source, word: Node, fleet: Fleet) -> Names:
    context, file = command(shell.command_of(word))
    folders = dict.fromkeys((source.path.rpartition("/")[0], ""))
    return fed(fleet, [below(folder, "." if file else context, file) for folder in folders])
