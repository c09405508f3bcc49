"""What an expression reads of an image: the one field that is its tag.

The names follow the families of values: `tag` and `digest`, `imageTag` and `imageDigest`, `image_tag` and
`image_digest`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from codemod.charts.places import Place, conditions
from codemod.formats.gotemplate import Chain, Command, Dot, Field, Identifier, Node, Pipe, String, Variable, children
from codemod.patterns import on_use

Read = Field | Variable | Chain

_TAG = on_use(r"(?P<prefix>.*[a-z0-9])?(?P<word>[tT]ag|TAG)|(?P<marked>.*_)(?P<low>tag|TAG)")
_NAME = on_use(r"(?:(?P<prefix>.*[a-z0-9])(?:Repository|Repo|Name)|(?P<marked>.*_)?(?:repository|repo|name|image))")
_DIGESTS = {"tag": "digest", "Tag": "Digest", "TAG": "DIGEST"}
_REFS = {"digest": "ref", "Digest": "Ref", "DIGEST": "REF"}
_HARMLESS = frozenset(
    """coalesce default include lower print printf replace required toString tpl trim trimAll trimPrefix trimSuffix
    trunc""".split()
)
_NEUTRAL = frozenset({"Capabilities", "Chart", "Release"})
_MENTIONS_DIGEST = on_use(rb"(?i:digest)|(?i:sha256)(?!sum)|[._$]sha\b|[a-z0-9]Sha\b|\.ref\b|mageRef\b|mage_ref\b")


class TagField(Struct, frozen=True):
    """The one field of a tag's expression: `tag` and its sibling `digest` as they are to be written at the use."""

    tag: str
    digest: str

    @property
    def ref(self) -> str:
        """The sibling that holds a whole reference: `ref`, `imageRef`, `image_ref`."""
        word = next(word for word in _REFS if self.digest.endswith(word))
        return self.digest.removesuffix(word) + _REFS[word]


def digest_name(name: str) -> str | None:
    """The name of the digest beside a tag's field (`imageTag` gives `imageDigest`), None for any other field."""
    found = _TAG.fullmatch(name)
    if found is None:
        return None
    word = found["word"] or found["low"]
    before = found["prefix"] or found["marked"] or ""
    if before and word == "tag" and not before.endswith("_"):
        return None
    return before + _DIGESTS[word]


def leaves(node: Node) -> Iterator[Node]:
    """What an expression consists of; a chain `(…).a` is one leaf."""
    below = () if isinstance(node, Chain) else children(node)
    if not below:
        yield node
    for child in below:
        yield from leaves(child)


def is_tag(leaf: Node) -> bool:
    """Whether a leaf is a field that holds a tag."""
    return isinstance(leaf, Read) and bool(leaf.names) and digest_name(leaf.names[-1]) is not None


def tag_field(expression: Node, place: Place, data: bytes, names: Sequence[Node] | None = ()) -> TagField | None:
    """The field that an expression takes its tag from, None where there is none, or where there may be several.

    A variable stands for what it is set to. Its field is written for the use: with `$` before `.Values` where the dot
    has moved since, None where the field has no other spelling there, or where the field may not be there to be read.
    A tag in `global` that stands in for the image's own is not asked for. Where it is the only one, the digest goes
    beside the name of the image, since others take that tag, too: `names` are the expressions that print the name (none
    where it is a literal, None where that is unclear).
    """
    found = _tags(expression, place, frozenset())
    own = [tag for tag in found or () if "global" not in getattr(tag[0], "names", ())]
    found = own or found
    if not found or len({_spelled(leaf, origin, data) for leaf, origin in found}) > 1:
        return None
    tag = _written(*found[0], place, data)
    if tag is None:
        return None
    if "global" in tag.split(".") and not (names is not None and all(map(_is_literal, names))):
        return _beside_name(tag, names or (), place, data)
    last = tag.rpartition(".")[2]
    return TagField(tag, tag[: len(tag) - len(last)] + (digest_name(last) or ""))


def _is_literal(name: Node) -> bool:
    """Whether a name is one that no values have a say in (`.Chart.Name`)."""
    return all(
        bool(_NEUTRAL.intersection(leaf.names[:2])) if isinstance(leaf, Read) else not isinstance(leaf, Identifier)
        for leaf in leaves(name)
    )


def _beside_name(tag: str, names: Sequence[Node], place: Place, data: bytes) -> TagField | None:
    """A tag, and the digest beside the one field that an image's name comes from; None where that is unclear."""
    found = [one for name in names for one in _names(name, place, frozenset())]
    written = {_written(leaf, origin, place, data) for leaf, origin in found}
    name = written.pop() if len(written) == 1 else None
    if name is None:
        return None
    last = name.rpartition(".")[2]
    return TagField(tag, name[: len(name) - len(last)] + (digest_beside(last) or ""))


