"""Which files a run sees, and what becomes of those that hold no text."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from codemod import discover, listing
from codemod.discover import Tree
from codemod.errors import UnfloatError
from codemod.outcome import Failed
from codemod.transform import Language

YAML = Language("yaml", suffixes=(".yaml", ".yml"))
DOCKERFILE = Language("dockerfile", suffixes=(".Dockerfile",), names=("Dockerfile",))
LANGUAGES = (YAML, DOCKERFILE)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def put(folder: Path, **files: str) -> None:
    """Write files; `__` in a name stands for a slash, `_y` at its end for `.yaml`."""
    for name, text in files.items():
        path = folder / (name.removesuffix("_y").replace("__", "/") + (".yaml" if name.endswith("_y") else ""))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def paths(root: Path) -> list[str]:
    return [source.path for source in Tree(str(root), LANGUAGES).sources]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    return tmp_path


@pytest.fixture(params=["git", "plain", "git that is not installed"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is listed in each of the three ways."""
    folder = tmp_path / "root"
    folder.mkdir()
    if request.param != "plain":
        git(folder, "init", "--quiet")
    if request.param == "git that is not installed":
        monkeypatch.setenv("PATH", str(tmp_path))
    return folder


SHELL = Language("shell", suffixes=(".sh",), interpreters=("sh", "bash"))
PYTHON = Language("python", suffixes=(".py",), interpreters=("python",))


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/bin/sh", "shell"),
        ("#!/usr/bin/env bash", "shell"),
        ("#! /usr/bin/env -S bash -e", "shell"),
        ("#!/usr/local/bin/python3.13", "python"),
        ("#!/usr/bin/env python3\r", "python"),
        ("#!/usr/bin/perl", None),
        ("#!/usr/bin/env bashful", None),
        ("#!", None),
        ("# /bin/sh", None),
        ("", None),
    ],
)
@pytest.mark.surface("shell", found="scripts whose first line names a shell")
@pytest.mark.surface("python", found="scripts whose first line names Python")
def test_a_script_without_suffix_is_of_the_language_of_its_interpreter(
    root: Path, line: str, language: str | None
) -> None:
    put(root, bin__up=f"{line}\necho\n", bin__no_y=f"{line}\n")
    found = Tree(str(root), (YAML, SHELL, PYTHON)).selected
    assert found == {"bin/no.yaml": "yaml", **({"bin/up": language} if language else {})}


def test_scripts_are_not_opened_where_nobody_reads_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, up="#!/bin/sh\n", skipped__up="#!/bin/sh\n", OWNERS="#!/bin/sh\n")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    assert not Tree(str(root), LANGUAGES).selected
    assert list(Tree(str(root), (SHELL,), lambda path: not path.startswith("skipped/")).selected) == ["up"]


def test_files_of_the_languages_are_read_in_the_order_of_their_paths(root: Path) -> None:
    put(root, b_y="b: 1\n", a__c_y="c: 1\n", Dockerfile="FROM x\n", README="no\n")
    sources = list(Tree(str(root), LANGUAGES).sources)
    assert [(source.path, source.language, source.data) for source in sources] == [
        ("Dockerfile", "dockerfile", b"FROM x\n"),
        ("a/c.yaml", "yaml", b"c: 1\n"),
        ("b.yaml", "yaml", b"b: 1\n"),
    ]


def test_names_keep_their_case_and_a_suffix_alone_is_enough(root: Path) -> None:
    for name in ("dockerfile", "A.YAML", ".yaml", "x.Dockerfile", "yaml", "Dockerfile.yaml"):
        (root / name).write_text("x\n")
    assert paths(root) == [".yaml", "Dockerfile.yaml", "x.Dockerfile"]


def test_the_longest_suffix_names_the_language_and_a_whole_name_goes_before_it(root: Path) -> None:
    languages = (YAML, Language("template", suffixes=(".tpl.yaml",)), Language("chart", names=("Chart.tpl.yaml",)))
    for name in ("a.yaml", "a.tpl.yaml", "Chart.tpl.yaml"):
        (root / name).write_text("x\n")
    found = {source.path: source.language for source in Tree(str(root), languages).sources}
    assert found == {"a.yaml": "yaml", "a.tpl.yaml": "template", "Chart.tpl.yaml": "chart"}


