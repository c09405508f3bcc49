"""Tags that a chart puts together around the one that the values say: `main-alpine`, `vmain`."""

from __future__ import annotations

import datetime

import pytest

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
NAME, TAG = "{{ .Values.image.repository }}", "{{ .Values.image.tag }}"


def planned(*images: str, tag: str = "main", folder: str = "charts/web", more: str = "", unknown: str = "") -> Plan:
    """The plan for a chart whose containers have these images."""
    containers = "".join(f'    - name: c{number}\n      image: "{image}"\n' for number, image in enumerate(images))
    files = {
        f"{folder}/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        f"{folder}/templates/pod.yaml": POD + containers,
        f"{folder}/values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  tag: {tag}\n{more}",
    }
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=[unknown])


def entries(plan: Plan) -> list[tuple[str, str]]:
    return [(str(e.reference), e.status) for e in plan.images if e.reference is not None]


def left(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.code, entry.message) for entry in plan.left]


AWARE = "{{ with .Values.image.digest }}@{{ . }}{{ else }}:v{{ $.Values.image.tag }}{{ end }}"


@pytest.mark.parametrize(("image", "tag"), [(f"{NAME}:{TAG}-alpine", "main-alpine"), (f"{NAME}{AWARE}", "vmain")])
def test_a_tag_around_one_that_floats_floats_and_is_pinned_by_its_own_digest(image: str, tag: str) -> None:
    reference = f"ghcr.io/acme/web:{tag}"
    plan = planned(image)
    assert entries(plan) == [(reference, "floating")]
    after = plan.files["charts/web/values.yaml"][1].decode()
    assert after == f"image:\n  repository: ghcr.io/acme/web\n  digest: {digest_of(reference)}\n"
    assert not plan.left


def test_it_breaks_the_gate_and_stays_where_its_digest_is_not_known() -> None:
    plan = planned(f"{NAME}:{TAG}-alpine", unknown="ghcr.io/acme/web:main-alpine")
    assert left(plan) == [("digest-unknown", "")]
    found = violations(plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))
    assert [(one.code, one.image) for one in found] == [("UF001", "ghcr.io/acme/web:main-alpine")]


@pytest.mark.parametrize("image", [f"{NAME}:{TAG}-alpine", f"{NAME}:v{TAG}"])
def test_a_tag_around_a_fixed_one_is_fixed(image: str) -> None:
    plan = planned(image, tag="1.2.3")
    assert not plan.files
    assert {status for _, status in entries(plan)} == {"tag-only"}


def test_one_tag_that_becomes_several_images_stays_and_each_is_named() -> None:
    plan = planned(f"{NAME}:{TAG}", f"{NAME}:{TAG}-alpine")
    assert not plan.files
    assert entries(plan) == [("ghcr.io/acme/web:main", "floating"), ("ghcr.io/acme/web:main-alpine", "floating")]
    words = "it is ghcr.io/acme/web:main in web, ghcr.io/acme/web:main-alpine in web"
    assert left(plan) == [("ambiguous-image", words)]


def test_one_tag_of_several_repositories_says_which() -> None:
    plan = planned(f"{NAME}:{TAG}", f"{NAME}-debug:{TAG}")
    assert not plan.files
    assert left(plan) == [
        ("ambiguous-repository", "it is ghcr.io/acme/web-debug:main in web, ghcr.io/acme/web:main in web")
    ]


@pytest.mark.parametrize("key", ["tagSuffix", "suffix", "tag_prefix"])
def test_a_suffix_in_the_values_stays_where_no_chart_says_what_it_is(key: str) -> None:
    text = f"image:\n  repository: ghcr.io/acme/web\n  tag: main\n  {key}: -alpine\n"
    plan = plan_of(TRANSFORMS, {"values.yaml": text.encode()})
    assert (plan.files, left(plan)) == ({}, [("computed-reference", f"{key!r} beside it changes the tag")])
    plan = plan_of(TRANSFORMS, {"values.yaml": text.replace("-alpine", "''").encode()})
    assert (list(plan.files), plan.left) == (["values.yaml"], ())


def test_a_suffix_in_the_values_is_what_the_chart_makes_of_it() -> None:
    plan = planned(f"{NAME}:{TAG}{{{{ .Values.image.suffix }}}}", more="  suffix: -slim\n")
    assert [change.image for change in plan.changed if change.kind == "image"] == ["ghcr.io/acme/web:main-slim"]
