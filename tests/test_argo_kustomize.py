"""What Argo CD's `kustomize.images` make of the images below; the real kustomize builds what Argo CD would write."""

from __future__ import annotations

import datetime
import re
import subprocess
from pathlib import Path

import proving
import pytest
import toolchain

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.fleet.argokustomize import argument, edited, item_of
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
DIGEST = "sha256:" + "ab" * 32
Files = dict[str, str]


def base(image: str, images: str = "") -> Files:
    return {
        "base/kustomization.yaml": f"resources: [pod.yaml]\n{images}",
        "base/pod.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
            f"    - {{name: web, image: '{image}'}}\n"
        ),
    }


def application(*images: str, path: str = "base", name: str = "web") -> Files:
    items = "".join(f"        - {image}\n" for image in images)
    return {
        f"apps/{name}.yaml": (
            f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  source:\n"
            f"    path: {path}\n" + (f"    kustomize:\n      images:\n{items}" if images else "")
        )
    }


def generated(images: str, patch: str = "") -> Files:
    return {
        "apps/set.yaml": (
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n  goTemplate: true\n"
            "  generators: [{list: {elements: [{env: dev}, {env: prod}]}}]\n"
            "  template:\n    metadata: {name: 'web-{{ .env }}'}\n    spec:\n      source:\n        path: base\n"
            f"{images}{patch}"
        )
    }


def planned(files: Files, *unknown: str) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=unknown)


def after(files: Files, plan: Plan) -> Files:
    return {path: plan.files[path][1].decode() if path in plan.files else text for path, text in files.items()}


def built(root: Path, files: Files, app: str = "apps/web.yaml") -> list[str]:
    """What the real kustomize builds of the base, with the items of an Application put in by hand."""
    items = [item for text in re.findall(r"^ +- (\S+)$", files[app], re.MULTILINE) if (item := item_of(text, 0, app))]
    entries = [one.entry for one in edited((), items)]
    lines = "".join(
        f"  - {{name: '{one.name}', newName: '{one.new_name}', newTag: '{one.new_tag}', digest: '{one.digest}'}}\n"
        for one in entries
    )
    proving.write(root, {**files, "base/kustomization.yaml": f"resources: [pod.yaml]\nimages:\n{lines}"})
    done = subprocess.run([*toolchain.kustomize(), str(root / "base")], check=True, capture_output=True, text=True)
    return re.findall(r"image: (\S+)", done.stdout)


def images(plan: Plan, path: str) -> list[tuple[str, str]]:
    return [(str(entry.reference), entry.status) for entry in plan.images if entry.site.path == path]


def left(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.site.path, entry.code) for entry in plan.left]


def broken(plan: Plan) -> list[tuple[str, str]]:
    return [(v.code, v.path) for v in violations(plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))]


# --- what `kustomize edit set image` writes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "items", "wanted"),
    [
        ([], ["image1=my-image1:my-tag"], [("image1", "my-image1", "my-tag", "")]),
        ([], ["image1:my-tag"], [("image1", "", "my-tag", "")]),
        ([], [f"image1@{DIGEST}"], [("image1", "", "", DIGEST)]),
        ([], [f"my-image1:my-tag@{DIGEST}"], [("my-image1", "", "my-tag", DIGEST)]),
        (
            [],
            ["nginx=localhost:5000/my-project/nginx:dev-01"],
            [("nginx", "localhost:5000/my-project/nginx", "dev-01", "")],
        ),
        (["a=x/a:1"], ["a:v2"], [("a", "", "v2", "")]),
        (
            ["a=x/a:1", "b=x/b:1"],
            ["c=x/c:1", "b=*:2"],
            [("a", "x/a", "1", ""), ("b", "x/b", "2", ""), ("c", "x/c", "1", "")],
        ),
        (["a=x/a:1"], ["a=y/a:*"], [("a", "y/a", "1", "")]),
        ([], ["a=*:2"], [("a", "", "2", "")]),
    ],
)
def test_an_item_takes_the_place_of_the_entry_of_its_name(
    entries: list[str], items: list[str], wanted: list[tuple[str, str, str, str]]
) -> None:
    old, new = ([one for text in texts if (one := item_of(text, 0, "x"))] for texts in (entries, items))
    found = [one.entry for one in edited(old, new)]
    assert [(one.name, one.new_name, one.new_tag, one.digest) for one in found] == wanted