def test_only_what_the_configuration_includes_is_wanted_but_everything_is_listed_and_can_be_read(root: Path) -> None:
    put(root, a_y="a\n", b_y="b\n", notes="n\n")
    tree = Tree(str(root), LANGUAGES, lambda path: path != "a.yaml")
    assert [source.path for source in tree.sources] == ["b.yaml"]
    assert list(tree.paths) == ["a.yaml", "b.yaml", "notes"]
    a, notes = tree.read("a.yaml"), tree.read("notes")
    assert a is not None
    assert a.data == b"a\n"
    assert notes is not None
    assert notes.language == discover.OTHER


def test_ignored_files_are_left_out(root: Path) -> None:
    put(root, a_y="a\n", build__b_y="b\n", deep__c_y="c\n", deep__d_y="d\n", keep__build__e_y="e\n", f__g_y="g\n")
    (root / ".gitignore").write_text("/build/\n*.tmp\nf/*\n!f/g.yaml\n")
    (root / "deep" / ".gitignore").write_text("c.yaml\n")
    assert paths(root) == ["a.yaml", "deep/d.yaml", "f/g.yaml", "keep/build/e.yaml"]


def test_an_inner_ignore_file_overrules_an_outer_one(root: Path) -> None:
    put(root, a_y="a\n", deep__b_y="b\n")
    (root / ".gitignore").write_text("*.yaml\n")
    (root / "deep" / ".gitignore").write_text("!b.yaml\n")
    assert paths(root) == ["deep/b.yaml"]


def test_what_an_ignored_folder_holds_cannot_be_included_again(root: Path) -> None:
    put(root, out__b_y="b\n", a_y="a\n")
    (root / ".gitignore").write_text("out/\n!out/b.yaml\n")
    assert paths(root) == ["a.yaml"]


def test_a_folder_of_a_repository_obeys_the_ignore_files_above_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, apps__web__a_y="a\n", apps__web__tmp__b_y="b\n", apps__web__c_y="c\n")
    (repository / ".gitignore").write_text("tmp/\n/apps/web/c.yaml\n")
    assert paths(repository / "apps" / "web") == ["a.yaml"]
    monkeypatch.setenv("PATH", str(repository))
    assert paths(repository / "apps" / "web") == ["a.yaml"]


def test_a_faulty_pattern_spoils_no_other(tmp_path: Path) -> None:
    put(tmp_path, a_y="a\n", b_y="b\n")
    (tmp_path / ".gitignore").write_bytes(b"!\n\xff\xfe\n***/\nb.yaml\n")
    assert paths(tmp_path) == ["a.yaml"]


def test_an_ignore_file_that_is_a_folder_or_a_link_is_none(tmp_path: Path) -> None:
    put(tmp_path, a_y="a\n", deep__b_y="b\n")
    (tmp_path / ".gitignore").mkdir()
    (tmp_path / "patterns").write_text("*\n")
    (tmp_path / "deep" / ".gitignore").symlink_to(tmp_path / "patterns")
    assert paths(tmp_path) == ["a.yaml", "deep/b.yaml"]


def test_tracked_files_count_even_when_ignored_and_untracked_ones_when_not(repository: Path) -> None:
    put(repository, tracked_y="a\n", ignored_y="b\n", untracked_y="c\n")
    git(repository, "add", "tracked.yaml")
    (repository / ".gitignore").write_text("tracked.yaml\nignored.yaml\n")
    assert paths(repository) == ["tracked.yaml", "untracked.yaml"]


def test_a_deleted_file_is_no_file(repository: Path) -> None:
    put(repository, a_y="a\n", b_y="b\n")
    git(repository, "add", ".")
    (repository / "a.yaml").unlink()
    tree = Tree(str(repository), LANGUAGES)
    assert ([source.path for source in tree.sources], tree.failed) == (["b.yaml"], [])


