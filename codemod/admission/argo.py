"""Whether Argo CD sees what admission makes of images: who deploys with it, and what it is told to ignore.

A diff on the server runs the same mutation on both sides, so that it shows none of it
(https://argo-cd.readthedocs.io/en/stable/user-guide/diff-strategies/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.fleet.argocd import GROUP
from codemod.fleet.tree import YAML_SUFFIXES, Tree
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source

_ENTRIES = b"ignoreDifferences"
_SETTING = "resource.customizations"
_IMAGE = on_use(r"(?:[./]|\[[\"'])image(?![A-Za-z])")
"""A way, of jq or of JSON, to an image and nothing wider."""
_ON_SERVER = on_use(rb"ServerSideDiff=true|controller\.diff\.server\.side[\"']?[ \t]*:[ \t]*[\"']?true", re.IGNORECASE)


def sees_mutations(tree: Tree) -> bool:
    """Whether Argo CD deploys something of a repository, and nothing tells it to leave images alone."""
    kinds = (manifest.kind for manifest in tree.manifests(GROUP))
    if not any(kind in ("Application", "ApplicationSet") for kind in kinds):
        return False
    return not any(_ON_SERVER.search(source.data) or _ignores_images(source) for source in _sources(tree))


def _sources(tree: Tree) -> Iterator[Source]:
    for path in tree.ordered:
        source = tree.source(path) if path.endswith(YAML_SUFFIXES) else None
        if source is not None:
            yield source


def _ignores_images(source: Source) -> bool:
    """Whether an Application, or the settings of Argo CD wherever they stand, ignore the images of some kind."""
    if _ENTRIES not in source.data:
        return False
    entries = (entry for document in yaml.documents(source) for each in document.mappings for entry in each.entries)
    return any(
        _IMAGE.search(scalar.value)
        for entry in entries
        if isinstance(entry.key, yaml.Scalar)
        and (entry.key.value == _ENTRIES.decode() or entry.key.value.startswith(_SETTING))
        for scalar in yaml.scalars(yaml.target(entry.value))
    )
