"""Render `imagePullPolicy` of custom resources from one value of the fleet, and look values up plainly.

Why: a resource without it leaves the policy to a default, and `dig` and `get` fail on `.Values`, which is no plain map.

    # file: crds/webs.yaml
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
                 spec: {properties: {image: {type: string}, imagePullPolicy: {type: string}}}
    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/all.yaml
     {{ tpl .Values.manifests . }}
    # file: charts/web/values.yaml
     global:
       acme:
         imagePullPolicy: IfNotPresent
     image: ghcr.io/acme/web:v1
     manifests: |
       apiVersion: acme.io/v1
       kind: Web
       metadata:
    -    name: {{ dig "global" "acme" "name" "web" .Values }}
    +    name: {{ .Values.global.acme.name | default "web" }}
       spec:
         image: "{{ .Values.image }}"
    +    imagePullPolicy: "{{ $.Values.global.acme.imagePullPolicy }}"

The value is the one that `pull_policy_value` in `.unfloat.yaml` names, else the only pull policy below `global` that
every release has which reads the text; none is made up. `dig "a" "b" "x" .Values` becomes `.Values.a.b | default "x"`
where each release that reads the text has all maps on the way and no empty value there. Only `--only fleet-pull-policy`
edits; `crd-pull-policy` is a step before it and not named together with it: a cluster drops, or refuses, what the
definitions that it has do not know.

Leaves alone: resources that have a policy, kinds whose definition is not in the repository or has no such field, images
that are written out, `dig` and `get` on maps below `.Values`.
Reports: a resource without the policy (`resource-lacks-pull-policy`), a lookup that fails on `.Values`
(`brittle-lookup`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.place import TEMPLATE
from codemod.source import Source, Span
from codemod.transform import REMARK, Change, Fact, Left, Transform
from transforms._containers import gives_policy
from transforms._documents import documents, kind, surface
from transforms._policy_values import is_same, lookups, policy_value

transform = Transform(
    __name__,
    reads=yaml.LANGUAGE,
    words=(b"image:", b"dig ", b"get "),
    looks_at_path=lambda source, fleet: fleet.config.spared(source.path),
    opened_by=("embedded-yaml",),
    after=("crd-pull-policy",),
    remarks=("resource-lacks-pull-policy", "brittle-lookup"),
)


@transform.scan
def lacking(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for fact in _facts(source, fleet):
        yield fact.otherwise if isinstance(fact, Change) and fact.otherwise is not None else fact


@transform.when_named
def rendered(source: Source, fleet: Fleet) -> Iterator[Fact]:
    yield from _facts(source, fleet)


def _facts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if b"{{" not in source.data or source.file.language != yaml.LANGUAGE.name or fleet.config.spared(source.path):
        return
    if source.outer is None and TEMPLATE not in source.place:
        return
    yield from _lookups(source, fleet)
    for document in documents(source) if b"image:" in source.data else ():
        for mapping in _resources(document, fleet):
            yield _resource(source, document, mapping, fleet)


def _resources(document: yaml.Document, fleet: Fleet) -> Iterator[yaml.Mapping]:
    """The maps of an object that hold an image from values and could say its policy, and do not."""
    root = document.root
    version = (root.text("apiVersion") or "").rpartition("/") if isinstance(root, yaml.Mapping) else ("", "", "")
    for field in fleet.definitions.fields(kind(document)) if version[0] and "." in version[0] else ():
        if field.policy is None or (field.group, field.version) != (version[0], version[2]):
            continue
        node, depth = yaml.descend(root, field.keys)
        if isinstance(node, yaml.Mapping) and depth == len(field.keys) and (image := node.get("image")) is not None:
            is_templated = isinstance(image.value, yaml.Scalar) and image.value.templated
            if is_templated and not gives_policy(document, node):
                yield node


def _resource(source: Source, document: yaml.Document, mapping: yaml.Mapping, fleet: Fleet) -> Fact:
    image = mapping.index["image"]
    assert isinstance(image.value, yaml.Scalar)
    views = fleet.views(document, yaml.keys_of(mapping))
    keys, why = policy_value(fleet, views) if views else (None, "no release is known to read it")
    span, where = image.value.inner, surface(document)
    left = Left(span, where, "resource-lacks-pull-policy", f"{kind(document)} image", why, REMARK)
    if keys is None:
        return left
    text = f"{{{{ $.Values.{'.'.join(map(str, keys))} }}}}".encode()
    edit = yaml.insert_after(source, image, "imagePullPolicy", text)
    is_spelled = edit is not None and source.edit_in_file(edit) is not None
    return Change(span, where, (edit,), otherwise=left) if edit is not None and is_spelled else left


def _lookups(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if b"dig " not in source.data and b"get " not in source.data:
        return
    first = next(iter(yaml.documents(source)), None)
    views = fleet.views(first, ()) if first is not None else ()
    text = source.data.decode("utf-8", "replace")
    for match, keys, default, plain in lookups(text) if source.data.isascii() else ():
        span, where = Span(*match.span()), "embedded-yaml" if source.outer is not None else "helm-template"
        left = Left(span, where, "brittle-lookup", match[0], "", REMARK)
        new = plain if default is None else f'{plain} | default "{default}"'
        edit = Edit(span.start, span.end, new.encode())
        is_plain = source.outer is not None and is_same(fleet, views, keys, default)
        yield Change(span, where, (edit,), otherwise=left) if is_plain and source.edit_in_file(edit) else left
