"""The folder in which the shell texts of pipelines and makefiles run."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from codemod.formats import shell, yaml
from codemod.patterns import on_use
from transforms._script_texts import Script

if TYPE_CHECKING:
    from tree_sitter import Node

_CHANGES = ("cd", "pushd", "popd", "chdir")
_WORKFLOW = on_use(r"\.(?:github|gitea|forgejo)/(?:workflows/[^/]+|actions/.+/action)\.ya?ml")
_GITLAB = on_use(r"\.gitlab-ci\.ya?ml|\.gitlab/ci/.+")
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
_CHECKOUT = on_use(r"actions/checkout(?:@.*)?")
_ELSEWHERE = ("repository", "path", "sparse-checkout")


def base_of(script: Script) -> str | None:
    """The folder from the root that relative paths of a script begin in; None where that is not certain."""
    folder, _, name = script.holder.path.rpartition("/")
    if script.surface == "makefile":
        return folder if name in _MAKEFILES else None
    if script.step is None:
        return None
    if script.surface == "github-workflow" and _WORKFLOW.fullmatch(script.holder.path):
        return _of_step(script.step)
    is_plain = script.surface == "gitlab-ci" and _GITLAB.fullmatch(script.holder.path) is not None
    return "" if is_plain and b"GIT_STRATEGY" not in script.holder.data else None


def folder_before(script: Script, node: Node, paths: shell.Paths) -> str | None:
    """The folder to which the one `cd` of a script goes, before some command and in the script's own shell."""
    before = [
        one for one in shell.commands(script.text) if one.program in _CHANGES and one.node.end_byte <= node.start_byte
    ]
    own = [one for one in before if not _is_inside(one.node)]
    if len(own) != 1 or any(_is_inside(one.node) != "substitution" for one in before if one not in own):
        return None
    return paths.of(own[0].texts[1]) if len(own[0].texts) == 2 and own[0].program == "cd" else None


def _is_inside(node: Node) -> str:
    """What keeps a command from acting on the script as a whole, empty if nothing does."""
    above = node.parent
    while above is not None and above.type in ("list", "redirected_statement"):
        above = above.parent
    if above is None or above.type == "program":
        return ""
    while above is not None:
        if above.type == "command_substitution":
            return "substitution"
        above = above.parent
    return "block"


def _of_step(run: yaml.Scalar) -> str | None:
    """The working directory of a step in a job that has checked out this repository, and it alone."""
    step = run.parent
    job = step.parent.parent if isinstance(step, yaml.Mapping) and step.parent is not None else None
    if not isinstance(step, yaml.Mapping) or not isinstance(job, yaml.Mapping):
        return None
    if (step.text("shell") or "bash").split()[0] not in ("bash", "sh"):
        return None
    root: yaml.Node = job
    while root.parent is not None:
        root = root.parent
    is_action = isinstance(root, yaml.Mapping) and root.get("runs") is not None
    if not is_action and not _has_checkout(job):
        return None
    for holder, keys in ((step, ()), (job, ("defaults", "run")), (root, ("defaults", "run"))):
        node, depth = yaml.descend(holder, (*keys, "working-directory"))
        if depth > len(keys):
            folder = node.value if isinstance(node, yaml.Scalar) and not node.templated else "$"
            return (
                posixpath.normpath(folder).removeprefix(".").lstrip("/") if re.fullmatch(r"[\w./-]+", folder) else None
            )
    return ""


def _has_checkout(job: yaml.Mapping) -> bool:
    steps = yaml.lookup(job, "steps")
    found = [
        step
        for step in (steps.items if isinstance(steps, yaml.Sequence) else ())
        if isinstance(step, yaml.Mapping) and _CHECKOUT.fullmatch(step.text("uses") or "")
    ]
    given = [yaml.lookup(step, "with") for step in found]
    return len(found) == 1 and not any(_is_elsewhere(one) for one in given if isinstance(one, yaml.Mapping))


def _is_elsewhere(given: yaml.Mapping) -> bool:
    reference = yaml.lookup(given, "ref")
    is_branch = isinstance(reference, yaml.Scalar) and not reference.templated
    return is_branch or any(given.get(key) for key in _ELSEWHERE)