def test_a_file_in_conflict_is_read_once(repository: Path) -> None:
    put(repository, a_y="base\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "base")
    git(repository, "checkout", "--quiet", "-b", "other")
    for branch, text in (("other", "theirs\n"), ("-", "ours\n")):
        git(repository, "checkout", "--quiet", branch)
        (repository / "a.yaml").write_text(text)
        git(repository, "commit", "--quiet", "--all", "--message", branch)
    subprocess.run(["git", "-C", str(repository), "merge", "other"], check=False, capture_output=True)
    assert paths(repository) == ["a.yaml"]


def test_submodules_and_nested_repositories_are_not_entered(repository: Path, tmp_path: Path) -> None:
    inner = repository / "inner.yaml"
    put(inner, b_y="b\n")
    git(inner, "init", "--quiet")
    git(inner, "add", ".")
    git(inner, "commit", "--quiet", "--message", "inner")
    put(repository, a_y="a\n")
    assert paths(repository) == ["a.yaml"]
    git(repository, "add", ".")
    tree = Tree(str(repository), LANGUAGES)
    assert ([source.path for source in tree.sources], tree.failed) == (["a.yaml"], [])


def test_an_empty_repository_and_an_empty_folder_hold_nothing(root: Path) -> None:
    assert paths(root) == []


def test_a_repository_that_git_refuses_is_an_error_that_says_what_git_says(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UnfloatError, match="dubious ownership") as caught:
        Tree(str(repository), LANGUAGES)
    assert "\n" not in str(caught.value)


def test_a_git_environment_of_another_repository_changes_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, a_y="a\n")
    monkeypatch.setenv("GIT_DIR", str(repository / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / "other-index"))
    assert paths(repository) == ["a.yaml"]


def test_no_program_of_the_repositorys_choice_is_run(repository: Path) -> None:
    put(repository, a_y="a\n")
    program = repository / "monitor"
    program.write_text(f"#!/bin/sh\ntouch '{repository}/was-run'\n")
    program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(program))
    assert paths(repository) == ["a.yaml"]
    assert not (repository / "was-run").exists()


def test_more_than_a_pipe_holds_is_listed(repository: Path) -> None:
    folder = repository / ("long-" * 30)
    folder.mkdir()
    for number in range(800):
        (folder / f"{number:04}.yaml").touch()
    assert len(Tree(str(repository), LANGUAGES).paths) == 800


def open_files() -> list[str]:
    return os.listdir("/dev/fd")


def test_who_asked_may_do_something_else_meanwhile(root: Path) -> None:
    put(root, a_y="a\n", b_y="b\n")
    before = open_files()
    with listing.asked(str(root)) as answer:
        (root / "b.yaml").rename(root / "c.yaml")
        os.rename(root / "c.yaml", root / "b.yaml")
        assert sorted(answer()[0]) == ["a.yaml", "b.yaml"]
    assert open_files() == before


def test_who_does_not_wait_for_the_answer_leaves_nothing_behind(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path_factory.mktemp("programs") / "git"
    program.write_text("#!/bin/sh\nexec yes\n")  # it never ends by itself
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    started: list[int] = []
    genuine = os.posix_spawnp

    def spawn(*given: Any, **more: Any) -> int:
        started.append(genuine(*given, **more))
        return started[-1]

    monkeypatch.setattr(os, "posix_spawnp", spawn)
    before = open_files()
    with pytest.raises(ZeroDivisionError), listing.asked(str(repository)):
        _ = 1 / 0
    assert open_files() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(started[0], os.WNOHANG)


def test_without_git_nothing_stays_open(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, a_y="a\n")
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("nothing")))
    before = open_files()
    assert listing.files(str(repository)) == (["a.yaml"], [])
    assert open_files() == before


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    put(root, real__a_y="a\n")
    put(tmp_path, outside__b_y="b\n")
    (root / "link.yaml").symlink_to("real/a.yaml")
    (root / "broken.yaml").symlink_to("nowhere")
    (root / "folder").symlink_to("real")
    (root / "outside").symlink_to(tmp_path / "outside")
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "real" / "up").symlink_to("..")
    tree = Tree(str(root), LANGUAGES)
    assert ([source.path for source in tree.sources], tree.failed) == (["real/a.yaml"], [])


def test_a_tracked_folder_that_became_a_link_is_not_followed(repository: Path, tmp_path: Path) -> None:
    put(repository, deep__folder__a_y="a\n")
    git(repository, "add", ".")
    (repository / "deep").rename(tmp_path.parent / f"{tmp_path.name}-moved")
    (repository / "deep").symlink_to(tmp_path.parent / f"{tmp_path.name}-moved")
    tree = Tree(str(repository), LANGUAGES)
    assert "deep/folder/a.yaml" in tree.paths
    assert (list(tree.sources), tree.read("deep/folder/a.yaml"), tree.failed) == ([], None, [])


