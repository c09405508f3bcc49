"""`unfloat init`: a starter that loads, says what the tree shows, and changes nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from codemod.cli import main
from codemod.config import FLOATING_TAGS, TESTS, VENDORED, Config
from codemod.configfile import load_file
from codemod.starter import Seen, seen, starter

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTHING = Seen({}, {}, {})


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write(root: Path, *paths: str, text: str = "a: 1\n") -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def written(root: Path) -> str:
    result = run("init", root)
    assert (result.exit_code, result.stdout) == (0, "")
    return (root / ".unfloat.yaml").read_text()


def keys(text: str) -> list[str]:
    """The keys at the root of a starter, those in comments included."""
    return re.findall(r"^#?([a-z_]+):", text, re.MULTILINE)


# --- what it leaves alone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".unfloat.yaml", ""),
        (".unfloat.yml", "platforms: [linux/amd64]\n"),
        ("pyproject.toml", "[tool.unfloat]\nexception_days = 30\n"),
    ],
)
def test_a_configuration_that_is_there_is_not_touched(tmp_path: Path, file: str, text: str) -> None:
    write(tmp_path, file, text=text)
    result = run("init", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(rf"unfloat: \S*{re.escape(file)}: [^\n]+; edit it, or [^\n]+\n", result.stderr)
    assert [path.name for path in tmp_path.iterdir()] == [file]
    assert (tmp_path / file).read_text() == text


def test_a_project_file_of_others_is_no_configuration(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", text="[project]\nname = 'x'\n")
    assert run("init", tmp_path).exit_code == 0


def test_a_dry_run_prints_it_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "env/dev/web.yaml")
    result = run("init", tmp_path, "--dry-run")
    assert (result.exit_code, result.stderr) == (0, f"Would write {tmp_path}/.unfloat.yaml.\n")
    assert not (tmp_path / ".unfloat.yaml").exists()
    assert result.stdout == written(tmp_path)
    assert run("init", tmp_path, "--dry-run", "-q").stdout == result.stdout


def test_a_starter_of_nothing_says_nothing() -> None:
    text = starter(Config(), NOTHING)
    assert all(not line or line.startswith("#") for line in text.splitlines())
    assert load_file(".unfloat.yaml", text.encode()) == Config()


def test_an_empty_tree_gets_the_starter_of_nothing(tmp_path: Path) -> None:
    assert written(tmp_path) == starter(Config(), NOTHING)
    assert run("check", tmp_path).stderr == "No violations in 0 files.\n"


def test_overlays_that_are_variants_are_no_environments(tmp_path: Path) -> None:
    write(tmp_path, "overlays/with-istio/a.yaml", "overlays/dev/a.yaml", "overlays/prod/a.yaml", "envs/blue/a.yaml")
    found = load_file(".unfloat.yaml", written(tmp_path).encode()).environments
    assert list(found) == ["blue", "dev", "prod"]


def test_value_files_beside_a_chart_are_environments_only_by_a_usual_name(tmp_path: Path) -> None:
    write(tmp_path, "charts/web/Chart.yaml", text="apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write(
        tmp_path, "charts/web/values.yaml", *(f"charts/web/values-{name}.yaml" for name in ("ci", "ha", "production"))
    )
    assert list(load_file(".unfloat.yaml", written(tmp_path).encode()).environments) == ["production"]


def test_files_that_are_not_vendored_are_not_listed() -> None:
    assert seen(Config(), ["charts/web/values.yaml"], [None], [b"arch: amd64\n"]) == NOTHING


# --- what it says -----------------------------------------------------------------------------------------------------


def test_every_key_is_explained_once_and_loads_when_it_is_uncommented() -> None:
    text = starter(Config(), NOTHING)
    assert sorted(keys(text)) == sorted(Config.__struct_fields__)
    for line in re.findall(r"(?m)^#([a-z_]+):", text):
        above = text[: text.index(f"\n#{line}:") + 1].splitlines()[-1]
        assert above.startswith("# "), line
    config = load_file(".unfloat.yaml", re.sub(r"(?m)^#(?! )(.*)$|^#(?=  )", r"\1", text).encode())
    assert (config.floating_tags, config.tests, config.vendored) == (FLOATING_TAGS, TESTS, VENDORED)
    assert (config.include, config.channel_comments, config.exception_days) == (("**",), False, 90)
    assert config.stacks
    assert config.allow
    assert config.registries
    assert config.custom_resources
    assert config.environments["production"].digest == "require"


def test_environments_stand_in_the_order_in_which_changes_move(tmp_path: Path) -> None:
    write(tmp_path, *(f"env/{name}/web.yaml" for name in ("production", "local", "dev", "staging", "on", "7")))
    text = written(tmp_path)
    assert '  "on": # env/on/: 1 file\n    floating: forbid\n' in text
    config = load_file(".unfloat.yaml", text.encode())
    assert list(config.environments) == ["7", "dev", "local", "on", "staging", "production"]
    assert [rules.digest for rules in config.environments.values()] == [None] * 4 + ["require"] * 2


def test_environments_that_only_releases_name_are_among_them(tmp_path: Path) -> None:
    write(tmp_path, "charts/web/Chart.yaml", text="apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write(tmp_path, "charts/web/values-qa.yaml")
    app = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n"
        "spec: {source: {path: charts/web, helm: {valueFiles: [../../values/prod.yaml]}}}\n"
    )
    write(tmp_path, "env/edge/app.yaml", text=app)
    names = list(load_file(".unfloat.yaml", written(tmp_path).encode()).environments)
    assert "edge" in names
    assert seen(Config(), [], ["qa", None], []).environments == {"qa": "named by releases"}


def test_vendored_folders_are_named_and_copies_of_repositories_become_part_of_the_list(tmp_path: Path) -> None:
    copy = ("lib/upstream/LICENSE", "lib/upstream/.github/workflows/ci.yml", "lib/upstream/deploy.yaml")
    more = [f"vendor{number}/third_party/a.yaml" for number in range(6)]
    write(tmp_path, "charts/third_party/redis/values.yaml", *copy, *more)
    text = written(tmp_path)
    assert "# - charts/third_party/: 1 file\n# - lib/upstream/: 3 files\n" in text
    assert "# - and 3 more folders\n" in text
    assert load_file(".unfloat.yaml", text.encode()).vendored == (*VENDORED, "lib/upstream/**")


def test_node_selectors_propose_platforms_and_no_more(tmp_path: Path) -> None:
    for number, name in enumerate(("amd64", "arm64", "arm64")):
        write(tmp_path, f"{number}.yaml", text=f"nodeSelector:\n  kubernetes.io/arch: {name}\n")
    text = written(tmp_path)
    assert "# Node selectors here name amd64 (1 file), arm64 (2 files); only the cluster knows the others.\n" in text
    assert '#platforms: ["linux/amd64", "linux/arm64"]\n' in text
    assert load_file(".unfloat.yaml", text.encode()).platforms == ()


def test_names_that_no_line_can_hold_are_left_out_or_escaped() -> None:
    paths = ["env/a\nb/x.yaml", "env/\udcff/x.yaml", "vendor/\x1b/x.yaml", "x\n/vendor/a.yaml"]
    text = starter(Config(), seen(Config(), paths, ["c\nd"], []))
    assert load_file(".unfloat.yaml", text.encode()) == Config()


def test_it_goes_where_the_configuration_is_said_to_be(tmp_path: Path) -> None:
    root = write(tmp_path / "root", "env/dev/a.yaml")
    result = run("init", root, "--config", tmp_path / "elsewhere.yaml", "-q")
    assert (result.exit_code, result.stderr) == (0, "")
    assert load_file("x", (tmp_path / "elsewhere.yaml").read_bytes()).environments.keys() == {"dev"}
    assert run("init", root, "--config", tmp_path / "missing" / "x.yaml").exit_code == 2


# --- what it changes --------------------------------------------------------------------------------------------------


def test_on_the_fleet_it_changes_nothing_and_is_the_same_again(tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLES / "fleet", root)
    (root / ".unfloat.yaml").unlink()
    given = ("--offline", "--digests", EXAMPLES / "digests.yaml")
    before = [run(command, root, *given).stdout for command in ("check", "preview", "images", "stacks")]
    text = written(root)
    after = [run(command, root, *given).stdout for command in ("check", "preview", "images", "stacks")]
    assert after == before
    (root / ".unfloat.yaml").unlink()
    assert written(root) == text
    assert {"dev", "local", "staging", "production"} <= load_file("x", text.encode()).environments.keys()


def test_a_baseline_goes_into_the_starter(tmp_path: Path) -> None:
    write(tmp_path, "env/dev/web.yaml", text="image: ghcr.io/acme/web:dev\n")
    written(tmp_path)
    assert run("baseline", tmp_path, "--owner", "team").exit_code == 0
    assert run("check", tmp_path).exit_code == 0
