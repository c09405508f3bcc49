"""Say `imagePullPolicy: IfNotPresent` beside pinned images that leave their pull policy to Kubernetes (on request).

Why: a field that Kubernetes fills in is in the cluster and not in Git, and a diff of the two may show it as drift.

     apiVersion: apps/v1
     kind: Deployment
     spec:
       template:
         spec:
           containers:
             - name: web
               image: ghcr.io/acme/web@sha256:9412cb272b27acc079877237329bf8141a74607d406f572f1d4efad18b3bcb04
    +          imagePullPolicy: IfNotPresent

Containers of pods, of pod templates in any object, of Argo Workflows and of Tekton's steps are looked at, also in texts
inside other texts. Only `--only explicit-pull-policy` edits; named together with the transforms that pin, it follows
what these pin. Any other run says what Kubernetes will fill in.

Leaves alone: containers that have a policy, or into which a template may print one; patches of kustomizations; vendored
files; images that are not pinned.
Reports: containers without a pull policy (`pull-policy-defaulted`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import REMARK, Change, Fact, Left, Transform
from transforms._containers import WORDS, containers, gives_policy, is_conditional, is_patch
from transforms._documents import documents, surface
from transforms._keys import candidate
from transforms._places import merging
from transforms._policies import IF_NOT_PRESENT

transform = Transform(
    __name__,
    reads=yaml.LANGUAGE,
    words=WORDS,
    looks_at_path=lambda source, fleet: (
        fleet.config.spared(source.path),
        source.path in fleet.renames.overlays.patched_with,
    ),
    opened_by=("embedded-yaml",),
    remarks=("pull-policy-defaulted",),
)


@transform.scan
def defaulted(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document, mapping in _lacking(source, fleet):
        yield _remark(document, mapping)


@transform.when_named
def explicit(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document, mapping in _lacking(source, fleet):
        left, entry = _remark(document, mapping), mapping.index["image"]
        is_shared = mapping.anchor is not None and any(merging(document, mapping))
        is_written = isinstance(entry.value, yaml.Scalar) and not is_shared and not is_conditional(document, mapping)
        edit = yaml.insert_after(source, entry, "imagePullPolicy", IF_NOT_PRESENT) if is_written else None
        reference = candidate(left.text)
        if edit is None or reference is None or source.edit_in_file(edit) is None:
            yield left
        elif reference.digest is not None:
            yield Change(left.span, left.surface, (edit,), otherwise=left)
        else:
            image = (source.path, source.in_file(left.span).start)
            yield Change(left.span, left.surface, (edit,), follows=(image,), otherwise=left)


def _lacking(source: Source, fleet: Fleet) -> Iterator[tuple[yaml.Document, yaml.Mapping]]:
    """The containers without a policy in files that may be edited; those of programs are examples of theirs."""
    if fleet.config.spared(source.path) or source.file.language != yaml.LANGUAGE.name:
        return
    for document in documents(source, fleet.config.words):
        for mapping in containers(document):
            if not gives_policy(document, mapping) and not is_patch(document, fleet):
                yield document, mapping


def _remark(document: yaml.Document, mapping: yaml.Mapping) -> Left:
    value = mapping.index["image"].value
    scalar = yaml.target(value)
    text = scalar.value.strip() if isinstance(scalar, yaml.Scalar) else ""
    span = value.inner if isinstance(value, yaml.Scalar) else value.span
    if isinstance(value, yaml.Scalar) and value.templated:
        text = document.source.text(span).strip()
    return Left(span, surface(document), "pull-policy-defaulted", text, _default(text), REMARK)


def _default(text: str) -> str:
    """What Kubernetes fills in (SetDefaults_Container): a tag `latest`, said or implied, is pulled always."""
    reference = candidate(text)
    if reference is None:
        return "depends on the image"
    is_latest = reference.tag == "latest" or (reference.tag is None and reference.digest is None)
    return "Always" if is_latest else "IfNotPresent"
