"""What a target is, what it is given, and what it gives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct

from codemod.emit._argo import Declaration, declarations
from codemod.emit._held import Held
from codemod.exceptions import Exceptions
from codemod.fleet import Fleet
from codemod.moving.pinned import Pinned
from codemod.outcome import Plan

Object = dict[str, Any]
"""A Kubernetes object in plain values."""


class Wish(Struct, frozen=True):
    """What the user asks for.

    `environments` are the chosen ones in the order of promotion. `repository` is the URL of the Git repository,
    `origin` that of its remote, `prefix` the way from its top to the root of the run (empty, or with a closing slash).
    `namespace` is Argo CD's. `action` is what an admission policy does: `deny`, `warn` or `audit`.
    """

    environments: tuple[str, ...] = ()
    repository: str | None = None
    origin: str | None = None
    branch: str | None = None
    prefix: str = ""
    project: str | None = None
    namespace: str = "argocd"
    action: str = "deny"


class Material(Struct, frozen=True, dict=True):
    """The facts: the fleet; each digest as each release holds it, or what a plan found and what excuses it."""

    fleet: Fleet
    held: Sequence[Held]
    wish: Wish
    plan: Plan | None = None
    exceptions: Exceptions | None = None

    @cached_property
    def declared(self) -> Mapping[str, Declaration]:
        """Argo CD's Applications and ApplicationSets by `path:line`."""
        return declarations(self.fleet)


class Omission(Struct, frozen=True):
    """A digest that the manifests do not move, and why."""

    pinned: Pinned
    reason: str


class Remark(Struct, frozen=True):
    """What a person should know before the manifests are applied, and the places or names that it is about."""

    text: str
    about: tuple[str, ...] = ()


class Emitted(Struct, frozen=True):
    """The objects in the order in which they are to be applied, and what is left out; `notes` head the output."""

    objects: tuple[Object, ...]
    omissions: tuple[Omission, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    summary: str = ""


COMMITS = ("--repo", "--branch", "--namespace")
"""The options of what commits to a repository and knows Argo CD's Applications."""
JUDGES = ("--action",)
"""Those of admission policies."""


class Target(Struct, frozen=True):
    """One kind of manifests. `write` raises `UnfloatError` for a wish that lacks what it needs.

    `takes` are the options that mean something to it, beside those of all. `is_policy`: it judges images, and so is
    given a plan instead of digests.
    """

    module: str
    write: Callable[[Material], Emitted]
    takes: tuple[str, ...]
    is_policy: bool = False

    @property
    def name(self) -> str:
        """As the command line names it."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (sys.modules[self.module].__doc__ or "").partition("\n")[0]
