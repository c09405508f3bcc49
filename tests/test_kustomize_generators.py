"""Images that generators of kustomizations put into ConfigMaps and Secrets; the real kustomize is the witness."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import proving
import pytest
import toolchain
from test_kustomize_renames import after, left, pinned

from codemod import registry
from codemod.outcome import Plan
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms.kustomize_literals import transform

TRANSFORMS = registry.load()
PATH = "app/kustomization.yaml"
IMAGE = "acme.test/runner:main"
DIGEST = "sha256:" + "ab" * 32


def generator(literal: str) -> str:
    return f"configMapGenerator:\n- name: facts\n  literals:\n  - {literal}\n"


def planned(files: dict[str, str], *unknown: str) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=unknown)


def built(root: Path, files: dict[str, str]) -> str:
    """The data that the real kustomize generates, without the hash in its name."""
    proving.write(root, files)
    done = subprocess.run([*toolchain.kustomize(), str(root / "app")], check=True, capture_output=True, text=True)
    return re.sub(r"(name: facts)-\w+", r"\1", done.stdout)


# --- left alone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "literal",
    [
        "LEVEL=debug",
        "IMAGE_TAG=main",
        "IMAGE=runner",
        "RUNNER_IMAGE",
        f"RUNNER_IMAGE=acme.test/runner@{DIGEST}",
        "GREETING=acme.test/runner:main",
        "IMAGE_PULL_POLICY=Always",
        "'{IMAGE: a}'",
    ],
)
def test_literals_that_name_no_floating_image_stay(literal: str) -> None:
    check_leaves_alone(transform, generator(literal), path=PATH)


def test_literals_of_other_files_stay() -> None:
    check_leaves_alone(transform, generator(f"IMAGE={IMAGE}"), path="values.yaml")


def test_a_fixed_tag_is_reported() -> None:
    check_leaves_alone(transform, generator("IMAGE=acme.test/runner:v1"), path=PATH, code="tag-only")


def test_a_computed_value_is_reported() -> None:
    check_leaves_alone(transform, generator("IMAGE=${REGISTRY}/runner:latest"), path=PATH, code="computed-reference")


@pytest.mark.surface("kustomize", reported="a literal of which `replacements` take a part")
@pytest.mark.parametrize("is_file", [False, True])
def test_a_literal_stays_of_which_a_replacement_takes_a_part(tmp_path: Path, is_file: bool) -> None:
    files = {PATH: generator(f"IMAGE={IMAGE}"), "app/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"}
    if is_file:
        files |= {
            PATH: "configMapGenerator:\n- {name: facts, envs: [facts.env]}\n",
            "app/facts.env": f"IMAGE={IMAGE}\n",
        }
    files[PATH] += (
        "resources: [pod.yaml]\nreplacements:\n"
        "- source: {kind: ConfigMap, name: facts, fieldPath: data.IMAGE, options: {delimiter: ':', index: 1}}\n"
        "  targets: [{select: {kind: Pod}, fieldPaths: [metadata.labels.v], options: {create: true}}]\n"
    )
    plan = planned(files)
    assert "v: main" in built(tmp_path / "before", files)
    assert (plan.files, [code for _, code, _ in left(plan)]) == ({}, ["computed-reference"])


def test_a_file_of_variables_that_nothing_generates_from_is_of_unknown_purpose() -> None:
    plan = planned({PATH: "resources: []\n", "app/facts.env": f"IMAGE={IMAGE}\n"})
    assert (plan.files, [code for _, code, _ in left(plan)]) == ({}, ["purpose-unknown"])


# --- rewritten --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("literal", ["IMAGE={}", "'IMAGE={}'", '"IMAGE={}"', "IMAGE='{}'", "RELATED_IMAGE_RUNNER={}"])
@pytest.mark.parametrize("kind", ["configMapGenerator", "secretGenerator"])
@pytest.mark.surface("kustomize", rewritten="`literals` and `envs` of generators whose names say image")
def test_a_literal_is_pinned(literal: str, kind: str) -> None:
    before, wanted = (literal.format(f"acme.test/runner{end}") for end in (":main", "@<digest>"))
    text = generator(before).replace("configMapGenerator", kind)
    check_rewrites(transform, text, generator(wanted).replace("configMapGenerator", kind), path=PATH)


@pytest.mark.parametrize(
    "files",
    [
        {PATH: generator(f"IMAGE={IMAGE}")},
        {PATH: "configMapGenerator:\n- {name: facts, envs: [facts.env]}\n", "app/facts.env": f"IMAGE={IMAGE}\nA=b\n"},
        {PATH: "configMapGenerator:\n- {name: facts, env: facts.env}\n", "app/facts.env": f"side-image={IMAGE}\n"},
        {
            PATH: "configMapGenerator:\n- {name: facts, files: [pod.yaml]}\n",
            "app/pod.yaml": f"kind: Pod\nspec: {{containers: [{{name: a, image: '{IMAGE}'}}]}}\n",
        },
        {
            PATH: "configMapGenerator:\n- {name: facts, files: [values.yaml=v/runner.yaml]}\n",
            "app/v/runner.yaml": "image:\n  repository: acme.test/runner\n  tag: main\n",
        },
    ],
)
def test_what_kustomize_generates_differs_in_the_digest_only(tmp_path: Path, files: dict[str, str]) -> None:
    done = after(files, planned(files))
    wanted = built(tmp_path / "before", files).replace(IMAGE, pinned(IMAGE))
    wanted = wanted.replace("tag: main", f"digest: {pinned(IMAGE).partition('@')[2]}")
    assert built(tmp_path / "after", done) == wanted
    assert pinned(IMAGE).partition("@")[2] in wanted
    assert not planned(done).files
