"""In whose company files stand: equal only where releases, their other layers and variables are."""

from __future__ import annotations

from codemod.config import Config
from codemod.fleet import Fleet, build
from codemod.fleet.company import Companies, Company
from codemod.source import Source

RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {name}
spec:
  chart:
    spec: {{chart: web, sourceRef: {{kind: HelmRepository, name: acme}}}}
  values:
    image: {{repository: ghcr.io/acme/web, tag: dev}}
"""
PATCHED = """resources: [web.yaml]
patches:
  - path: patch.yaml
"""
PATCH = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec: {values: {image: {tag: main}}}
"""
FILLING = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./%s
  postBuild: {substitute: {TAG: %s}}
"""


def fleet_of(files: dict[str, str]) -> Fleet:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return build(Config(), list(files), sources.get)


def companies(files: dict[str, str], *paths: str) -> list[Company]:
    companies = Companies(fleet_of(files))
    found = [companies.of(path) for path in paths]
    assert None not in found
    return [one for one in found if one is not None]


def test_a_file_that_nobody_reads_has_none() -> None:
    first, second = companies({"a.yaml": "a: 1", "b/c.yaml": "a: 1"}, "a.yaml", "b/c.yaml")
    assert first == second == Company(None, (), ())


def test_equal_releases_of_other_folders_are_alike_but_for_their_numbers() -> None:
    files = {"a/web.yaml": RELEASE.format(name="web"), "b/web.yaml": RELEASE.format(name="web")}
    first, second = companies(files, "a/web.yaml", "b/web.yaml")
    assert first.said == second.said
    assert (first.stacks, second.stacks) == ((0,), (1,))
    assert hash(first.said) == hash(second.said)


def test_another_name_of_a_release_is_another_company() -> None:
    files = {"a/web.yaml": RELEASE.format(name="web"), "b/web.yaml": RELEASE.format(name="api")}
    first, second = companies(files, "a/web.yaml", "b/web.yaml")
    assert first.said != second.said


def test_another_environment_is_another_company() -> None:
    files = {f"clusters/{name}/web.yaml": RELEASE.format(name="web") for name in ("production", "staging")}
    first, second = companies(files, *files)
    assert first.said != second.said


def test_other_layers_count_by_what_they_say_and_where_they_stand() -> None:
    def patched(folder: str, patch: str = PATCH) -> dict[str, str]:
        texts = {"web.yaml": RELEASE.format(name="web"), "kustomization.yaml": PATCHED, "patch.yaml": patch}
        return {f"{folder}/{name}": text for name, text in texts.items()}

    files = patched("a/web") | patched("b/web") | patched("c/web", PATCH.replace("main", "1.2"))
    one, two, other = companies(files, *(f"{folder}/web/web.yaml" for folder in "abc"))
    assert one.said == two.said != other.said
    assert (one.others, two.others) == (("a/web/patch.yaml",), ("b/web/patch.yaml",))
    assert len(one.stacks) == len(two.stacks) == 2


def test_variables_count_by_what_they_say() -> None:
    files = {f"{name}/web.yaml": "image: acme/web:${TAG}" for name in "abc"}
    files |= {f"{name}.yaml": FILLING % (name, tag) for name, tag in (("a", "dev"), ("b", "dev"), ("c", "main"))}
    one, two, other = companies(files, "a/web.yaml", "b/web.yaml", "c/web.yaml")
    assert one.said == two.said != other.said
    settings = companies(files, "a.yaml", "b.yaml")
    assert settings[0].said != settings[1].said


def test_files_whose_images_are_renamed_are_alone() -> None:
    files = {
        "pod.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: acme/web}]}\n",
        "kustomization.yaml": "resources: [pod.yaml]\nimages: [{name: acme/web, newTag: dev}]\n",
    }
    assert Companies(fleet_of(files)).of("pod.yaml") is None


def test_releases_whose_images_are_changed_after_rendering_are_alone() -> None:
    renderers = "  postRenderers: [{kustomize: {images: [{name: ghcr.io/acme/web, newTag: main}]}}]\n"
    fleet = fleet_of({"a/web.yaml": RELEASE.format(name="web") + renderers})
    assert fleet.stacks[0].images
    assert Companies(fleet).of("a/web.yaml") is None
