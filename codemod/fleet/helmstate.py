"""Helmfile's state files as far as they can be read without running their templates.

A state file is a Go template that renders to YAML. Where a document is no YAML before that, its actions are masked
(`codemod.formats.yaml`); a text with actions in it is given as it is written. Follows helmfile v1: several documents,
and the files of `bases` before them, are one state, in which the later word wins. What a release inherits from
`templates` (`inherit`, `defaultInherit`) stands below its own words; lists are joined, the template's items first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from codemod.fleet.chartfile import joined
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.patterns import on_use

_CONTROL = on_use(rb"\{\{-?\s*(?:if|else|range|with)\b")
_ESCAPED = on_use(r"\{\{-?\s*`(.*?)`\s*-?\}\}")
_KNOWN = on_use(r"\{\{-?\s*\.(?P<name>Environment\.Name|Release\.Name|Release\.Namespace)\s*(?:\|\s*quote\s*)?-?\}\}")


class Part(Struct, frozen=True):
    """One document of a state file."""

    path: str
    number: int
    document: yaml.Document
    root: yaml.Mapping

    @property
    def has_control(self) -> bool:
        """Whether actions decide what of the document there is."""
        text = self.document.source.data[self.document.span.start : self.document.span.end]
        return _CONTROL.search(text) is not None

    def text(self, node: yaml.Node | None) -> str | None:
        """The text of a scalar, template actions as they are written."""
        if not isinstance(node, yaml.Scalar) or node.is_null:
            return None
        return self.document.source.text(node.inner) if node.templated else node.value


Templates = Mapping[str, tuple[Part, yaml.Mapping]]


class Source(Struct, frozen=True):
    """A map that says something about a release: its own, or a template's; `without` are the keys that do not count."""

    part: Part
    node: yaml.Mapping
    without: frozenset[str] = frozenset()

    def find(self, key: str) -> yaml.Node | None:
        """The value of a key."""
        return None if key in self.without else yaml.lookup(self.node, key)


class Release(Struct, frozen=True):
    """One entry of `releases`; `sources` are the templates that it inherits from and then its own map."""

    sources: tuple[Source, ...]

    @property
    def part(self) -> Part:
        """The document that the entry stands in."""
        return self.sources[-1].part

    @property
    def origin(self) -> str:
        """`path:line` of the entry."""
        own = self.sources[-1]
        return f"{own.part.path}:{own.part.document.source.position(own.node.start).line}"

    def text(self, key: str) -> str | None:
        """The text of a scalar; the last word counts."""
        return next((text for one in reversed(self.sources) if (text := one.part.text(one.find(key)))), None)

    def nodes(self, key: str) -> Iterator[tuple[Part, yaml.Node]]:
        """All values of a key that have to be joined, lowest first."""
        yield from ((one.part, node) for one in self.sources if (node := one.find(key)) is not None)

    def items(self, key: str) -> Iterator[tuple[Part, yaml.Node]]:
        """The items of a list, or the one value that stands in its place."""
        for part, node in self.nodes(key):
            listed = node.items if isinstance(node, yaml.Sequence) else [node]
            yield from ((part, item) for each in listed if (item := yaml.target(each)) is not None)


