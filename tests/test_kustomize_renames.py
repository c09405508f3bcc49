"""Images of manifests that the `images:` of kustomizations give another name; the real kustomize is the witness."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import proving
import pytest
import toolchain

from codemod import registry
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: acme.test/web:main
"""
BASE = {"base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": POD}
RENAMING = "{name: acme.test/web, newName: mirror.test/web}"
PATCH = """\
patches:
  - patch: |
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec:
        containers:
          - name: side
            image: acme.test/web:dev
"""


def overlay(name: str, *images: str, more: str = "resources: [../../base]\n") -> dict[str, str]:
    return {f"overlays/{name}/kustomization.yaml": f"{more}images: [{', '.join(images)}]\n"}


def planned(files: dict[str, str], *unknown: str) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=unknown)


def built(root: Path, files: dict[str, str], folder: str) -> list[str]:
    """What the real kustomize builds."""
    proving.write(root, files)
    done = subprocess.run([*toolchain.kustomize(), str(root / folder)], check=True, capture_output=True, text=True)
    return re.findall(r"image: (\S+)", done.stdout)


def after(files: dict[str, str], plan: Plan) -> dict[str, str]:
    return {path: plan.files[path][1].decode() if path in plan.files else text for path, text in files.items()}


def left(plan: Plan) -> list[tuple[str, str, str]]:
    return [(entry.site.path, entry.code, entry.message) for entry in plan.left]


def pinned(image: str) -> str:
    return f"{image.rpartition(':')[0]}@{digest_of(image)}"


# --- left alone ------------------------------------------------------------------------------------------------------


def test_a_base_stays_that_overlays_give_different_names() -> None:
    plan = planned({**BASE, **overlay("dev", RENAMING.replace("mirror", "dev")), **overlay("prod", RENAMING)})
    assert not plan.files
    (found,) = left(plan)
    assert found[:2] == ("base/pod.yaml", "ambiguous-repository")
    assert "mirror.test/web in overlays/prod/kustomization.yaml" in found[2]


def test_a_base_stays_that_one_of_two_overlays_renames() -> None:
    plan = planned({**BASE, **overlay("dev"), **overlay("prod", RENAMING)})
    assert [code for _, code, _ in left(plan)] == ["ambiguous-repository"]


def test_a_base_stays_whose_new_name_has_no_known_digest() -> None:
    plan = planned({**BASE, **overlay("prod", RENAMING)}, "mirror.test/web:main")
    assert (plan.files, [code for _, code, _ in left(plan)]) == ({}, ["digest-unknown"])


def test_a_base_stays_whose_tag_gets_a_suffix(tmp_path: Path) -> None:
    files = {**BASE, **overlay("prod", "{name: acme.test/web, tagSuffix: -alpine}")}
    plan = planned(files)
    assert (plan.files, [code for _, code, _ in left(plan)]) == ({}, ["computed-reference"])
    broken = {**files, "base/pod.yaml": POD.replace(":main", "@sha256:" + "ab" * 32)}
    assert ":-alpine" in built(tmp_path, broken, "overlays/prod")[0]


def test_a_base_stays_whose_new_name_is_computed() -> None:
    plan = planned({**BASE, **overlay("prod", "{name: acme.test/web, newName: '${REGISTRY}/web'}")})
    assert (plan.files, [code for _, code, _ in left(plan)]) == ({}, ["computed-reference"])


@pytest.mark.parametrize(
    "entry",
    [
        "{name: web, newName: mirror.test/web}",
        "{name: acme.test/we, newName: mirror.test/web}",
    ],
)
def test_an_entry_of_another_name_renames_nothing(tmp_path: Path, entry: str) -> None:
    files = {**BASE, **overlay("prod", entry)}
    assert built(tmp_path, after(files, planned(files)), "overlays/prod") == [pinned("acme.test/web:main")]


def test_what_kustomize_does_not_reach_keeps_its_name(tmp_path: Path) -> None:
    thing = "apiVersion: acme.test/v1\nkind: Thing\nmetadata: {name: x}\nspec: {image: 'acme.test/web:main'}\n"
    files = {**BASE, "base/pod.yaml": thing, **overlay("prod", RENAMING)}
    assert built(tmp_path, after(files, planned(files)), "overlays/prod") == [f"{pinned('acme.test/web:main')}"]


# --- rewritten -------------------------------------------------------------------------------------------------------


def test_the_digest_is_that_of_the_new_name(tmp_path: Path) -> None:
    files = {**BASE, **overlay("prod", RENAMING)}
    plan = planned(files)
    done = after(files, plan)
    assert built(tmp_path, files, "overlays/prod") == ["mirror.test/web:main"]
    assert built(tmp_path, done, "overlays/prod") == [pinned("mirror.test/web:main")]
    assert f"image: acme.test/web@{digest_of('mirror.test/web:main')}" in done["base/pod.yaml"]
    assert [str(entry.reference) for entry in plan.images] == ["mirror.test/web:main"]
    again = planned(done)
    assert (again.files, again.left) == ({}, ())