def digest_beside(name: str) -> str | None:
    """The name of the digest beside an image's name (`imageRepository` gives `imageDigest`), None for another field."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return digest_name(f"{found['prefix']}Tag" if found["prefix"] else f"{found['marked'] or ''}tag")


def _written(leaf: Node, origin: Place, place: Place, data: bytes) -> str | None:
    """A field of another place as it is to be written at this one; None where it cannot be."""
    text = _spelled(leaf, origin, data)
    if text is None or not place.is_within(origin):
        return None
    if origin.dot == place.dot or text.startswith("$"):
        return text
    return None if origin.dot or not text.startswith(".Values.") else "$" + text


def _names(expression: Node, place: Place, seen: frozenset[str]) -> Iterator[tuple[Node, Place]]:
    """The fields of an expression that name an image, those behind variables too."""
    for leaf in leaves(expression):
        if isinstance(leaf, Read) and leaf.names:
            if digest_beside(leaf.names[-1]) is not None:
                yield leaf, place
        elif isinstance(leaf, Variable) and leaf.name != "$" and leaf.name not in seen:
            for pipe, origin in place.scope.assignments.get(leaf.name, []):
                if pipe is not None:
                    yield from _names(pipe, origin, seen | {leaf.name})


def _spelled(leaf: Node, place: Place, data: bytes) -> str | None:
    """A tag's field as it is to be written; behind a helper that prints it, the field of what the helper is given."""
    if not isinstance(leaf, Command):
        return data[leaf.start : leaf.end].decode()
    *_, name, given = leaf.operands
    field = place.scope.helpers[name.value] if isinstance(name, String) else ""
    if isinstance(given, Dot):
        return field
    return data[given.start : given.end].decode() + field if isinstance(given, Field | Variable) else None


def _is_tag_call(node: Node, place: Place) -> bool:
    """Whether a command includes a helper that prints nothing but a tag."""
    if not isinstance(node, Command) or len(node.operands) != 3:
        return False
    function, name, _ = node.operands
    is_include = isinstance(function, Identifier) and function.name == "include"
    return is_include and isinstance(name, String) and name.value in place.scope.helpers


def _parts(node: Node, place: Place) -> Iterator[Node]:
    """The leaves of an expression, the calls of helpers that print a tag being some."""
    below = () if isinstance(node, Chain) or _is_tag_call(node, place) else children(node)
    if not below:
        yield node
    for child in below:
        yield from _parts(child, place)


def _tags(expression: Node, place: Place, seen: frozenset[str]) -> list[tuple[Node, Place]] | None:
    """The fields that hold tags, None where there is something that can make a tag something else."""
    found: list[tuple[Node, Place]] = []
    for leaf in _parts(expression, place):
        if is_tag(leaf) or isinstance(leaf, Command):
            found.append((leaf, place))
        elif isinstance(leaf, Identifier) and leaf.name not in _HARMLESS:
            return None
        elif isinstance(leaf, Chain) or (isinstance(leaf, Field | Variable) and leaf.names):
            if not _NEUTRAL.intersection(leaf.names[:2]):
                return None
        elif isinstance(leaf, Variable) and leaf.name != "$" and leaf.name not in seen:
            behind = _behind(leaf.name, place, seen | {leaf.name})
            if behind is None:
                return None
            found += behind
    return found


def _behind(name: str, place: Place, seen: frozenset[str]) -> list[tuple[Node, Place]] | None:
    assigned = place.scope.assignments.get(name, [])
    found: list[tuple[Node, Place]] = []
    for pipe, origin in assigned:
        behind = None if pipe is None else _tags_of_commands(pipe, origin, seen)
        if behind is None:
            return None
        found += behind
    return found if assigned else None


def _tags_of_commands(pipe: Pipe, place: Place, seen: frozenset[str]) -> list[tuple[Node, Place]] | None:
    found: list[tuple[Node, Place]] = []
    for command in pipe.commands:
        tags = _tags(command, place, seen)
        if tags is None:
            return None
        found += tags
    return found


def mentions_digest(text: bytes) -> bool:
    """Whether a piece of a template has to do with a digest, or a whole reference, already."""
    return _MENTIONS_DIGEST.search(text) is not None


def variables_of(text_nodes: list[Node], place: Place, data: bytes) -> bytes:
    """All that the variables among some nodes are set to, as it is written, through other variables too."""
    waiting, seen = list(text_nodes), set[str]()
    written: list[bytes] = []
    while waiting:
        for leaf in leaves(waiting.pop()):
            if not isinstance(leaf, Variable) or leaf.name in seen:
                continue
            seen.add(leaf.name)
            for pipe, _ in place.scope.assignments.get(leaf.name, []):
                if pipe is not None:
                    written.append(data[pipe.start : pipe.end])
                    waiting += pipe.commands
    return b"\n".join(written)


def is_conditional_on_tag(place: Place, data: bytes) -> bool:
    """Whether a branch around a place asks for a tag or a digest: it would go another way without the tag."""
    for pipe in conditions(place):
        if mentions_digest(data[pipe.start : pipe.end]):
            return True
        if mentions_digest(variables_of([*pipe.commands], place, data)):
            return True
        if any(
            is_tag(leaf) or (_tags(leaf, place, frozenset()) or [])
            for command in pipe.commands
            for leaf in leaves(command)
        ):
            return True
    return False
