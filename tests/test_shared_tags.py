"""Tags that several images share: each image gets a digest of its own, beside its name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from moving import call
from proving import Tree, programs, write

CHART = "apiVersion: v2\nname: app\nversion: 1.0.0\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  containers:
{containers}"""
GLOBAL = "{{ .Values.global.imageTag }}"
IMAGES = [f"ghcr.io/acme/{name}:{tag}" for name in ("web", "api") for tag in ("dev", "main", "latest")]


def digest(name: str, tag: str = "dev") -> str:
    """The digest of an image of these tests."""
    return "sha256:" + hashlib.sha256(f"ghcr.io/acme/{name}:{tag}".encode()).hexdigest()


def pod(*images: str, before: str = "", behind: str = "", labels: str = "") -> str:
    lines = [f"    - name: c{number}\n      image: {image}\n" for number, image in enumerate(images)]
    text = POD.format(containers=before + "".join(lines) + behind)
    return text.replace("{name: app}", f"{{name: app, labels: {{v: '{labels}'}}}}") if labels else text


def chart(template: str, values: str, **overlays: str) -> Tree:
    """A chart, and the value files of environments beside it."""
    files = {f"charts/app/values-{name}.yaml": text for name, text in overlays.items()}
    return {
        "charts/app/Chart.yaml": CHART,
        "charts/app/values.yaml": values,
        "charts/app/templates/pod.yaml": template,
        **files,
    }


def after(root: Path, tree: Tree, *, images: list[str] = IMAGES) -> dict[str, str]:
    """What a run, proven with the real helm, makes of the files that it changes; a second run changes nothing."""
    write(root, tree)
    digests = root.parent / "digests.json"
    digests.write_text(json.dumps({image: "sha256:" + hashlib.sha256(image.encode()).hexdigest() for image in images}))
    helm, kustomize = programs()
    arguments = ("run", str(root), "--offline", "--no-report", "--digests", str(digests))
    result = call(*arguments, "--prove", "--helm", helm, "--kustomize", kustomize)
    assert result.exit_code == 0, result.stderr
    changed = {path: text for path in tree if (text := (root / path).read_text()) != tree[path]}
    assert call(*arguments).exit_code == 0
    assert all((root / path).read_text() == text for path, text in changed.items())
    return {path.removeprefix("charts/app/"): text for path, text in changed.items()}


def codes(root: Path) -> list[tuple[str, str]]:
    """Where something stays behind, and why."""
    found = json.loads(call("preview", str(root), "--offline", "--format", "json").stdout)
    return [(f"{e['path'].rpartition('/')[2]}:{e['line']}", e["code"]) for e in found["transitional"]]


def aware(name: str, digest: str, tag: str = GLOBAL) -> str:
    """A digest-aware image: its name, the field of its digest, and what is printed for its tag."""
    return f'"{name}{{{{ if {digest} }}}}@{{{{ {digest} }}}}{{{{ else }}}}:{tag}{{{{ end }}}}"'


WEB = "{{ .Values.web.repository }}"
VALUES = "global:\n  imageTag: dev\n  other: x\nweb:\n  repository: ghcr.io/acme/web\n"
NAMED = VALUES + f"  digest: {digest('web')}\n"
CALL = '{{ printf "%s:%s" .Values.web.repository .Values.global.imageTag }}'
CALLED = '{{ printf "%s@%s" .Values.web.repository .Values.web.digest }}'
BESIDE = {
    "the name of a map": (f'"{WEB}:{GLOBAL}"', aware(WEB, ".Values.web.digest")),
    "a name behind a registry": (
        f'"{{{{ .Values.global.other }}}}/{WEB}:{GLOBAL}"',
        aware("{{ .Values.global.other }}/" + WEB, ".Values.web.digest"),
    ),
    "a name that a variable holds": (
        "{{ $name := .Values.web.repository }}" + f'"{{{{ $name }}}}:{GLOBAL}"',
        "{{ $name := .Values.web.repository }}" + aware("{{ $name }}", ".Values.web.digest"),
    ),
    "below with": (
        '{{ with .Values.web }}"{{ .repository }}:{{ $.Values.global.imageTag }}"{{ end }}',
        "{{ with .Values.web }}"
        + aware("{{ .repository }}", ".digest", "{{ $.Values.global.imageTag }}")
        + "{{ end }}",
    ),
    "a call": (CALL, f"{{{{ if .Values.web.digest }}}}{CALLED}{{{{ else }}}}{CALL}{{{{ end }}}}"),
}