def test_entries_work_one_after_the_other_inner_kustomizations_first(tmp_path: Path) -> None:
    second = "{name: mirror.test/web, newName: third.test/web}"
    files = {**BASE, **overlay("prod", RENAMING, second)}
    files |= overlay("eu", "{name: third.test/(w)eb, newName: fourth.test/web}", more="resources: [../prod]\n")
    assert built(tmp_path, after(files, planned(files)), "overlays/eu") == [pinned("fourth.test/web:main")]


def test_an_entry_with_a_tag_decides_by_itself(tmp_path: Path) -> None:
    files = {**BASE, **overlay("dev", RENAMING.replace("}", ", newTag: dev}")), **overlay("prod", RENAMING)}
    done = after(files, planned(files))
    assert built(tmp_path, done, "overlays/dev") == [pinned("mirror.test/web:dev")]
    assert built(tmp_path, done, "overlays/prod") == [pinned("mirror.test/web:main")]


def test_components_rename_too(tmp_path: Path) -> None:
    component = f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{RENAMING}]\n"
    files = {**BASE, **overlay("prod", more="resources: [../../base]\ncomponents: [../../mirror]\n")}
    files["mirror/kustomization.yaml"] = component
    assert built(tmp_path, after(files, planned(files)), "overlays/prod") == [pinned("mirror.test/web:main")]


@pytest.mark.parametrize("inline", [True, False])
def test_images_of_patches_are_renamed(tmp_path: Path, inline: bool) -> None:
    files = {**BASE, **overlay("prod", RENAMING, more=f"resources: [../../base]\n{PATCH}")}
    if not inline:
        text = PATCH.partition("|\n")[2].replace("      ", "", 1).replace("\n      ", "\n")
        files |= overlay("prod", RENAMING, more="resources: [../../base]\npatches: [{path: side.yaml}]\n")
        files["overlays/prod/side.yaml"] = text
    done = after(files, planned(files))
    found = built(tmp_path, done, "overlays/prod")
    assert sorted(found) == sorted([pinned("mirror.test/web:main"), pinned("mirror.test/web:dev")])


def test_a_flux_kustomization_renames_what_is_in_its_folder() -> None:
    flux = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\n"
        f"spec:\n  path: ./base\n  images: [{RENAMING}]\n"
    )
    plan = planned({**BASE, "flux/web.yaml": flux})
    assert [change.image for change in plan.changed] == ["mirror.test/web:main"]


# --- entries that set a tag or a digest ------------------------------------------------------------------------------

FIXED = "{name: acme.test/web, newTag: v1}"
DIGEST = "sha256:" + "ab" * 32
POLICY = POD + "      imagePullPolicy: Always\n"


def statuses(plan: Plan) -> list[tuple[str, str, str]]:
    return [(entry.site.path, str(entry.reference), entry.status) for entry in plan.images]


def test_a_base_stays_whose_tag_an_entry_replaces_by_a_fixed_one(tmp_path: Path) -> None:
    files = {**BASE, **overlay("prod", FIXED)}
    plan = planned(files)
    assert not plan.files
    assert built(tmp_path, files, "overlays/prod") == ["acme.test/web:v1"]
    assert statuses(plan)[0] == ("base/pod.yaml", "acme.test/web:v1", "tag-only")
    assert {code for _, code, _ in left(plan)} == {"tag-only"}


def test_a_base_needs_no_digest_where_an_entry_has_one(tmp_path: Path) -> None:
    files = {**BASE, **overlay("prod", f"{{name: acme.test/web, digest: '{DIGEST}'}}")}
    plan = planned(files, "acme.test/web:main")
    assert (plan.files, plan.left) == ({}, ())
    assert built(tmp_path, files, "overlays/prod") == [f"acme.test/web@{DIGEST}"]
    assert {status for _, _, status in statuses(plan)} == {"pinned"}


def test_a_base_is_pinned_with_the_entry_that_floats(tmp_path: Path) -> None:
    files = {**BASE, **overlay("prod", "{name: acme.test/web, newTag: dev}")}
    plan = planned(files)
    done = after(files, plan)
    assert not plan.left
    assert built(tmp_path, done, "overlays/prod") == [pinned("acme.test/web:dev")]
    assert digest_of("acme.test/web:dev") in done["base/pod.yaml"]
    again = planned(done)
    assert (again.files, again.left) == ({}, ())


def test_a_base_that_some_overlays_leave_as_it_is_is_pinned_for_these(tmp_path: Path) -> None:
    files = {**BASE, **overlay("dev"), **overlay("prod", FIXED)}
    plan = planned(files, "acme.test/web:v1")
    done = after(files, plan)
    assert [code for _, code, _ in left(plan)] == ["digest-taken-off"]
    assert built(tmp_path, done, "overlays/dev") == [pinned("acme.test/web:main")]
    assert built(tmp_path, done, "overlays/prod") == ["acme.test/web:v1"]


