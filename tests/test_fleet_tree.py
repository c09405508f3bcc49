"""The tree as finders see it: what is indexed, and what files of equal bytes share."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemod.config import Config
from codemod.fleet.chartfile import joined
from codemod.fleet.find import find_stacks
from codemod.fleet.kustomizationfile import kustomizations
from codemod.fleet.scripts import scripts
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.source import Alike, Source

APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n"
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: acme}}}
  values: {image: {tag: v1}}
"""
PATCH = "[{op: replace, path: /spec/values/image/tag, value: v2}]"
KUSTOMIZATION = f"""\
resources: [release.yaml, ../common]
namespace: apps
patches:
  - target: {{kind: HelmRelease}}
    patch: "{PATCH}"
configMapGenerator:
  - {{name: settings, files: [values.yaml=./values/base.yaml]}}
"""


def tree(texts: Mapping[str, str], *, shares: bool = True) -> Tree:
    """A tree in which files of equal bytes are known to be so, or not."""
    known: dict[str, Alike] = {}
    sources = {path: Source(path, text.encode(), "yaml") for path, text in texts.items()}
    for path, source in sources.items() if shares else ():
        source.alike = known.setdefault(texts[path], source.alike)
    return Tree(texts, sources.get)


def tenants(texts: Mapping[str, str], *names: str) -> dict[str, str]:
    return {f"{name}/{path}": text for name in names for path, text in texts.items()}


@pytest.mark.parametrize(
    ("folder", "path", "whole"),
    [
        ("a/b", "c", "a/b/c"),
        ("a/b", "./c//d/.", "a/b/c/d"),
        ("a/b", ".", "a/b"),
        ("a/b", "", "a/b"),
        ("", "c", "c"),
        ("", "..c", "..c"),
        ("a/b", "..c/d", "a/b/..c/d"),
        ("a/b", "../c", "a/c"),
        ("a/b", "c/../../d", "a/d"),
        ("a/b", "../..", ""),
        ("a", "../../a", None),
        ("", "..", None),
        ("a", "/c", None),
    ],
)
def test_a_path_below_a_folder(folder: str, path: str, whole: str | None) -> None:
    assert joined(folder, path) == whole


def test_manifests_come_in_the_order_of_their_paths_whatever_they_share() -> None:
    two = f"{APPLICATION}---\n{APPLICATION}"
    found = tree({"c.yaml": APPLICATION, "a.yaml": two, "b.yml": APPLICATION, "d.txt": APPLICATION})
    assert [one.origin for one in found.manifests("argoproj.io")] == ["a.yaml:1", "a.yaml:5", "b.yml:1", "c.yaml:1"]
    assert found.manifests("argoproj.io")[2].root is found.manifests("argoproj.io")[3].root


def test_a_document_that_only_mentions_another_group_is_not_parsed() -> None:
    text = "kind: Service\nmetadata: {annotations: {argocd.argoproj.io/sync-wave: '1'}}\n"
    found = tree({"service.yaml": text})
    assert not found.manifests("argoproj.io")
    assert found.documents("service.yaml")[0].is_shared
    source = found.source("service.yaml")
    assert source is not None
    assert yaml.documents(source)[0].span not in source.alike.memo


def test_a_template_that_had_to_be_mended_is_read_for_each_file() -> None:
    text = f"{APPLICATION}spec:\n  {{{{- if .Values.on }}}}\n  project: web\n  {{{{- end }}}}\n"
    one, other = tree({"a.yaml": text, "b.yaml": text}).manifests("argoproj.io")
    assert (one.is_template, other.is_template) == (True, True)
    assert one.root is not other.root


@pytest.mark.parametrize("shares", [True, False])
def test_kustomizations_of_equal_bytes_are_seen_from_their_own_folders(shares: bool) -> None:
    texts = {
        "web/kustomization.yaml": KUSTOMIZATION,
        "web/release.yaml": RELEASE,
        "common/kustomization.yaml": "- no map\n",
    }
    found = {each.path: each for each in kustomizations(tree(tenants(texts, "one", "two"), shares=shares))}
    assert list(found) == ["one/web/kustomization.yaml", "two/web/kustomization.yaml"]
    for name in ("one", "two"):
        each = found[f"{name}/web/kustomization.yaml"]
        assert each.resources == (f"{name}/web/release.yaml", f"{name}/common")
        assert [(patch.path, patch.line, patch.is_inline) for patch in each.patches] == [(each.path, 5, True)]
        assert each.generators[0].files == (("values.yaml", f"{name}/web/values/base.yaml"),)


def test_a_kustomization_of_flux_needs_a_path_of_the_repository() -> None:
    head = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\n"
    texts = {"a.yaml": f"{head}spec: {{path: ../../elsewhere}}\n", "b.yaml": f"{head}spec: {{path: ./apps}}\n"}
    assert [(each.path, each.folder) for each in kustomizations(tree(texts))] == [("b.yaml", "apps")]


def test_releases_are_the_same_whether_files_of_equal_bytes_are_known_to_be_so_or_not() -> None:
    texts = tenants({"web/kustomization.yaml": KUSTOMIZATION, "web/release.yaml": RELEASE}, "one", "two")
    shared, apart = (find_stacks(tree(texts, shares=shares), Config()) for shares in (True, False))
    assert shared == apart
    assert [stack.origin for stack in shared] == [
        "one/web/kustomization.yaml:5",
        "two/web/kustomization.yaml:5",
    ]


def test_commands_stand_in_scripts_and_in_workflows() -> None:
    paths = [
        ".github/workflows/build.yaml",
        ".github/workflows/README.md",
        ".github/workflows/below/build.yaml",
        "a/.github/workflows/build.yml",
        "a/GNUmakefile",
        "a/Makefile.common",
        "a/rules.mk",
        "a/run.sh",
        "a/sh",
        "Taskfile.yml",
        "justfile",
    ]
    wanted = set(paths) - {".github/workflows/README.md", ".github/workflows/below/build.yaml", "a/sh"}
    assert scripts(tree(dict.fromkeys(paths, ""))) == sorted(wanted)
