"""`unfloat emit argocd-image-updater`: what Image Updater cannot do is left out and said; what it can is valid."""

from __future__ import annotations

from pathlib import Path

import pytest
from emitting import emit
from moving import CHART, OLD, OTHER, lock, locked
from proving import Tree, write

TARGET = "argocd-image-updater"
LOCK = {"unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD), locked("ghcr.io/acme/side:main", OTHER))}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}}}
spec:
  source:
    repoURL: https://git.example.com/acme/fleet.git
    path: charts/web
    helm: {{valueFiles: [../../env/dev/web.yaml{more}]}}
  destination: {{namespace: dev}}
"""
KUSTOMIZED = APPLICATION.replace("    helm: {{valueFiles: [../../env/dev/web.yaml{more}]}}\n", "").replace(
    "charts/web", "web"
)
POD = """\
kind: Pod
spec:
  containers:
    - image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
    - image: "{{ .Values.ref }}"
"""
WEB = {
    **LOCK,
    "app.yaml": APPLICATION.format(name="dev-web", more=""),
    "charts/web/Chart.yaml": CHART["charts/web/Chart.yaml"],
    "charts/web/values.yaml": "image:\n  repository: ghcr.io/acme/web\n  tag: ''\nref: ''\n",
    "charts/web/templates/pod.yaml": POD,
    "env/dev/web.yaml": f"ref: ghcr.io/acme/web@{OLD}\n",
}
DIGEST_AWARE = {"charts/web/templates/pod.yaml": CHART["charts/web/templates/pod.yaml"]}

LEFT: dict[str, tuple[Tree, str]] = {
    "a digest in a field of its own": (
        {**WEB, **DIGEST_AWARE, "env/dev/web.yaml": f"image:\n  digest: {OLD}\n"},
        "it stands in a field of its own, and Image Updater writes only tags and whole references: env/dev/web.yaml:2",
    ),
    "a digest that no Application renders": (
        {**LOCK, "pod.yaml": f"kind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web@{OLD}\n"},
        "no Argo CD Application renders it: pod.yaml:4",
    ),
    "a digest that two environments share": (
        {**WEB, "app.yaml": APPLICATION.format(name="dev-web", more=", ../../env/extra.yaml")}
        | {"other.yaml": APPLICATION.format(name="production-web", more="").replace("env/dev/", "env/production/")}
        | {"env/dev/web.yaml": "a: 1\n", "env/production/web.yaml": "a: 1\n"}
        | {"charts/web/values.yaml": f"ref: ghcr.io/acme/web@{OLD}\n"},
        "it is in force in other environments, too: charts/web/values.yaml:1",
    ),
    "a digest whose tag nobody knows": (
        {**WEB, "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OTHER))},
        "nothing says which tag it came from; `unfloat lock` records that: env/dev/web.yaml:1",
    ),
    "a digest in the Application": (
        {**WEB, "env/dev/web.yaml": "a: 1\n"}
        | {
            "app.yaml": APPLICATION.format(name="dev-web", more="").replace(
                "helm: {", f"helm: {{valuesObject: {{ref: 'ghcr.io/acme/web@{OLD}'}}, "
            )
        },
        "it stands in no value file, but in the Application: app.yaml:8",
    ),
    "a value path with a dot in a key": (
        {
            **WEB,
            "charts/web/templates/pod.yaml": "kind: Pod\nspec: {{- toYaml .Values.c | nindent 2 }}\n",
        }
        | {"env/dev/web.yaml": f"a.b:\n  image: ghcr.io/acme/web@{OLD}\n"},
        "a dot in one of its keys makes its value path ambiguous for Image Updater: env/dev/web.yaml:2",
    ),
    "a kustomization that is no Application's source": (
        {**LOCK, "web/kustomization.yaml": f"images:\n  - name: ghcr.io/acme/web\n    digest: {OLD}\n"},
        "no Argo CD Application has this kustomization as its source: web/kustomization.yaml:3",
    ),
    "a digest in a text of the values": (
        {**WEB, "env/dev/web.yaml": f"manifests: |\n  kind: Pod\n  image: ghcr.io/acme/web@{OLD}\n"}
        | {"charts/web/templates/pod.yaml": "{{ .Values.manifests }}\n"},
        "it stands in a text or a document that Image Updater does not edit: env/dev/web.yaml:3",
    ),
    "an Application whose name a chart makes": (
        {**WEB, "app.yaml": "a: 1\n"}
        | {
            "root/Chart.yaml": "apiVersion: v2\nname: root\nversion: 1.0.0\n",
            "root/templates/app.yaml": APPLICATION.format(name='"{{ .Values.name }}-web"', more=""),
        },
        "the name of its Application is not known in full ({Values.name}-web): env/dev/web.yaml:1",
    ),
    "a kustomization that two Applications have": (
        {**LOCK, "web/kustomization.yaml": f"images:\n  - name: ghcr.io/acme/web\n    digest: {OLD}\n"}
        | {f"{name}.yaml": KUSTOMIZED.format(name=name) for name in ("one", "two")},
        "2 Applications have this kustomization as their source: web/kustomization.yaml:3",
    ),
    "a kustomization with a digest whose tag nobody knows": (
        {"web/kustomization.yaml": f"images:\n  - name: ghcr.io/acme/web\n    digest: {OLD}\n"}
        | {"one.yaml": KUSTOMIZED.format(name="one")},
        "nothing says which tag it came from; `unfloat lock` records that: web/kustomization.yaml:3",
    ),
    "a tag whose registry stands apart": (
        {**WEB, "env/dev/web.yaml": f"image:\n  tag: dev@{OLD}\n"}
        | {"charts/web/values.yaml": "image:\n  registry: ghcr.io\n  repository: acme/web\n  tag: ''\n"}
        | {
            "charts/web/templates/pod.yaml": POD.replace(
                '"{{ .Values.image.rep', '"{{ .Values.image.registry }}/{{ .Values.image.rep'
            )
        },
        "its registry stands in a field of its own, and Image Updater would write it once more: env/dev/web.yaml:2",
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_out_is(case: str, tmp_path: Path) -> None:
    tree, said = LEFT[case]
    objects, errors = emit(write(tmp_path, tree), TARGET)
    assert objects == []
    assert f"Left out, {said}\n" in errors
    assert errors.endswith(f"Nothing to emit for {TARGET}; 1 digest left out.\n")


def test_an_environment_that_is_not_asked_for_is_none_of_its_business(tmp_path: Path) -> None:
    tree = {**WEB, "env/production/pod.yaml": "a: 1\n", ".unfloat.yaml": "environments: {production: {}}\n"}
    objects, errors = emit(write(tmp_path, tree), TARGET, "--env", "production")
    assert (objects, errors) == ([], f"Nothing to emit for {TARGET}; 0 digests left out.\n")


def test_a_whole_reference_follows_its_tag(tmp_path: Path) -> None:
    objects, errors = emit(write(tmp_path, WEB), TARGET)
    assert objects == [
        {
            "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
            "kind": "ImageUpdater",
            "metadata": {"name": "digests-dev", "namespace": "argocd"},
            "spec": {
                "writeBackConfig": {"method": "git"},
                "applicationRefs": [
                    {
                        "namePattern": "dev-web",
                        "writeBackConfig": {
                            "method": "git",
                            "gitConfig": {
                                "repository": "https://git.example.com/acme/fleet.git",
                                "writeBackTarget": "helmvalues:/env/dev/web.yaml",
                            },
                        },
                        "images": [
                            {
                                "alias": "web",
                                "imageName": "ghcr.io/acme/web:dev",
                                "commonUpdateSettings": {"updateStrategy": "digest"},
                                "manifestTargets": {"helm": {"spec": "ref"}},
                            }
                        ],
                    }
                ],
            },
        }
    ]
    assert errors == f"1 ImageUpdater for {TARGET}; 0 digests left out.\n"


MOVED: dict[str, tuple[Tree, dict[str, object]]] = {
    "a tag that carries the digest": (
        {"env/dev/web.yaml": f"image:\n  tag: dev@{OLD}\n"},
        {"helm": {"name": "image.repository", "tag": "image.tag"}},
    ),
    "an item of a list": (
        {"env/dev/web.yaml": f"sidecars:\n  - image: ghcr.io/acme/web@{OLD}\n"},
        {"helm": {"spec": "sidecars[0].image"}},
    ),
    "a registry that stands apart, and a repository in the same file": (
        {"env/dev/web.yaml": f"image:\n  registry: ghcr.io\n  repository: acme/web\n  tag: dev@{OLD}\n"}
        | {
            "charts/web/templates/pod.yaml": POD.replace(
                '"{{ .Values.image.rep', '"{{ .Values.image.registry }}/{{ .Values.image.rep'
            )
        },
        {"helm": {"name": "image.repository", "tag": "image.tag"}},
    ),
}


NAMED = {
    "a whole reference": ("ref: busybox@{}\n", "busybox:latest"),
    "a whole reference with its registry": ("ref: docker.io/library/busybox@{}\n", "docker.io/library/busybox:latest"),
    "a repository": ("image:\n  repository: busybox\n  tag: latest@{}\n", "busybox:latest"),
    "a registry and a repository": (
        "image:\n  registry: docker.io\n  repository: library/busybox\n  tag: latest@{}\n",
        "docker.io/library/busybox:latest",
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_an_image_is_named_as_pods_name_it(case: str, tmp_path: Path) -> None:
    text, name = NAMED[case]
    tree = {
        **WEB,
        "unfloat.lock": lock(locked("docker.io/library/busybox:latest", OLD)),
        "env/dev/web.yaml": text.format(OLD),
    }
    tree["charts/web/templates/pod.yaml"] = POD.replace(
        '"{{ .Values.image.rep', '"{{ with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.rep'
    )
    objects, errors = emit(write(tmp_path, tree), TARGET)
    (image,) = objects[0]["spec"]["applicationRefs"][0]["images"]
    assert image["imageName"] == name, errors


@pytest.mark.parametrize("case", MOVED)
def test_the_value_paths_are_those_of_the_file(case: str, tmp_path: Path) -> None:
    tree, targets = MOVED[case]
    objects, errors = emit(write(tmp_path, {**WEB, **tree}), TARGET)
    (image,) = objects[0]["spec"]["applicationRefs"][0]["images"]
    assert image["manifestTargets"] == targets, errors


def test_one_file_is_written_for_each_application(tmp_path: Path) -> None:
    tree = {
        **WEB,
        "app.yaml": APPLICATION.format(name="dev-web", more=", ../../env/dev/more.yaml"),
        "env/dev/more.yaml": f"side: {{image: 'ghcr.io/acme/side@{OTHER}'}}\n",
        "env/dev/web.yaml": f"ref: ghcr.io/acme/web@{OLD}\nold:\n  image: ghcr.io/acme/web@{OLD}\n",
    }
    objects, errors = emit(write(tmp_path, tree), TARGET)
    (app,) = objects[0]["spec"]["applicationRefs"]
    assert app["writeBackConfig"]["gitConfig"]["writeBackTarget"] == "helmvalues:/env/dev/web.yaml"
    assert [image["alias"] for image in app["images"]] == ["web", "web-2"]
    assert "Left out, Image Updater writes one file for each Application, and that is another one here: " in errors
    assert "env/dev/more.yaml:1\n" in errors


def test_a_kustomization_that_is_an_applications_source_is_updated(tmp_path: Path) -> None:
    application = KUSTOMIZED.format(name="web").replace("path: web", "path: overlays/dev")
    entry = f"images:\n  - name: web\n    newName: ghcr.io/acme/web\n    digest: {OLD}\n"
    tree = {**LOCK, "app.yaml": application.replace("name: web}", "name: web, namespace: gitops}")}
    tree |= {"overlays/dev/kustomization.yaml": entry, ".unfloat.yaml": "platforms: [linux/amd64, linux/arm64]\n"}
    objects, _ = emit(write(tmp_path, tree), TARGET, "--branch", "main")
    assert objects[0]["metadata"]["namespace"] == "gitops"
    (app,) = objects[0]["spec"]["applicationRefs"]
    assert app["writeBackConfig"]["gitConfig"]["writeBackTarget"] == "kustomization:/overlays/dev"
    assert app["writeBackConfig"]["gitConfig"]["branch"] == "main"
    assert app["images"] == [
        {
            "alias": "web",
            "imageName": "ghcr.io/acme/web:dev",
            "commonUpdateSettings": {"updateStrategy": "digest", "platforms": ["linux/amd64", "linux/arm64"]},
            "manifestTargets": {"kustomize": {"name": "web"}},
        }
    ]


PREFIX = "argocd-image-updater.argoproj.io/"


def test_the_same_as_annotations_is_a_patch_of_the_application(tmp_path: Path) -> None:
    tree = {**WEB, "env/dev/web.yaml": f"ref: ghcr.io/acme/web@{OLD}\nimage:\n  tag: dev@{OLD}\n"}
    tree |= {".unfloat.yaml": "platforms: [linux/amd64, linux/arm64]\n"}
    objects, _ = emit(write(tmp_path, tree), f"{TARGET}-annotations", "--branch", "main")
    assert objects == [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": "dev-web",
                "namespace": "argocd",
                "annotations": {
                    f"{PREFIX}image-list": "web=ghcr.io/acme/web:dev,web-2=ghcr.io/acme/web:dev",
                    f"{PREFIX}web.update-strategy": "digest",
                    f"{PREFIX}web.platforms": "linux/amd64,linux/arm64",
                    f"{PREFIX}web.helm.image-spec": "ref",
                    f"{PREFIX}web-2.update-strategy": "digest",
                    f"{PREFIX}web-2.platforms": "linux/amd64,linux/arm64",
                    f"{PREFIX}web-2.helm.image-name": "image.repository",
                    f"{PREFIX}web-2.helm.image-tag": "image.tag",
                    f"{PREFIX}write-back-method": "git",
                    f"{PREFIX}write-back-target": "helmvalues:/env/dev/web.yaml",
                    f"{PREFIX}git-repository": "https://git.example.com/acme/fleet.git",
                    f"{PREFIX}git-branch": "main",
                },
            },
        }
    ]


SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, namespace: gitops}
spec:
  generators: [{list: {elements: [{env: dev}]}}]
  template:
    metadata: {name: "{{env}}-web"}
    spec:
      source: {repoURL: x, path: charts/web, helm: {valueFiles: ["../../env/{{env}}/web.yaml"]}}
      destination: {namespace: dev}
"""


def test_a_generated_application_is_named_but_not_patched(tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, "app.yaml": SET})
    objects, _ = emit(root, TARGET)
    assert [(one["metadata"]["namespace"], one["spec"]["applicationRefs"][0]["namePattern"]) for one in objects] == [
        ("gitops", "dev-web")
    ]
    objects, errors = emit(root, f"{TARGET}-annotations")
    assert objects == []
    assert "Left out, an ApplicationSet generates its Application, and takes annotations of others away: " in errors
