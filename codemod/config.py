"""The configuration's shape and the questions that the engine asks of it. Reading the file is `codemod.configfile`'s.

Every struct mirrors one table of `.unfloat.yaml`; unknown keys are errors, defaults are those of the contract. The
published JSON Schema is generated from these structs, descriptions and all.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from codemod.customresources import CustomResource
from codemod.globs import literally, matches
from codemod.patterns import on_use
from codemod.place import holding

FLOATING_TAGS = ("dev", "main", "latest", "master", "develop", "edge", "nightly", "canary", "dev-placeholder")
TESTS = (
    *("**/test{,_,-}data/**", "**/golden{,s}/**", "**/*.golden", "**/__snapshots__/**", "**/*_test.go"),
    *("**/test_*.py", "**/*_test.py", "**/conftest.py", "**/*.bats"),
    *("**/*.{test,spec}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}", "**/__tests__/**", "**/test{,s}/**/{data,fixtures}/**"),
    "**/{test,tests,e2e}/**/*.{go,py,js,jsx,ts,tsx}",
)
VENDORED = ("**/third_party/**", "**/vendor/**", "**/charts/*/charts/**")
ENVIRONMENT_FOLDERS = ("env", "envs", "environment", "environments", "overlays")
STRICT = ("staging", "stage", "preprod", "production", "prod")
"""Environments that demand digests unless the configuration says otherwise."""

Platform = Annotated[str, Meta(pattern=r"^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?$", examples=["linux/amd64"])]
_Namespace = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", examples=["shop"])]
_Global = Annotated[str, Meta(pattern=r"^(global(\.[A-Za-z_]\w*)+)?$", examples=["global.acme.imagePullPolicy"])]
_Code = Annotated[str, Meta(pattern=r"^(\*|[a-z]+(-[a-z]+)*|UF[0-9]{3})$", examples=["digest-unknown"])]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table of the configuration."""


class Environment(_Table, frozen=True):
    """An environment: the files that belong to it and what the gate demands of them."""

    globs: Annotated[tuple[str, ...], Meta(description="The files that belong to it.")] = ()
    floating: Annotated[
        Literal["forbid", "report"], Meta(description="What a floating tag is here: a violation, or only reported.")
    ] = "forbid"
    namespaces: Annotated[tuple[_Namespace, ...], Meta(description="Its namespaces, beside those that are found.")] = ()
    digest: Annotated[
        Literal["require", "report"] | None,
        Meta(description="What a tag without a digest is: a violation (staging and production), or only reported."),
    ] = None
    pull_policy: Annotated[
        Literal["if-not-present", "any"],
        Meta(description="Whether the pull policy Always is a violation, or any is fine."),
    ] = "if-not-present"
    readable_tags: Annotated[
        Literal["immutable-only", "any"],
        Meta(description="Whether a floating tag beside a digest is a violation, or any tag is fine there."),
    ] = "immutable-only"


class Policy(Struct, frozen=True):
    """What the gate objects to at one place."""

    floating: bool
    no_digest: bool
    always: bool
    floating_beside_digest: bool


class StackSpec(_Table, frozen=True):
    """Explicit layering: value files, last wins, with `{name}` captures that bind consistently over the list."""

    layers: Annotated[
        tuple[str, ...], Meta(min_length=1, description="Value files, relative to the root, the last one wins.")
    ]
    name: Annotated[str | None, Meta(description="What the release is called; may use the captures.")] = None
    environment: Annotated[str | None, Meta(description="Its environment; may use the captures.")] = None
    chart: Annotated[str | None, Meta(description="The chart's folder; may use the captures.")] = None


class Registry(_Table, frozen=True):
    """How to reach one registry."""

    mirror: Annotated[str | None, Meta(description="Host, with or without a path, that is asked first.")] = None
    insecure: Annotated[bool, Meta(description="Plain HTTP, or a certificate that is not checked.")] = False
    ca_file: Annotated[str | None, Meta(description="File of the authority that signed its certificate (PEM).")] = None


class Allowance(_Table, frozen=True):
    """A dated exception: what it excuses, why, whose it is, and the last day on which it holds."""

    path: Annotated[str, Meta(description="Glob of the files that it covers.", examples=["env/local/**"])]
    code: Annotated[
        _Code, Meta(description="The one reason code or violation that it covers, or `*`.", examples=["digest-unknown"])
    ]
    reason: Annotated[
        str, Meta(pattern=r"\S", description="Why it has to be.", examples=["the operator appends :version"])
    ]
    owner: Annotated[str, Meta(pattern=r"\S", description="Who ends it.", examples=["team-platform"])]
    expires: Annotated[datetime.date, Meta(description="The last day on which it holds.", examples=["2026-12-31"])]
    image: Annotated[str, Meta(description="Glob of the images that it covers.")] = "**"

    def fits(self, path: str, image: str | None, codes: Collection[str]) -> bool:
        """Whether it is about a place, its date aside: a path, a normalised reference, reason codes and violations."""
        return (
            (self.code == "*" or self.code in codes)
            and matches(path, (self.path,))
            and any(matches(spelling, (self.image,)) for spelling in spellings(image or ""))
        )


_DEFAULT = Environment()
_CLUSTER_VALUES = on_use(r"(?:^|/)values/(?:.*/)?cluster/")
_MAY_BE_STRICT = tuple(f"{name}/" for name in (*STRICT, "cluster"))


