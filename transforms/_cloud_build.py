"""Pipelines of Cloud Build by their shape: any file may be one (`gcloud builds submit --config FILE`)."""

from __future__ import annotations

from codemod.formats import yaml
from transforms._keys import names_host

_STEP = frozenset(
    "name args id entrypoint env secretEnv dir waitFor script timeout volumes allowFailure allowExitCodes "
    "automapSubstitutions".split()
)
_OTHERS = frozenset(("apiVersion", "kind", "on", "jobs", "stages", "pool", "trigger"))
WORD = b"steps:"


def may_be_one(text: bytes) -> bool:
    """Whether the root of a document may have steps; in most that speak of steps, definitions say, it has none."""
    return b"\nsteps:" in text or text.lstrip().startswith((WORD, b"{"))


def is_cloud_build(root: yaml.Node | None) -> bool:
    """Whether a document is one: steps that run builders by their names and do nothing else, one on a registry."""
    steps = yaml.lookup(root, "steps") if isinstance(root, yaml.Mapping) and not _OTHERS & root.index.keys() else None
    items = steps.items if isinstance(steps, yaml.Sequence) else []
    names = [item.text("name") or "" for item in items if isinstance(item, yaml.Mapping) and item.index.keys() <= _STEP]
    works = any(
        isinstance(item, yaml.Mapping) and {"args", "entrypoint", "script"} & item.index.keys() for item in items
    )
    return works and len(names) == len(items) and all(names) and any(map(names_host, names))
