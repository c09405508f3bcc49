"""The command line: what goes where, exit codes, and one clear line for every bad input."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from codemod import __version__, engine, registry
from codemod.cli import _session, _terminal, main
from codemod.outcome import Plan
from codemod.source import Source, Span
from codemod.transform import Change, Fact, Language, Transform

DIGEST = "sha256:" + "5e" * 32
REPOSITORY = Path(__file__).parents[1]
POD = "kind: Pod\nspec:\n  containers:\n    - image: {image}\n      imagePullPolicy: Always # yes\n"
WEB, BUSYBOX = "ghcr.io/acme/web:dev", "busybox"
PINNED_POD = POD.format(image=f"ghcr.io/acme/web@{DIGEST}").replace("Always", "IfNotPresent")
COMMANDS = tuple(
    "baseline check emit explain images init lock preview promote report run stacks transforms update verify".split()
)


def run(*arguments: str | Path) -> Result:
    """What a command prints and how it ends; anything raised but an exit is a bug and fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "UNFLOAT_OFFLINE": "1"}


def child(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "codemod", *arguments]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, check=False)


def complaint(result: Result) -> str:
    """The one line that a bad input must give: on standard error alone, with exit code 2."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"unfloat: [^\n]+\n", result.stderr), result.stderr
    return result.stderr.removeprefix("unfloat: ").rstrip("\n")


def git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True).stdout


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder but Git's own."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.fixture
def digests(tmp_path: Path) -> Path:
    path = tmp_path / "digests.yaml"
    path.write_text(f"{WEB}: {DIGEST}\n")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of two pods, one of which has a digest to be found."""
    folder = tmp_path / "root"
    (folder / "apps").mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "apps" / "web.yaml").write_text(POD.format(image=WEB))
    (folder / "box.yaml").write_text(POD.format(image=BUSYBOX))
    (folder / "README.md").write_text("image: prose:dev\n")
    return folder


@pytest.fixture
def clean(root: Path) -> Path:
    """A repository without anything that floats."""
    (root / "apps" / "web.yaml").write_text(PINNED_POD)
    (root / "box.yaml").unlink()
    return root


def test_the_version_is_one_line() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"unfloat {__version__}\n", "")


def test_who_asks_for_the_version_alone_does_not_wait_for_the_command_line() -> None:
    program = "import sys\nfrom codemod.__main__ import main\nmain()\nprint(*sys.modules)"
    command = [sys.executable, "-c", program, "--version"]
    line, modules = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True, text=True).stdout.split(
        "\n", 1
    )
    assert line + "\n" == run("--version").stdout
    assert not {"click", "codemod.cli"} & set(modules.split())