class Config(_Table, frozen=True):
    """The whole configuration."""

    floating_tags: Annotated[
        tuple[str, ...], Meta(description="Tags that move (globs); replaces the default list.")
    ] = FLOATING_TAGS
    include: Annotated[tuple[str, ...], Meta(description="Globs of the files to read.")] = ("**",)
    exclude: Annotated[tuple[str, ...], Meta(description="Globs of files not to read, whatever includes them.")] = ()
    vendored: Annotated[
        tuple[str, ...], Meta(description="Globs of files that are read, never edited; replaces the default list.")
    ] = VENDORED
    tests: Annotated[
        tuple[str, ...],
        Meta(description="Globs of test code and test data: read, never edited; replaces the default list."),
    ] = TESTS
    environments: Annotated[
        dict[str, Environment], Meta(description="Environments by name; the first one whose globs match a file has it.")
    ] = {}
    stacks: Annotated[tuple[StackSpec, ...], Meta(description="Layerings beside those that are found.")] = ()
    contract: Annotated[
        dict[str, Literal["digest", "tag-and-digest", "ref"]],
        Meta(description="By glob of value files and templates: the form in which an image takes its digest."),
    ] = {}
    platforms: Annotated[tuple[Platform, ...], Meta(description="What the index behind every digest must offer.")] = ()
    registries: Annotated[dict[str, Registry], Meta(description="Registries by host and port.")] = {}
    pull_policy_value: Annotated[_Global, Meta(description="What says when custom resources pull images.")] = ""
    channel_comments: Annotated[
        bool, Meta(description="A comment behind a digest (`# main`) names the tag that it came from.")
    ] = False
    private: Annotated[
        tuple[str, ...],
        Meta(description="Images that need a pull secret (globs of names).", examples=[["ghcr.io/acme/**"]]),
    ] = ()
    custom_resources: Annotated[tuple[CustomResource, ...], Meta(description="Where kinds name images.")] = ()
    allow: Annotated[tuple[Allowance, ...], Meta(description="Dated exceptions; the first that fits counts.")] = ()
    exception_days: Annotated[int, Meta(ge=1, description="No exception may hold longer than so many days.")] = 90

    def allowing(self, more: Iterable[Allowance]) -> Config:
        """The same with more exceptions."""
        return msgspec.structs.replace(self, allow=(*self.allow, *more))

    @property
    def words(self) -> tuple[bytes, ...]:
        """Byte strings of which one occurs in any text with an object of the user's own kinds."""
        return tuple(row.kind.encode() for row in self.custom_resources) if self.custom_resources else ()

    def sparing(self, folders: Iterable[str]) -> Config:
        """The same with some folders vendored, unless the configuration lists itself what is."""
        if self.vendored != VENDORED:
            return self
        return msgspec.structs.replace(self, vendored=(*VENDORED, *(f"{literally(folder)}/**" for folder in folders)))

    def floats(self, tag: str | None) -> bool:
        """Whether a tag moves; no tag at all does if `latest` does."""
        return matches("latest" if tag is None else tag, self.floating_tags)

    def is_included(self, path: str) -> bool:
        """Whether a path is to be read at all."""
        return matches(path, self.include) and not matches(path, self.exclude)

    def is_vendored(self, path: str) -> bool:
        """Whether a path is read but never edited."""
        return matches(path, self.vendored)

    def spared(self, path: str) -> str | None:
        """The reason code why no file of this path is edited, if so: it is vendored, or a test."""
        if self.is_vendored(path):
            return "vendored"
        return "test-data" if matches(path, self.tests) else None

    def is_private(self, name: str) -> bool:
        """Whether the image of a normalised name (`ghcr.io/acme/web`) needs a pull secret."""
        return any(matches(spelling, self.private) for spelling in spellings(name))

    def policy(self, environment: str | None, path: str) -> Policy:
        """What the gate objects to in an environment (None for none) and file.

        Staging, production and values of the cluster (`values/…/cluster/…`) have to have digests by themselves.
        """
        rules = self.environments.get(environment or "", _DEFAULT)
        is_strict = environment in STRICT or ("cluster/" in path and _CLUSTER_VALUES.search(path) is not None)
        requires = is_strict if rules.digest is None else rules.digest == "require"
        forbids = rules.floating == "forbid"
        return Policy(
            forbids,
            requires,
            rules.pull_policy == "if-not-present",
            forbids and rules.readable_tags == "immutable-only",
        )

    def requires_digests(self, paths: Collection[str]) -> bool:
        """Whether any of some files may be one in which a tag without a digest is a violation."""
        if any((rules.digest or name) in ("require", *STRICT) for name, rules in self.environments.items()):
            return True
        likely = holding(_MAY_BE_STRICT, paths)
        return any(self.policy(self.environment_of(path), path).no_digest for path in likely)

    def contract_of(self, path: str) -> str | None:
        """How a values map of a file, or the template at a path, is to take a digest; None where nothing is said."""
        given = self.contract.items()
        return next((form for glob, form in given if matches(path, (glob,))), None) if given else None

    def environment_of(self, path: str) -> str | None:
        """The environment that a path belongs to: the configured one, else `env/NAME/` and its like in the path."""
        for name, environment in self.environments.items():
            if matches(path, environment.globs):
                return name
        if "env" not in path and "overlays/" not in path:  # as in most paths
            return None
        folders = pairwise(path.split("/")[:-1])
        return next((name for folder, name in folders if folder in ENVIRONMENT_FOLDERS), None)


def spellings(image: str) -> Iterator[str]:
    """How people write a normalised reference: with or without digest, Docker Hub's prefixes and the implied tag."""
    for name in dict.fromkeys((image, image.partition("@")[0])):
        for prefix in ("", "docker.io/", "docker.io/library/"):
            if name.startswith(prefix):
                yield name[len(prefix) :]
                yield name[len(prefix) :].removesuffix(":latest")
