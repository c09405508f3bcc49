"""Calls of scripts that the repository does not have: remarked on where that is certain."""

from __future__ import annotations

import pytest

from codemod.config import Config
from codemod.engine import findings
from codemod.fleet import build
from codemod.formats.shell import Paths
from codemod.outcome import Plan
from codemod.scan import Finding
from codemod.source import Source
from codemod.testing import plan_of
from transforms.missing_scripts import transform

CODE = "script-missing"
ROOT = 'ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"\n'
CALL = '"${ROOT}/scripts/build.sh" dev\n'
OTHERS = {"scripts/run.sh": b"", "hack/lib/util.sh": b""}
JOB = "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - run: {}\n"


def plan(text: str, path: str = "hack/up.sh", others: dict[str, bytes] | None = None) -> Plan:
    found = plan_of(transform, {path: text.encode(), **OTHERS, **(others or {})})
    assert not found.files
    assert {entry.code for entry in found.remarks} <= {CODE}
    return found


def messages(text: str, path: str = "hack/up.sh", others: dict[str, bytes] | None = None) -> list[str]:
    return [entry.message for entry in plan(text, path, others).remarks]


PRESENT = {
    "a script that is there": ROOT + '"${ROOT}/scripts/run.sh"\n',
    "a script beside it": 'source "$(dirname "$0")/lib/util.sh"\n',
    "a comment": ROOT + "# " + CALL,
    "what is said": ROOT + "echo run " + CALL,
    "a path outside": "/usr/local/bin/build.sh\n~/build.sh\n",
    "a path above the root": 'bash "$(dirname "$0")/../../scripts/build.sh"\n',
    "a folder that nobody knows": '"$SOMEWHERE/scripts/build.sh"\n',
    "a name that is put together": ROOT + '"${ROOT}/scripts/${name}.sh"\n',
    "a program without an ending, as builds make them": ROOT + '"${ROOT}/bin/tool"\n',
    "a relative path, whose folder nobody knows": "./scripts/build.sh\nscripts/build.sh\nsource ./build.sh\n",
    "a folder that is set twice": ROOT + "ROOT=/elsewhere\n" + CALL,
    "a folder that a loop sets": "for ROOT in a b; do\n" + CALL + "done\n",
    "a folder that is read": "read -r ROOT\n" + CALL,
    "a test before": ROOT + 'if [ -x "${ROOT}/scripts/build.sh" ]; then\n  ' + CALL + "fi\n",
    "a failure that is borne": ROOT + '"${ROOT}/scripts/build.sh" dev || true\n',
    "a missing file that is borne": ROOT + 'source "${ROOT}/scripts/build.sh" 2>/dev/null\n',
    "a file that is written": ROOT + 'cat > "${ROOT}/scripts/build.sh" <<EOF\nEOF\n' + CALL,
    "a file that is fetched": ROOT + 'curl -o "${ROOT}/scripts/build.sh" https://acme.io/x\n' + CALL,
    "a folder that is fetched": ROOT + 'git clone https://acme.io/a.git "${ROOT}/a"\n"${ROOT}/a/build.sh"\n',
    "a program as a text": ROOT + "bash -c '${ROOT}/scripts/build.sh'\npython -m build.py\n",
    "an argument of another program": ROOT + "docker run acme/web ${ROOT}/scripts/build.sh\n",
    "a cd into the unknown": 'cd "$SOMEWHERE"\n./scripts/build.sh\n',
    "two ways": 'cd "$(dirname "$0")/.."\ncd web\n./scripts/build.sh\n',
    "a cd in a block": 'if true; then cd "$(dirname "$0")/.."; fi\n./scripts/build.sh\n',
    "a pushd": 'pushd "$(dirname "$0")/.."\n./scripts/build.sh\n',
}


@pytest.mark.parametrize("text", PRESENT.values(), ids=PRESENT)
def test_what_is_left_without_a_word(text: str) -> None:
    assert not messages(text)


ELSEWHERE = {
    "ignored": {".gitignore": b"# ours\n!keep\nscripts/build.sh\n"},
    "ignored by a pattern": {".gitignore": b"build*\n"},
    "an ignored folder": {".gitignore": b"/scripts/\n"},
    "ignored in its folder": {"scripts/.gitignore": b"*.sh\n"},
    "a link or a submodule": {"scripts": b""},
    "a namesake elsewhere": {"web/build.sh": b""},
}