@pytest.mark.parametrize(("image", "becomes"), BESIDE.values(), ids=BESIDE)
def test_the_digest_goes_beside_the_name(image: str, becomes: str, tmp_path: Path) -> None:
    values, named = VALUES, NAMED
    if "global.other" in image:
        values, named = (text.replace("ghcr.io/", "").replace("other: x", "other: ghcr.io") for text in (VALUES, NAMED))
    found = after(tmp_path / "root", chart(pod(image), values))
    assert found == {"templates/pod.yaml": pod(becomes), "values.yaml": named}


def test_flat_keys_are_a_name_too(tmp_path: Path) -> None:
    values = "global: {imageTag: dev, other: x}\nimageRepository: ghcr.io/acme/web\n"
    found = after(tmp_path / "root", chart(pod('"{{ .Values.imageRepository }}:' + GLOBAL + '"'), values))
    assert found["values.yaml"] == f"{values}imageDigest: {digest('web')}\n"


def test_a_helper_that_is_given_the_map_reads_the_digest_there(tmp_path: Path) -> None:
    helper = '{{ define "image" }}{{ .map.repository }}:{{ .root.Values.global.imageTag }}{{ end }}\n'
    tree = chart(helper + pod('"{{ include "image" (dict "map" .Values.web "root" $) }}"'), VALUES)
    found = after(tmp_path / "root", tree)
    assert found["values.yaml"] == NAMED
    assert "{{ .map.repository }}{{ if .map.digest }}@{{ .map.digest }}{{ else }}:" in found["templates/pod.yaml"]


def test_two_images_that_take_nothing_but_the_shared_tag_have_a_digest_each(tmp_path: Path) -> None:
    values = VALUES + "api:\n  repository: ghcr.io/acme/api\n"
    tree = chart(pod(f'"{WEB}:{GLOBAL}"', f'"{WEB.replace("web", "api")}:{GLOBAL}"'), values)
    found = after(tmp_path / "root", tree)
    assert found["values.yaml"] == NAMED + f"api:\n  repository: ghcr.io/acme/api\n  digest: {digest('api')}\n"


def test_the_items_of_a_list_have_a_digest_each(tmp_path: Path) -> None:
    image = '"{{ .repository }}:{{ $.Values.global.imageTag }}"'
    loop = "{{ range .Values.all }}    - name: {{ .name }}\n      image: " + image + "\n{{ end }}"
    values = "all:\n  - name: a\n    repository: ghcr.io/acme/web\n  - name: b\n    repository: ghcr.io/acme/api\n"
    tree = chart(pod(before=loop), "global: {imageTag: dev, other: x}\n" + values)
    found = after(tmp_path / "root", tree)["values.yaml"]
    assert found.endswith(
        values.replace("acme/web\n", f"acme/web\n    digest: {digest('web')}\n").replace(
            "acme/api\n", f"acme/api\n    digest: {digest('api')}\n"
        )
    )


def test_a_name_that_the_template_spells_has_its_digest_beside_the_tag(tmp_path: Path) -> None:
    tree = chart(pod(f'"ghcr.io/acme/web:{GLOBAL}"'), "global:\n  imageTag: dev\n")
    found = after(tmp_path / "root", tree)
    assert found == {
        "templates/pod.yaml": pod(aware("ghcr.io/acme/web", ".Values.global.imageDigest")),
        "values.yaml": f"global:\n  imageDigest: {digest('web')}\n",
    }


def test_a_chart_that_reads_a_digest_beside_the_shared_tag_keeps_to_it(tmp_path: Path) -> None:
    tree = chart(pod(aware(WEB, ".Values.global.imageDigest")), VALUES)
    found = after(tmp_path / "root", tree)
    assert found == {"values.yaml": VALUES.replace("imageTag: dev", f"imageDigest: {digest('web')}")}


STAYS = {
    "a name that a helper computes": chart(
        '{{ define "name" }}ghcr.io/acme/{{ .Values.name }}{{ end }}\n'
        + pod('"{{ include "name" . }}:' + GLOBAL + '"'),
        "global: {imageTag: dev}\nx: web\n",
    ),
    "one of two names": chart(
        pod('"{{ .Values.a.repository | default .Values.b.repository }}:' + GLOBAL + '"'),
        "global: {imageTag: dev}\na: {repository: ''}\nb: {repository: ghcr.io/acme/web}\n",
    ),
    "two names that the templates spell": chart(
        pod(f'"ghcr.io/acme/web:{GLOBAL}"', f'"ghcr.io/acme/api:{GLOBAL}"'), "global: {imageTag: dev}\n"
    ),
}


@pytest.mark.parametrize("tree", STAYS.values(), ids=STAYS)
def test_a_digest_without_a_place_beside_the_name_is_not_written(tree: Tree, tmp_path: Path) -> None:
    assert after(tmp_path / "root", tree) == {}
    assert codes(tmp_path / "root") != []