@pytest.mark.parametrize("text", ["nginx", "", ":v1"])
def test_what_kustomize_refuses_is_no_entry(text: str) -> None:
    assert argument(text, 0) is None


# --- left alone ------------------------------------------------------------------------------------------------------


@pytest.mark.surface("argocd", reported="an image that Applications give different names by `kustomize.images`")
def test_a_base_stays_that_applications_give_different_names() -> None:
    files = base("acme.test/web:main") | application("acme.test/web=dev.test/web", name="dev")
    plan = planned(files | application("acme.test/web=prod.test/web", name="prod"))
    assert (plan.files, left(plan)) == ({}, [("base/pod.yaml", "ambiguous-repository")])


def test_a_base_stays_that_one_of_two_applications_renames() -> None:
    files = base("acme.test/web:main") | application("acme.test/web=dev.test/web", name="dev")
    plan = planned(files | application(name="prod"))
    assert (plan.files, left(plan)) == ({}, [("base/pod.yaml", "ambiguous-repository")])


def test_a_base_stays_whose_tag_an_application_decides_without_a_known_digest() -> None:
    plan = planned(base("acme.test/web:dev") | application("acme.test/web:main"), "acme.test/web:main")
    assert "base/pod.yaml" not in plan.files
    assert ("apps/web.yaml", "digest-unknown") in left(plan)


def test_an_application_of_another_folder_renames_nothing() -> None:
    plan = planned(base("acme.test/web:main") | application("acme.test/web=dev.test/web", path="other"))
    assert [change.image for change in plan.changed] == ["acme.test/web:main"]


@pytest.mark.surface("argocd", left="annotations and objects of the Image Updater, which are constraints")
def test_what_the_image_updater_may_choose_from_is_no_deployment() -> None:
    notes = {
        "image-list": "web=ghcr.io/acme/web:main, ghcr.io/acme/side:latest",
        "web.helm.image-spec": "image",
        "web.kustomize.image-name": "ghcr.io/acme/web:main",
    }
    lines = "".join(f"    argocd-image-updater.argoproj.io/{key}: {value}\n" for key, value in notes.items())
    metadata = f"metadata:\n  name: web\n  annotations:\n{lines}"
    app = application()["apps/web.yaml"].replace("metadata: {name: web}\n", metadata)
    updater = (
        "apiVersion: argocd-image-updater.argoproj.io/v1alpha1\nkind: ImageUpdater\nmetadata: {name: web}\nspec:\n"
        "  applicationRefs:\n    - namePattern: web\n      images:\n"
        "        - {alias: web, imageName: 'ghcr.io/acme/web:main'}\n"
    )
    plan = planned({"apps/web.yaml": app, "updater.yaml": updater})
    assert (plan.files, plan.images, plan.left) == ({}, (), ())


# --- reported --------------------------------------------------------------------------------------------------------


def test_a_fixed_tag_that_takes_a_digest_off_is_a_violation() -> None:
    plan = planned(base(f"acme.test/web@{DIGEST}") | application("acme.test/web:v1"))
    assert ("UF014", "apps/web.yaml") in broken(plan)


# --- rewritten -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["acme.test/web=mirror.test/web", "acme.test/web=mirror.test/web:main"])
@pytest.mark.surface("argocd", rewritten="the image of a base under the name that `kustomize.images` give it")
def test_the_digest_is_that_of_the_name_that_an_application_gives(tmp_path: Path, item: str) -> None:
    files = base("acme.test/web:main") | application(item)
    plan = planned(files)
    done = after(files, plan)
    if ":" in item:
        assert built(tmp_path, done) == [f"mirror.test/web@{digest_of('mirror.test/web:main')}"]
    else:
        assert digest_of("mirror.test/web:main") in done["base/pod.yaml"]
    again = planned(done)
    assert (again.files, again.left) == ({}, ())


