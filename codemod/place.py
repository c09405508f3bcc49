"""What a path says about the kind of file, in one word each: all that most transforms need to know of it."""

from __future__ import annotations

import re

TEMPLATE, WORKFLOW, KUSTOMIZATION, COMPOSE, SCHEMA, VALUES = (
    "template",
    "workflow",
    "kustomization",
    "compose",
    "schema",
    "values",
)
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_COMPOSE = re.compile(r"(?:.*[._-])?compose(?:[._-].*)?\.ya?ml")
_SCHEMA = re.compile(
    r".*[._-]schema\.(?:json|ya?ml)|package(?:-lock)?\.json|.*\.lock\.json|composer\.json|tsconfig.*\.json"
)


def place_of(path: str) -> tuple[str, ...]:
    """The words that hold for a POSIX path; none for most.

    `template`: below a chart's `templates` folder; `workflow`: a GitHub workflow or action; `kustomization`,
    `compose`, `schema` (JSON schemas and package manifests): by the file's name; `values`: the path speaks of values.
    """
    name = path.rpartition("/")[2]
    words: list[str] = []
    if "templates/" in path and (path.startswith("templates/") or "/templates/" in path):
        words.append(TEMPLATE)
    if ".github/" in path and ("/workflows/" in path or "/actions/" in path):
        words.append(WORKFLOW)
    if name in _KUSTOMIZATIONS:
        words.append(KUSTOMIZATION)
    if "compose" in name and _COMPOSE.fullmatch(name):
        words.append(COMPOSE)
    if (
        name.endswith(("json", "yaml", "yml"))
        and ("schema" in name or name.endswith("json"))
        and _SCHEMA.fullmatch(name)
    ):
        words.append(SCHEMA)
    if "values" in path:
        words.append(VALUES)
    return tuple(words)
