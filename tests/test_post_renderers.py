"""Images of releases of Flux that post-renderers change."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/templates/pod.yaml": (
        "spec:\n  containers:\n    - name: web\n      image: {{ .Values.image.repository }}"
        "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}\n"
    ),
}
HEAD = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n"
VALUES = "  values:\n    image:\n      repository: acme.test/web\n      tag: main\n"
SPEC = "  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system}}}\n"
PINNED = VALUES.replace("tag: main", f"digest: {digest_of('acme.test/web:main')}")


def planned(entry: str, *, unknown: tuple[str, ...] = ()) -> Plan:
    renderers = f"  postRenderers:\n    - kustomize:\n        images:\n          - {entry}\n"
    files = {"web.yaml": HEAD + SPEC + renderers + VALUES, **CHART}
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=unknown)


def after(plan: Plan) -> str:
    return plan.files["web.yaml"][1].decode() if "web.yaml" in plan.files else ""


@pytest.mark.surface("flux", reported="values whose image a post-renderer gives another name")
def test_values_whose_image_gets_another_name_later_stay() -> None:
    plan = planned("{name: acme.test/web, newName: mirror.test/web}")
    assert not plan.files
    (entry,) = [entry for entry in plan.left if entry.kind == "image"]
    assert "mirror.test/web:main" in entry.message


@pytest.mark.parametrize("entry", ["{name: other.test/web, newName: mirror.test/web}", "{name: acme.test/web}"])
def test_values_of_other_images_are_pinned(entry: str) -> None:
    assert PINNED in after(planned(entry))


def test_an_entry_that_decides_is_pinned_itself_and_so_are_the_values() -> None:
    text = after(planned("{name: acme.test/web, newName: mirror.test/web, newTag: dev}"))
    assert f"digest: {digest_of('mirror.test/web:dev')}" in text
    assert PINNED in text


def test_a_tag_of_an_entry_whose_digest_is_not_known_is_no_obstacle_for_the_values() -> None:
    plan = planned("{name: acme.test/web, newTag: dev}", unknown=("acme.test/web:dev",))
    assert PINNED in after(plan)
    assert "newTag: dev" in after(plan)
