"""What a path says about the kind of file, in one word each: all that most transforms need to know of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from codemod.patterns import on_use

TEMPLATE, WORKFLOW, KUSTOMIZATION, COMPOSE, SCHEMA, VALUES, GITLAB, DEVCONTAINER, PIPELINE, TESTS = (
    "template",
    "workflow",
    "kustomization",
    "compose",
    "schema",
    "values",
    "gitlab-ci",
    "devcontainer",
    "pipeline",
    "tests",
)
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_COMPOSE = on_use(r"(?:.*[._-])?compose(?:[._-].*)?\.ya?ml")
_WORKFLOW = on_use(r"(?s)(?:.*/)?(?:\.(?:github|gitea|forgejo)/[\w-]*workflows/[^/]+|action)\.ya?ml")
_GITLAB = on_use(r"(?s)(?:.*/)?(?:(?:[^/]*[._-])?gitlab-ci(?:[._-][^/]*)?|(?:\.gitlab/ci|\.?gitlab-ci)/.+)\.ya?ml")
_PIPELINE = on_use(
    r"(?s)(?:.*/)?(?:\.circleci/[^/]+|\.woodpecker/.+|\.woodpecker|\.drone|bitbucket-pipelines|azure-pipelines[^/]*"
    r"|cloudbuild[^/]*)\.ya?ml"
)
_SCHEMA = on_use(
    r".*[._-]schema\.(?:json|ya?ml)|package(?:-lock)?\.json|.*\.lock\.json|composer\.json|tsconfig.*\.json"
)
_TESTS = on_use(r"(?:.*/)?(?:tests?|e2e)(?:[-_][^/]*)?/.*")
_TELLING = ("templates", "values", "workflows", "gitlab", "circleci", "woodpecker", "test", "e2e")
"""Words of which one occurs in the folder of a path of which more than the name counts."""
_WORKFLOWS = "/.github/workflows/"
_LICENCE = on_use(r"(?:licen[cs]e|copying)(?:[.-].*)?", re.IGNORECASE)


def holding(words: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    """The paths in which some words occur, once for each word: searched for in all paths at once, as few have any."""
    text = "\0".join(paths)
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = text.find("\0", at)
            end = end if end >= 0 else len(text)
            yield text[text.rfind("\0", 0, at) + 1 : end]
            at = text.find(word, end)


def copies(paths: Collection[str]) -> list[str]:
    """The folders below the root that are copies of other repositories: with a licence and workflows of their own."""
    with_workflows = {path.partition(_WORKFLOWS)[0] for path in holding((_WORKFLOWS,), paths)}
    depths = {folder.count("/") + 1 for folder in with_workflows}
    files = (path.rpartition("/") for path in paths if path.count("/") in depths) if with_workflows else ()
    return sorted({folder for folder, _, name in files if folder in with_workflows and _LICENCE.fullmatch(name)})


def place_of(path: str) -> tuple[str, ...]:
    """The words that hold for a POSIX path; none for most, as few folders say anything beside the file's name.

    `template`: below a chart's `templates` folder; `workflow`: a GitHub workflow or action; `gitlab-ci`: a GitLab
    pipeline or a part of one; `pipeline`: one of another CI; `kustomization`, `compose`, `devcontainer`, `schema` (JSON
    schemas and package manifests): by the file's name; `values`: the path speaks of values; `tests`: it leads through a
    folder of tests.
    """
    folder, _, name = path.rpartition("/")
    return _words(path if _is_telling(folder) else name)


@lru_cache(maxsize=16384)
def _is_telling(folder: str) -> bool:
    return any(map(folder.__contains__, _TELLING))


@lru_cache(maxsize=4096)
def _words(path: str) -> tuple[str, ...]:
    name = path.rpartition("/")[2]
    words: list[str] = []
    if "templates/" in path and (path.startswith("templates/") or "/templates/" in path):
        words.append(TEMPLATE)
    if ("workflows/" in path or name.startswith("action.")) and _WORKFLOW.fullmatch(path):
        words.append(WORKFLOW)
    if "gitlab" in path and _GITLAB.fullmatch(path):
        words.append(GITLAB)
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
    if name.endswith(("yml", "yaml")) and _PIPELINE.fullmatch(path):
        words.append(PIPELINE)
    if name in ("devcontainer.json", ".devcontainer.json"):
        words.append(DEVCONTAINER)
    if "values" in path:
        words.append(VALUES)
    if ("test" in path or "e2e" in path) and _TESTS.fullmatch(path):
        words.append(TESTS)
    return tuple(words)
