"""Hazards of layers in releases of Flux and helmfile; what is written is proven with the real helm."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Callable
from pathlib import Path

import proving
import pytest

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.fleet import build
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.source import Source
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
DIGEST = "sha256:" + "ab" * 32
TAGGED = "image:\n  repository: ghcr.io/acme/web\n  tag: main\n"
PINNED = f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n"
RENAMED = "image:\n  repository: mirror.acme.test/web\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: IMAGE\n"
AWARE = (
    '"{{ .Values.image.repository }}'
    '{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}"'
)
BORROWING = '"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Values.global.imageTag }}"'
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME}
spec:
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: fleet}}}
  valuesFrom: [{kind: ConfigMap, name: base}]
  values:
"""
SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet}
spec: {url: https://github.com/acme/fleet}
"""


def flux(base: str, releases: dict[str, str]) -> dict[str, str]:
    """Values that a kustomization generates, and those that stand in each HelmRelease."""
    texts = (RELEASE.replace("NAME", name) + textwrap.indent(text, "    ") for name, text in releases.items())
    generator = "configMapGenerator: [{name: base, files: [values.yaml=base.yaml]}]\n"
    return {
        "kustomization.yaml": f"resources: [web.yaml]\n{generator}",
        "base.yaml": base,
        "web.yaml": "---\n".join((*texts, SOURCE)),
    }


def helmfile(base: str, releases: dict[str, str]) -> dict[str, str]:
    """A file for all releases, and one for each."""
    listed = (f"- {{name: {name}, chart: ./charts/web, values: [base.yaml, {name}.yaml]}}\n" for name in releases)
    overlays = {f"{name}.yaml": text for name, text in releases.items()}
    return {"helmfile.yaml": f"releases:\n{''.join(listed)}", "base.yaml": base, **overlays}


Declared = Callable[[str, dict[str, str]], dict[str, str]]
TOOLS = pytest.mark.parametrize("declared", [flux, helmfile])


class Case:
    """A chart with the releases that a tool declares, planned."""

    def __init__(self, files: dict[str, str], *unknown: str, image: str = AWARE) -> None:
        self.files = {
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "charts/web/values.yaml": "image:\n  repository: ''\n  tag: ''\n",
            "charts/web/templates/pod.yaml": POD.replace("IMAGE", image),
            **files,
        }
        self.plan = self.planned(self.files, *unknown)

    def planned(self, files: dict[str, str], *unknown: str) -> Plan:
        return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=unknown)

    @property
    def codes(self) -> set[tuple[str, str]]:
        """Where something stays (in a file of values, or in a release), and why."""
        return {(self.layer(entry.site.path), entry.code) for entry in self.plan.left}

    @staticmethod
    def layer(path: str) -> str:
        return "base" if path == "base.yaml" else "release"

    @property
    def after(self) -> dict[str, str]:
        edited = self.plan.files
        return {path: edited[path][1].decode() if path in edited else text for path, text in self.files.items()}

    def images(self, root: Path) -> list[str]:
        """The images that the real helm renders from what is written, once everything else is proven to stay."""
        sources = {path: Source(path, text.encode(), "yaml") for path, text in self.files.items()}
        edits = {path: text for path, text in self.after.items() if text != self.files[path]}
        planned = {change.image: change.digest for change in self.plan.changed if change.image and change.digest}
        stacks = build(Config(), list(sources), sources.get).stacks
        found = proving.proof(root, self.files, edits, stacks, planned=planned)
        releases = [verdict for verdict in found.verdicts if verdict.images]
        assert {verdict.outcome for verdict in releases} <= {"proven", "unchanged"}
        return sorted({image for verdict in releases for image in verdict.images or ()})


def pinned(image: str) -> str:
    return f"{image.rpartition(':')[0]}@{digest_of(image)}"


# --- tags of higher layers -------------------------------------------------------------------------------------------


@TOOLS
def test_nothing_is_pinned_below_a_tag_without_a_digest(declared: Declared, tmp_path: Path) -> None:
    case = Case(declared(TAGGED, {"dev": "x: 1\n", "prod": "image:\n  tag: v1\n"}))
    assert not case.plan.files
    assert case.codes == {("base", "higher-layer-sets-tag"), ("release", "tag-only")}


@TOOLS
def test_nothing_is_pinned_below_a_tag_whose_digest_is_unknown(declared: Declared) -> None:
    files = declared(TAGGED, {"dev": "x: 1\n", "prod": "image:\n  tag: dev\n"})
    case = Case(files, "ghcr.io/acme/web:dev")
    assert not case.plan.files
    assert case.codes == {("base", "higher-layer-sets-tag"), ("release", "digest-unknown")}


@TOOLS
def test_both_layers_are_pinned_where_both_digests_are_known(declared: Declared, tmp_path: Path) -> None:
    case = Case(declared(TAGGED, {"dev": "x: 1\n", "prod": "image:\n  tag: dev\n"}))
    assert not case.plan.left
    assert case.images(tmp_path) == sorted([pinned("ghcr.io/acme/web:main"), pinned("ghcr.io/acme/web:dev")])
    again = case.planned(case.after)
    assert (again.files, again.left) == ({}, ())


# --- digests that are inherited --------------------------------------------------------------------------------------


@TOOLS
@pytest.mark.parametrize("overlay", [RENAMED, "image:\n  tag: v1\n"])
def test_a_digest_that_is_another_images_is_reported_and_breaks_the_gate(declared: Declared, overlay: str) -> None:
    case = Case(declared(PINNED, {"dev": "x: 1\n", "prod": overlay}))
    assert not case.plan.files
    assert case.codes == {("release", "stale-inherited-digest")}
    (found,) = violations(case.plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))
    assert found.code == "UF005"
    assert "base.yaml:3 sets the digest" in found.message


@TOOLS
def test_a_digest_under_the_same_name_is_inherited(declared: Declared) -> None:
    overlay = "image:\n  repository: ghcr.io/acme/web\n"
    case = Case(declared(PINNED, {"dev": "x: 1\n", "prod": overlay}))
    assert (case.plan.files, case.plan.left) == ({}, ())


@TOOLS
def test_a_release_that_names_another_repository_gets_a_digest_of_its_own(declared: Declared, tmp_path: Path) -> None:
    case = Case(declared(TAGGED, {"dev": "x: 1\n", "prod": RENAMED}))
    assert not case.plan.left
    assert case.images(tmp_path) == sorted([pinned("ghcr.io/acme/web:main"), pinned("mirror.acme.test/web:main")])


# --- one tag that several images share -------------------------------------------------------------------------------


@TOOLS
def test_every_image_that_takes_a_shared_tag_gets_its_own_digest(declared: Declared, tmp_path: Path) -> None:
    web, api = (f"image:\n  repository: ghcr.io/acme/{name}\n" for name in ("web", "api"))
    files = declared("global:\n  imageTag: dev\n", {"web": web, "api": api})
    case = Case(files, image=BORROWING)
    assert case.codes == set()
    assert case.images(tmp_path) == [pinned("ghcr.io/acme/api:dev"), pinned("ghcr.io/acme/web:dev")]


@TOOLS
def test_a_shared_tag_stays_where_a_digest_is_not_known(declared: Declared) -> None:
    web, api = (f"image:\n  repository: ghcr.io/acme/{name}\n" for name in ("web", "api"))
    files = declared("global:\n  imageTag: dev\n", {"web": web, "api": api})
    case = Case(files, "ghcr.io/acme/api:dev", "ghcr.io/acme/web:dev", image=BORROWING)
    assert not case.plan.files
    assert case.codes == {("base", "shared-tag"), ("release", "digest-unknown")}
