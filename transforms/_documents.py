"""The YAML documents in which images may be named, and what kind of text each is."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats import yaml
from codemod.formats.yaml.definition import is_definition
from codemod.kinds import WORDS as KIND_WORDS
from codemod.place import COMPOSE, DEVCONTAINER, GITLAB, KUSTOMIZATION, PIPELINE, SCHEMA, TEMPLATE, WORKFLOW
from codemod.source import Source
from transforms._cloud_build import is_cloud_build

_TELLING = (b"mage", b"MAGE", b"ullPolicy", b"ull_policy", *KIND_WORDS)
_PARTS = (b"tag:", b'tag"', b"tag'", b"Tag:", b"igest:")
WORDS = (*_TELLING, *_PARTS)
"""A document without any of these names no image, unless it is of a kind that the configuration adds."""

_BESIDE = (
    *(b"repository:", b'repository"', b"repository'", b"repo:", b"registry:"),
    *(b"helm:", b"helm.toolkit.fluxcd.io/", b"helmChart"),
)
"""What stands beside a tag: the other parts of an image, or the values of a release around it."""
_HEAD = 512
"""Bytes in which a document's `kind` mostly stands: definitions are large, and most need not be searched."""
_NO_DEPLOYMENT = (
    "image.toolkit.fluxcd.io/",
    "kyverno.io/",
    "policies.kyverno.io/",
    "templates.gatekeeper.sh/",
    "constraints.gatekeeper.sh/",
    "policy.sigstore.dev/",
    "kargo.akuity.io/",
    "apiextensions.k8s.io/",
    "admissionregistration.k8s.io/",
    "argocd-image-updater.argoproj.io/",
)
"""API groups whose objects speak about images (schemas, policies, scanners) without running any."""
_SURFACES = (
    ("kustomize.config.k8s.io/", "kustomize"),
    ("helm.toolkit.fluxcd.io/", "flux"),
    ("kustomize.toolkit.fluxcd.io/", "flux"),
    ("source.toolkit.fluxcd.io/", "flux"),
)


def documents(source: Source, words: tuple[bytes, ...] = ()) -> Iterator[yaml.Document]:
    """The readable documents of a source in which something deployed may be named.

    None are CRDs, policies and tests; those of CI have transforms of their own. `words` are those of the kinds that
    the configuration adds.
    """
    for document in candidates(source, words) if not is_ci(source) else ():
        if document.problem is None and document.root is not None and _deploys(document.root):
            yield document


def is_ci(source: Source) -> bool:
    """Whether a file is a pipeline of some CI: a GitHub workflow or action, one of GitLab or of others."""
    return source.outer is None and any(word in source.place for word in (WORKFLOW, GITLAB, PIPELINE))


def candidates(source: Source, words: tuple[bytes, ...] = ()) -> tuple[yaml.Document, ...]:
    """The documents that hold a telling word, readable or not."""
    key = (candidates, words)
    found: tuple[yaml.Document, ...] | None = source.memo.get(key)
    if found is None:
        found = source.memo[key] = tuple(_candidates(source, words))
    return found


def _candidates(source: Source, words: tuple[bytes, ...]) -> Iterator[yaml.Document]:
    if SCHEMA in source.place:
        return
    for document in yaml.documents(source):
        text = document.text
        if is_definition(text[:_HEAD]) or not (_is_telling(text) or any(word in text for word in words)):
            continue
        if not is_definition(text):
            yield document


def _is_telling(text: bytes) -> bool:
    """Whether a document may name an image: it says so, spells one in parts, or is an overlay of bare values."""
    if any(word in text for word in _TELLING):
        return True
    if not any(word in text for word in _PARTS):
        return False
    return any(word in text for word in _BESIDE) or not (text.startswith(b"apiVersion:") or b"\napiVersion:" in text)


def surface(document: yaml.Document) -> str:
    """The kind of text that a document is (the contract's surface words)."""
    source = document.source
    if source.surface is not None:
        return source.surface
    place = source.place
    if TEMPLATE in place and b"{{" in source.data:
        return "helm-template"
    if WORKFLOW in place or GITLAB in place:
        return "github-workflow" if WORKFLOW in place else "gitlab-ci"
    version = api_version(document)
    for group, name in _SURFACES:
        if version.startswith(group):
            return name
    if version.startswith("argoproj.io/") and kind(document).startswith("Application"):
        return "argocd"
    if KUSTOMIZATION in place:
        return "kustomize"
    if COMPOSE in place or DEVCONTAINER in place:
        return "compose" if COMPOSE in place else "devcontainer"
    return "manifest" if version or is_json_patch(document.root) else "helm-values"


def is_json_patch(root: yaml.Node | None) -> bool:
    """Whether a document is a list of JSON patch operations, as kustomize takes them from a file of its own."""
    first = root.items[0] if isinstance(root, yaml.Sequence) and root.items else None
    return isinstance(first, yaml.Mapping) and {"op", "path"} <= first.index.keys()


def api_version(document: yaml.Document) -> str:
    """`apiVersion` of a Kubernetes object, empty for anything else."""
    root = document.root
    if not isinstance(root, yaml.Mapping) or root.get("kind") is None:
        return ""
    return root.text("apiVersion") or ""


def kind(document: yaml.Document) -> str:
    """`kind` of a Kubernetes object, empty for anything else."""
    return (document.root.text("kind") or "") if isinstance(document.root, yaml.Mapping) else ""


def _deploys(root: yaml.Node) -> bool:
    if not isinstance(root, yaml.Mapping):
        return True
    if "suite" in root.index and "tests" in root.index:  # helm-unittest
        return False
    version = root.get("apiVersion")
    if version is None or not isinstance(version.value, yaml.Scalar):
        return "$schema" not in root.index and not is_cloud_build(root)
    return not version.value.value.startswith(_NO_DEPLOYMENT)
