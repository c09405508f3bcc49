"""Images in patches of kustomizations, in all their shapes; the real kustomize is the witness."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_kustomize_renames import BASE, POD, after, built, left, overlay, pinned, planned

SIDE = "acme.test/side:dev"
MERGE = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: side
      image: acme.test/side:dev
"""
REPLACE = "- {op: replace, path: /spec/containers/0/image, value: 'acme.test/side:dev'}\n"
TARGET = "{kind: Pod, name: web}"


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


def overlaid(more: str, files: dict[str, str] | None = None) -> dict[str, str]:
    """A base with one container, and an overlay with patches."""
    return {**BASE, **overlay("prod", more=f"resources: [../../base]\n{more}"), **(files or {})}


FORMS = {
    "a merge patch in the kustomization": overlaid("patches:\n- patch: |-\n" + indented(MERGE, 4)),
    "a merge patch with a target": overlaid(f"patches:\n- target: {TARGET}\n  patch: |\n" + indented(MERGE, 4)),
    "a merge patch in a file": overlaid("patches:\n- path: side.yaml\n", {"overlays/prod/side.yaml": MERGE}),
    "a merge patch of an older kustomize": overlaid("patchesStrategicMerge:\n- |-\n" + indented(MERGE, 2)),
    "a file of merge patches of an older kustomize": overlaid(
        "patchesStrategicMerge: [side.yaml]\n", {"overlays/prod/side.yaml": f"---\n{MERGE}"}
    ),
    "a JSON patch in the kustomization": overlaid(
        f"patches:\n- target: {TARGET}\n  patch: |-\n" + indented(REPLACE, 4)
    ),
    "a JSON patch in JSON": overlaid(
        f"patches:\n- target: {TARGET}\n  patch: '"
        '[{"op": "replace", "path": "/spec/containers/0/image", "value": "acme.test/side:dev"}]\'\n'
    ),
    "a JSON patch in a file": overlaid(
        f"patches:\n- target: {TARGET}\n  path: side.yaml\n", {"overlays/prod/side.yaml": REPLACE}
    ),
    "a JSON file": overlaid(
        f"patches:\n- target: {TARGET}\n  path: side.json\n",
        {
            "overlays/prod/side.json": '[{"op": "replace", "path": "/spec/containers/0/image", '
            '"value": "acme.test/side:dev"}]\n'
        },
    ),
    "a JSON patch of an older kustomize": overlaid(
        "patchesJson6902:\n- target: {version: v1, kind: Pod, name: web}\n  patch: |-\n" + indented(REPLACE, 4)
    ),
    "a file of an older kustomize": overlaid(
        "patchesJson6902:\n- target: {version: v1, kind: Pod, name: web}\n  path: side.yaml\n",
        {"overlays/prod/side.yaml": REPLACE},
    ),
    "a container that is added": overlaid(
        f"patches:\n- target: {TARGET}\n  patch: |-\n    - op: add\n      path: /spec/containers/-\n"
        "      value:\n        name: side\n        image: acme.test/side:dev\n"
    ),
    "containers that are replaced": overlaid(
        f"patches:\n- target: {TARGET}\n  patch: |-\n    - op: replace\n      path: /spec/containers\n"
        "      value: [{name: side, image: 'acme.test/side:dev'}]\n"
    ),
    "an image that is added": overlaid(
        f"patches:\n- target: {TARGET}\n  patch: |-\n    - op: add\n      path: /spec/containers/0/image\n"
        "      value: acme.test/side:dev\n"
    ),
}


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
@pytest.mark.surface("kustomize", rewritten="patches, strategic merge and JSON, inline and in files")
def test_the_image_of_a_patch_is_pinned_in_every_form(tmp_path: Path, files: dict[str, str]) -> None:
    before = built(tmp_path / "before", files, "overlays/prod")
    assert SIDE in before
    done = after(files, planned(files))
    assert sorted(built(tmp_path / "after", done, "overlays/prod")) == sorted(map(pinned, before))
    assert (planned(done).files, planned(done).left) == ({}, ())


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
def test_entries_work_on_the_images_of_patches(tmp_path: Path, files: dict[str, str]) -> None:
    path = "overlays/prod/kustomization.yaml"
    entry = "images: [{name: acme.test/side, newName: mirror.test/side}]"
    files = {**files, path: files[path].replace("images: []", entry)}
    before = built(tmp_path / "before", files, "overlays/prod")
    assert "mirror.test/side:dev" in before
    done = after(files, planned(files))
    assert sorted(built(tmp_path / "after", done, "overlays/prod")) == sorted(map(pinned, before))


