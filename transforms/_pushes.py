"""The programs that publish images, and which of their words say under what names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from codemod.patterns import on_use

_VALUED = on_use(r"-[a-zA-Z]|--[a-z][\w-]*")
_FLAGS = frozenset(
    "--push --load --pull --no-cache --quiet -q --all-tags -a --rm --force -f --insecure --all --recursive -r --sign"
    " --disable-content-trust --tls-verify --publish --provenance --squash --verbose -v --debug --bare -B"
    " --preserve-digests --multi-arch --purge -p --base-import-paths --preserve-import-paths".split()
)
"""Options that take no value."""
_REGISTRY = on_use(r"type=registry|push=true")
_JIB_GOAL = on_use(r"(?:[\w.:-]+:)?jib(?::build)?|[\w.-]+:jib-maven-plugin(?::[\w.]+)?:build")
_JIB = on_use(r"-D(?:jib\.to\.(?:image|tags)|image)=(.+)|--image=(.+)")


class Published(Struct, frozen=True):
    """A word of a command that names what is published: its number, the text, and whether it is a bare tag.

    `names` says that the command only gives a name, which a later `push` may take along.
    """

    word: int
    text: str
    is_tag: bool = False
    names: bool = False


def of_engine(texts: list[str]) -> Iterator[Published]:
    """What `docker` and its like publish: what they push, builds that push, and names for what may be pushed."""
    verbs = ("push", "tag", "build", "bud", "create")
    at = next((number for number, text in enumerate(texts[1:5], 1) if text in verbs), 0)
    given = list(_positional(texts, at))
    if not at:
        return
    if texts[at] == "push" and not {"-a", "--all-tags"} & set(texts):
        yield from (Published(number, texts[number]) for number in given[-1:])
    elif texts[at] == "tag":
        yield from (Published(number, texts[number], names=True) for number in given[1:])
    elif texts[at] in ("build", "bud"):
        if "--push" in texts or any(map(_REGISTRY.search, texts)):
            yield from _options(texts, ("-t", "--tag"))
    elif "imagetools" in texts:
        yield from _options(texts, ("-t", "--tag"))


def _positional(texts: list[str], at: int) -> Iterator[int]:
    """The numbers of the arguments behind a verb that are no options, and no values of options."""
    number = at + 1
    while number < len(texts):
        text = texts[number]
        if text.startswith("-"):
            number += 2 if _VALUED.fullmatch(text) and text not in _FLAGS else 1
            continue
        yield number
        number += 1


def _options(texts: list[str], names: tuple[str, ...], *, is_tag: bool = False) -> Iterator[Published]:
    """The values of some options, behind a space or `=`."""
    for number, text in enumerate(texts):
        name, equals, value = text.partition("=")
        if name in names and equals:
            yield Published(number, value, is_tag)
        elif text in names and number + 1 < len(texts):
            yield Published(number + 1, texts[number + 1], is_tag)


def _last(*verbs: str) -> Callable[[list[str]], Iterator[Published]]:
    """A program whose verbs publish under their last argument; `tag` takes tags behind a reference."""

    def of(texts: list[str]) -> Iterator[Published]:
        at = next((number for number, text in enumerate(texts[1:4], 1) if text in (*verbs, "tag")), 0)
        given = list(_positional(texts, at)) if at else []
        if at and texts[at] == "tag":
            yield from (Published(number, texts[number], is_tag=True) for number in given[1:])
        elif len(given) > 1:
            yield Published(given[-1], texts[given[-1]])

    return of


def _oras(texts: list[str]) -> Iterator[Published]:
    at = next((number for number, text in enumerate(texts[1:3], 1) if text in ("push", "tag", "cp", "copy")), 0)
    given = list(_positional(texts, at)) if at else []
    if at and texts[at] == "push":
        yield from (Published(number, texts[number]) for number in given[:1])
    elif at and texts[at] == "tag":
        yield from (Published(number, texts[number], is_tag=True) for number in given[1:])
    else:
        yield from (Published(number, texts[number]) for number in given[1:2])


def _skopeo(texts: list[str]) -> Iterator[Published]:
    if "copy" in texts[1:4] and len(texts) > 3 and texts[-1].startswith("docker://"):
        yield Published(len(texts) - 1, texts[-1])


def _jib(texts: list[str]) -> Iterator[Published]:
    if any(_JIB_GOAL.fullmatch(text) for text in texts):
        for number, text in enumerate(texts):
            match = _JIB.fullmatch(text)
            if match is not None:
                yield Published(number, match[1] or match[2], is_tag="jib.to.tags" in text)


def _ko(texts: list[str]) -> Iterator[Published]:
    yield from _options(texts, ("-t", "--tags"), is_tag=True)


def _kaniko(texts: list[str]) -> Iterator[Published]:
    yield from _options(texts, ("-d", "--destination"))


def _pack(texts: list[str]) -> Iterator[Published]:
    if "--publish" in texts and len(texts) > 2 and texts[1] == "build":
        yield Published(2, texts[2])


def _cloud(texts: list[str]) -> Iterator[Published]:
    """`gcloud builds submit --tag`, `gcloud … add-tag`, `az acr build` and `import`."""
    if "submit" in texts or "acr" in texts[1:2]:
        yield from _options(texts, ("-t", "--tag", "--image"))
    elif "add-tag" in texts or texts[1:5] == ["artifacts", "docker", "tags", "add"]:
        yield Published(len(texts) - 1, texts[-1])


PROGRAMS: Mapping[str, Callable[[list[str]], Iterator[Published]]] = {
    **dict.fromkeys(("crane", "gcrane"), _last("copy", "cp", "push")),
    "regctl": _last("copy", "cp"),
    "oras": _oras,
    "skopeo": _skopeo,
    "ko": _ko,
    "executor": _kaniko,
    "pack": _pack,
    **dict.fromkeys(("gcloud", "az"), _cloud),
    **dict.fromkeys(("mvn", "mvnw", "gradle", "gradlew"), _jib),
}