class State(Struct, frozen=True):
    """All documents of a state file, those of its bases first."""

    path: str
    parts: tuple[Part, ...]

    @property
    def folder(self) -> str:
        """The folder to which its paths are relative."""
        return self.path.rpartition("/")[0]

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of its environments."""
        names: dict[str, None] = {}
        for part in self.parts:
            node = yaml.lookup(part.root, "environments")
            for entry in node.entries if isinstance(node, yaml.Mapping) else ():
                if isinstance(entry.key, yaml.Scalar) and not entry.key.templated and entry.key.value != "<<":
                    names[entry.key.value] = None
        return tuple(names)

    @property
    def nested(self) -> tuple[str, ...]:
        """The local paths of `helmfiles`, which may be globs."""
        found = (_nested(part, item) for part in self.parts for item in items(part.root, "helmfiles"))
        paths = (joined(self.folder, text) for text in found if text and "://" not in text and "::" not in text)
        return tuple(path for path in paths if path)

    def text(self, key: str) -> str | None:
        """The text of a scalar at the top."""
        return next((text for part in reversed(self.parts) if (text := part.text(yaml.lookup(part.root, key)))), None)

    def releases(self) -> Iterator[Release]:
        """The entries of `releases` that are maps."""
        templates = self._templates()
        default = [name for part in self.parts for name in _names(part, yaml.lookup(part.root, "defaultInherit"))]
        for part in self.parts:
            for item in items(part.root, "releases"):
                if isinstance(item, yaml.Mapping):
                    own = {name for name, _ in _inherited(part, item)}
                    above = [name for name in dict.fromkeys(default) if name not in own]
                    below = [
                        one for name in above if name in templates for one in _resolve(*templates[name], templates)
                    ]
                    yield Release((*below, *_resolve(part, item, templates)))

    def _templates(self) -> Templates:
        found = {}
        for part in self.parts:
            node = yaml.lookup(part.root, "templates")
            for entry in node.entries if isinstance(node, yaml.Mapping) else ():
                value = yaml.target(entry.value)
                if isinstance(entry.key, yaml.Scalar) and isinstance(value, yaml.Mapping):
                    found[entry.key.value] = part, value
        return found


def read_state(tree: Tree, path: str, seen: frozenset[str] = frozenset()) -> State:
    """The state of a file; empty where it cannot be read. Bases are read once on each way."""
    parts: list[Part] = []
    for number, document in enumerate(tree.documents(path)):
        if isinstance(document.root, yaml.Mapping):
            part = Part(path, number, document, document.root)
            for item in items(document.root, "bases"):
                base = joined(path.rpartition("/")[0], part.text(item) or "")
                if base in tree.paths and base not in seen | {path}:
                    parts += read_state(tree, base, seen | {path}).parts
            parts.append(part)
    return State(path, tuple(parts))


def items(mapping: yaml.Mapping, key: str) -> tuple[yaml.Node, ...]:
    """The items of a list, aliases followed."""
    node = yaml.lookup(mapping, key)
    found = node.items if isinstance(node, yaml.Sequence) else ()
    return tuple(item for each in found if (item := yaml.target(each)) is not None)


def fill(text: str, known: Mapping[str, str]) -> str:
    """A text with the environment's and the release's names put in; other actions stay.

    Release templates escape their actions (`{{`{{ .Release.Name }}`}}`), which helmfile renders a second time.
    """
    plain = _ESCAPED.sub(lambda match: match[1], text)
    return _KNOWN.sub(lambda match: known.get(match["name"], match[0]), plain)


def is_computed(text: str) -> bool:
    """Whether template actions are left in a text."""
    return "{{" in text


def _nested(part: Part, item: yaml.Node) -> str | None:
    return part.text(yaml.lookup(item, "path") if isinstance(item, yaml.Mapping) else item)


def _resolve(
    part: Part, node: yaml.Mapping, templates: Templates, seen: frozenset[str] = frozenset()
) -> Iterator[Source]:
    """The templates of a map, their own templates before them, and then the map itself."""
    for name, without in _inherited(part, node):
        if name in templates and name not in seen:
            for one in _resolve(*templates[name], templates, seen | {name}):
                yield Source(one.part, one.node, one.without | without)
    yield Source(part, node)


def _inherited(part: Part, release: yaml.Mapping) -> Iterator[tuple[str, frozenset[str]]]:
    for item in items(release, "inherit"):
        name = part.text(yaml.lookup(item, "template")) if isinstance(item, yaml.Mapping) else part.text(item)
        if name:
            without = items(item, "except") if isinstance(item, yaml.Mapping) else ()
            yield name, frozenset(text for each in without if (text := part.text(each)))


def _names(part: Part, node: yaml.Node | None) -> Iterator[str]:
    found = [yaml.target(item) for item in node.items] if isinstance(node, yaml.Sequence) else [node]
    yield from (text for item in found if (text := part.text(item)))