def test_reading_a_link_by_its_path_gives_the_listed_file_that_it_means(root: Path, tmp_path: Path) -> None:
    put(root, shared__a_y="a\n")
    put(tmp_path, b_y="b\n")
    (root / "link.yaml").symlink_to("shared/a.yaml")
    (root / "outside.yaml").symlink_to(tmp_path / "b.yaml")
    (root / "loop.yaml").symlink_to("loop.yaml")
    tree = Tree(str(root), LANGUAGES)
    found = tree.read("link.yaml")
    assert found is not None
    assert (found.path, found.data) == ("shared/a.yaml", b"a\n")
    assert found is tree.read("shared/a.yaml")
    assert tree.read("outside.yaml") is None
    assert tree.read("loop.yaml") is None


@pytest.mark.parametrize("path", ["../secret.yaml", "/etc/hostname", "missing.yaml", "ignored.yaml", ""])
def test_what_is_not_listed_cannot_be_read(root: Path, tmp_path: Path, path: str) -> None:
    put(tmp_path, secret_y="s\n")
    put(root, ignored_y="i\n")
    (root / ".gitignore").write_text("ignored.yaml\n")
    tree = Tree(str(root), LANGUAGES)
    assert tree.read(path) is None
    assert tree.text(path) is None


def test_a_source_that_was_read_by_its_path_is_not_read_again(root: Path) -> None:
    put(root, a_y="a\n")
    tree = Tree(str(root), LANGUAGES)
    assert next(iter(tree.sources)) is not tree.read("a.yaml")
    assert next(iter(tree.sources)) is tree.read("a.yaml")


def test_files_of_equal_bytes_share_these(root: Path) -> None:
    put(root, a_y="a: 1\n", b_y="a: 1\n", c_y="c: 1\n")
    a, b, c = Tree(str(root), LANGUAGES).sources
    assert a.data is b.data
    assert a.alike is b.alike
    assert a.alike is not c.alike


def test_folders_pipes_and_sockets_named_like_files_are_passed_over_without_waiting(root: Path) -> None:
    put(root, a_y="a\n")
    (root / "folder.yaml").mkdir()
    (root / "folder.yaml" / "b.yaml").write_text("b\n")
    os.mkfifo(root / "pipe.yaml")
    tree = Tree(str(root), LANGUAGES)
    assert ([source.path for source in tree.sources], tree.failed) == (["a.yaml", "folder.yaml/b.yaml"], [])


def test_a_tracked_file_that_became_a_pipe_is_passed_over_without_waiting(repository: Path) -> None:
    put(repository, a_y="a\n", b_y="b\n")
    git(repository, "add", ".")
    (repository / "a.yaml").unlink()
    os.mkfifo(repository / "a.yaml")
    (repository / "b.yaml").unlink()
    (repository / "b.yaml").mkdir()
    tree = Tree(str(repository), LANGUAGES)
    assert (list(tree.sources), tree.failed) == ([], [])


def test_empty_files_are_sources(root: Path) -> None:
    put(root, a_y="")
    assert [source.data for source in Tree(str(root), LANGUAGES).sources] == [b""]


@pytest.mark.parametrize("size", [65535, 65536, 65537, 200_000])
def test_files_around_the_size_of_one_read_are_whole(root: Path, size: int) -> None:
    (root / "a.yaml").write_bytes(b"#" * size)
    assert [len(source.data) for source in Tree(str(root), LANGUAGES).sources] == [size]


def test_binary_files_are_passed_over(root: Path) -> None:
    (root / "a.yaml").write_bytes(b"image: x\n" + b"\0" * 10)
    (root / "b.yaml").write_bytes(b"#" * 8192 + b"\0")
    tree = Tree(str(root), LANGUAGES)
    assert [source.path for source in tree.sources] == ["b.yaml"]
    assert (tree.failed, tree.utf16, tree.too_large) == ([], [], [])
    assert tree.text("a.yaml") is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_wide_unicode_files_are_told_apart_from_binary_ones(root: Path, encoding: str) -> None:
    text = "\ufeffimage: x\n" if encoding.endswith("be") else "image: x\n"
    (root / "a.yaml").write_bytes(text.encode(encoding))
    tree = Tree(str(root), LANGUAGES)
    assert (list(tree.sources), tree.failed) == ([], [])
    assert tree.utf16 == ["a.yaml"]


