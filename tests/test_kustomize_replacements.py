"""Images that `replacements:` take apart or put together; the real kustomize is the witness."""

from __future__ import annotations

import subprocess
from pathlib import Path

import proving
import pytest
import toolchain
from test_kustomize_renames import BASE, POD, after, built, left, overlay, pinned, planned

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: facts, labels: {v: x}}\ndata: {seen: x, VERSION: v2}\n"
IMAGE = "spec.containers.[name=web].image"
PATH = "overlays/prod/kustomization.yaml"


def replaced(source: str, target: str, files: dict[str, str] | None = None, images: str = "[]") -> dict[str, str]:
    text = f"resources: [../../base, map.yaml]\nimages: {images}\n"
    text += f"replacements:\n- source: {source}\n  targets: [{target}]\n"
    return {**BASE, PATH: text, "overlays/prod/map.yaml": MAP, **(files or {})}


def of_image(options: str = "", path: str = IMAGE) -> str:
    return f"{{kind: Pod, name: web, fieldPath: '{path}'{options}}}"


def to_map(field: str = "data.seen") -> str:
    return f"{{select: {{kind: ConfigMap}}, fieldPaths: [{field}]}}"


def to_image(options: str = "", path: str = IMAGE, select: str = "{kind: Pod, name: w.b}") -> str:
    return f"{{select: {select}, fieldPaths: ['{path}']{options}}}"


TAG_OF_MAP = "{kind: ConfigMap, name: facts, fieldPath: data.VERSION}"
COLON = ", options: {delimiter: ':', index: 1}"
LAST = ", options: {delimiter: '/', index: 1}"
FIRST = ", options: {delimiter: '/', index: 0}"


def text_of(root: Path, files: dict[str, str]) -> str:
    proving.write(root, files)
    done = subprocess.run(
        [*toolchain.kustomize(), str(root / "overlays/prod")], capture_output=True, check=True, text=True
    )
    return done.stdout


# --- left alone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        replaced(of_image(COLON), to_map()),
        replaced(of_image(LAST), to_map()),
        replaced(of_image(COLON, "spec.containers.0.image"), to_map("metadata.labels.v")),
        replaced(TAG_OF_MAP, to_image(COLON)),
        replaced(TAG_OF_MAP, to_image(FIRST)),
        replaced(TAG_OF_MAP, to_image(COLON, "spec.containers.*.image", "{kind: Pod}")),
        replaced(TAG_OF_MAP, to_image("", "spec.containers.[image=acme.test/web:main].name")),
    ],
)
@pytest.mark.surface("kustomize", reported="images that `replacements` take apart, put together or look for")
def test_an_image_stays_of_which_a_replacement_takes_or_sets_a_part(tmp_path: Path, files: dict[str, str]) -> None:
    plan = planned(files)
    assert (plan.files, [entry[:2] for entry in left(plan)]) == ({}, [("base/pod.yaml", "computed-reference")])
    before = text_of(tmp_path / "before", files)
    broken = {**files, "base/pod.yaml": POD.replace("acme.test/web:main", pinned("acme.test/web:main"))}
    try:
        assert text_of(tmp_path / "after", broken) != before.replace("acme.test/web:main", pinned("acme.test/web:main"))
    except subprocess.CalledProcessError:
        assert "[image=" in files[PATH]


def test_replacements_in_a_file_are_looked_at_too() -> None:
    inline = replaced(TAG_OF_MAP, to_image(COLON))
    head, _, items = inline[PATH].partition("replacements:\n")
    files = {**inline, PATH: f"{head}replacements: [{{path: r.yaml}}]\n", "overlays/prod/r.yaml": items}
    assert [code for _, code, _ in left(planned(files))] == ["computed-reference"]
    single = items.replace("- source", "source").replace("\n  ", "\n")
    assert [code for _, code, _ in left(planned({**files, "overlays/prod/r.yaml": single}))] == ["computed-reference"]


def test_an_entry_stays_whose_tag_a_replacement_takes() -> None:
    files = replaced(of_image(COLON), to_map(), images="[{name: acme.test/web, newTag: dev}]")
    assert (PATH, "computed-reference") in {entry[:2] for entry in left(planned(files))}
    assert PATH not in planned(files).files


# --- rewritten --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        replaced(of_image(), to_map()),
        replaced(of_image(FIRST), to_map()),
        replaced(TAG_OF_MAP, to_map()),
        replaced(TAG_OF_MAP, to_image(COLON, select="{kind: Pod, name: other}", path="spec.containers.*.image")),
        replaced("{kind: Pod, name: web, fieldPath: metadata.name}", to_map()),
    ],
)
def test_an_image_is_pinned_that_replacements_copy_as_a_whole_or_not_at_all(
    tmp_path: Path, files: dict[str, str]
) -> None:
    before = text_of(tmp_path / "before", files)
    done = after(files, planned(files))
    assert text_of(tmp_path / "after", done) == before.replace("acme.test/web:main", pinned("acme.test/web:main"))


def test_replacements_of_other_overlays_are_no_obstacle(tmp_path: Path) -> None:
    files = {**replaced(TAG_OF_MAP, to_image(COLON), {"overlays/prod/own.yaml": POD}), **overlay("dev")}
    files[PATH] = files[PATH].replace("../../base", "own.yaml")
    assert built(tmp_path, after(files, planned(files)), "overlays/dev") == [pinned("acme.test/web:main")]