@pytest.mark.parametrize("more", [overlay("dev"), {}])
def test_a_policy_stays_over_an_image_that_an_entry_leaves_without_a_digest(more: dict[str, str]) -> None:
    plan = planned({**BASE, "base/pod.yaml": POLICY, **more, **overlay("prod", FIXED)}, "acme.test/web:v1")
    assert "pull-policy-governs-unpinned" in {code for _, code, _ in left(plan)}


def test_a_policy_flips_with_the_entry_that_gets_its_digest() -> None:
    files = {**BASE, "base/pod.yaml": POLICY, **overlay("prod", "{name: acme.test/web, newTag: dev}")}
    plan = planned(files)
    assert not plan.left
    assert "imagePullPolicy: IfNotPresent" in after(files, plan)["base/pod.yaml"]


def test_overlays_that_set_different_tags_keep_the_base() -> None:
    other = "{name: acme.test/web, newTag: v2}"
    plan = planned({**BASE, **overlay("dev", other), **overlay("prod", FIXED)})
    assert not plan.files
    assert {(path, status) for path, _, status in statuses(plan)} >= {("base/pod.yaml", "tag-only")}


def test_a_tag_that_is_computed_leaves_the_base_computed() -> None:
    plan = planned({**BASE, **overlay("prod", "{name: acme.test/web, newTag: '${TAG}'}")})
    assert (plan.files, {code for _, code, _ in left(plan)}) == ({}, {"computed-reference"})


def test_a_fixed_tag_in_a_base_does_not_get_the_digest_of_the_entry_that_replaces_it(tmp_path: Path) -> None:
    fixed = {path: text.replace(":main", ":v1") for path, text in BASE.items()}
    files = {**fixed, **overlay("dev", "{name: acme.test/web, newTag: dev}")}
    plan = planned(files)
    assert list(plan.files) == ["overlays/dev/kustomization.yaml"]
    assert left(plan) == [("base/pod.yaml", "tag-only", "")]
    assert built(tmp_path, after(files, plan), "overlays/dev") == [pinned("acme.test/web:dev")]


def test_a_base_does_not_get_the_digest_of_another_repository_that_replaces_it(tmp_path: Path) -> None:
    entry = "{name: acme.test/web, newName: mirror.test/tee, newTag: latest}"
    files = {**BASE, **overlay("dev", entry)}
    changed = after(files, planned(files))
    assert pinned("acme.test/web:main") in changed["base/pod.yaml"]
    assert built(tmp_path / "all", changed, "overlays/dev") == [pinned("mirror.test/tee:latest")]
    unknown = planned(files, "acme.test/web:main")
    assert list(unknown.files) == ["overlays/dev/kustomization.yaml"]
    assert left(unknown) == [("base/pod.yaml", "digest-unknown", "")]


PLACEHOLDER = POD.replace("acme.test/web:main", "controller:latest")


@pytest.mark.surface("kustomize", left="a bare name in whose place an entry puts another repository")
@pytest.mark.parametrize("tag", ["newTag: dev", "newTag: v1.2.3", 'digest: "sha256:' + "a" * 64 + '"'])
def test_a_bare_name_that_only_marks_a_place_is_what_the_entry_says(tag: str, tmp_path: Path) -> None:
    entry = f"{{name: controller, newName: acme.test/manager, {tag}}}"
    files = {
        "manager/kustomization.yaml": f"resources: [pod.yaml]\nimages: [{entry}]\n",
        "manager/pod.yaml": PLACEHOLDER,
    }
    plan = planned(files)
    assert set(plan.files) <= {"manager/kustomization.yaml"}
    assert {image.reference.name for image in plan.images if image.reference} == {"acme.test/manager"}
    (image,) = built(tmp_path, after(files, plan), "manager")
    assert image.startswith("acme.test/manager")
    assert "latest" not in image


def test_a_bare_name_that_some_overlay_keeps_is_pinned() -> None:
    base = {**BASE, "base/pod.yaml": PLACEHOLDER}
    files = {**base, **overlay("a", "{name: controller, newName: acme.test/manager, newTag: v1}"), **overlay("b")}
    plan = planned(files)
    assert b"controller@sha256:" in plan.files["base/pod.yaml"][1]


# --- configurations ---------------------------------------------------------------------------------------------------

THING = (
    "apiVersion: acme.test/v1\nkind: {}\nmetadata: {{name: x}}\nspec: {{parts: [{{image: 'acme.test/web:main'}}]}}\n"
)


@pytest.mark.parametrize(("kind", "name"), [("Thing", "mirror.test/web"), ("Other", "acme.test/web")])
def test_images_of_custom_resources_are_renamed_where_a_configuration_says_so(
    tmp_path: Path, kind: str, name: str
) -> None:
    files = {**BASE, "base/pod.yaml": THING.format(kind)}
    files |= overlay("prod", RENAMING, more="resources: [../../base]\nconfigurations: [images.yaml]\n")
    files["overlays/prod/images.yaml"] = "images:\n- {path: 'spec/parts[]/image', kind: Thing}\n"
    assert f"{name}:main" in built(tmp_path / "before", files, "overlays/prod")[0]
    done = after(files, planned(files))
    assert pinned(f"{name}:main") in built(tmp_path / "after", done, "overlays/prod")[0]