def test_the_digest_of_a_merge_patch_in_a_file_is_taken_off_by_an_entry() -> None:
    patch = MERGE.replace(":dev", "@sha256:" + "ab" * 32)
    files = overlaid("patches: [{path: side.yaml}]\n", {"overlays/prod/side.yaml": patch})
    path = "overlays/prod/kustomization.yaml"
    files[path] = files[path].replace("images: []", "images: [{name: acme.test/side, newTag: v2}]")
    assert (path, "digest-taken-off") in {entry[:2] for entry in left(planned(files, "acme.test/side:v2"))}


@pytest.mark.parametrize(
    "operation",
    [
        "{op: remove, path: /spec/containers/0/image}",
        "{op: replace, path: /metadata/labels/image, value: 3}",
        "{op: test, path: /spec/containers/0/image, value: 'acme.test/web:main'}",
        "{op: copy, from: /spec/containers/0/image, path: /metadata/annotations/image}",
        "{op: add, path: /spec/containers/0/args, value: ['acme.test/web:dev']}",
    ],
)
def test_operations_that_set_no_image_stay(operation: str) -> None:
    path = "overlays/prod/kustomization.yaml"
    files = overlaid(f"patches:\n- target: {TARGET}\n  patch: |-\n    - {operation}\n")
    assert path not in planned(files).files


# --- components and bases of bases ----------------------------------------------------------------------------------

COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
DIGEST = "sha256:" + "ab" * 32


def in_component(text: str) -> dict[str, str]:
    return {
        **BASE,
        **overlay("prod", more="resources: [../../base]\ncomponents: [../../extra]\n"),
        "extra/kustomization.yaml": f"{COMPONENT}{text}",
    }


@pytest.mark.parametrize(
    "text",
    [
        "images: [{name: acme.test/web, newTag: dev}]\n",
        "images: [{name: acme.test/web, newName: mirror.test/web}]\n",
        "patches:\n- patch: |-\n" + indented(MERGE, 4),
        f"patches:\n- target: {TARGET}\n  patch: |-\n" + indented(REPLACE, 4),
    ],
)
@pytest.mark.surface("kustomize", rewritten="components, and bases over several levels")
def test_a_component_works_on_what_the_kustomization_brings(tmp_path: Path, text: str) -> None:
    files = in_component(text)
    before = built(tmp_path / "before", files, "overlays/prod")
    done = after(files, planned(files))
    assert sorted(built(tmp_path / "after", done, "overlays/prod")) == sorted(map(pinned, before))


def test_components_of_components_work_before_these(tmp_path: Path) -> None:
    files = in_component("components: [../inner]\nimages: [{name: mirror.test/web, newName: third.test/web}]\n")
    files["inner/kustomization.yaml"] = f"{COMPONENT}images: [{{name: acme.test/web, newName: mirror.test/web}}]\n"
    assert built(tmp_path / "before", files, "overlays/prod") == ["third.test/web:main"]
    assert built(tmp_path / "after", after(files, planned(files)), "overlays/prod") == [pinned("third.test/web:main")]


def test_a_component_that_takes_a_digest_off_is_told() -> None:
    files = in_component("images: [{name: acme.test/web, newTag: v2}]\n")
    files["base/pod.yaml"] = POD.replace(":main", f"@{DIGEST}")
    found = {entry[:2] for entry in left(planned(files, "acme.test/web:v2"))}
    assert found == {("extra/kustomization.yaml", "digest-taken-off")}


def test_bases_of_bases_are_pinned_under_the_last_name(tmp_path: Path) -> None:
    files = {**BASE, **overlay("a"), **overlay("b", more="bases: [../a]\n")}
    files |= overlay("c", "{name: acme.test/web, newName: mirror.test/web}", more="resources: [../b]\n")
    before = built(tmp_path / "before", files, "overlays/c")
    assert before == ["mirror.test/web:main"]
    assert built(tmp_path / "after", after(files, planned(files)), "overlays/c") == [pinned(before[0])]
