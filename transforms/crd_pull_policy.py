"""Give custom resources with an `image` an `imagePullPolicy`: in schema, Go type and controller (on request).

Why: a resource that cannot say when its image is pulled leaves that to a default, in every pod that is made of it.

    # file: config/crd/webs.yaml
     apiVersion: apiextensions.k8s.io/v1
     kind: CustomResourceDefinition
     spec:
       group: acme.io
       names: {kind: Web}
       versions:
       - name: v1
         schema:
           openAPIV3Schema:
             properties:
               spec:
                 properties:
                   image:
                     description: Image is the container image to run.
                     type: string
    +              imagePullPolicy:
    +                description: ImagePullPolicy says when the image is pulled.
    +                enum:
    +                - Always
    +                - IfNotPresent
    +                - Never
    +                type: string
    # file: web.yaml
     apiVersion: acme.io/v1
     kind: Web
     spec:
       image: ghcr.io/acme/web:v1

The Go type of the same kind (a struct with a `TypeMeta`, followed by the names of its fields in JSON) gets the field
with its markers, and each `corev1.Container` that takes its image from there gets `ImagePullPolicy`. Only
`--only crd-pull-policy` edits; any other run remarks.

Leaves alone: schemas that have a policy beside the image, strings that name no container's image, vendored files, and
definitions of which the repository holds neither the Go type nor an object.
Reports: a schema without the policy (`crd-lacks-pull-policy`), a container that is built without it
(`controller-drops-pull-policy`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.fleet.definitions import WORD, image_fields
from codemod.formats import go, yaml
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import REMARK, Change, Fact, Left, Transform
from transforms import _api_types
from transforms._definitions import addition

_BUILT = b"Container{"
_TYPED = b'json:"image'
_IMAGE = on_use(r"\*?(\w+)\.((?:Spec\.)(?:\w+\.)*)Image")
_SUSPECT = on_use(rb"Image:\s+\*?\w+\.Spec\.")


def _looks(source: Source, fleet: Fleet) -> object:
    return source.path if source.language == go.LANGUAGE.name else fleet.config.spared(source.path)


transform = Transform(
    __name__,
    reads=(yaml.LANGUAGE, go.LANGUAGE),
    words=(WORD, _BUILT, _TYPED),
    looks_at_path=_looks,
    remarks=("crd-lacks-pull-policy", "controller-drops-pull-policy"),
)


@transform.scan
def lacking(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for fact in _facts(source, fleet, is_asked=False):
        yield fact.otherwise if isinstance(fact, Change) and fact.otherwise is not None else fact


@transform.when_named
def completed(source: Source, fleet: Fleet) -> Iterator[Fact]:
    yield from _facts(source, fleet, is_asked=True)


def _facts(source: Source, fleet: Fleet, *, is_asked: bool) -> Iterator[Fact]:
    if fleet.config.spared(source.path) or source.outer is not None:
        return
    if source.language == yaml.LANGUAGE.name:
        yield from _schemas(source, fleet)
    elif not source.path.endswith("_test.go"):
        if _BUILT in source.data and _SUSPECT.search(source.data):
            yield from _containers(source, fleet, is_asked=is_asked)
        if is_asked and _TYPED in source.data:
            yield from _types(source, fleet)


def _schemas(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in yaml.documents(source):
        for field in image_fields(document) if fleet.definitions.may_lack(document.text) else ():
            if field.policy is not None or not fleet.definitions.is_owned(field.group, field.kind):
                continue
            left = Left(field.entry.key.span, "manifest", "crd-lacks-pull-policy", field.label, "", REMARK)
            edit = addition(source, document, field)
            yield left if edit is None else Change(left.span, left.surface, (edit,), otherwise=left)


def _types(source: Source, fleet: Fleet) -> Iterator[Fact]:
    done: set[Span] = set()
    for holder in _api_types.holders(source.path.rpartition("/")[0], fleet):
        span = holder.image.span
        if holder.path == source.path and holder.policy is None and span not in done:
            done.add(span)
            yield Change(span, "go", _api_types.addition(source, holder, fleet))


def _containers(source: Source, fleet: Fleet, *, is_asked: bool) -> Iterator[Fact]:
    core = go.imported_as(source, _api_types.CORE)
    for literal in go.composites(source):
        image = literal.get("Image")
        match = _IMAGE.fullmatch(image.value) if image is not None and literal.type == f"{core}.Container" else None
        if image is None or match is None or "ImagePullPolicy" in literal.function_text:
            continue
        kind, way = literal.type_of(match[1]), tuple(match[2].strip(".").split("."))
        left = Left(image.value_span, "go", "controller-drops-pull-policy", image.value, kind or "", REMARK)
        holder = _holder(kind, way, fleet) if is_asked and kind is not None else None
        declared = fleet.tree.source(holder.path) if holder is not None else None
        if holder is None or declared is None:
            yield left
            continue
        name = holder.policy.name if holder.policy is not None else "ImagePullPolicy"
        value = f"{match[1]}.{match[2]}{name}"
        if not _api_types.is_typed(declared, holder, fleet):
            value = f"{core}.PullPolicy({value})"
        edits = go.add_element(literal, source, image, "ImagePullPolicy", value)
        yield Change(left.span, "go", edits, otherwise=left)


def _holder(kind: str, way: tuple[str, ...], fleet: Fleet) -> _api_types.Holder | None:
    """The struct with the image that a way of Go names leads to, if one package alone has such a kind."""
    folders = {path.rpartition("/")[0] for path in fleet.definitions.files_of(kind)}
    found = [one for folder in sorted(folders) for one in _api_types.holders(folder, fleet)]
    fitting = [one for one in found if one.kind == kind and one.names == way]
    return fitting[0] if len({one.path for one in fitting}) == 1 else None