def test_a_utf16_file_without_a_zero_byte_is_seen_by_its_mark(root: Path) -> None:
    (root / "a.yaml").write_bytes("圖像".encode("utf-16"))
    tree = Tree(str(root), LANGUAGES)
    assert (list(tree.sources), tree.utf16) == ([], ["a.yaml"])


def test_a_file_over_the_limit_is_not_read_but_named(root: Path) -> None:
    for name, size in (("at.yaml", discover.SIZE_MAX), ("over.yaml", discover.SIZE_MAX + 1), ("huge.yaml", 50 << 20)):
        with (root / name).open("wb") as file:
            file.write(b"#" * 9000)
            file.seek(size - 1)
            file.write(b"\n")
    tree = Tree(str(root), LANGUAGES)
    assert [(source.path, len(source.data)) for source in tree.sources] == [("at.yaml", discover.SIZE_MAX)]
    assert (tree.too_large, tree.failed) == (["huge.yaml", "over.yaml"], [])


@pytest.mark.parametrize("fault", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_file_that_cannot_be_read_fails_alone(root: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError) -> None:
    put(root, a_y="a\n", b_y="b\n")
    genuine = os.open

    def faulty(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith("a.yaml"):
            raise fault
        return genuine(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", faulty)
    tree = Tree(str(root), LANGUAGES)
    assert [source.path for source in tree.sources] == ["b.yaml"]
    assert tree.read("a.yaml") is None
    assert tree.failed == [Failed("a.yaml", f"cannot be read: {fault.strerror}")]
    assert tree.text("a.yaml") is None


def test_a_folder_that_cannot_be_listed_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, closed__a_y="a\n", open__b_y="b\n")
    genuine = os.scandir

    def faulty(path: str) -> object:
        if "closed" in path:
            raise PermissionError(13, "Permission denied")
        return genuine(path)

    monkeypatch.setattr(os, "scandir", faulty)
    tree = Tree(str(tmp_path), LANGUAGES)
    assert [source.path for source in tree.sources] == ["open/b.yaml"]
    assert tree.failed == [Failed("closed", "the folder cannot be listed: Permission denied")]


def test_a_folder_that_git_cannot_list_fails_alone(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path_factory.mktemp("programs") / "git"
    warning = "warning: could not open directory 'apps/it's closed/': Permission denied"
    program.write_text(f'#!/bin/sh\nprintf "{warning}\\n" >&2\nprintf "b.yaml\\000"\n')
    program.chmod(0o755)
    put(repository, apps__b_y="b\n")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    tree = Tree(str(repository / "apps"), LANGUAGES)
    assert [source.path for source in tree.sources] == ["b.yaml"]
    assert tree.failed == [Failed("it's closed", "the folder cannot be listed: Permission denied")]


def test_names_of_any_bytes_and_line_ends_are_names(root: Path) -> None:
    names = [b"a\xff\xfe.yaml", b"b\nc.yaml", b'd"e.yaml', "é.yaml".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text("x\n")
    assert sorted(os.fsencode(path) for path in paths(root)) == sorted(names)


def test_the_top_of_the_repository_is_found_from_any_folder_of_it(repository: Path) -> None:
    (repository / "examples" / "fleet").mkdir(parents=True)
    assert listing.repository_top(str(repository / "examples" / "fleet")) == os.path.realpath(repository)
    assert listing.prefix_in_repository(str(repository / "examples" / "fleet")) == "examples/fleet/"
    assert listing.prefix_in_repository(str(repository)) == ""


def test_a_worktree_has_a_top_of_its_own(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "first")
    tree = tmp_path_factory.mktemp("worktree") / "tree"
    git(repository, "worktree", "add", "--quiet", str(tree))
    put(tree, deep__a_y="a\n")
    assert listing.prefix_in_repository(str(tree / "deep")) == "deep/"
    assert paths(tree) == ["deep/a.yaml"]


def test_outside_git_there_is_no_top(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / ".git").mkdir()
    assert listing.repository_top(str(tmp_path / "deep")) is None
    assert listing.prefix_in_repository(str(tmp_path / "deep")) == ""


def test_a_link_to_a_folder_can_be_the_root(root: Path, tmp_path: Path) -> None:
    put(root, deep__a_y="a\n")
    (tmp_path / "link").symlink_to(root)
    assert paths(tmp_path / "link") == ["deep/a.yaml"]


def test_git_is_there_for_these_tests() -> None:
    assert shutil.which("git") is not None