@pytest.mark.parametrize(
    ("image", "item"),
    [
        (f"acme.test/web@{DIGEST}", "acme.test/web:main"),
        ("web", "web=acme.test/web:main"),
        ("acme.test/web:dev", "'acme.test/web:main'"),
    ],
)
def test_an_item_with_a_floating_tag_is_pinned_whatever_the_base_says(tmp_path: Path, image: str, item: str) -> None:
    files = base(image) | application(item)
    done = after(files, planned(files))
    pinned = f"acme.test/web@{digest_of('acme.test/web:main')}"
    assert pinned in done["apps/web.yaml"]
    unquoted = {path: text.replace("'acme.test", "acme.test").replace("'\n", "\n") for path, text in done.items()}
    unquoted["base/pod.yaml"] = done["base/pod.yaml"]
    assert built(tmp_path, unquoted) == [pinned]


def test_a_star_is_the_name_that_the_kustomization_gives() -> None:
    own = "images: [{name: web, newName: acme.test/web, newTag: dev}]\n"
    files = base("web", own) | application("web=*:main")
    done = after(files, planned(files))
    assert f"- web=*@{digest_of('acme.test/web:main')}\n" in done["apps/web.yaml"]


def test_an_application_set_says_it_for_all_its_applications() -> None:
    kustomize = "        kustomize:\n          images:\n            - acme.test/web={{ .env }}.test/web\n"
    plan = planned(base("acme.test/web:main") | generated(kustomize))
    assert ("base/pod.yaml", "ambiguous-repository") in left(plan)
    assert not plan.files


@pytest.mark.surface("argocd", rewritten="`kustomize.images` in a `templatePatch`")
def test_the_patch_of_a_template_counts_like_the_template() -> None:
    patch = (
        "  templatePatch: |\n    spec:\n      source:\n        kustomize:\n          images:\n"
        "            - acme.test/web=mirror.test/web:dev\n"
    )
    files = base("acme.test/web:main") | generated("", patch)
    plan = planned(files)
    done = after(files, plan)
    assert f"- acme.test/web=mirror.test/web@{digest_of('mirror.test/web:dev')}\n" in done["apps/set.yaml"]
    assert ("mirror.test/web:dev", "floating") in images(plan, "apps/set.yaml")


def test_an_override_beside_the_kustomization_takes_the_place_of_the_items() -> None:
    override = {"base/.argocd-source-web.yaml": "kustomize:\n  images:\n    - acme.test/web=second.test/web:main\n"}
    files = base("acme.test/web:dev") | application("acme.test/web=first.test/web") | override
    plan = planned(files)
    done = after(files, plan)
    assert f"second.test/web@{digest_of('second.test/web:main')}" in done["base/.argocd-source-web.yaml"]
    assert "first.test" not in {str(entry.reference) for entry in plan.images}


PATCHES = """\
    kustomize:
      patches:
        - target: {kind: Pod}
          patch: |-
            - op: replace
              path: /spec/containers/0/image
              value: acme.test/web:dev
        - patch: |-
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: [{name: side, image: 'acme.test/side:dev'}]}
"""


@pytest.mark.surface("argocd", rewritten="inline `kustomize.patches`, environment variables of plugins")
def test_images_in_inline_patches_and_in_the_environment_of_plugins_are_pinned() -> None:
    app = application()["apps/web.yaml"]
    plugin = "    plugin: {env: [{name: WEB_IMAGE, value: 'acme.test/env:dev'}, {name: TAG, value: dev}]}\n"
    plan = planned({"a.yaml": app + PATCHES, "b.yaml": app + plugin})
    assert {change.image for change in plan.changed} == {f"acme.test/{name}:dev" for name in ("web", "side", "env")}
