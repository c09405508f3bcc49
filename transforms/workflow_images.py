"""Pin the images that GitHub workflows and actions run in.

Why: a job in a container that moves, or a step that is one, does another thing tomorrow, with the repository's secrets.

     jobs:
       test:
    -    container: ghcr.io/acme/runner:main
    +    container: ghcr.io/acme/runner@<digest>
         services:
           db:
    -        image: postgres
    +        image: postgres@<digest>
         steps:
    -      - uses: docker://ghcr.io/acme/lint:main # weekly
    +      - uses: docker://ghcr.io/acme/lint@<digest> # weekly

So are `runs.image: docker://…` of an action, what `docker/setup-qemu-action` is told to run, and the default of an
input or the values of a matrix that name nothing but such images (`container: ${{ inputs.image }}`). Workflows of Gitea
and Forgejo are the same.

Leaves alone: what `run:` does, actions, runners, names of images that steps build.
Reports: images that expressions make up (`computed-reference`), floating images that a step is handed by `with` or
`env` (`purpose-unknown`), or that its script runs or pulls (`run-text`), tags of `helm --set` (`tag-in-parameter`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.place import WORKFLOW
from codemod.source import Source
from codemod.transform import Fact, Transform
from transforms._ci import Place, Variable, facts, texts, values

SURFACE = "github-workflow"
_DOCKER = "docker://"
_RUN_BY_ACTIONS = {"docker/setup-qemu-action": "image"}
"""Actions that run an image which they are handed, and the input that names it."""
_EXPRESSION = on_use(r"\$\{\{\s*(inputs|matrix)\.([\w-]+)\s*\}\}")

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"container", b"services", b"mage", b"docker", b"IMAGE"))


@transform.scan
def images(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if WORKFLOW not in source.place or source.outer is not None:
        return
    for document in yaml.documents(source):
        root = document.root
        if isinstance(root, yaml.Mapping):
            yield from facts(document, list(_places(root)), partial(_variable, root), SURFACE, fleet)


def _places(root: yaml.Mapping) -> Iterator[Place]:
    for job in values(yaml.lookup(root, "jobs")):
        if isinstance(job, yaml.Mapping):
            services = values(yaml.lookup(job, "services"))
            for holder in (
                yaml.lookup(job, "container"),
                *(node for node in services if isinstance(node, yaml.Mapping)),
            ):
                yield from map(Place, texts(holder, "image"))
            yield from _steps(job)
    runs = yaml.lookup(root, "runs")
    if isinstance(runs, yaml.Mapping):
        yield from _steps(runs)
        yield from (Place(image, _DOCKER) for image in texts(runs, "image") if image.value.startswith(_DOCKER))


def _steps(holder: yaml.Mapping) -> Iterator[Place]:
    for step in values(yaml.lookup(holder, "steps")):
        if not isinstance(step, yaml.Mapping):
            continue
        for used in texts(step, "uses"):
            if used.value.startswith(_DOCKER):
                yield Place(used, _DOCKER)
            given, action = yaml.lookup(step, "with"), used.value.partition("@")[0]
            if action in _RUN_BY_ACTIONS and isinstance(given, yaml.Mapping):
                yield from map(Place, texts(given, _RUN_BY_ACTIONS[action]))


def _variable(root: yaml.Mapping, text: str) -> Variable | None:
    match = _EXPRESSION.fullmatch(text.strip())
    if match is None:
        return None
    found = _defaults(root, match[2]) if match[1] == "inputs" else _matrices(root, match[2])
    nodes = tuple(found)
    name = re.escape(match[2].encode())
    mention = re.compile(rb"\b" + match[1].encode() + rb"(?:\.|\[['\"])" + name + rb"(?![\w-])")
    scalars = tuple(node for node in nodes if isinstance(node, yaml.Scalar))
    return Variable(mention, scalars if len(scalars) == len(nodes) else ())


def _defaults(root: yaml.Mapping, name: str) -> Iterator[yaml.Node]:
    """The defaults of an input: of a called workflow, of one that is started by hand, of an action."""
    for keys in (("on", "workflow_call"), ("on", "workflow_dispatch"), ()):
        value, _ = yaml.descend(root, (*keys, "inputs", name, "default"))
        declared, depth = yaml.descend(root, (*keys, "inputs", name))
        if declared is not None and depth == len(keys) + 2 and value is not None:
            yield value


def _matrices(root: yaml.Mapping, name: str) -> Iterator[yaml.Node]:
    """The values that the matrices of a workflow have for a name."""
    for job in values(yaml.lookup(root, "jobs")):
        matrix, depth = yaml.descend(job, ("strategy", "matrix"))
        if depth == 2 and isinstance(matrix, yaml.Mapping):
            yield from values(yaml.lookup(matrix, name))
            for included in values(yaml.lookup(matrix, "include")):
                if isinstance(included, yaml.Mapping) and (value := yaml.lookup(included, name)) is not None:
                    yield value