@pytest.mark.parametrize("others", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_file_that_may_come_from_elsewhere_is_not_missed(others: dict[str, bytes]) -> None:
    assert not stated({"scripts/.gitignore": b"build.txt\n", **others})
    assert len(stated({"scripts/.gitignore": b"build.txt\n"})) == 1


def stated(others: dict[str, bytes]) -> list[Finding]:
    """What is said of a call beside other files of whatever kind; one that holds nothing is only listed."""
    sources = {path: Source(path, data, "text") for path, data in others.items() if data}
    script = Source("hack/up.sh", (ROOT + CALL).encode(), "shell")
    fleet = build(Config(), [*others, script.path], {**sources, script.path: script}.get)
    return findings([script], [transform], fleet)[0]


MISSING = {
    "a root by BASH_SOURCE": ROOT + CALL,
    "a root by Git": 'ROOT=$(git rev-parse --show-toplevel)\n"$ROOT"/scripts/build.sh\n',
    "a root that can be set": 'ROOT="${ROOT:-$(cd "$(dirname "$0")/.." && pwd)}"\n' + CALL,
    "a folder of its own": 'HERE="${BASH_SOURCE%/*}"\nsource "$HERE/../scripts/build.sh"\n',
    "an interpreter": ROOT + 'bash -eu "${ROOT}/scripts/build.sh"\n',
    "a cd to the root": 'cd "$(dirname "$0")/.." || exit 1\n./scripts/build.sh\n',
    "sudo": ROOT + "sudo " + CALL,
    "twice": ROOT + 'chmod +x "${ROOT}/scripts/build.sh"\n' + CALL,
}


@pytest.mark.surface("shell", reported="calls of scripts that are not in the repository (`script-missing`)")
@pytest.mark.parametrize("text", MISSING.values(), ids=MISSING)
def test_what_is_missing(text: str) -> None:
    assert messages(text) == ["there is no scripts/build.sh"]


def test_the_place_is_that_of_the_path() -> None:
    entry = plan(ROOT + "\n  " + CALL).remarks[0]
    assert (entry.site.line, entry.site.column, entry.text, entry.image) == (3, 3, '"${ROOT}/scripts/build.sh"', None)


def test_a_folder_that_is_missing_too_counts_where_the_path_is_exact() -> None:
    assert messages(ROOT + '"${ROOT}/gone/build.sh"\n') == ["there is no gone/build.sh"]


@pytest.mark.surface("github-workflow", reported="scripts that `run` calls and that are not there (`script-missing`)")
@pytest.mark.parametrize(
    "run", ["./scripts/build.sh", "bash scripts/build.sh dev", '"$GITHUB_WORKSPACE/scripts/build.sh"']
)
def test_a_step_runs_in_the_repository(run: str) -> None:
    assert messages(JOB.format(f"'{run}'"), ".github/workflows/ci.yml") == ["there is no scripts/build.sh"]


STEPS = {
    "no checkout": JOB.replace("actions/checkout", "acme/setup").format("./scripts/build.sh"),
    "another repository": JOB.replace("@v4", "@v4\n        with:\n          repository: a/b").format(
        "scripts/build.sh"
    ),
    "another folder": JOB.replace("@v4", "@v4\n        with:\n          path: src").format("scripts/build.sh"),
    "another branch": JOB.replace("@v4", "@v4\n        with:\n          ref: pages").format("scripts/build.sh"),
    "a working directory": JOB.format("./scripts/run.sh\n        working-directory: web/x"),
    "a computed one": JOB.format("./scripts/build.sh\n        working-directory: ${{ matrix.dir }}"),
    "another shell": JOB.format("./scripts/build.sh\n        shell: pwsh"),
    "a cd": JOB.format("cd web && ./scripts/build.sh"),
    "a path of the runner": JOB.format('"$RUNNER_TEMP/scripts/build.sh"'),
    "a path of an action": JOB.format("${{ github.action_path }}/scripts/build.sh"),
}


@pytest.mark.parametrize("text", STEPS.values(), ids=STEPS)
def test_steps_that_may_run_elsewhere(text: str) -> None:
    assert not messages(text, ".github/workflows/ci.yml")


def test_the_working_directory_of_a_step_and_of_a_job_count() -> None:
    step = JOB.format("./build.sh\n        working-directory: ./scripts")
    job = JOB.replace("    steps:", "    defaults:\n      run:\n        working-directory: scripts\n    steps:")
    for text in (step, job.format("./build.sh")):
        assert messages(text, ".github/workflows/ci.yml") == ["there is no scripts/build.sh"]


def test_a_checkout_of_what_started_the_workflow_is_this_repository() -> None:
    text = JOB.replace("@v4", "@v4\n        with:\n          ref: ${{{{ github.sha }}}}").format("scripts/build.sh")
    assert messages(text, ".github/workflows/ci.yml") == ["there is no scripts/build.sh"]


def test_a_workflow_below_the_root_runs_nowhere() -> None:
    assert not messages(JOB.format("./scripts/build.sh"), "web/.github/workflows/ci.yml")


def test_an_action_of_the_repository_runs_in_it() -> None:
    text = "runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: ./scripts/build.sh\n"
    assert messages(text, ".github/actions/up/action.yml") == ["there is no scripts/build.sh"]
    assert not messages(text, "action.yml")


def test_jobs_of_gitlab_run_in_the_repository() -> None:
    text = "build:\n  script:\n    - ./scripts/build.sh\n"
    assert messages(text, ".gitlab-ci.yml") == ["there is no scripts/build.sh"]
    assert not messages("variables: {GIT_STRATEGY: none}\n" + text, ".gitlab-ci.yml")
    assert not messages(text, "templates/build.gitlab-ci.yml")


@pytest.mark.surface("makefile", reported="scripts that recipes call and that are not there (`script-missing`)")
def test_recipes_run_beside_the_makefile() -> None:
    text = "build:\n\t@./scripts/build.sh $(TAG)\n\tcd web && ./scripts/other.sh\n"
    assert messages(text, "Makefile") == ["there is no scripts/build.sh"]
    assert not messages(text, "common.mk")
    assert not messages(text, "web/Makefile")
    assert messages("build:\n\t./lib/gone.sh\n", "hack/Makefile") == ["there is no hack/lib/gone.sh"]


def test_a_continued_line_of_a_recipe_is_one() -> None:
    assert not messages("build:\n\tcd web && \\\n\t./scripts/build.sh\n", "Makefile")
    assert messages("build:\n\tcd web\n\t./scripts/build.sh\n", "Makefile") == ["there is no scripts/build.sh"]


def test_vendored_scripts_are_for_others_to_mend() -> None:
    text = 'bash "$(dirname "$0")/gone.sh"\n'
    assert messages(text, "hack/up.sh")
    assert not messages(text, "vendor/a/up.sh")


PATHS = """\
DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "${DIR}/.." >/dev/null 2>&1 && pwd -P)"
A=$(dirname $0)
B=$(dirname "$(readlink -f "$0")")
C=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
D=${REPO:-$(dirname "$DIR")}
export E="${BASH_SOURCE%/*}"
F=/usr/bin
G="$(cd -- "$( dirname -- "${BASH_SOURCE[0]}" )" &> /dev/null && pwd)"
H=$(dirname "${BASH_SOURCE[0]}")/..
LOOP=$LOOP
UP=$(dirname "$C")
"""


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("$DIR/a.sh", "hack/lib/a.sh"),
        ('"${ROOT}/b.sh"', "hack/b.sh"),
        ("$A/c.sh", "hack/lib/c.sh"),
        ("$B/c.sh", "hack/lib/c.sh"),
        ("$C/c.sh", "c.sh"),
        ("$D/c.sh", "hack/c.sh"),
        ("$E/c.sh", "hack/lib/c.sh"),
        ("$G/c.sh", "hack/lib/c.sh"),
        ("$H/c.sh", "hack/c.sh"),
        ("$(dirname $0)/c.sh", "hack/lib/c.sh"),
        ("`dirname $0`/../c.sh", "hack/c.sh"),
        ("${X:-$DIR}/c.sh", "hack/lib/c.sh"),
        ("$F/c.sh", None),
        ("$X/c.sh", None),
        ("$LOOP/c.sh", None),
        ("$UP/c.sh", None),
        ("./c.sh", None),
        ("$ROOT/../../c.sh", None),
        ("$ROOT/$x/c.sh", None),
        ("$(date)/c.sh", None),
        ("$(dirname $X)/c.sh", None),
        ("$(dirname", None),
        ("`dirname", None),
    ],
)
def test_where_a_script_says_that_it_lies(text: str, path: str | None) -> None:
    assert Paths(Source("hack/lib/x.sh", PATHS.encode(), "shell")).of(text) == path
