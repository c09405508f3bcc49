"""The two sides of a proof on disk, and the files of a commit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from proving import commit, git, write

from codemod.errors import UnfloatError
from codemod.proof import revision
from codemod.proof.inputs import Side, of_kustomization
from codemod.proof.material import material
from codemod.proof.snapshot import Snapshot
from codemod.proof.workspace import workspace


def made(root: Path, snapshot: Snapshot) -> dict[str, bytes]:
    """The files of a side, links followed."""
    into = root / "side"
    into.mkdir()
    material(str(root / "tree"), snapshot, str(into))
    return {
        str(Path(folder, name).relative_to(into)): Path(folder, name).read_bytes()
        for folder, _, names in os.walk(into, followlinks=True)
        for name in names
    }


def test_a_side_holds_the_files_that_are_named_with_their_edits(tmp_path: Path) -> None:
    write(tmp_path / "tree", {"a/one": "1", "a/two": "2", "three": "3", "secret": "s"})
    snapshot = Snapshot(frozenset({"a/one", "a/two", "three", "new/four", "gone"}), {"a/two": b"II", "new/four": b"4"})
    assert made(tmp_path, snapshot) == {"a/one": b"1", "a/two": b"II", "three": b"3", "new/four": b"4"}
    assert (tmp_path / "tree/a/two").read_text() == "2"


def test_files_are_copied_where_they_cannot_be_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another file system")

    write(tmp_path / "tree", {"a": "1"})
    monkeypatch.setattr(os, "link", refuse)
    assert made(tmp_path, Snapshot(frozenset({"a"}))) == {"a": b"1"}


def test_links_within_the_tree_are_kept_and_others_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"outside": "x"})
    tree = write(tmp_path / "tree", {"a/real": "1"})
    (tree / "a/inside").symlink_to("real")
    (tree / "folder").symlink_to("a")
    (tree / "a/up").symlink_to("../../outside")
    (tree / "absolute").symlink_to(tmp_path / "outside")
    found = made(tmp_path, Snapshot(frozenset({"a/real", "a/inside", "a/up", "absolute", "folder"})))
    assert set(found) == {"a/real", "a/inside", "folder/real", "folder/inside"}


def test_links_of_the_snapshot_are_made(tmp_path: Path) -> None:
    write(tmp_path / "tree", {"a": "1", "b": "2"})
    found = made(tmp_path, Snapshot(frozenset({"a", "b", "c"}), links={"b": "a", "c": "/etc/hostname"}))
    assert found == {"a": b"1", "b": b"1"}


def test_a_workspace_is_gone_in_the_end(tmp_path: Path) -> None:
    write(tmp_path / "tree", {"a": "1"})
    one = Snapshot(frozenset({"a"}))
    with workspace(str(tmp_path / "tree"), one, Snapshot(frozenset({"a"}), {"a": b"2"})) as place:
        assert (Path(place.before, "a").read_text(), Path(place.after, "a").read_text()) == ("1", "2")
        assert os.listdir(place.home) == []
    assert not Path(place.before).exists()
    assert (tmp_path / "tree/a").read_text() == "1"


def test_links_that_form_a_loop_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"a/one": "1"})
    (tmp_path / "a/loop").symlink_to("../a")
    (tmp_path / "a/self").symlink_to("self")
    assert Side(str(tmp_path)).below("a") == {"a/one"}


def test_a_kustomization_reads_all_that_it_names(tmp_path: Path) -> None:
    tree = {
        "o/kustomization.yaml": "resources: [../base, x.yaml, 'https://a/b']\n"
        "configMapGenerator: [{files: [k=d/c.txt]}]\ntransformers: [t.yaml]\n",
        "base/kustomization.yml": "components: [../comp]\nresources: [.]\n",
        "comp/Kustomization": "patches: [{path: p.yaml}]\nresources: [../o]\n",
        "o/t.yaml": "kind: PatchTransformer\npath: deep.yaml\n",
        **dict.fromkeys(("o/x.yaml", "o/d/c.txt", "o/d/other", "o/unused", "comp/p.yaml", "o/deep.yaml"), ""),
    }
    found = set(of_kustomization(Side(str(write(tmp_path, tree))), "o"))
    assert found == set(tree) - {"o/d/other", "o/unused"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write(tmp_path / "repository", {"top": "t", "sub/same": "s", "sub/changed": "old", "sub/gone": "g"})
    (root / "sub/link").symlink_to("same")
    (root / "sub/binary").write_bytes(b"\0\xff")
    commit(root)
    write(root, {"sub/changed": "new", "sub/added": "a"})
    (root / "sub/gone").unlink()
    (root / "sub/binary").write_bytes(b"\0")
    (root / "sub/link").unlink()
    (root / "sub/link").symlink_to("changed")
    git(root, "add", "sub/added")
    return root


def test_a_commit_is_told_by_what_differs_from_the_working_tree(repository: Path) -> None:
    found = revision.at(str(repository), "HEAD")
    names = {"top", "sub/same", "sub/changed", "sub/gone", "sub/binary", "sub/link"}
    assert found.paths == names
    assert found.files == {"sub/changed": b"old", "sub/gone": b"g", "sub/binary": b"\0\xff"}
    assert found.links == {"sub/link": "same"}


def test_below_a_folder_of_the_repository_paths_begin_there(repository: Path) -> None:
    found = revision.at(str(repository / "sub"), "HEAD")
    assert found.paths == {"same", "changed", "gone", "binary", "link"}
    assert found.files["changed"] == b"old"


def test_a_file_of_which_only_the_status_differs_is_unchanged(tmp_path: Path) -> None:
    write(tmp_path, {"one": "1", "two": "2"})
    commit(tmp_path)
    os.utime(tmp_path / "one", (1, 1))
    os.link(tmp_path / "two", tmp_path.parent / f"{tmp_path.name}-link")
    assert revision.changed_since(str(tmp_path), "HEAD") == frozenset()
    assert revision.at(str(tmp_path), "HEAD").files == {}
    (tmp_path / "one").write_text("!")
    assert revision.changed_since(str(tmp_path), "HEAD") == {"one"}


def test_an_earlier_commit_can_be_named(repository: Path) -> None:
    git(repository, "commit", "--quiet", "--all", "--message", "two")
    assert revision.at(str(repository), "HEAD").files == {}
    assert revision.at(str(repository), "HEAD~1").files["sub/changed"] == b"old"


@pytest.mark.parametrize("name", ["nothing", "--output=x", "", "HEAD:top"])
def test_a_revision_that_is_none_is_an_error(repository: Path, name: str) -> None:
    with pytest.raises(UnfloatError, match="no commit of this repository"):
        revision.at(str(repository), name)


def test_outside_of_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(UnfloatError, match="not in a Git repository"):
        revision.at(str(tmp_path), "HEAD")


def test_a_submodule_is_no_file(repository: Path, tmp_path: Path) -> None:
    commit(write(tmp_path / "other", {"x": "1"}))
    name = git(tmp_path / "other", "rev-parse", "HEAD").strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{name},module")
    git(repository, "commit", "--quiet", "--message", "module")
    assert "module" not in revision.at(str(repository), "HEAD").paths


def test_without_git_there_is_one_clear_line(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnfloatError, match="git is not on PATH"):
        revision.at(str(repository), "HEAD")
