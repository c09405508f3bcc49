"""The part of the configuration that says where custom resources name images: rows beside those of `codemod.kinds`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from codemod.kinds import Parts

_Path = Annotated[str, Meta(pattern=r"^[^\s.]\S*$", examples=["spec.plugins[*].image"])]
_Key = Annotated[str, Meta(pattern=r"^[^\s.]+$", examples=["tag"])]


class ImageParts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A map of a custom resource that spells an image in parts."""

    at: Annotated[_Path, Meta(description="The path of the map.")]
    repository: Annotated[
        str, Meta(description="The key of the repository; several that are joined by slashes: `registry/name`.")
    ] = "repository"
    tag: Annotated[_Key, Meta(description="The key of the tag.")] = "tag"
    digest: Annotated[
        _Key | None,
        Meta(description="The key that takes a digest, which may be the tag's; none if it takes no digest."),
    ] = None

    @property
    def parts(self) -> Parts:
        """The same as a row of the table has it."""
        return Parts(self.at, self.repository, self.tag, self.digest or "")


class CustomResource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the objects of one kind name images; what stands here wins over what unfloat knows or guesses."""

    kind: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]+$", description="The kind.", examples=["Kafka"])]
    group: Annotated[str | None, Meta(description="The API group; any, if left out.")] = None
    images: Annotated[tuple[_Path, ...], Meta(description="Paths of whole references, which take a digest.")] = ()
    names: Annotated[
        tuple[_Path, ...],
        Meta(description="Paths of references that the controller completes with a tag where they have none."),
    ] = ()
    parts: Annotated[tuple[ImageParts, ...], Meta(description="Maps that spell an image in parts.")] = ()
    left: Annotated[tuple[_Path, ...], Meta(description="Paths below which nothing is deployed.")] = ()