@pytest.mark.parametrize(("argument", "codes"), [("--version", []), ("-h", [0]), ("--nothing", [2])])
def test_the_program_is_the_command_line(
    argument: str, codes: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from codemod import __main__

    thresholds: list[int] = []
    left: list[int] = []
    monkeypatch.setattr(sys, "argv", ["unfloat", argument])
    monkeypatch.setattr("gc.set_threshold", lambda *given: thresholds.extend(given))
    monkeypatch.setattr("os._exit", left.append)
    __main__.main()
    said = capsys.readouterr()
    assert left == codes
    assert (said.out + said.err).splitlines()[0] == run(argument).output.splitlines()[0]
    assert tuple(thresholds) == (__main__.COLLECTION if codes else ())


def test_a_program_that_nobody_hears_ends_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from codemod import __main__

    def full() -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(sys, "argv", ["unfloat", "--nothing"])
    monkeypatch.setattr("gc.set_threshold", lambda *given: None)
    monkeypatch.setattr(sys.stdout, "flush", full)
    with pytest.raises(SystemExit) as end:
        __main__.main()
    assert end.value.code == 2


def test_a_program_that_ends_with_a_text_leaves_that_to_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    from codemod import __main__

    def end(prog_name: str) -> None:
        sys.exit("what went wrong")

    monkeypatch.setattr(sys, "argv", ["unfloat"])
    monkeypatch.setattr("gc.set_threshold", lambda *given: None)
    monkeypatch.setattr("codemod.cli.main", end)
    with pytest.raises(SystemExit, match="what went wrong"):
        __main__.main()


def test_help_lists_every_command_and_every_command_has_help() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert tuple(re.findall(r"^  (\w+)  +[A-Z]", result.stdout, re.MULTILINE)) == COMMANDS
    for command in COMMANDS:
        page = run(command, "--help")
        assert page.exit_code == 0
        for option in ("--config", "--digests", "--offline", "--only", "--skip", "--jobs", "--color", "-q", "-v"):
            assert option in page.stdout, (command, option)


def test_no_command_is_a_usage_error_that_shows_the_help() -> None:
    result = run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_page(command: str) -> None:
    page = (REPOSITORY / "docs" / "cli" / f"{command}.md").read_text()
    assert page.startswith(f"# unfloat {command}\n")
    options = set(re.findall(r"--[a-z-]+", run(command, "--help").stdout)) - {"--help"}
    shared = set(re.findall(r"--[a-z-]+", (REPOSITORY / "docs" / "cli" / "README.md").read_text()))
    assert options - shared <= set(re.findall(r"--[a-z-]+", page))


def test_preview_prints_a_diff_that_git_applies_and_writes_nothing(root: Path, digests: Path) -> None:
    before = contents(root)
    result = run("preview", root, "--digests", digests)
    assert result.exit_code == 0
    assert contents(root) == before
    assert result.stderr.startswith("Would change 1 of 3 files: ")
    (root.parent / "patch").write_bytes(result.stdout_bytes)
    git(root, "apply", str(root.parent / "patch"))
    assert (root / "apps" / "web.yaml").read_text() == PINNED_POD


def test_preview_of_a_folder_names_paths_from_the_top_of_the_repository(root: Path, digests: Path) -> None:
    result = run("preview", root / "apps", "--digests", digests)
    assert result.stdout.startswith("diff --git a/apps/web.yaml b/apps/web.yaml\n")
    git(root, "apply", "--check", "-v", "--directory=", *write(root.parent / "patch", result.stdout_bytes))


def write(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    return [str(path)]


def test_preview_outside_git_names_paths_from_the_folder(tmp_path: Path, digests: Path) -> None:
    (tmp_path / "plain" / "apps").mkdir(parents=True)
    (tmp_path / "plain" / "apps" / "web.yaml").write_text(POD.format(image=WEB))
    result = run("preview", tmp_path / "plain", "--digests", digests)
    assert result.stdout.startswith("diff --git a/apps/web.yaml b/apps/web.yaml\n")


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--exit-code"], 1)])
def test_preview_leaves_with_1_only_if_asked_and_anything_would_change(
    root: Path, clean: Path, digests: Path, arguments: list[str], code: int
) -> None:
    assert run("preview", clean, *arguments, "--digests", digests).exit_code == 0
    (root / "more.yaml").write_text(POD.format(image=WEB))
    assert run("preview", root, *arguments, "--digests", digests).exit_code == code


def test_preview_as_json_is_one_document_with_paths_relative_to_the_root(root: Path, digests: Path) -> None:
    result = run("preview", root / "apps", "--digests", digests, "--format", "json")
    plan = json.loads(result.stdout)
    assert plan["schema"] == 1
    assert {change["path"] for change in plan["changes"]} == {"web.yaml"}
    assert [change["digest"] for change in plan["changes"] if change["image"]] == [DIGEST]


def test_run_edits_only_what_means_the_image_and_writes_the_report(root: Path, digests: Path) -> None:
    before = contents(root)
    result = run("run", root, "--digests", digests)
    after = contents(root)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("Changed 1 of 3 files: ")
    assert after.pop("migration-report.md").startswith(b"# Migration report\n")
    assert after == {**before, "apps/web.yaml": PINNED_POD.encode()}


def test_a_second_run_changes_no_byte_and_no_timestamp(root: Path, digests: Path) -> None:
    run("run", root, "--digests", digests)
    first = {path: (root / path).stat().st_mtime_ns for path in contents(root)}
    texts = contents(root)
    second = run("run", root, "--digests", digests)
    assert second.stderr.startswith("Nothing to change")
    assert contents(root) == texts
    assert {path: (root / path).stat().st_mtime_ns for path in texts} == first
    assert run("preview", root, "--digests", digests).stdout == ""


def test_a_run_after_new_floating_references_changes_only_those_and_the_report(root: Path, digests: Path) -> None:
    run("run", root, "--digests", digests)
    before = contents(root)
    (root / "new.yaml").write_text(POD.format(image=WEB))
    run("run", root, "--digests", digests)
    after = contents(root)
    assert after.pop("new.yaml") == PINNED_POD.encode()
    assert after.pop("migration-report.md") != before.pop("migration-report.md")
    assert after == before


def test_a_report_that_no_longer_holds_is_written_anew_though_no_file_changes(root: Path, digests: Path) -> None:
    run("run", root, "--digests", digests)
    (root / "box.yaml").unlink()
    result = run("run", root, "--digests", digests)
    assert result.stderr.startswith("Nothing to change")
    assert b"busybox" not in (root / "migration-report.md").read_bytes()


def test_the_report_is_no_source_itself(root: Path, digests: Path) -> None:
    (root / "migration-report.md").write_text("image: other/thing:latest\n")
    run("run", root, "--digests", digests)
    assert "other/thing" not in (root / "migration-report.md").read_text()


def test_the_report_goes_where_it_is_told(root: Path, digests: Path) -> None:
    to_stdout = run("run", root, "--digests", digests, "--report", "-", "-q")
    assert to_stdout.stdout.startswith("# Migration report\n")
    assert to_stdout.stderr == ""
    run("run", root, "--digests", digests, "--report", root.parent / "elsewhere.md")
    assert (root.parent / "elsewhere.md").read_text().startswith("# Migration report\n")
    run("run", root, "--digests", digests, "--no-report")
    assert not (root / "migration-report.md").exists()


def test_run_as_json_prints_the_plan_as_carried_out(root: Path, digests: Path) -> None:
    preview = run("preview", root, "--digests", digests, "--format", "json")
    carried_out = run("run", root, "--digests", digests, "--format", "json")
    assert json.loads(carried_out.stdout) == json.loads(preview.stdout)


@pytest.mark.parametrize(
    "arguments", [["--report", "x.md", "--no-report"], ["--report", "-", "--format", "json"]], ids=str
)
def test_options_that_exclude_each_other_are_refused_before_anything_is_done(
    root: Path, digests: Path, arguments: list[str]
) -> None:
    before = contents(root)
    complaint(run("run", root, "--digests", digests, *arguments))
    assert contents(root) == before


def test_pin_all_pins_fixed_tags_too(root: Path, digests: Path) -> None:
    digests.write_text(f"ghcr.io/acme/web:v1.2.3: {DIGEST}\n")
    (root / "apps" / "web.yaml").write_text(POD.format(image="ghcr.io/acme/web:v1.2.3"))
    assert run("preview", root, "--digests", digests).stdout == ""
    assert f"ghcr.io/acme/web:v1.2.3@{DIGEST}" in run("preview", root, "--digests", digests, "--pin-all").stdout


def test_a_file_that_cannot_be_written_fails_alone_and_shows_in_the_exit_code(root: Path, digests: Path) -> None:
    (root / "apps" / "web.yaml").chmod(0o444)
    (root / "other.yaml").write_text(POD.format(image=WEB))
    result = run("run", root, "--digests", digests, "--format", "json")
    assert result.exit_code == 2
    assert "apps/web.yaml: not written: it is read-only (mode 0444)" in result.stderr
    assert (root / "apps" / "web.yaml").read_text() == POD.format(image=WEB)
    assert (root / "other.yaml").read_text() == PINNED_POD
    assert {change["path"] for change in json.loads(result.stdout)["changes"]} == {"other.yaml"}
    assert "read-only" in (root / "migration-report.md").read_text()


def test_a_report_that_cannot_be_written_is_a_failure_after_the_edits(root: Path, digests: Path) -> None:
    result = run("run", root, "--digests", digests, "--report", root / "missing" / "report.md")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"unfloat: {root}/missing/report.md: ")
    assert (root / "apps" / "web.yaml").read_text() == PINNED_POD


def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transform that adds a byte whenever it runs over a file, and to another once."""
    transform = Transform("transforms.restless", reads=Language("yaml", suffixes=(".yaml",)))

    @transform.scan
    def more(source: Source, _fleet: object) -> Iterator[Fact]:
        from codemod.edits import Edit

        if source.path != "box.yaml" or not source.data.endswith(b"# more\n"):
            yield Change(Span(0, 1), "manifest", (Edit(len(source.data), len(source.data), b"# more\n"),))

    monkeypatch.setattr(registry, "load", lambda: (transform,))


def test_a_file_whose_result_would_be_changed_again_stays_and_the_rest_is_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(root)
    restless(monkeypatch)
    result = run("run", root, "--format", "json", "--no-report")
    assert result.exit_code == 0, result.stderr
    after = contents(root)
    assert after.pop("box.yaml") == before.pop("box.yaml") + b"# more\n"
    assert after == before
    (left,) = json.loads(result.stdout)["transitional"]
    assert (left["path"], left["code"]) == ("apps/web.yaml", "unsafe-edit")
    assert left["message"].startswith("restless would change its own result again at apps/web.yaml:1 ")


def test_check_names_each_violation_and_leaves_with_1(root: Path) -> None:
    result = run("check", root)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "apps/web.yaml:4:14:",
        "apps/web.yaml:5:24:",
        "box.yaml:4:14:",
        "box.yaml:5:24:",
    ]
    assert result.stderr == "4 violations (UF001 2, UF004 2) in 3 files.\n"


def test_check_of_a_clean_tree_is_silent_on_stdout_and_leaves_with_0(clean: Path) -> None:
    result = run("check", clean)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No violations in 2 files.\n")


def test_check_counts_what_it_could_not_read(clean: Path) -> None:
    (clean / "bad.yaml").write_text("image: [x:dev\n")
    (clean / "wide.yaml").write_bytes("image: x:dev\n".encode("utf-16"))
    with (clean / "large.yaml").open("wb") as file:
        file.write(b"image: x:dev\n")
        file.truncate(50 << 20)
    result = run("check", clean)
    assert result.exit_code == 0
    last = result.stderr.splitlines()[-1]
    assert last == "3 texts could not be read, and so not checked (too-large 1, unparsable 2)."


def test_check_judges_exceptions_on_the_day_that_it_is_told(root: Path) -> None:
    entry = "  - {path: '*.yaml', code: '*', reason: later, owner: team, expires: 2030-06-30}\n"
    (root / ".unfloat.yaml").write_text("allow:\n" + entry + entry.replace("*.yaml", "apps/*"))
    assert run("check", root, "--date", "2030-06-30").exit_code == 0
    late = run("check", root, "--date", "2030-07-01")
    assert late.exit_code == 1
    assert "UF007" in late.stdout


@pytest.mark.parametrize("style", ["json", "sarif", "github"])
def test_check_has_forms_for_machines(root: Path, style: str) -> None:
    result = run("check", root, "--format", style)
    assert result.exit_code == 1
    if style == "github":
        assert all(line.startswith("::error file=") for line in result.stdout.splitlines())
    else:
        assert isinstance(json.loads(result.stdout), dict)


def test_images_has_a_table_json_and_csv(root: Path) -> None:
    table = run("images", root)
    assert table.exit_code == 0
    assert table.stdout.splitlines()[0].split()[:3] == ["PLACE", "STATUS", "IMAGE"]
    found = json.loads(run("images", root, "--format", "json").stdout)
    assert [image["image"] for image in found["images"]] == [WEB, "docker.io/library/busybox:latest"]
    rows = list(csv.DictReader(io.StringIO(run("images", root, "--format", "csv").stdout)))
    assert [row["path"] for row in rows] == ["apps/web.yaml", "box.yaml"]


def test_unresolved_references_make_a_digest_map_to_fill_in(root: Path, digests: Path) -> None:
    (root / "fixed.yaml").write_text(POD.format(image="ghcr.io/acme/web:v1.2.3"))
    result = run("images", root, "--digests", digests, "--unresolved")
    assert result.stdout == "docker.io/library/busybox:latest:\n"
    more = root.parent / "more.yaml"
    more.write_text(result.stdout)
    assert run("images", root, "--digests", digests, "--digests", more).exit_code == 0
    more.write_text(result.stdout.rstrip("\n") + f" {DIGEST}\n")
    assert run("images", root, "--digests", digests, "--digests", more, "--unresolved").stdout == "{}\n"


def test_transforms_are_listed_with_what_they_do() -> None:
    result = run("transforms")
    assert result.exit_code == 0
    names = [line.split("  ")[0] for line in result.stdout.splitlines()]
    assert names == [transform.name for transform in registry.load()]
    assert all(line.endswith((".", "…")) for line in result.stdout.splitlines())
    assert run("transforms", "--only", "pull_policies").stdout.startswith("pull-policies  ")


@pytest.mark.parametrize("name", ["digest-unknown", "Digest_Unknown", "UF001", "uf001"])
def test_a_code_is_explained(name: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 0
    assert result.stdout.lower().startswith(name.lower().replace("_", "-") + ": ")
    assert "What to do: " in result.stdout


def test_a_transform_is_explained_by_its_documentation() -> None:
    assert run("explain", "pull_policies").stdout.startswith("pull-policies: ")


def test_what_cannot_be_explained_gets_the_nearest_name() -> None:
    assert "did you mean 'too-large'?" in complaint(run("explain", "too-lage"))


def test_the_lock_is_asked_after_the_maps(root: Path) -> None:
    (root / "unfloat.lock").write_text(f"version: 1\nimages:\n  {WEB}:\n    digest: {DIGEST}\n")
    plan = json.loads(run("preview", root, "--format", "json").stdout)
    assert [change["source"] for change in plan["changes"] if change["image"]] == ["lock"]


def test_only_and_skip_choose_transforms(root: Path, digests: Path) -> None:
    assert run("preview", root, "--digests", digests, "--only", "go-strings").stdout == ""
    skipped = run("preview", root, "--digests", digests, "--skip", "pull_policies").stdout
    assert f"@{DIGEST}" in skipped
    assert "IfNotPresent" not in skipped


def test_the_configuration_chooses_files(root: Path) -> None:
    (root / ".unfloat.yaml").write_text("exclude: ['apps/**']\n")
    assert "apps/" not in run("check", root).stdout
    other = root.parent / "other.yaml"
    other.write_text("include: ['apps/**']\n")
    assert "box.yaml" not in run("check", root, "--config", other).stdout


def test_quiet_says_nothing_and_verbose_says_what_is_read(root: Path, digests: Path) -> None:
    for command in ("preview", "run", "check", "images"):
        assert run(command, root, "--digests", digests, "-q").stderr == ""
    assert "3 files, 3 of them" in run("images", root, "-v", "--skip", "go-strings").stderr.replace(
        "4 files", "3 files"
    )


@pytest.mark.parametrize("command", ["preview", "run", "check", "images", "stacks"])
class TestBadInput:
    """What every command that opens a root says to what it cannot take."""

    def test_a_path_that_does_not_exist(self, command: str, tmp_path: Path) -> None:
        missing = tmp_path / "missing"
        assert complaint(run(command, missing)) == f"{missing}: no such folder; name a repository or a folder"

    def test_a_path_that_is_a_file(self, command: str, root: Path) -> None:
        path = root / "box.yaml"
        assert complaint(run(command, path)) == f"{path}: not a folder; name the folder that holds it"

    def test_a_path_that_is_a_broken_link(self, command: str, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("nowhere")
        assert "not a folder" in complaint(run(command, tmp_path / "link"))

    def test_an_empty_path(self, command: str) -> None:
        assert "no such folder" in complaint(run(command, ""))

    @pytest.mark.parametrize("name", ["typo", "pull-policie"])
    def test_an_unknown_transform(self, command: str, root: Path, name: str) -> None:
        message = complaint(run(command, root, "--only", name))
        assert message.startswith(f"there is no transform {name!r}; ")
        assert ("did you mean 'pull-policies'?" in message) == (name == "pull-policie")

    def test_an_unknown_key_in_the_configuration(self, command: str, root: Path) -> None:
        (root / ".unfloat.yaml").write_text("include: ['**']\nexlude: ['x/**']\n")
        assert complaint(run(command, root)).startswith(f"{root}/.unfloat.yaml:2: ")

    def test_a_configuration_that_is_not_there(self, command: str, root: Path) -> None:
        assert complaint(run(command, root, "--config", root / "no.yaml")).startswith(f"{root}/no.yaml: cannot be read")

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (f"{WEB}: latest\n", 1),
            (f"\n{WEB}: sha256:12\n", 2),
            (f"UPPER/Case: {DIGEST}\n", 1),
            (f"{WEB}: [{DIGEST}]\n", 1),
            ("a: [b\n", None),
            ("- a\n", None),
            ("\0", None),
        ],
    )
    def test_faults_of_a_digest_map(self, command: str, root: Path, digests: Path, text: str, line: int | None) -> None:
        digests.write_text(text)
        message = complaint(run(command, root, "--digests", digests))
        assert message.startswith(f"{digests}:{line}: " if line is not None else f"{digests}")

    def test_digest_maps_that_are_no_files(self, command: str, root: Path) -> None:
        for path in (root / "missing.yaml", root):
            assert complaint(run(command, root, "--digests", path)).startswith(f"{path}: cannot be read: ")

    def test_a_lock_that_is_none(self, command: str, root: Path) -> None:
        (root / "unfloat.lock").write_text("version: 99\n")
        assert complaint(run(command, root)).startswith(f"{root}/unfloat.lock:1: ")

    @pytest.mark.parametrize(
        "arguments", [["--frob"], ["--jobs", "0"], ["--jobs", "many"], ["--color", "red"], ["--config"], ["more"]]
    )
    def test_options_that_make_no_sense(self, command: str, root: Path, arguments: list[str]) -> None:
        page = "unfloat" if arguments == ["--config"] else f"unfloat {command}"
        assert f"See `{page} --help`." in complaint(run(command, root, *arguments))

    def test_a_repository_that_git_refuses(self, command: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        assert "dubious ownership" in complaint(run(command, root))

    def test_an_empty_repository_and_an_empty_folder_are_fine(self, command: str, tmp_path: Path) -> None:
        for name in ("plain", "repository"):
            (tmp_path / name).mkdir()
        git(tmp_path / "repository", "init", "--quiet")
        for name in ("plain", "repository"):
            assert run(command, tmp_path / name, "-q").exit_code == 0

    def test_files_that_hold_no_text_are_passed_over(self, command: str, clean: Path) -> None:
        (clean / "binary.yaml").write_bytes(b"image: x:dev\n\0\0")
        (clean / "folder.yaml").mkdir()
        (clean / "broken.yaml").symlink_to("nowhere")
        (clean / "loop.yaml").symlink_to("loop.yaml")
        (clean / "up").symlink_to(".")
        os.mkfifo(clean / "pipe.yaml")
        result = run(command, clean)
        assert result.exit_code == 0
        for name in ("binary", "folder", "broken", "loop", "up/", "pipe"):
            assert name not in result.stdout

    def test_a_file_that_is_not_to_be_read_fails_alone(
        self, command: str, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        genuine = os.open

        def faulty(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            if str(path).endswith("box.yaml"):
                raise PermissionError(13, "Permission denied")
            return genuine(path, flags, mode, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", faulty)
        result = run(command, root, "-q", *(["--report", "-"] if command == "run" else []))
        assert result.exit_code == 2
        assert result.stderr == "unfloat: box.yaml: cannot be read: Permission denied\n"

    def test_names_that_are_no_utf8(self, command: str, root: Path, digests: Path) -> None:
        name = os.fsencode(root) + b"/apps/\xff\xfe \n.yaml"
        Path(os.fsdecode(name)).write_text(POD.format(image=WEB))
        done = child(command, root, "--digests", digests, "-q")
        assert done.stderr == b""
        assert done.returncode == (1 if command == "check" else 0)


def test_names_that_are_no_utf8_survive_every_form(root: Path, digests: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/apps/\xff.yaml")).write_text(POD.format(image=WEB))
    for arguments in (
        *(["images", "--format", style] for style in ("table", "json", "csv")),
        *(["check", "--format", style] for style in ("text", "json", "sarif", "github")),
        *(["preview", "--format", style] for style in ("diff", "json")),
        ["run", "--report", "-"],
    ):
        done = child(*arguments, root, "--digests", digests)
        assert b"Traceback" not in done.stderr, arguments
        assert b"web.yaml" in done.stdout, arguments


def test_a_patch_of_a_name_that_is_no_utf8_applies(root: Path, digests: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(root) + b"/apps/\xff.yaml"))
    path.write_text(POD.format(image=WEB))
    git(root, "apply", *write(root.parent / "patch", child("preview", root, "--digests", digests).stdout))
    assert path.read_text() == PINNED_POD


def test_an_unknown_command_gets_the_nearest_name() -> None:
    assert complaint(run("chekc")).startswith(
        "there is no command 'chekc'; did you mean 'check'? there are: baseline, check, "
    )


def test_the_default_path_is_the_folder_that_one_stands_in(root: Path) -> None:
    (root / ".unfloat.yaml").write_text("exlude: []\n")
    done = child("check", cwd=root)
    assert done.returncode == 2
    assert done.stderr.startswith(b"unfloat: .unfloat.yaml:1: ")


def test_a_full_disk_is_one_line(root: Path) -> None:
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "codemod", "images", str(root)],
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, b"unfloat: standard output: No space left on device\n")


@pytest.mark.parametrize(("command", "code"), [("check", 1), ("images", 0)])
def test_a_reader_that_goes_away_is_no_error(root: Path, command: str, code: int) -> None:
    read, write_end = os.pipe()
    os.close(read)
    with os.fdopen(write_end, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "codemod", command, str(root), "-q"],
            env=ENVIRONMENT,
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("command", "code"), [("check", 1), ("images", 0), ("preview", 0), ("chekc", 2)])
def test_streams_that_are_closed_change_nothing(root: Path, command: str, code: int, closed: str) -> None:
    line = shlex.join([sys.executable, "-m", "codemod", command, str(root)])
    done = subprocess.run(["sh", "-c", f"{line} {closed}"], env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


STOPPED = """
import os, sys, time
fsync = os.fsync
def waiting(handle):
    print("ready", file=sys.stderr, flush=True)
    deadline = time.monotonic() + 20
    from codemod import writer
    while not came and time.monotonic() < deadline:
        time.sleep(0.005)
    fsync(handle)
os.fsync = waiting
came = []
from codemod import writer
note = writer._Signals.note
writer._Signals.note = lambda self, *given: (note(self, *given), came.append(given))
from codemod.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=str)
def test_a_run_that_is_stopped_while_it_writes_cleans_up(root: Path, digests: Path, number: int, code: int) -> None:
    before = contents(root)
    command = [sys.executable, "-c", STOPPED, "run", str(root), "--digests", str(digests), "-q"]
    with subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        assert contents(root).keys() != before.keys()
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == code
    assert rest.strip() == ""
    assert contents(root) == before


