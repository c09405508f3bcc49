"""Releases of Flux: HelmReleases, where their charts and values come from, and what overlays make of them."""

from __future__ import annotations

import pytest

from codemod.config import Config, Environment
from codemod.fleet.flux import releases, shortened
from codemod.fleet.fluxvalues import target_path
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.source import Source

CHART = {"charts/web/Chart.yaml": "name: web\nversion: 1.0.0\n", "charts/web/values.yaml": "tag: a\n"}
SOURCE = "sourceRef: {kind: GitRepository, name: flux-system}"


def release(spec: str = "", name: str = "web", chart: str = "./charts/web", version: str = "v2", more: str = "") -> str:
    """A HelmRelease with a chart of this repository; `spec` is indented below `spec:`."""
    inside = "".join(f"  {line}\n" for line in spec.splitlines())
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/{version}\nkind: HelmRelease\nmetadata: {{name: {name}{more}}}\n"
        f"spec:\n  chart:\n    spec:\n      chart: {chart}\n      {SOURCE}\n{inside}"
    )


def patch(spec: str, name: str = "web") -> str:
    inside = "".join(f"  {line}\n" for line in spec.splitlines())
    return f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\nspec:\n{inside}"


def config_map(name: str, data: str, kind: str = "ConfigMap", more: str = "") -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{more}}}\n{data}"


def flux(path: str, more: str = "") -> str:
    """A Flux Kustomization."""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\n"
        f"spec:\n  path: {path}\n{more}"
    )


def stacks(files: dict[str, str], config: Config | None = None) -> list[Stack]:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return list(releases(Tree(list(sources), sources.get), config or Config()))


def stack_of(files: dict[str, str], config: Config | None = None) -> Stack:
    (stack,) = stacks(files, config)
    return stack


def layers_of(stack: Stack) -> list[str]:
    return [str(layer) for layer in stack.layers]


VALUES = "values:\n  image: {tag: b}\n"


def test_a_chart_of_this_repository_and_inline_values() -> None:
    stack = stack_of({"apps/web.yaml": f"---\n# x\n---\n{release(VALUES)}", **CHART})
    assert (stack.name, stack.kind, stack.chart, stack.environment) == ("web", "flux", "charts/web", None)
    assert (stack.release, stack.namespace, stack.origin) == ("web", "default", "apps/web.yaml:4")
    assert layers_of(stack) == ["charts/web/values.yaml", "apps/web.yaml#spec.values"]
    assert (stack.missing, stack.notes) == ((), ())


def test_inline_values_know_their_document() -> None:
    stack = stack_of({"web.yaml": f"{config_map('x', 'data: {}')}\n---\n{release(VALUES)}", **CHART})
    assert (stack.layers[-1].document, stack.layers[-1].within) == (1, ("spec", "values"))


@pytest.mark.parametrize("version", ["v2beta1", "v2beta2", "v2"])
def test_all_versions_since_v2beta1_are_read(version: str) -> None:
    assert stack_of({"web.yaml": release(version=version), **CHART}).chart == "charts/web"


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: x}}}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec: {values: {a: b}}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {chart: x}}}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: Other\nmetadata: {name: a}\nspec: {chart: {spec: {chart: x}}}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: [name]\nspec: [chart]\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a\n",
        "# helm.toolkit.fluxcd.io\n",
    ],
)
def test_what_names_no_chart_or_is_no_helm_release_is_none(text: str) -> None:
    assert stacks({"web.yaml": text}) == []


@pytest.mark.parametrize(
    "spec",
    [
        "values: text",
        "values: [a]",
        "valuesFrom: text",
        "valuesFrom: [a, [b], {}, {kind: ConfigMap}, {kind: Other, name: x}, {kind: [x], name: {}}]",
        "postRenderers: {a: b}",
        "releaseName: [a]\ntargetNamespace: {b: c}",
        "chartRef: text",
        "values: *gone",
    ],
)
def test_odd_fields_raise_nothing(spec: str) -> None:
    stacks({"web.yaml": release(spec), "kustomization.yaml": "resources: web.yaml\npatches: {a: b}\n", **CHART})


