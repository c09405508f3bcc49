"""Pin the images that jobs of CircleCI, Woodpecker, Drone, Bitbucket, Azure Pipelines and Cloud Build run in.

Why: a step in an image that moves does another thing tomorrow, with the repository's secrets.

     jobs:
       test:
         docker:
    -      - image: ghcr.io/acme/runner:main
    +      - image: ghcr.io/acme/runner@<digest>

Files are known by their names: `.circleci/`, `.woodpecker/`, `.drone.yml`, `bitbucket-pipelines.yml`,
`azure-pipelines*.yml`, `cloudbuild*.yaml`; those of Cloud Build also by their shape (`steps` of `name` and `args`).

Leaves alone: machine images, pools, names of containers that stand elsewhere, the `images` that Cloud Build pushes.
Reports: images that parameters make up (`computed-reference`), floating images that a step is handed
(`purpose-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.place import PIPELINE
from codemod.source import Source
from codemod.transform import Fact, Transform
from transforms._ci import Place, facts, texts
from transforms._cloud_build import WORD, is_cloud_build, may_be_one
from transforms._documents import is_ci
from transforms._keys import is_spelled_out

SURFACE = "ci-pipeline"
_NO_IMAGES = ("machine", "with", "settings", "parameters", "variables")

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"image", b"container", b"name"))


@transform.scan
def images(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.outer is not None or (PIPELINE not in source.place and (is_ci(source) or WORD not in source.data)):
        return
    for document in yaml.documents(source):
        if PIPELINE not in source.place and not may_be_one(document.text):
            continue
        is_build = "cloudbuild" in source.path or (PIPELINE not in source.place and is_cloud_build(document.root))
        if is_build or PIPELINE in source.place:
            places = [one for mapping in document.mappings for one in _places(source.path, mapping, is_build=is_build)]
            yield from facts(document, places, lambda text: None, SURFACE, fleet)


def _places(path: str, mapping: yaml.Mapping, *, is_build: bool) -> Iterator[Place]:
    """What one map of a pipeline names: its image, its container, the builder of a step of Cloud Build."""
    if mapping.key in _NO_IMAGES:
        return
    if is_build:
        if isinstance(mapping.parent, yaml.Sequence) and mapping.parent.key == "steps":
            yield from map(Place, texts(mapping, "name"))
        return
    image = yaml.lookup(mapping, "image")
    yield from map(Place, texts(image, "name"))
    container = yaml.lookup(mapping, "container") if "azure-pipelines" in path else None
    if isinstance(container, yaml.Scalar) and is_spelled_out(container.value):
        yield Place(container)
