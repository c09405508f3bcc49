"""What the table of kinds, and the user's own rows, say about the objects of a document: which nodes name images.

The table decides where it says anything; everywhere else keys do (`transforms._keys`).
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.kinds import BY_NAME, Parts
from transforms._documents import api_version, kind
from transforms._evidence import is_complete
from transforms._fed import handed, parameters
from transforms._nodes import everything, nodes_at

Paths = Iterable[str]

WHOLE, NAME, LEFT, HANDED = "whole", "name", "left", "handed"
"""A whole reference, one that the controller completes where it has no tag, what is no deployed image.

The last is what a task or a workflow is handed under a name that says image: it may be what is built and pushed.
"""

_WORKFLOWS = ("argoproj.io/", "tekton.dev/")
_CARRIERS = frozenset("values valuesObject helmValues valuesContent parameters".split())
"""Keys under which an object holds values for a chart."""


class Told(Struct, frozen=True):
    """What is known of nodes, by their identity: a verdict for scalars, the parts of maps; `left` are maps to skip."""

    scalars: dict[int, tuple[yaml.Scalar, str]] = field(default_factory=dict)
    parts: dict[int, tuple[yaml.Mapping, tuple[Parts, ...]]] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)

    def say(self, node: yaml.Node, verdict: str) -> None:
        """Give a scalar its verdict; the last one counts."""
        if isinstance(node, yaml.Scalar):
            self.scalars[id(node)] = (node, verdict)


def told(document: yaml.Document, fleet: Fleet) -> Told:
    """What is known of a document; asked for often, found once."""
    memo = document.source.memo
    key = ("told", document.span)
    if key not in memo:
        memo[key] = _read(document, fleet)
    found: Told = memo[key]
    return found


def is_object(mapping: yaml.Mapping) -> bool:
    """Whether a map is a Kubernetes object, at the root of its document or anywhere below it."""
    return "apiVersion" in mapping.index and "kind" in mapping.index


def controller_of(document: yaml.Document, mapping: yaml.Mapping) -> str | None:
    """The kind of the object that a map belongs to; None for none, and where values for a chart lie between.

    A text within a workflow or a task is an argument of it.
    """
    here: yaml.Node | None = mapping
    while here is not None:
        if isinstance(here, yaml.Mapping) and is_object(here):
            return here.text("kind")
        if here.key in _CARRIERS:
            return None
        here = here.parent
    outer, way = document.source.outer, document.source.way
    around = yaml.documents(outer)[way[0]] if outer is not None and way is not None else None
    is_workflow = around is not None and api_version(around).startswith(_WORKFLOWS)
    return kind(around) if around is not None and is_workflow and not kind(around).startswith("Application") else None


def name_of(mapping: yaml.Mapping, part: Parts) -> str:
    """The repository that the parts spell; empty where they spell none."""
    found = (mapping.text(key) for key in part.repository.split("/") if key)
    return "/".join(text.strip("/") for text in found if text)


def site_of(mapping: yaml.Mapping, part: Parts) -> yaml.Scalar | None:
    """What a person would edit: tag, digest, repository; None where the map spells no image in these parts.

    So it is where the repository is missing or spells a tag or a digest of its own.
    """
    name = name_of(mapping, part)
    if part.repository and (not name or is_complete(name)):
        return None
    keys = (part.tag, part.digest, part.repository.split("/")[-1])
    value = next((mapping.index[key].value for key in keys if key in mapping.index), None)
    return value if isinstance(value, yaml.Scalar) and not value.is_null else None


def _read(document: yaml.Document, fleet: Fleet) -> Told:
    found = Told()
    for mapping in document.mappings:
        if not is_object(mapping):
            continue
        group = (mapping.text("apiVersion") or "").rpartition("/")[0]
        name = mapping.text("kind") or ""
        for scalar in handed(document, mapping, group):
            found.say(scalar, HANDED)
        for scalar in parameters(document, mapping, group):
            found.say(scalar, WHOLE)
        for row in BY_NAME.get((group, name), ()):
            _apply(found, mapping, row.images, row.names, row.parts, row.left)
        for own in fleet.config.custom_resources:
            if own.kind == name and own.group in (None, group):
                _apply(found, mapping, own.images, own.names, [part.parts for part in own.parts], own.left)
    return found


def _apply(found: Told, root: yaml.Mapping, images: Paths, names: Paths, parts: Iterable[Parts], left: Paths) -> None:
    for node in (below for path in left for top in nodes_at(root, path) for below in everything(top)):
        found.left.add(id(node))
        found.say(node, LEFT)
    for verdict, paths in ((WHOLE, images), (NAME, names)):
        for node in (node for path in paths for node in nodes_at(root, path)):
            found.say(node, verdict)
    for part, node in ((one, node) for one in parts for node in nodes_at(root, one.at)):
        if not isinstance(node, yaml.Mapping) or site_of(node, part) is None:
            continue
        found.parts[id(node)] = (node, (*found.parts.get(id(node), (node, ()))[1], part))
        for entry in filter(None, map(node.get, part.repository.split("/"))):
            found.say(entry.value, LEFT)