@pytest.mark.parametrize(
    "text",
    [
        "resources: [web.yaml, ../../x, https://x.org/y, [a], .]\npatches: [a, {}, {path: gone.yaml}, {patch: '['}]\n",
        "patchesStrategicMerge: [gone.yaml, [a]]\nconfigMapGenerator: [a, {}, {name: x, files: [../../y, [z]]}]\n",
        "components: [.]\nresources: [.]\n",
        "resources: [web.yaml]\npatches: [{target: {name: '['}, patch: 'spec: {values: {a: b}}'}]\n",
        "- a\n",
        "{",
    ],
)
def test_odd_kustomizations_raise_nothing_and_make_no_release(text: str) -> None:
    assert len(stacks({"web.yaml": release(), "kustomization.yaml": text, **CHART})) == 1


@pytest.mark.parametrize("chart", ["./charts/web", "charts/web/", "/charts/web"])
def test_the_charts_path_starts_at_the_root(chart: str) -> None:
    assert stack_of({"apps/web.yaml": release(chart=chart), **CHART}).chart == "charts/web"


def test_subcharts_and_what_is_not_here_of_them_are_known() -> None:
    files = {
        "web.yaml": release(),
        "charts/web/Chart.yaml": "name: web\ndependencies:\n- {name: db, alias: x}\n- {name: gone}\n",
        "charts/web/charts/db/Chart.yaml": "name: db\n",
        "charts/web/charts/db/values.yaml": "",
    }
    stack = stack_of(files)
    assert stack.subcharts == {("x",): "charts/web/charts/db"}
    assert layers_of(stack) == ["charts/web/charts/db/values.yaml as x"]
    assert stack.notes == ("subchart gone is not in the repository",)


def test_values_files_stand_in_the_place_of_the_charts_values_but_not_of_its_subcharts() -> None:
    spec = "values: {a: b}"
    text = release(spec).replace(SOURCE, f"{SOURCE}\n      valuesFiles: [./charts/web/prod.yaml, gone.yaml]")
    files = {
        "web.yaml": text,
        **CHART,
        "charts/web/prod.yaml": "",
        "charts/web/charts/db/Chart.yaml": "name: db\n",
        "charts/web/charts/db/values.yaml": "",
    }
    stack = stack_of(files)
    assert layers_of(stack) == [
        "charts/web/charts/db/values.yaml as db",
        "charts/web/prod.yaml",
        "web.yaml#spec.values",
    ]
    assert stack.missing == ("gone.yaml",)
    lenient = text.replace("valuesFiles", "ignoreMissingValuesFiles: true\n      valuesFiles")
    assert stack_of({**files, "web.yaml": lenient}).missing == ()


def test_the_older_values_file_is_one() -> None:
    text = release().replace(SOURCE, f"{SOURCE}\n      valuesFile: charts/web/prod.yaml")
    assert layers_of(stack_of({"web.yaml": text, **CHART, "charts/web/prod.yaml": ""})) == ["charts/web/prod.yaml"]


