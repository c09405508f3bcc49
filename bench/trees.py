"""Git checkouts to measure on, and commands run in them."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Cost:
    """What one run of a command took: CPU (user and system, of all its processes) and wall time, in ms."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Done:
    """A finished command: what it printed and what it took."""

    out: bytes
    cost: Cost


def run(command: Sequence[str], cwd: Path, codes: Sequence[int] = (0,)) -> Done:
    """Run a command; an exit code that is not expected ends the benchmark with what the command said.

    It prints into files: neither a terminal nor a reader that is slow can hold it up. Python may keep its bytecode, as
    it does for a user.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            command, cwd=cwd, env=environment, stdout=out, stderr=err, stdin=subprocess.DEVNULL, check=False
        )
        wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        out.seek(0)
        err.seek(0)
        if done.returncode not in codes:
            sys.exit(f"{' '.join(command)} left with {done.returncode}\n{err.read().decode(errors='replace')[-2000:]}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Done(out.read(), Cost(cpu * 1000, wall * 1000))


def script(name: str) -> str:
    """A command that is installed beside this Python, else on the search path."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or sys.exit(f"{name} is not installed; try: pip install -e '.[bench]'")


def tracked(tree: Path) -> list[str]:
    """The regular files that Git tracks in a checkout, relative to it."""
    listed = run(["git", "ls-files", "-z"], tree).out.decode().split("\0")
    return [path for path in listed if path and (tree / path).is_file() and not (tree / path).is_symlink()]


def copy_tracked(tree: Path, into: Path) -> int:
    """Copy what Git tracks in `tree` below `into`; the number of files."""
    paths = tracked(tree)
    for path in paths:
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / path, target)
    return len(paths)


def commit_all(root: Path) -> None:
    """Make a folder a repository of one commit; its attributes and ignore rules do not hide anything."""
    run(["git", "init", "--quiet"], root)
    run(["git", "add", "--all", "--force"], root)
    run(["git", *IDENTITY, "commit", "--quiet", "--no-verify", "--message", "A tree to measure on"], root)
