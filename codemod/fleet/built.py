"""Names that Skaffold and Tilt build and put in the place of the images of manifests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from codemod.fleet.tree import Tree
from codemod.formats import yaml

_TILT = re.compile(
    rb"\b(?:docker_build(?:_with_restart)?|custom_build(?:_with_restart)?|podman_build|ko_build|bazel_build)\(\s*"
    rb"(?:ref\s*=\s*)?(?:\"([^\"\n]+)\"|'([^'\n]+)')"
)
_SKAFFOLD = re.compile(r"(?:.*/)?skaffold[^/]*\.ya?ml")
_TILTFILE = re.compile(r"(?:.*/)?(?:Tiltfile|[^/]+\.Tiltfile|Tiltfile\.[^/]+)")


def artifacts(root: yaml.Node | None) -> Iterator[yaml.Scalar]:
    """The names of what a Skaffold configuration builds, in its profiles, too."""
    holders = [root]
    profiles, _ = yaml.descend(root, ("profiles",))
    if isinstance(profiles, yaml.Sequence):
        holders += profiles.items
    for holder in holders:
        found, depth = yaml.descend(holder, ("build", "artifacts"))
        for item in found.items if depth == 2 and isinstance(found, yaml.Sequence) else ():
            image = yaml.lookup(item, "image") if isinstance(item, yaml.Mapping) else None
            if isinstance(image, yaml.Scalar):
                yield image


def built(tree: Tree) -> Mapping[str, str]:
    """The names, as they are written, each with the file that says how it is built."""
    found: dict[str, str] = {}
    for path in sorted(tree.paths):
        if _SKAFFOLD.fullmatch(path):
            names = [scalar.value for document in tree.documents(path) for scalar in artifacts(document.root)]
        elif _TILTFILE.fullmatch(path):
            source = tree.source(path)
            matches = _TILT.finditer(source.data) if source is not None else ()
            names = [(match[1] or match[2]).decode("utf-8", "replace") for match in matches]
        else:
            continue
        for name in names:
            found.setdefault(name, path)
    return found