@pytest.mark.parametrize("kind", ["HelmRepository", "Bucket", "OCIRepository"])
def test_a_chart_of_another_kind_of_source_is_elsewhere(kind: str) -> None:
    text = release(VALUES).replace("GitRepository", kind).replace("flux-system", "x")
    repository = f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{url: u://v}}\n"
    stack = stack_of({"web.yaml": text, "repo.yaml": repository, **CHART})
    assert (stack.chart, layers_of(stack)) == (None, ["web.yaml#spec.values"])
    assert stack.notes == (f"chart ./charts/web comes from {kind} x (u://v)",)


def source(kind: str, name: str, spec: str) -> str:
    head = f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n"
    return f"{head}spec: {spec}\n"


def git(name: str, url: str) -> str:
    return source("GitRepository", name, f"{{url: '{url}'}}")


@pytest.mark.parametrize(
    ("own", "other", "chart"),
    [
        ("https://x.org/a/b", "ssh://git@x.org/a/b.git", "charts/web"),
        ("git@x.org:a/b.git", "https://x.org/a/b", "charts/web"),
        ("https://x.org/a/b", "https://x.org/a/c", None),
    ],
)
def test_another_git_repository_is_this_one_if_its_url_is(own: str, other: str, chart: str | None) -> None:
    files = {
        "web.yaml": release().replace("flux-system", "x"),
        "a.yaml": git("flux-system", own),
        "b.yaml": git("x", other),
        **CHART,
    }
    stack = stack_of(files)
    assert stack.chart == chart
    assert bool(stack.notes) is (chart is None)


def test_a_git_repository_that_cannot_be_told_is_this_one_if_the_chart_is_here() -> None:
    text = release().replace("flux-system", "x")
    assert stack_of({"web.yaml": text, **CHART}).chart == "charts/web"
    stack = stack_of({"web.yaml": text})
    assert (stack.chart, stack.notes) == (None, ("there is no chart ./charts/web in GitRepository x",))


def test_a_chart_that_this_repository_lacks_is_noted() -> None:
    assert stack_of({"web.yaml": release()}).notes == ("there is no chart ./charts/web in this repository",)


REFERRED = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chartRef: {kind: KIND, name: x}
  values: {a: b}
"""


def test_a_chart_reference_to_a_helm_chart_object_is_followed() -> None:
    chart = source("HelmChart", "x", f"{{chart: charts/web, {SOURCE}}}")
    stack = stack_of({"web.yaml": REFERRED.replace("KIND", "HelmChart"), "chart.yaml": chart, **CHART})
    assert (stack.chart, stack.notes) == ("charts/web", ())
    assert layers_of(stack) == ["charts/web/values.yaml", "web.yaml#spec.values"]


@pytest.mark.parametrize("kind", ["OCIRepository", "HelmChart"])
def test_a_chart_reference_to_what_is_not_here_is_noted(kind: str) -> None:
    stack = stack_of({"web.yaml": REFERRED.replace("KIND", kind)})
    assert (stack.chart, layers_of(stack)) == (None, ["web.yaml#spec.values"])
    assert stack.notes == (f"the chart comes from {kind} x",)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", ("web", "own")),
        ("targetNamespace: site", ("site-web", "site")),
        ("releaseName: shop", ("shop", "own")),
        ("releaseName: shop\ntargetNamespace: site\nstorageNamespace: flux", ("shop", "site")),
    ],
)
def test_release_name_and_namespace(spec: str, expected: tuple[str, str]) -> None:
    stack = stack_of({"web.yaml": release(spec, more=", namespace: own"), **CHART})
    assert (stack.release, stack.namespace) == expected


def test_a_release_name_that_is_too_long_ends_in_its_hash() -> None:
    long = "release-name-with-very-long-name-which-is-longer-than-53-characters"
    assert shortened(long) == "release-name-with-very-long-name-which-i-788ca0d0d7b0"
    assert shortened("b" * 53) == "b" * 53
    assert len(stack_of({"web.yaml": release(f"targetNamespace: {'a' * 50}"), **CHART}).release) == 53


def test_a_release_in_a_template_is_noted_and_one_that_a_template_names_is_none() -> None:
    text = release("values:\n  {{- toYaml .Values.x | nindent 4 }}\n  a: b")
    stack = stack_of({"chart/templates/web.yaml": text, **CHART})
    assert stack.notes == ("the template that it stands in is not rendered",)
    for name in ("{{ .Release.Name }}", "'{{ .Release.Name }}'"):
        named = release().replace("metadata: {name: web}", f"metadata:\n  name: {name}")
        assert stacks({"chart/templates/web.yaml": named, **CHART}) == []


def test_post_renderers_are_noted() -> None:
    stack = stack_of({"web.yaml": release("postRenderers:\n- kustomize: {patches: []}"), **CHART})
    assert stack.notes == ("its post-renderers are not evaluated",)


def test_the_images_of_post_renderers_are_known() -> None:
    entry = "{name: acme.test/web, newName: mirror.test/web}"
    stack = stack_of({"web.yaml": release(f"postRenderers:\n- kustomize: {{images: [{entry}]}}"), **CHART})
    assert not stack.notes
    assert [each.applied("acme.test/web:main") for each in stack.images] == ["mirror.test/web:main"]


def test_substitutions_stay_as_they_are() -> None:
    assert stack_of({"web.yaml": release(name="'${APP}'"), **CHART}).name == "${APP}"


FROM = "valuesFrom:\n- {kind: ConfigMap, name: one}\n- {kind: ConfigMap, name: two, valuesKey: x.yaml}\nvalues: {a: b}"


def test_values_from_config_maps_stand_in_order_between_the_chart_and_the_inline_values() -> None:
    files = {
        "web.yaml": release(FROM),
        **CHART,
        "maps.yaml": f"{config_map('one', 'data: {values.yaml: x}')}\n---\n{config_map('two', 'data: {x.yaml: y}')}",
    }
    stack = stack_of(files)
    assert layers_of(stack) == [
        "charts/web/values.yaml",
        "maps.yaml#data.values.yaml",
        "maps.yaml#data.x.yaml",
        "web.yaml#spec.values",
    ]
    assert [(layer.document, layer.is_text) for layer in stack.layers[1:3]] == [(0, True), (1, True)]


def values_from(reference: str, **files: str) -> Stack:
    return stack_of({"web.yaml": release(f"valuesFrom:\n- {reference}"), **files, **CHART})


def test_a_target_path_takes_a_single_value() -> None:
    data = {"map.yaml": config_map("one", "data: {tag: v1}")}
    stack = values_from(r"{kind: ConfigMap, name: one, valuesKey: tag, targetPath: 'image.my\.tag'}", **data)
    layer = stack.layers[-1]
    assert (layer.within, layer.is_text, layer.prefix) == (("data", "tag"), False, ("image", "my.tag"))


@pytest.mark.parametrize(
    ("text", "keys"), [("", ()), ("a", ("a",)), ("a.b", ("a", "b")), (r"a\.b.c", ("a.b", "c")), ("a[0].b", None)]
)
def test_the_keys_of_a_target_path(text: str, keys: tuple[str, ...] | None) -> None:
    assert target_path(text) == keys


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        ("{kind: ConfigMap, name: gone}", "ConfigMap gone is not in the repository"),
        ("{kind: Secret, name: gone, optional: true}", "Secret gone is not in the repository"),
        ("{kind: ConfigMap, name: one, valuesKey: y}", "ConfigMap one has no readable y (one.yaml)"),
        ("{kind: ConfigMap, name: one, targetPath: 'a[0]'}", "the targetPath of ConfigMap one goes into a list"),
        ("{kind: Secret, name: sops}", "Secret sops is encrypted (sops.yaml)"),
        ("{kind: Secret, name: base64}", "Secret base64 has no readable values.yaml (base64.yaml)"),
        ("{kind: ConfigMap, name: twice}", "there are several ConfigMap twice"),
    ],
)
def test_values_that_cannot_be_read_are_noted(reference: str, note: str) -> None:
    files = {
        "one.yaml": config_map("one", "data: {values.yaml: x}"),
        "sops.yaml": config_map("sops", "stringData: {values.yaml: ENC}\nsops: {mac: x}", "Secret"),
        "base64.yaml": config_map("base64", "data: {values.yaml: eA==}", "Secret"),
        "twice.yaml": f"{config_map('twice', 'data: {a: b}')}\n---\n{config_map('twice', 'data: {a: b}')}",
    }
    stack = values_from(reference, **files)
    assert (stack.paths, stack.notes) == (("charts/web/values.yaml",), (note,))


def test_a_secret_in_plain_text_is_read() -> None:
    stack = values_from(
        "{kind: Secret, name: s}", **{"s.yaml": config_map("s", "stringData: {values.yaml: x}", "Secret")}
    )
    assert layers_of(stack)[-1] == "s.yaml#stringData.values.yaml"


def test_of_several_config_maps_the_one_in_the_namespace_of_the_release_counts() -> None:
    stack = stack_of(
        {
            "web.yaml": release("valuesFrom: [{kind: ConfigMap, name: m}]", more=", namespace: b"),
            **{f"{n}.yaml": config_map("m", "data: {values.yaml: x}", more=f", namespace: {n}") for n in "abc"},
            **CHART,
        }
    )
    assert layers_of(stack)[-1] == "b.yaml#data.values.yaml"


def test_of_several_config_maps_the_one_that_the_same_kustomization_includes_counts() -> None:
    text = release("valuesFrom: [{kind: ConfigMap, name: m}]")
    files: dict[str, str] = {**CHART}
    for folder in "ab":
        files[f"{folder}/web.yaml"] = text
        files[f"{folder}/map.yaml"] = config_map("m", "data: {values.yaml: x}")
        files[f"{folder}/kustomization.yaml"] = "resources: [web.yaml, map.yaml]\n"
    assert [stack.paths[-1] for stack in stacks(files)] == ["a/map.yaml", "b/map.yaml"]


@pytest.mark.parametrize("entry", ["values.yaml=./helm/v.yaml", "helm/values.yaml"])
def test_a_generator_gives_the_file(entry: str) -> None:
    generator = f"resources: [web.yaml]\nconfigMapGenerator:\n- name: m\n  files: ['{entry}']\n"
    files = {
        "app/web.yaml": release("valuesFrom: [{kind: ConfigMap, name: m}]"),
        "app/kustomization.yaml": generator,
        "app/helm/v.yaml": "",
        "app/helm/values.yaml": "",
        **CHART,
    }
    stack = stack_of(files)
    assert stack.layers[-1].path == f"app/{entry.rpartition('=')[2].removeprefix('./')}"
    assert (stack.layers[-1].document, stack.layers[-1].is_text, stack.notes) == (None, False, ())


def test_a_file_that_a_generator_misses_or_that_is_encrypted_is_no_layer() -> None:
    generator = "resources: [web.yaml]\nsecretGenerator:\n- {name: s, files: [values.yaml=s.yaml]}\n"
    reference = "valuesFrom: [{kind: Secret, name: s}]"
    files = {"web.yaml": release(reference), "kustomization.yaml": generator, **CHART}
    assert stack_of(files).missing == ("s.yaml",)
    stack = stack_of({**files, "s.yaml": "a: ENC\nsops: {}\n"})
    assert (stack.paths, stack.notes) == (("charts/web/values.yaml",), ("Secret s is encrypted (s.yaml)",))


def test_a_generator_of_an_overlay_wins_there() -> None:
    files = {
        "base/web.yaml": release("valuesFrom: [{kind: ConfigMap, name: m}]"),
        "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: m, files: [values.yaml]}]\n",
        "base/values.yaml": "",
        "prod/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n"
        "- {name: m, behavior: replace, files: [values.yaml]}\npatches: [{path: p.yaml}]\n",
        "prod/values.yaml": "",
        "prod/p.yaml": patch("values: {a: b}"),
        **CHART,
    }
    assert [layers_of(stack)[1:] for stack in stacks(files)] == [
        ["base/values.yaml"],
        ["prod/values.yaml", "prod/p.yaml#spec.values"],
    ]


def overlay(text: str, **files: str) -> list[Stack]:
    """A base with one release, and an overlay with this kustomization."""
    return stacks(
        {
            "base/web.yaml": release(VALUES, more=", labels: {tier: front}"),
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": f"resources: [../../base]\n{text}",
            **{f"overlays/prod/{name}.yaml": content for name, content in files.items()},
            **CHART,
        }
    )


@pytest.mark.parametrize(
    "text",
    [
        "patches: [{path: p.yaml}]",
        "patches: [{path: p.yaml, target: {kind: HelmRelease}}]",
        "patches: [{path: p.yaml, target: {kind: HelmRelease, name: w.*, labelSelector: 'tier=front'}}]",
        "patchesStrategicMerge: [p.yaml]",
    ],
)
def test_an_overlay_that_patches_the_values_is_a_release_above_the_base(text: str) -> None:
    base, prod = overlay(f"{text}\n", p=patch("values: {image: {tag: c}}"))
    assert (base.environment, layers_of(base)[1:]) == (None, ["base/web.yaml#spec.values"])
    assert (prod.name, prod.environment, prod.origin) == ("web", "prod", "overlays/prod/p.yaml:1")
    assert layers_of(prod) == [
        "charts/web/values.yaml",
        "base/web.yaml#spec.values",
        "overlays/prod/p.yaml#spec.values",
    ]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("patches: [{path: p.yaml}]", patch("values: {a: b}", name="other")),
        ("patches: [{path: p.yaml, target: {kind: Deployment}}]", patch("values: {a: b}")),
        ("patches: [{path: p.yaml, target: {name: we}}]", patch("values: {a: b}")),
        ("patches: [{path: p.yaml, target: {labelSelector: tier=back}}]", patch("values: {a: b}")),
        ("patches: [{path: p.yaml}]", patch("interval: 5m\ninstall: {crds: Skip}")),
        ("patches: [{path: p.yaml, target: {kind: HelmRelease}}]", "- {op: add, path: /spec/interval, value: 5m}\n"),
        ("patches: [{path: p.yaml}]", ""),
        ("namespace: x", patch("values: {a: b}")),
    ],
)
def test_an_overlay_that_patches_nothing_of_a_release_is_none(text: str, content: str) -> None:
    assert [stack.origin for stack in overlay(f"{text}\n", p=content)] == ["base/web.yaml:1"]


def test_a_patch_is_no_release_even_if_it_names_a_chart() -> None:
    files = {"web.yaml": release(), "kustomization.yaml": "patches: [{path: web.yaml}]\n", **CHART}
    assert stacks(files) == []


def test_a_patch_may_change_chart_names_and_values_from() -> None:
    spec = "targetNamespace: site\nvaluesFrom: [{kind: ConfigMap, name: m}]\nchart: {spec: {chart: ./charts/new}}"
    _, prod = overlay("patches: [{path: p.yaml}]\n", p=patch(spec), m=config_map("m", "data: {values.yaml: x}"))
    assert (prod.chart, prod.namespace, prod.release) == (None, "site", "site-web")
    assert prod.notes == ("there is no chart ./charts/new in this repository",)
    assert layers_of(prod) == ["overlays/prod/m.yaml#data.values.yaml", "base/web.yaml#spec.values"]


def test_an_overlay_of_an_overlay_has_the_patches_of_both() -> None:
    files = {
        "base/web.yaml": release(),
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        **{f"{name}/p.yaml": patch("values: {a: b}") for name in ("mid", "top")},
        "mid/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
        "top/kustomization.yaml": "resources: [../mid]\npatches: [{path: p.yaml}]\n",
        **CHART,
    }
    assert [layers_of(stack)[1:] for stack in stacks(files)] == [
        [],
        ["mid/p.yaml#spec.values"],
        ["mid/p.yaml#spec.values", "top/p.yaml#spec.values"],
    ]


def test_the_patches_of_a_component_come_before_those_of_its_user() -> None:
    files = {
        "web.yaml": release(),
        "kustomization.yaml": "resources: [web.yaml]\ncomponents: [part]\npatches: [{path: p.yaml}]\n",
        "p.yaml": patch("values: {a: b}"),
        "part/kustomization.yaml": "kind: Component\npatches: [{path: p.yaml}]\n",
        "part/p.yaml": patch("values: {a: b}"),
        **CHART,
    }
    assert layers_of(stacks(files)[-1])[1:] == ["part/p.yaml#spec.values", "p.yaml#spec.values"]


@pytest.mark.parametrize(
    ("entry", "note"),
    [
        (
            "patch: |-\n    kind: HelmRelease\n    metadata: {name: web}\n    spec: {values: {a: b}}\n",
            "the values of the patch in overlays/prod/kustomization.yaml:3 are not evaluated",
        ),
        (
            "target: {kind: HelmRelease}\n  patch: |-\n    - {op: add, path: /spec/values/a, value: b}\n",
            "the JSON patch overlays/prod/kustomization.yaml:4 is not evaluated",
        ),
    ],
)
def test_values_in_the_text_of_a_kustomization_are_noted(entry: str, note: str) -> None:
    _, prod = overlay(f"patches:\n- {entry}")
    assert (prod.notes, layers_of(prod)[1:]) == ((note,), ["base/web.yaml#spec.values"])


def test_the_outermost_namespace_of_the_kustomizations_wins() -> None:
    files = {
        "app/web.yaml": release(more=", namespace: own"),
        "app/kustomization.yaml": "resources: [web.yaml]\nnamespace: inner\n",
        **CHART,
    }
    assert stack_of(files).namespace == "inner"
    assert stack_of({**files, "kustomization.yaml": "resources: [app]\nnamespace: outer\n"}).namespace == "outer"
    flux_layer = flux("./app", "  targetNamespace: flux\n")
    assert stack_of({**files, "ks.yaml": flux_layer}).namespace == "flux"
    differing = {"one.yaml": flux_layer, "two.yaml": flux("./app", "  targetNamespace: other\n")}
    assert stack_of({**files, **differing}).namespace == "own"


def test_the_namespace_of_a_component_counts_where_its_user_sets_none() -> None:
    files = {
        "web.yaml": release(),
        "kustomization.yaml": "resources: [web.yaml]\ncomponents: [part]\n",
        "part/kustomization.yaml": "kind: Component\nnamespace: part\n",
        **CHART,
    }
    assert stack_of(files).namespace == "part"
    own = "namespace: own\nresources: [web.yaml]\ncomponents: [part]\n"
    assert stack_of({**files, "kustomization.yaml": own}).namespace == "own"


def test_a_null_in_a_patch_is_noted() -> None:
    _, prod = overlay("patches: [{path: p.yaml}]\n", p=patch("values: {image: {tag: null}}"))
    assert prod.notes == ("what null takes away in the patch overlays/prod/p.yaml:1 is not evaluated",)


def test_older_strategic_merge_patches_come_before_the_others() -> None:
    text = "patches: [{path: new.yaml}]\npatchesStrategicMerge: [old.yaml]\n"
    _, prod = overlay(text, new=patch("values: {a: b}"), old=patch("values: {a: b}"))
    assert [path.rpartition("/")[2] for path in prod.paths[-2:]] == ["old.yaml", "new.yaml"]


def test_flux_takes_all_manifests_of_a_folder_without_kustomization() -> None:
    files = {
        "apps/deep/web.yaml": release(),
        "apps/built/kustomization.yaml": "resources: [api.yaml]\n",
        "apps/built/api.yaml": release(name="api"),
        "apps/built/unused.yaml": release(name="unused"),
        "ks.yaml": flux("./apps", "  targetNamespace: site\n"),
        **CHART,
    }
    assert {stack.name: stack.namespace for stack in stacks(files)} == {
        "api": "site",
        "unused": "default",
        "web": "site",
    }


CLUSTERS = {"clusters/prod/apps.yaml": flux("./apps/live"), "clusters/stage/apps.yaml": flux("./apps/test")}


def test_the_environment_is_the_cluster_whose_folder_it_is_in_or_that_alone_includes_it() -> None:
    files = {
        "clusters/dev/x/web.yaml": release(name="in"),
        "apps/live/web.yaml": release(name="included"),
        "apps/other/prod/web.yaml": release(name="named"),
        "apps/other/web.yaml": release(name="neither"),
        **CLUSTERS,
        **CHART,
    }
    assert {stack.name: stack.environment for stack in stacks(files)} == {
        "in": "dev",
        "included": "prod",
        "named": "prod",
        "neither": None,
    }


def test_a_base_that_two_clusters_include_has_no_environment_but_their_overlays_have() -> None:
    files: dict[str, str] = {"apps/base/web.yaml": release(), **CLUSTERS, **CHART}
    for folder in ("live", "test"):
        files[f"apps/{folder}/kustomization.yaml"] = "resources: [../base/web.yaml]\npatches: [{path: p.yaml}]\n"
        files[f"apps/{folder}/p.yaml"] = patch("values: {a: b}")
    assert [(stack.environment, stack.paths[-1]) for stack in stacks(files)] == [
        (None, "charts/web/values.yaml"),
        ("prod", "apps/live/p.yaml"),
        ("stage", "apps/test/p.yaml"),
    ]


def test_clusters_include_through_flux_kustomizations_that_include_others() -> None:
    files = {
        "clusters/prod/all.yaml": flux("./apps"),
        "apps/ks.yaml": flux("./web"),
        "web/web.yaml": release(),
        **CHART,
    }
    assert stack_of(files).environment == "prod"


def test_flux_kustomizations_that_include_each_other_end_somewhere() -> None:
    files = {"a/ks.yaml": flux("./b"), "b/ks.yaml": flux("./a"), "b/web.yaml": release(), **CHART}
    assert stack_of({**files, "clusters/x/y.yaml": "a: 1\n"}).environment is None


def test_the_configuration_names_the_environment_first() -> None:
    config = Config(environments={"live": Environment(globs=("clusters/**",))})
    assert stack_of({"clusters/prod/web.yaml": release(), **CHART}, config).environment == "live"
