"""Pin the images that GitLab pipelines run in.

Why: a job in an image that moves does another thing tomorrow, with the repository's secrets.

     default:
    -  image: ghcr.io/acme/runner:main
    +  image: ghcr.io/acme/runner@<digest>
     test:
       services:
    -    - postgres
    +    - postgres@<digest>
    -    - name: docker:latest # with a socket
    +    - name: docker@<digest> # with a socket
           alias: docker

Looks into `.gitlab-ci.yml`, `*.gitlab-ci.yml` and the folders `.gitlab/ci` and `.gitlab-ci`: `image` and `services` of
jobs, of `default` and at the top. A variable or an input that names nothing but such images (`image: $IMAGE`) is pinned
where it is set, in the long form (`value`, `options`), too.

Leaves alone: scripts, includes, names of images that jobs build.
Reports: images that variables make up (`computed-reference`), floating images in other variables (`purpose-unknown`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.place import GITLAB
from codemod.source import Source
from codemod.transform import Fact, Transform
from transforms._ci import Place, Variable, facts, texts, values

SURFACE = "gitlab-ci"
_REFERENCES = 10
"""As many references in a row as GitLab follows."""
_VARIABLE = on_use(r"\$(?:(\w+)|\{(\w+)\})")
_INPUT = on_use(r"\$\[\[\s*inputs\.([\w-]+)\s*\]\]")

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"image", b"services", b"IMAGE"))


@transform.scan
def images(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if GITLAB not in source.place or source.outer is not None:
        return
    documents = yaml.documents(source)
    roots = [document.root for document in documents if isinstance(document.root, yaml.Mapping)]
    for document in documents:
        if isinstance(document.root, yaml.Mapping):
            yield from facts(document, list(_places(document.root)), partial(_variable, roots), SURFACE, fleet)


def _places(root: yaml.Mapping) -> Iterator[Place]:
    for job in (root, *(node for node in values(root) if isinstance(node, yaml.Mapping))):
        if job.key in ("variables", "spec", "workflow", "include"):
            continue
        yield from map(Place, _name(root, yaml.lookup(job, "image")))
        for service in values(_followed(root, yaml.lookup(job, "services"))):
            yield from map(Place, _name(root, service))


def _name(root: yaml.Mapping, node: yaml.Node | None) -> Iterator[yaml.Scalar]:
    """An image: its name, or a map that says it under `name`."""
    found = _followed(root, node)
    if isinstance(found, yaml.Mapping):
        found = _followed(root, yaml.lookup(found, "name"))
    yield from texts(found, "")


def _followed(root: yaml.Mapping, node: yaml.Node | None) -> yaml.Node | None:
    """What `!reference [.job, image]` stands for in the same file; any other node itself."""
    for _ in range(_REFERENCES):
        if not isinstance(node, yaml.Sequence) or node.tag != "!reference":
            return node
        keys = tuple(item.value for item in node.items if isinstance(item, yaml.Scalar))
        found, depth = yaml.descend(root, tuple(int(key) if key.isdecimal() else key for key in keys))
        node = found if depth == len(node.items) else None
    return None


def _variable(roots: list[yaml.Mapping], text: str) -> Variable | None:
    if (match := _INPUT.fullmatch(text)) is not None:
        found = [yaml.descend(root, ("spec", "inputs", match[1], "default"))[0] for root in roots]
        mention = re.compile(rb"\binputs\." + re.escape(match[1].encode()) + rb"(?![\w-])")
    elif (match := _VARIABLE.fullmatch(text)) is not None:
        name = match[1] or match[2]
        found = [value for root in roots for value in _set(root, name)]
        mention = re.compile(rb"\$\{?" + name.encode() + rb"\b")
    else:
        return None
    return Variable(mention, tuple(node for node in found if isinstance(node, yaml.Scalar)))


def _set(root: yaml.Mapping, name: str) -> Iterator[yaml.Node]:
    """The values that a variable has, for all jobs or for one, and the `options` among which its own must be."""
    for job in (root, *(node for node in values(root) if isinstance(node, yaml.Mapping))):
        variables = yaml.lookup(job, "variables")
        value = yaml.lookup(variables, name) if isinstance(variables, yaml.Mapping) else None
        yield from texts(value, "value")
        if isinstance(value, yaml.Mapping):
            yield from values(yaml.lookup(value, "options"))
