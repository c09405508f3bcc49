"""Names that Skaffold and Tilt build and put in the place of the images of manifests, and what scripts build."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from codemod.fleet.scripts import named_like, scripts
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source

_TILT = on_use(
    rb"\b(?:docker_build(?:_with_restart)?|custom_build(?:_with_restart)?|podman_build|ko_build|bazel_build)\(\s*"
    rb"(?:ref\s*=\s*)?(?:\"([^\"\n]+)\"|'([^'\n]+)')"
)
_SKAFFOLD = on_use(r"skaffold.*\.ya?ml", re.DOTALL)
_TILTFILE = on_use(r"Tiltfile|.+\.Tiltfile|Tiltfile\..+", re.DOTALL)
_BUILD = on_use(
    rb"\b(?:docker|podman|nerdctl|buildah)\b(?:[^\n\\;&|]|\\.)*?\b(?:build|bud)\b((?:[^\n\\;&|]|\\.)*)", re.DOTALL
)
_TAG = on_use(rb"\s(?:-t|--tag)[ =]?[\"']?((?:localhost/)?[\w.-]+(?::[\w.-]+)?)[\"']?(?=[\s\\]|$)")
_REPLACED = on_use(rb"(?i:kustomize)\w*[)}\"']*\s+edit\s+set\s+image(?:\s+[\w./-]+(?:=[^\s;&|]+))*", re.DOTALL)
_WORDS = (b"docker", b"podman", b"nerdctl", b"buildah", b"edit")
"""What no script says that builds anything, or lets kustomize put other names in the place of its own."""
_PLACE = on_use(rb"\s([\w.-]+)=")


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
    names: dict[str, list[str]] = {}
    for path in (*scripts(tree), *tree.named("package.json")):
        names[path] = _builds_in(tree.source(path))
    for path in named_like(tree, _TILTFILE):
        matches = _TILT.finditer(tree.text(path) or b"")
        names[path] = [(match[1] or match[2]).decode("utf-8", "replace") for match in matches]
    for path in named_like(tree, _SKAFFOLD):
        names[path] = [scalar.value for document in tree.documents(path) for scalar in artifacts(document.root)]
    found: dict[str, str] = {}
    for path in sorted(names):
        for name in names[path]:
            found.setdefault(name, path)
    return found


def local_name(text: str) -> str | None:
    """A name that no repository of its own can have on Docker Hub, its implied tag written out; None for others."""
    name = text.removeprefix("localhost/")
    if "/" in name or "@" in name or "$" in name:
        return None
    return name if ":" in name else f"{name}:latest"


def _builds_in(script: Source | None) -> list[str]:
    """The names that a script builds, read once for all of equal bytes."""
    memo = script.alike.memo if script is not None else {}
    if script is not None and _builds_in not in memo:
        memo[_builds_in] = [*_local_builds(script.data)] if script.mentions(_WORDS) else []
    found: list[str] = memo.get(_builds_in, [])
    return found


def _local_builds(script: bytes) -> Iterator[str]:
    """Names that a script builds, and bare ones in whose place it lets kustomize put others."""
    for replaced in _REPLACED.finditer(script):
        yield from (f"{name.decode()}:latest" for name in _PLACE.findall(replaced[0]))
    for build in _BUILD.finditer(script):
        for tag in _TAG.finditer(build[1]):
            name = local_name(tag[1].decode())
            if name is not None:
                yield name
