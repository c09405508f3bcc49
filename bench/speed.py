"""How long does the gate take, against a plain search for the same words? `python bench/speed.py --tree DIR`.

Both commands run in turn on the same tree (A, B, A, B, …) so that they share the machine's noise. CPU time is the
figure to trust on a busy machine; every ratio is the median of ratios within one round.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from trees import Cost, commit_all, copy_tracked, run, script, tracked

PATTERN = "image:|repository:|tag:|newTag:|@sha256:"
FILES = "*.{yaml,yml,json,go}"

Rounds = list[tuple[Cost, Cost]]


def paired(first: Sequence[str], second: Sequence[str], cwd: Path, rounds: int) -> Rounds:
    """Run two commands in turn, one round of each before any counts."""
    codes = (0, 1)
    for command in (first, second):
        run(command, cwd, codes)
    return [(run(first, cwd, codes).cost, run(second, cwd, codes).cost) for _ in range(rounds)]


def show(first: str, second: str, rounds: Rounds) -> None:
    """Print medians and the ratio of the first command to the second."""
    for name, costs in ((first, [one for one, _ in rounds]), (second, [two for _, two in rounds])):
        cpu, wall = median(cost.cpu for cost in costs), median(cost.wall for cost in costs)
        print(f"  {name:28} CPU {cpu:8.1f} ms   wall {wall:8.1f} ms")
    cpu = median(one.cpu / max(two.cpu, 0.1) for one, two in rounds)
    wall = median(one.wall / max(two.wall, 0.1) for one, two in rounds)
    print(f"  {'ratio':28} CPU {cpu:8.1f} x    wall {wall:8.1f} x")


def gate_against_search(tree: Path, rounds: int) -> None:
    """The gate and ripgrep on one tree."""
    gate = [script("unfloat"), "check", "--offline"]
    search = [script("rg"), "--hidden", "-n", "--no-heading", "-g", FILES, "-e", PATTERN, "."]
    print(f"{len(tracked(tree))} tracked files, {rounds} rounds")
    show("unfloat check --offline", "rg", paired(gate, search, tree, rounds))


def start_up(cwd: Path, rounds: int) -> None:
    """What there is to pay before any work."""
    print(f"start-up, {rounds} rounds")
    version, nothing = [script("unfloat"), "--version"], [sys.executable, "-c", "pass"]
    show("unfloat --version", "python -c pass", paired(version, nothing, cwd, rounds))


def main() -> None:
    """Measure on a checkout, or on a synthetic fleet of many tenants made from it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tree", type=Path, default=Path(), help="a Git checkout (default: this folder)")
    options.add_argument("--synthetic", type=int, metavar="TENANTS", help="replicate the checkout under tenants/NN/")
    options.add_argument("--rounds", type=int, default=7)
    arguments = options.parse_args()
    tree: Path = arguments.tree.resolve()
    start_up(tree, arguments.rounds)
    if arguments.synthetic is None:
        gate_against_search(tree, arguments.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        for tenant in range(arguments.synthetic):
            copy_tracked(tree, Path(folder) / "tenants" / f"{tenant:02}")
        commit_all(Path(folder))
        gate_against_search(Path(folder), arguments.rounds)


if __name__ == "__main__":
    main()