def test_an_interrupt_while_it_reads_leaves_with_130(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_given: object, **_options: object) -> Plan:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "plan", interrupted)
    assert run("check", root).exit_code == 130


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "colored"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {}, True, False),
    ],
)
def test_colour_is_for_terminals_and_as_told(
    monkeypatch: pytest.MonkeyPatch, choice: str, environment: dict[str, str], terminal: bool, colored: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    assert _terminal.is_colored(stream, choice) is colored


def test_colour_reaches_the_diff_and_the_summary(root: Path, digests: Path) -> None:
    colored = run("preview", root, "--digests", digests, "--color", "always")
    assert "\x1b[" in colored.stdout
    assert "\x1b[" in colored.stderr
    plain = run("preview", root, "--digests", digests)
    assert "\x1b[" not in plain.stdout + plain.stderr


def test_progress_shows_on_a_terminal_over_many_files_only(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", stream)
    with _terminal.progress(_terminal.PROGRESS_FROM - 1, quiet=False) as none:
        assert none is None
    with _terminal.progress(10**6, quiet=True) as none:
        assert none is None
    assert stream.getvalue() == ""
    with _terminal.progress(10**6, quiet=False) as advance:
        assert advance is not None
        for done in range(1, 101):
            advance(done)
    assert "Reading" in stream.getvalue()


def test_no_progress_where_nobody_looks() -> None:
    with _terminal.progress(10**6, quiet=False) as advance:
        assert advance is None


def test_a_session_plans_the_edited_bytes_without_reading_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from codemod.cli._options import Options

    options = Options(str(root), None, (), True, (), (), 1, "never", True, False)
    session = _session.open_session(options)
    session.plan(to_edit=True)
    (root / "box.yaml").unlink()
    after = session.plan({"apps/web.yaml": PINNED_POD.encode()})
    assert [(entry.site.path, entry.status) for entry in after.images] == [
        ("apps/web.yaml", "pinned"),
        ("box.yaml", "floating"),
    ]


def loaded(*arguments: str | Path) -> set[str]:
    """The modules that a command leaves imported."""
    program = "import sys\nfrom codemod.cli import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules)"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return set(subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True, text=True).stdout.split())


def test_the_version_needs_nothing_heavy() -> None:
    heavy = {"yaml", "msgspec", "ruamel", "rich", "json", "subprocess", "codemod.engine", "pathspec"}
    assert not loaded("--version") & heavy


def test_check_needs_no_library_of_other_commands(clean: Path) -> None:
    heavy = {"rich", "ruamel", "json", "subprocess", "pathspec", "tomllib", "importlib.metadata", "codemod.writer"}
    found = loaded("check", clean)
    assert not found & heavy
    unused = ("codemod.proof", "codemod.charts.execute", "codemod.charts.functions.table", "codemod.formats.gotemplate")
    assert [name for name in sorted(found) if name.startswith((*unused, "codemod.chain", "codemod.explain"))] == []


@pytest.mark.parametrize(("tag", "is_read"), [("v1", False), ("dev", True)])
def test_check_reads_a_chart_where_something_floats_in_it(clean: Path, tag: str, is_read: bool) -> None:
    chart = clean / "third_party" / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: chart\n")
    (chart / "values.yaml").write_text(f"image: {{repository: ghcr.io/acme/web, tag: {tag}}}\n")
    (chart / "templates" / "pod.yaml").write_text("image: {{ .Values.image.repository }}\n")
    assert ("codemod.charts.execute" in loaded("check", clean)) == is_read
