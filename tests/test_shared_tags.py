"""Tags that several images share: each image gets a digest of its own, beside its name."""

from __future__ import annotations

import hashlib
import json
import re
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


def chart(template: str, values: str, *, at: str = "app", **overlays: str) -> Tree:
    """A chart, and the value files of environments beside it."""
    files = {f"charts/{at}/values-{name}.yaml": text for name, text in overlays.items()}
    return {
        f"charts/{at}/Chart.yaml": CHART,
        f"charts/{at}/values.yaml": values,
        f"charts/{at}/templates/pod.yaml": template,
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
    assert {path: (root / path).read_text() for path in tree} == {**tree, **changed}
    return {path.removeprefix("charts/").removeprefix("app/"): text for path, text in changed.items()}


def codes(root: Path) -> list[tuple[str, str]]:
    """Where something stays behind, and why."""
    found = json.loads(call("preview", str(root), "--offline", "--format", "json").stdout)
    return [(f"{e['path'].rpartition('/')[2]}:{e['line']}", e["code"]) for e in found["transitional"]]


def aware(name: str, digest: str, tag: str = GLOBAL) -> str:
    """A digest-aware image: its name, the field of its digest, and what is printed for its tag."""
    return f'"{name}{{{{ if {digest} }}}}@{{{{ {digest} }}}}{{{{ else }}}}:{tag}{{{{ end }}}}"'


WEB = "{{ .Values.web.repository }}"
VALUES = "global:\n  imageTag: dev\n  other: x\nweb:\n  repository: ghcr.io/acme/web\n"
NAMED = VALUES.replace("  imageTag: dev\n", "") + f"  digest: {digest('web')}\n"
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


def test_the_digest_goes_beside_the_name(tmp_path: Path) -> None:
    tree: dict[str, str] = {}
    expected: dict[str, str] = {}
    for number, (image, becomes) in enumerate(BESIDE.values()):
        values, named = VALUES, NAMED
        if "global.other" in image:
            values, named = (v.replace("ghcr.io/", "").replace("other: x", "other: ghcr.io") for v in (values, named))
        tree |= chart(pod(image), values, at=str(number))
        expected |= {f"{number}/templates/pod.yaml": pod(becomes), f"{number}/values.yaml": named}
    assert after(tmp_path / "root", tree) == expected


def test_flat_keys_are_a_name_too(tmp_path: Path) -> None:
    values = "global: {imageTag: dev, other: x}\nimageRepository: ghcr.io/acme/web\n"
    found = after(tmp_path / "root", chart(pod('"{{ .Values.imageRepository }}:' + GLOBAL + '"'), values))
    assert found["values.yaml"] == f"{values.replace('imageTag: dev, ', '')}imageDigest: {digest('web')}\n"


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


def test_the_schema_of_a_chart_comes_to_list_the_digest(tmp_path: Path) -> None:
    schema = """{
  "properties": {
    "web": {
      "additionalProperties": false,
      "properties": {
        "repository": {"type": "string"}
      }
    }
  }
}
"""
    tree = {**chart(pod(f'"{WEB}:{GLOBAL}"'), VALUES), "charts/app/values.schema.json": schema}
    found = after(tmp_path / "root", tree)
    assert found["values.yaml"] == NAMED
    assert '"digest"' in found["values.schema.json"]


CLOSED = '{"properties": {"web": {"additionalProperties": false, "patternProperties": {"^repo": {}}}}}'
STAYS = {
    "a schema that cannot come to list the digest": {
        **chart(pod(f'"{WEB}:{GLOBAL}"'), VALUES),
        "charts/app/values.schema.json": CLOSED,
    },
    "a name that a helper computes": chart(
        '{{ define "name" }}ghcr.io/acme/{{ .Values.name }}{{ end }}\n'
        + pod('"{{ include "name" . }}:' + GLOBAL + '"'),
        "global: {imageTag: dev}\nx: web\n",
    ),
    "a name under a key of whole images": chart(
        pod('"{{ .Values.web.image }}:' + GLOBAL + '"'), "global: {imageTag: dev}\nweb:\n  image: ghcr.io/acme/web\n"
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


BOTH = (
    f'"{WEB}:{GLOBAL}"',
    '"{{ .Values.api.image.repository }}:{{ .Values.api.image.tag | default .Values.global.imageTag }}"',
)
BASE = """\
global:
  imageTag: latest
  other: x
web:
  repository: ghcr.io/acme/web
api:
  image:
    repository: ghcr.io/acme/api
"""


def pinned_base(tag: str) -> str:
    """The values of the chart with digests in the place of the shared tag."""
    text = BASE.replace("  imageTag: latest\n", "")
    for name in ("web", "api"):
        text = re.sub(f"( *)repository: ghcr.io/acme/{name}\n", rf"\g<0>\1digest: {digest(name, tag)}\n", text)
    return text


def overlay(tag: str) -> str:
    """What an overlay says in the place of a shared tag."""
    return f"api:\n  image:\n    digest: {digest('api', tag)}\nweb:\n  digest: {digest('web', tag)}\n"


def test_overlays_that_set_nothing_but_the_shared_tag_come_to_set_the_digests(tmp_path: Path) -> None:
    tree = chart(pod(*BOTH), BASE, dev="global:\n  imageTag: dev\n", prod="global:\n  imageTag: main\n")
    found = after(tmp_path / "root", tree)
    assert (found["values-dev.yaml"], found["values-prod.yaml"]) == (overlay("dev"), overlay("main"))
    assert found["values.yaml"] == pinned_base("latest")
    assert codes(tmp_path / "root") == []
    assert call("check", str(tmp_path / "root"), "--offline").exit_code == 0


def test_a_chart_whose_digests_stand_in_overlays_offers_them_in_its_values(tmp_path: Path) -> None:
    layers = "[charts/app/values.yaml, 'charts/app/values-{env}.yaml']"
    config = f"stacks: [{{name: 'app-{{env}}', environment: '{{env}}', chart: charts/app, layers: {layers}}}]\n"
    overlays = {env: f"global:\n  imageTag: {tag}\n" for env, tag in (("one", "dev"), ("two", "main"))}
    tree = {**chart(pod(*BOTH), BASE, **overlays), ".unfloat.yaml": config}
    found = after(tmp_path / "root", tree)
    assert found["values.yaml"] == re.sub("sha256:[0-9a-f]+", '""', pinned_base("latest"))
    assert (found["values-one.yaml"], found["values-two.yaml"]) == (overlay("dev"), overlay("main"))


def test_the_gate_names_images_that_are_to_be_added_at_one_place(tmp_path: Path) -> None:
    overlays = {"dev": "global:\n  imageTag: dev\n", "prod": "global:\n  imageTag: main\n"}
    root = write(tmp_path, chart(pod(*BOTH), BASE, **overlays))
    result = call("check", str(root), "--offline")
    assert result.exit_code == 1
    line = next(line for line in result.stdout.splitlines() if line.startswith("charts/app/values-dev.yaml"))
    assert line.startswith("charts/app/values-dev.yaml:2:16: UF001 ghcr.io/acme/api:dev floats")
    assert line.endswith("(with 1 more here)")


def test_files_that_releases_of_several_tags_read_stay_and_that_is_said(tmp_path: Path) -> None:
    config = "stacks:\n" + "".join(
        f"  - {{name: {tag}, chart: charts/app, layers: [charts/app/values.yaml, all.yaml, {tag}.yaml]}}\n"
        for tag in ("dev", "main")
    )
    files = {f"{tag}.yaml": f"# nothing\n{{global: {{imageTag: {tag}}}}}\n" for tag in ("dev", "main")}
    tree = {**chart(pod(BOTH[0]), VALUES), ".unfloat.yaml": config, "all.yaml": "x: 1\n", **files}
    assert after(tmp_path / "root", tree) == {}
    assert ("values.yaml:5", "shared-tag") in codes(tmp_path / "root")


def test_an_image_without_a_digest_keeps_the_shared_tag_alive(tmp_path: Path) -> None:
    tree = chart(pod(*BOTH), BASE, dev="global:\n  imageTag: dev\n")
    found = after(tmp_path / "root", tree, images=[image for image in IMAGES if image != "ghcr.io/acme/api:dev"])
    assert found["values-dev.yaml"] == f"global:\n  imageTag: dev\nweb:\n  digest: {digest('web')}\n"
    assert "imageTag: latest" in found["values.yaml"]
    assert "digest" not in found["values.yaml"].partition("api:")[2]


WEB_MAP = "web:\n  repository: ghcr.io/acme/web\n"
NESTED = pod(f'"{WEB}:{{{{ .Values.global.acme.imageTag }}}}"')
GONE = {
    "a line of a map": (
        "global:\n  acme:\n    imageTag: dev\n    x: 1\n" + WEB_MAP,
        "global:\n  acme:\n    x: 1\n" + WEB_MAP,
    ),
    "an entry in flow style": (
        "global: {acme: {imageTag: dev, x: 1}}\n" + WEB_MAP,
        "global: {acme: {x: 1}}\n" + WEB_MAP,
    ),
    "what a map holds that the chart reads on": (
        "global:\n  acme:\n    imageTag: dev\n" + WEB_MAP,
        'global:\n  acme:\n    imageTag: ""\n' + WEB_MAP,
    ),
    "what is in quotes": (
        "global:\n  acme: {imageTag: 'dev'}\n" + WEB_MAP,
        "global:\n  acme: {imageTag: ''}\n" + WEB_MAP,
    ),
    "two tags of one map": (
        "global:\n  acme:\n    imageTag: dev\n    proxyImageTag: dev\n" + WEB_MAP,
        'global:\n  acme:\n    imageTag: ""\n    proxyImageTag: dev\n' + WEB_MAP,
    ),
}


def test_a_shared_tag_goes_with_the_last_image_that_took_it(tmp_path: Path) -> None:
    tree: dict[str, str] = {}
    for number, (values, _) in enumerate(GONE.values()):
        tree |= chart(NESTED, values, at=str(number))
    found = after(tmp_path / "root", tree)
    written = {name: found.get(f"{number}/values.yaml") for number, name in enumerate(GONE)}
    assert written == {name: f"{becomes}  digest: {digest('web')}\n" for name, (_, becomes) in GONE.items()}


def test_a_map_of_an_overlay_that_held_nothing_but_the_shared_tag_goes_with_it(tmp_path: Path) -> None:
    values = "global:\n  acme:\n    imageTag: latest\n    x: 1\n" + WEB_MAP
    dev = "x: 1\nglobal:\n  acme:\n    imageTag: dev\ny: 1\n"
    main = "global:\n  acme:\n    # of all\n    imageTag: main\n"
    found = after(tmp_path / "root", chart(NESTED, values, dev=dev, main=main))
    assert found["values-dev.yaml"] == f"x: 1\ny: 1\nweb:\n  digest: {digest('web')}\n"
    commented = 'global:\n  acme:\n    # of all\n    imageTag: ""\n'
    assert found["values-main.yaml"] == f"{commented}web:\n  digest: {digest('web', 'main')}\n"


def test_a_shared_tag_goes_whose_images_were_pinned_before(tmp_path: Path) -> None:
    values = f"{VALUES}  digest: {digest('web')}\n"
    found = after(tmp_path / "root", chart(pod(aware(WEB, ".Values.web.digest")), values))
    assert found == {"values.yaml": NAMED}


ELSEWHERE = """\
stacks:
  - {name: a, chart: charts/a, layers: [charts/a/values.yaml, all.yaml]}
  - {name: b, layers: [all.yaml, b.yaml]}
"""
LASTING = {
    "a label": chart(pod(f'"{WEB}:{GLOBAL}"', labels=GLOBAL), VALUES, at="a"),
    "a condition": chart(pod(f'"{WEB}:{GLOBAL}"') + "{{ if .Values.global.imageTag }}# on\n{{ end }}", VALUES, at="a"),
    "an assertion": chart(
        '{{ $_ := required "a tag" .Values.global.imageTag }}\n' + pod(f'"{WEB}:{GLOBAL}"'), VALUES, at="a"
    ),
    "all of the map": chart(
        pod(f'"{WEB}:{GLOBAL}"') + "      env: {{ toJson .Values.global | quote }}\n", VALUES, at="a"
    ),
    "an anchor": chart(pod(f'"{WEB}:{GLOBAL}"'), VALUES.replace("dev", "&tag dev") + "x: *tag\n", at="a"),
    "a schema": {
        **chart(pod(f'"{WEB}:{GLOBAL}"'), VALUES, at="a"),
        "charts/a/values.schema.json": '{"properties": {"global": {"required": ["imageTag"]}}}\n',
    },
    "a subchart that is not here": {
        **chart(pod(f'"{WEB}:{GLOBAL}"'), VALUES, at="a"),
        "charts/a/Chart.yaml": CHART + "dependencies: [{name: b, version: 1.0.0, repository: https://acme.test/}]\n",
    },
    "a chart that is not here": {
        **chart(pod(f'"{WEB}:{GLOBAL}"'), WEB_MAP, at="a"),
        **{".unfloat.yaml": ELSEWHERE, "all.yaml": "global:\n  imageTag: dev\n  other: x\n", "b.yaml": "x: 1\n"},
    },
}


@pytest.mark.parametrize("tree", LASTING.values(), ids=LASTING)
def test_a_shared_tag_stays_that_something_else_may_read(tree: Tree, tmp_path: Path) -> None:
    root = write(tmp_path, tree)
    digests = root / "digests.json"
    digests.write_text(json.dumps({"ghcr.io/acme/web:dev": digest("web")}))
    arguments = ("preview", str(root), "--offline", "--digests", str(digests))
    found = json.loads(call(*arguments, "--format", "json").stdout)
    values = {"charts/a/values.yaml", "all.yaml"}
    assert (2, "shared-tag") in {(e["line"], e["code"]) for e in found["transitional"] if e["path"] in values}
    assert not any("imageTag" in change["before"] for change in found["changes"] if change["path"] in values)
    assert any("digest" in change["after"] for change in found["changes"] if change["path"] in values)


HELPER = '{{ define "NAME.image" }}{{ .Values.image.repository }}:{{ .Values.global.imageTag }}{{ end }}\n'


def test_the_charts_of_an_umbrella_get_their_digests_in_their_sections(tmp_path: Path) -> None:
    tree: dict[str, str] = {
        "up/Chart.yaml": CHART + "dependencies: [{name: web, version: 1.0.0, alias: front}, {name: api}]\n",
        "up/values.yaml": "global:\n  imageTag: latest\n  other: x\n",
        "up/values-dev.yaml": "global:\n  imageTag: dev\nfront:\n  replicas: 2\n",
    }
    for name in ("web", "api"):
        below = f"up/charts/{name}"
        template = pod(f'{{{{ include "{name}.image" . }}}}')
        tree |= {f"{below}/Chart.yaml": CHART.replace("app", name), f"{below}/templates/pod.yaml": template}
        tree |= {f"{below}/templates/_image.tpl": HELPER.replace("NAME", name)}
        tree |= {f"{below}/values.yaml": f"image:\n  repository: ghcr.io/acme/{name}\n"}
    found = after(tmp_path / "root", tree)
    own = "  image:\n    digest: "
    assert found["up/values-dev.yaml"] == f"front:\n  replicas: 2\n{own}{digest('web')}\napi:\n{own}{digest('api')}\n"
    assert found["up/values.yaml"] == "global:\n  other: x\n"
    for name in ("web", "api"):
        latest = f"image:\n  repository: ghcr.io/acme/{name}\n  digest: {digest(name, 'latest')}\n"
        assert found[f"up/charts/{name}/values.yaml"] == latest


PRIMITIVE = """\
image:
  repository: ghcr.io/acme/NAME
manifests: |
  kind: Process
  apiVersion: acme.test/v1
  metadata: {name: NAME}
  spec:
    image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Values.global.primitives.imageTag }}"
    imagePullPolicy: {{ .Values.global.primitives.imagePullPolicy }}
"""
SET = """\
stacks:
  - name: "{env}-{name}"
    environment: "{env}"
    chart: charts/app
    layers: [base/globals.yaml, "env/{env}/globals.yaml", "shared/{name}.yaml", "env/{env}/apps/{name}.yaml"]
"""


def test_the_tag_of_all_primitives_gives_way_to_a_digest_for_each_and_its_policy_flips(tmp_path: Path) -> None:
    names, tags = ("web", "api"), {"dev": "dev", "prod": "main"}
    tree: dict[str, str] = {
        ".unfloat.yaml": SET,
        **chart("{{ tpl .Values.manifests . }}\n", 'image: {repository: "", tag: ""}\nmanifests: ""\n'),
        "base/globals.yaml": "global:\n  primitives:\n    imageTag: dev\n    imagePullPolicy: Always\n",
        "env/dev/globals.yaml": "global:\n  domain: acme.test\n",
        "env/prod/globals.yaml": "global:\n  domain: acme.test\n  primitives:\n    imageTag: main # stable\n",
        **{f"shared/{name}.yaml": PRIMITIVE.replace("NAME", name) for name in names},
        **{f"env/{env}/apps/{name}.yaml": f"replicas: 1 # of {name}\n" for env in tags for name in names},
    }
    found = after(tmp_path / "root", tree)
    for env, name in ((env, name) for env in tags for name in names):
        own = f"replicas: 1 # of {name}\nimage:\n  digest: {digest(name, tags[env])}\n"
        assert found[f"env/{env}/apps/{name}.yaml"] == own
    assert found["base/globals.yaml"] == "global:\n  primitives:\n    imagePullPolicy: IfNotPresent\n"
    assert found["env/prod/globals.yaml"] == tree["env/prod/globals.yaml"].replace(": main", ': ""')
    assert codes(tmp_path / "root") == []
