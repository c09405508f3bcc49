"""`--jobs N` finds what one process finds, in the same order."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from codemod import registry
from codemod.cli import _jobs
from codemod.cli._jobs import over
from codemod.config import Config, StackSpec
from codemod.engine import plan
from codemod.fleet import build
from codemod.judge import fault
from codemod.outcome import Plan
from codemod.source import Source
from codemod.testing import EveryDigest

TODAY = datetime.date(2026, 1, 1)
EXAMPLES = Path(__file__).parent.parent / "examples" / "fleet"


def sources() -> list[Source]:
    """The example fleet's YAML and Go, and enough small files to be worth several processes."""
    found = []
    for path in sorted(EXAMPLES.rglob("*")):
        language = {".yaml": "yaml", ".json": "yaml", ".go": "go"}.get(path.suffix)
        if language and path.is_file():
            found.append(Source(str(path.relative_to(EXAMPLES)), path.read_bytes(), language))
    for number in range(_jobs.WORTH_IT):
        text = f"image:\n  repository: ghcr.io/acme/app-{number % 7}\n  tag: dev\n  pullPolicy: Always\n"
        found.append(Source(f"apps/{number}.yaml", text.encode(), "yaml"))
    return found


def plan_over(jobs: int) -> Plan:
    files = sources()
    config = Config(stacks=(StackSpec(layers=("apps/{name}.yaml",)),))
    facts = build(config, [source.path for source in files], {source.path: source for source in files}.get)
    spread = over(jobs) if jobs > 1 else map
    return plan(files, registry.load(), facts, EveryDigest(), today=TODAY, judge=fault, spread=spread)


def test_several_processes_find_what_one_finds() -> None:
    one, two = plan_over(1), plan_over(2)
    assert len(one.files) > _jobs.WORTH_IT
    assert two == one


def test_few_files_stay_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_jobs, "_forked", lambda *_: pytest.fail("a process was started"))
    few = sources()[:3]
    assert list(over(4)(lambda source: [], few)) == [[], [], []]


def test_where_processes_cannot_be_forked_everything_stays_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_jobs, "_can_fork", lambda: False)
    monkeypatch.setattr(_jobs, "_forked", lambda *_: pytest.fail("a process was started"))
    assert len(list(over(2)(lambda source: [], sources()))) == len(sources())


def test_a_fault_in_a_worker_is_not_lost() -> None:
    def fail(source: Source) -> list[object]:
        raise RuntimeError(f"at {source.path}")

    with pytest.raises(RuntimeError, match="at "):
        list(over(2)(fail, sources()))  # type: ignore[arg-type]
    assert _jobs._work is None
