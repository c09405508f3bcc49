"""`unfloat update`: digests move on with their channel, in the chosen environments and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from moving import CHART, NEW, OLD, OTHER, call, lock, locked, texts, values
from proving import Tree, git, write

WEB = {**CHART, "env/dev/web.yaml": values(OLD), "env/staging/web.yaml": values(OLD)}
LOCK = {"unfloat.lock": lock(locked("ghcr.io/acme/web:dev", NEW, OLD))}


def update(root: Path, *arguments: str) -> tuple[int, dict[str, str]]:
    """The exit code, and what became of the files."""
    before = texts(root)
    result = call("update", str(root), "--offline", *arguments)
    after = texts(root)
    return result.exit_code, {path: text for path, text in after.items() if before.get(path) != text}


def left(root: Path, *arguments: str) -> list[tuple[str, str]]:
    """What stays, with its code."""
    found = json.loads(call("update", str(root), "--offline", "--dry-run", "--format", "json", *arguments).stdout)
    return [(stay["path"], stay["code"]) for stay in found["left"]]


def test_a_digest_moves_to_what_the_lock_says_its_tag_means_now(tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **LOCK})
    assert update(root) == (0, {"env/dev/web.yaml": values(NEW), "env/staging/web.yaml": values(NEW)})
    result = call("update", str(root), "--offline")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing to update: 2 current.\n")


def test_one_environment_moves_alone(tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **LOCK})
    assert update(root, "--env", "dev") == (0, {"env/dev/web.yaml": values(NEW)})


def test_a_dry_run_prints_the_patch_and_writes_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **LOCK})
    result = call("update", str(root), "--offline", "--env", "dev", "--dry-run")
    assert (result.exit_code, texts(root)) == (0, {**WEB, **LOCK})
    assert f"-  digest: {OLD}\n+  digest: {NEW}\n" in result.stdout
    assert result.stderr == "1 image in 1 file: 0 current.\n"


SITES: dict[str, tuple[Tree, Tree]] = {
    "a whole reference in a manifest": (
        {"pod.yaml": f"kind: Pod\nspec: {{containers: [{{image: 'ghcr.io/acme/web@{OLD}'}}]}}\n"},
        {"pod.yaml": f"kind: Pod\nspec: {{containers: [{{image: 'ghcr.io/acme/web@{NEW}'}}]}}\n"},
    ),
    "a tag beside the digest says the channel": (
        {"values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  tag: dev\n  digest: {OTHER}\n"},
        {"values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  tag: dev\n  digest: {NEW}\n"},
    ),
    "a kustomization": (
        {"kustomization.yaml": f"images:\n  - name: ghcr.io/acme/web\n    digest: {OLD}\n"},
        {"kustomization.yaml": f"images:\n  - name: ghcr.io/acme/web\n    digest: {NEW}\n"},
    ),
    "a kustomization that renames": (
        {"kustomization.yaml": f"images:\n  - name: web\n    newName: ghcr.io/acme/web\n    digest: {OLD}\n"},
        {"kustomization.yaml": f"images:\n  - name: web\n    newName: ghcr.io/acme/web\n    digest: {NEW}\n"},
    ),
    "YAML in a string": (
        {"cm.yaml": f"kind: ConfigMap\ndata:\n  pod.yaml: |\n    image: ghcr.io/acme/web@{OLD} # kept\n"},
        {"cm.yaml": f"kind: ConfigMap\ndata:\n  pod.yaml: |\n    image: ghcr.io/acme/web@{NEW} # kept\n"},
    ),
    "CRLF and no final newline": (
        {"pod.yaml": f"a: 1\r\nspec: {{containers: [{{name: a, image: 'ghcr.io/acme/web@{OLD}'}}]}}"},
        {"pod.yaml": f"a: 1\r\nspec: {{containers: [{{name: a, image: 'ghcr.io/acme/web@{NEW}'}}]}}"},
    ),
    "a Go string": (
        {"main.go": f'package main\n\nconst image = "ghcr.io/acme/web@{OLD}"\n'},
        {"main.go": f'package main\n\nconst image = "ghcr.io/acme/web@{NEW}"\n'},
    ),
    "two files of equal bytes": (
        dict.fromkeys(("a.yaml", "b.yaml"), f"image: ghcr.io/acme/web@{OLD}\n"),
        dict.fromkeys(("a.yaml", "b.yaml"), f"image: ghcr.io/acme/web@{NEW}\n"),
    ),
}


@pytest.mark.parametrize(("before", "after"), SITES.values(), ids=SITES)
def test_every_spelling_of_a_digest_is_found(before: Tree, after: Tree, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for path, text in before.items():
        (root / path).write_bytes(text.encode())
    (root / "unfloat.lock").write_text(LOCK["unfloat.lock"])
    assert call("update", str(root), "--offline").exit_code == 0
    assert {path: (root / path).read_bytes().decode() for path in before} == after


STAYS: dict[str, tuple[Tree, str]] = {
    "no lock": ({"values.yaml": f"image: ghcr.io/acme/web@{OLD}\n"}, "channel-unknown"),
    "the same digest of another repository": (
        {"values.yaml": f"image: ghcr.io/acme/api@{OLD}\n", **LOCK},
        "channel-unknown",
    ),
    "two tags that part ways": (
        {
            "values.yaml": f"image: ghcr.io/acme/web@{OLD}\n",
            "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", NEW, OLD), locked("ghcr.io/acme/web:main", OTHER, OLD)),
        },
        "channel-ambiguous",
    ),
    "a digest that an alias stands for": (
        {"values.yaml": f"x: &x {OLD}\nweb: {{image: {{repository: ghcr.io/acme/web, digest: *x}}}}\n", **LOCK},
        "digest-aliased",
    ),
    "a tag that nobody knows": ({"values.yaml": f"image: ghcr.io/acme/web:edge@{OLD}\n", **LOCK}, "digest-unknown"),
    "a tag that moved back": (
        {
            "values.yaml": f"image: ghcr.io/acme/web:dev@{NEW}\n",
            "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", NEW, OLD)),
            "back.yaml": f"ghcr.io/acme/web:dev: {OLD}\n",
        },
        "digest-older",
    ),
    "an index without the platform": (
        {
            ".unfloat.yaml": "platforms: [linux/arm64]\n",
            "values.yaml": f"image: ghcr.io/acme/web@{OLD}\n",
            "unfloat.lock": lock(
                f"  ghcr.io/acme/web:dev:\n    digest: {NEW}\n    platforms: [linux/amd64]\n"
                f"    previous:\n      - digest: {OLD}\n"
            ),
        },
        "platforms-missing",
    ),
}


@pytest.mark.parametrize(("tree", "code"), STAYS.values(), ids=STAYS)
def test_what_is_not_certain_stays_with_its_reason(tree: Tree, code: str, tmp_path: Path) -> None:
    root = write(tmp_path, tree)
    maps = ("--digests", str(root / "back.yaml")) if "back.yaml" in tree else ()
    assert left(root, *maps) == [("values.yaml", code)]
    assert update(root, *maps) == (0, {})


def test_a_digest_of_two_environments_stays_when_one_is_chosen(tmp_path: Path) -> None:
    shared = f"image:\n  repository: ghcr.io/acme/web\n  digest: {OLD}\n"
    empty = {f"env/{name}/web.yaml": "replicas: 1\n" for name in ("dev", "staging")}
    root = write(tmp_path, {**CHART, **empty, "charts/web/values.yaml": shared, **LOCK})
    assert left(root, "--env", "dev") == [("charts/web/values.yaml", "environment-shared")]
    assert update(root, "--env", "dev") == (0, {})
    code, changed = update(root, "--env", "dev", "--env", "staging")
    assert (code, list(changed)) == (0, ["charts/web/values.yaml"])


def test_a_file_without_an_environment_is_not_of_a_chosen_one(tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **LOCK, "pod.yaml": f"image: ghcr.io/acme/web@{OLD}\n"})
    assert update(root, "--env", "dev") == (0, {"env/dev/web.yaml": values(NEW)})


def test_vendored_files_stay(tmp_path: Path) -> None:
    root = write(tmp_path, {"vendor/values.yaml": f"image: ghcr.io/acme/web@{OLD}\n", **LOCK})
    assert (left(root), update(root)) == ([], (0, {}))


def test_a_comment_names_the_channel_where_the_configuration_says_so(tmp_path: Path) -> None:
    tree = {
        "values.yaml": f"image: ghcr.io/acme/web@{OLD} # main\n",
        "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", NEW, OLD), locked("ghcr.io/acme/web:main", OTHER)),
    }
    root = write(tmp_path / "a", tree)
    assert update(root) == (0, {"values.yaml": f"image: ghcr.io/acme/web@{NEW} # main\n"})
    root = write(tmp_path / "b", {**tree, ".unfloat.yaml": "channel_comments: true\n"})
    assert update(root) == (0, {"values.yaml": f"image: ghcr.io/acme/web@{OTHER} # main\n"})


def test_a_map_moves_the_lock_along_and_remembers_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    root = write(tmp_path / "root", {**WEB, "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD))})
    given = tmp_path / "pushed.yaml"
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    assert update(root, "--env", "dev", "--digests", str(given))[0] == 0
    assert (root / "unfloat.lock").read_text() == lock(
        f"  ghcr.io/acme/web:dev:\n    digest: {NEW}\n    source: map {given}\n    resolved: 2026-09-21T14:13:20Z\n"
        f"    previous:\n      - digest: {OLD}\n"
    )
    assert update(root, "--env", "staging") == (0, {"env/staging/web.yaml": values(NEW)})


def test_a_commit_lists_each_image_with_its_digests_and_files(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {**WEB, **LOCK})
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    result = call("update", str(root), "--offline", "--env", "dev", "--commit", "--branch", "refresh")
    assert result.exit_code == 0
    assert git(root, "log", "-1", "--format=%B%D").strip().splitlines() == [
        "Update 1 image in dev",
        "",
        "ghcr.io/acme/web:dev",
        f"  {OLD} ->",
        f"  {NEW}",
        "  env/dev/web.yaml",
        "HEAD -> refresh",
    ]
    assert git(root, "status", "--porcelain") == ""
    again = call("update", str(root), "--offline", "--env", "dev", "--commit", "--branch", "other")
    assert (again.exit_code, git(root, "branch", "--list", "other")) == (0, "")


def test_a_dirty_tree_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {**WEB, **LOCK})
    result = call("update", str(root), "--offline", "--commit")
    assert (result.exit_code, "not in a Git repository" in result.stderr) == (2, True)
    git(root, "init", "--quiet", "--initial-branch", "main")
    result = call("update", str(root), "--offline", "--commit")
    assert (result.exit_code, "there is no commit yet" in result.stderr) == (2, True)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    (root / "env/dev/web.yaml").write_text("image: {}\n")
    result = call("update", str(root), "--offline", "--commit")
    assert (result.exit_code, "uncommitted changes (env/dev/web.yaml" in result.stderr) == (2, True)


def test_a_commit_that_is_refused_leaves_all_as_it_was(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {**WEB, "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD))})
    given = tmp_path / "pushed.yaml"
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'policy says no' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = texts(root)
    arguments = ("--offline", "--digests", str(given), "--commit", "--branch", "refresh")
    result = call("update", str(root), *arguments)
    assert (result.exit_code, "git: policy says no" in result.stderr) == (2, True)
    assert (texts(root), git(root, "status", "--porcelain"), git(root, "branch").split()) == (before, "", ["*", "main"])


def committed(root: Path, hook: str = "") -> Path:
    """The tree as a repository of one commit; `hook` is what runs before the next one."""
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    if hook:
        file = root / ".git/hooks/pre-commit"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{hook}\n")
        file.chmod(0o755)
    return root


def test_files_that_git_does_not_track_survive_a_commit_that_is_refused(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {".gitignore": "unfloat.lock\n"})
    committed(root, "exit 1")
    write(root, {**WEB, "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD))})
    given = tmp_path / "pushed.yaml"
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    before = texts(root)
    result = call("update", str(root), "--offline", "--digests", str(given), "--commit")
    assert (result.exit_code, "git: exit code 1 without a word; a hook" in result.stderr) == (2, True)
    assert (texts(root), git(root, "diff", "--cached", "--name-only")) == (before, "")


def test_a_commit_that_is_refused_leaves_a_detached_head_as_it_was(tmp_path: Path) -> None:
    """As pipelines check out."""
    root = committed(write(tmp_path / "root", {**WEB, **LOCK}), "echo 'policy says no' >&2; exit 1")
    git(root, "switch", "--quiet", "--detach")
    before = texts(root), git(root, "rev-parse", "HEAD")
    result = call("update", str(root), "--offline", "--commit", "--branch", "refresh")
    assert (result.exit_code, "git: policy says no" in result.stderr) == (2, True)
    assert (texts(root), git(root, "rev-parse", "HEAD")) == before
    assert git(root, "branch", "--format=%(refname)").splitlines()[1:] == ["refs/heads/main"]


@pytest.mark.parametrize("command", [("lock",), ("lock", "--check"), ("update",), ("promote", "dev", "staging")])
def test_a_file_that_cannot_be_read_is_named(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "root", {**WEB, **LOCK, "env/dev/closed.yaml": values(OLD)})
    genuine = os.open

    def faulty(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith("closed.yaml"):
            raise PermissionError(13, "Permission denied")
        return genuine(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", faulty)
    result = call(*command, str(root), "--offline", "--quiet")
    assert (result.exit_code, result.stderr) == (2, "unfloat: env/dev/closed.yaml: cannot be read: Permission denied\n")


def test_an_interrupt_waits_for_the_commit(tmp_path: Path) -> None:
    root = committed(write(tmp_path / "root", {**WEB, **LOCK}), 'kill -INT "$UNFLOAT_PID"; sleep 0.2')
    program = "import os, sys; os.environ['UNFLOAT_PID'] = str(os.getpid()); from codemod.cli import main; main()"
    arguments = ("update", str(root), "--offline", "--commit", "--branch", "refresh")
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=False)
    assert done.returncode == 130
    assert git(root, "log", "--format=%s", "refresh", "--not", "main") == "Update 1 image\n"
    assert (git(root, "log", "--format=%s", "main"), git(root, "status", "--porcelain")) == ("all\n", "")


def test_a_lock_that_git_ignores_is_written_and_not_committed(tmp_path: Path) -> None:
    tree = {**WEB, ".gitignore": "unfloat.lock\n", "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD))}
    root, given = committed(write(tmp_path / "root", tree)), tmp_path / "pushed.yaml"
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    assert call("update", str(root), "--offline", "--digests", str(given), "--commit").exit_code == 0
    assert git(root, "show", "--name-only", "--format=").split() == ["env/dev/web.yaml", "env/staging/web.yaml"]
    assert NEW in (root / "unfloat.lock").read_text()


def test_what_a_hook_adds_is_committed_too(tmp_path: Path) -> None:
    root = committed(write(tmp_path / "root", {**WEB, **LOCK}), "echo '# seen' >>env/dev/web.yaml; git add env")
    assert call("update", str(root), "--offline", "--commit").exit_code == 0
    assert git(root, "show", "HEAD:env/dev/web.yaml") == f"{values(NEW)}# seen\n"
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("branch", "message"),
    [
        ("main", "--branch main: there is such a branch already; name another"),
        ("a..b", "--branch 'a..b': not a name that Git allows"),
        ("-D", "--branch '-D': not a name that Git allows"),
        ("", "--branch '': not a name that Git allows"),
    ],
)
def test_a_branch_that_cannot_be_made_is_refused_before_anything_is_done(
    branch: str, message: str, tmp_path: Path
) -> None:
    root = committed(write(tmp_path / "root", {**WEB, **LOCK}))
    result = call("update", str(root), "--offline", "--commit", f"--branch={branch}", "--pr-body", str(tmp_path / "x"))
    assert (result.exit_code, result.stdout, message in result.stderr) == (2, "", True)
    assert not (tmp_path / "x").exists()


def test_a_repository_is_found_through_a_link(tmp_path: Path) -> None:
    root = committed(write(tmp_path / "root", {**WEB, **LOCK}))
    (tmp_path / "link").symlink_to(root)
    assert call("update", str(tmp_path / "link"), "--offline", "--commit").exit_code == 0
    assert git(root, "status", "--porcelain") == ""


def test_a_lock_outside_the_repository_is_not_committed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.lock").write_text(lock(locked("ghcr.io/acme/web:dev", OLD)))
    root, given = write(tmp_path / "root", WEB), tmp_path / "pushed.yaml"
    (root / "unfloat.lock").symlink_to("../elsewhere.lock")
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    result = call("update", str(committed(root)), "--offline", "--digests", str(given), "--commit")
    assert (result.exit_code, "out of the repository; leave out --commit" in result.stderr) == (2, True)
    assert (git(root, "status", "--porcelain"), NEW in (tmp_path / "elsewhere.lock").read_text()) == ("", False)


def test_a_commit_may_have_any_number_of_images_and_any_names_of_files(tmp_path: Path) -> None:
    channels = [f"ghcr.io/acme/{'long-' * 20}{number}" for number in range(400)]
    pods = "".join(f"- image: {name}@{OLD}\n" for name in channels)
    tree = {
        ":(top)x.yaml": pods,
        "*.yaml": pods,
        "unfloat.lock": lock(*(locked(f"{n}:dev", NEW, OLD) for n in channels)),
    }
    root = committed(write(tmp_path / "root", tree))
    assert call("update", str(root), "--offline", "--commit").exit_code == 0
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "log", "-1", "--format=%B").count(NEW) == len(channels)


@pytest.mark.parametrize("given", ["-", "1e5", "soon", "253402300800", "9" * 30])
def test_a_time_that_is_none_is_refused(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    result = call("update", str(write(tmp_path, {**WEB, **LOCK})), "--offline")
    assert (result.exit_code, f"SOURCE_DATE_EPOCH is {given!r}: write whole seconds" in result.stderr) == (2, True)


def test_what_cannot_be_written_is_said_and_the_rest_is_done(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {**WEB, "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD))})
    given = tmp_path / "pushed.yaml"
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    (root / "env/dev/web.yaml").chmod(0o444)
    result = call("update", str(root), "--offline", "--digests", str(given))
    assert (result.exit_code, "unfloat: env/dev/web.yaml: not written: it is read-only" in result.stderr) == (2, True)
    assert (root / "env/staging/web.yaml").read_text() == values(NEW)
    assert NEW in (root / "unfloat.lock").read_text()


def test_a_lock_that_is_new_goes_again_with_a_commit_that_is_refused(tmp_path: Path) -> None:
    pod = f"image: ghcr.io/acme/web:dev@{OLD}\n"
    root, given = write(tmp_path / "root", {"pod.yaml": pod}), tmp_path / "pushed.yaml"
    given.write_text(f"ghcr.io/acme/web:dev: {NEW}\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    (root / ".git/hooks").mkdir(exist_ok=True)
    hook = root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert call("update", str(root), "--offline", "--digests", str(given), "--commit").exit_code == 2
    assert (texts(root), git(root, "status", "--porcelain")) == ({"pod.yaml": pod}, "")
    hook.unlink()
    assert call("update", str(root), "--offline", "--digests", str(given), "--commit").exit_code == 0
    assert git(root, "show", "--name-only", "--format=").split() == ["pod.yaml", "unfloat.lock"]


def test_a_commit_and_a_pull_request_name_files_as_git_does(tmp_path: Path) -> None:
    root = committed(write(tmp_path / "root", {f"fleet/{path}": text for path, text in {**WEB, **LOCK}.items()}))
    result = call("update", str(root / "fleet"), "--offline", "--commit", "--pr-body", "-")
    assert (result.exit_code, "`fleet/env/dev/web.yaml:2:11`" in result.stdout) == (0, True)
    assert "\n  fleet/env/dev/web.yaml\n" in git(root, "log", "-1", "--format=%B")


def test_no_name_of_a_file_breaks_the_table_of_a_pull_request(tmp_path: Path) -> None:
    root = write(tmp_path, dict.fromkeys(("a|`b.yaml", "c\nd.yaml"), f"image: ghcr.io/acme/web@{OLD}\n") | LOCK)
    text = call("update", str(root), "--offline", "--dry-run", "--pr-body", "-").stdout
    assert "| ``a\\|`b.yaml:1:25``<br>`c\\nd.yaml:1:25` |\n" in text


@pytest.mark.parametrize("name", ["unfloat.lock", "env/dev/web.yaml"])
def test_the_text_of_a_pull_request_overwrites_nothing_that_moves(name: str, tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **LOCK})
    result = call("update", str(root), "--offline", "--pr-body", str(root / name))
    assert (result.exit_code, result.stdout, texts(root)) == (2, "", {**WEB, **LOCK})
    assert result.stderr == f"unfloat: {root / name}: it moves itself; name another file with --pr-body\n"


def test_a_pull_request_without_a_move_says_so(tmp_path: Path) -> None:
    root = write(tmp_path, {"env/dev/web.yaml": f"image: ghcr.io/acme/web@{NEW}\n", **LOCK})
    assert call("update", str(root), "--offline", "--pr-body", "-").stdout == "## Nothing to update\n"


def test_the_text_of_a_pull_request(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {**WEB, **LOCK})
    body = tmp_path / "body.md"
    assert call("update", str(root), "--offline", "--env", "dev", "--pr-body", str(body)).exit_code == 0
    text = body.read_text()
    assert text.startswith("## Update 1 image in dev\n")
    assert f"| `ghcr.io/acme/web:dev` | `{OLD[:19]}` | `{NEW[:19]}` | `env/dev/web.yaml:2:11` |" in text
    assert f"- `ghcr.io/acme/web:dev`: `{OLD}` → `{NEW}`" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--branch", "x"), "--branch is for --commit."),
        (("--dry-run", "--commit"), "--dry-run and --commit exclude each other."),
        (("--pr-body", "-", "--format", "json"), "both want standard output"),
        (("--env", "prod"), "no environment 'prod'; there are dev, staging"),
    ],
)
def test_contradictions_are_refused(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **LOCK})
    result = call("update", str(root), "--offline", *arguments)
    assert (result.exit_code, result.stdout, message in result.stderr) == (2, "", True)
