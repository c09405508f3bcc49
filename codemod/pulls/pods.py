"""Kubernetes objects as far as pulling goes: the pods that they run, and the service accounts that they are.

A pod is recognised by its shape, a list `containers` of maps with an `image`, in whatever object it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.charts.unknown import MARK
from codemod.formats import yaml
from codemod.formats.yaml import kubernetes
from codemod.formats.yaml.definition import DEFINITION, is_definition

SECRETS = "imagePullSecrets"
ACCOUNT = "ServiceAccount"
WORDS = (b"containers", b"ServiceAccount")
"""Without any of these a text holds neither a pod nor a service account."""


class Object(Struct, frozen=True):
    """One object, an item of a list included."""

    root: yaml.Mapping
    document: yaml.Document

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.root.text("kind") or ""

    @property
    def name(self) -> str:
        """`metadata.name`, or what stands for it."""
        return self._metadata("name") or self._metadata("generateName") or ""

    @property
    def namespace(self) -> str | None:
        """`metadata.namespace`, None where it says none."""
        return self._metadata("namespace")

    @property
    def label(self) -> str:
        """`Deployment/web`; a name that cannot be known is `?`."""
        return f"{self.kind}/{self.name if self.name and MARK not in self.name else '?'}"

    @property
    def has_secrets(self) -> bool:
        """Whether the object itself names a pull secret, as a service account does."""
        return names_secret(self.root)

    def _metadata(self, key: str) -> str | None:
        metadata = yaml.lookup(self.root, "metadata")
        return metadata.text(key) if isinstance(metadata, yaml.Mapping) else None


class Pod(Struct, frozen=True):
    """A pod or the template of one: its images, whether it names a pull secret, and its service account.

    An account whose name cannot be known may have a secret, and so counts as one.
    """

    images: tuple[yaml.Scalar, ...]
    has_secrets: bool
    account: str


def objects(document: yaml.Document) -> Iterator[Object]:
    """The objects of a document; none for what is no object, and for definitions, which run nothing.

    A document that says so in its text is not parsed.
    """
    if not any(word in document.text for word in WORDS) or is_definition(document.text):
        return
    for root in kubernetes.objects(document):
        if root.text("kind") != DEFINITION:
            yield Object(root, document)


def pods(one: Object) -> Iterator[Pod]:
    """The pods of an object; in a custom resource a pull secret anywhere is one for all of them."""
    own = one.kind in kubernetes.WORKLOADS
    for mapping in yaml.mappings(one.root):
        images = tuple(_images(mapping))
        if images:
            account = mapping.text("serviceAccountName") or mapping.text("serviceAccount") or "default"
            has_secrets = names_secret(mapping) if own else any(map(names_secret, yaml.mappings(one.root)))
            yield Pod(images, has_secrets or MARK in account, account)


def names_secret(mapping: yaml.Mapping) -> bool:
    """Whether a map names a pull secret; one whose name cannot be known counts."""
    node = yaml.lookup(mapping, SECRETS)
    if isinstance(node, yaml.Sequence):
        return any(map(_is_named, map(yaml.target, node.items)))
    return isinstance(node, yaml.Scalar) and not node.is_null and bool(node.value)


def _is_named(item: yaml.Node | None) -> bool:
    if isinstance(item, yaml.Mapping):
        return bool(item.text("name"))
    return isinstance(item, yaml.Scalar) and not item.is_null and bool(item.value)


def _images(mapping: yaml.Mapping) -> Iterator[yaml.Scalar]:
    """The images of a pod: of its containers, and of its image volumes; none where the map is no pod."""
    if not any(_image(item) for item in items(mapping, "containers")):
        return
    for key in kubernetes.CONTAINERS:
        yield from (image for item in items(mapping, key) if (image := _image(item)) is not None)
    for volume in items(mapping, "volumes"):
        source = yaml.lookup(volume, "image")
        reference = yaml.lookup(source, "reference") if isinstance(source, yaml.Mapping) else None
        if isinstance(reference, yaml.Scalar):
            yield reference


def items(mapping: yaml.Mapping, key: str) -> Iterator[yaml.Mapping]:
    """The maps of a list, aliases followed."""
    node = yaml.lookup(mapping, key)
    for item in node.items if isinstance(node, yaml.Sequence) else ():
        found = yaml.target(item)
        if isinstance(found, yaml.Mapping):
            yield found


def _image(container: yaml.Mapping) -> yaml.Scalar | None:
    node = yaml.lookup(container, "image")
    return node if isinstance(node, yaml.Scalar) and not node.is_null else None
