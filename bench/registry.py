"""How fast are many tags resolved, and with how much memory? `python bench/registry.py`.

A real registry on this machine holds as many repositories as there are references, each with a digest of its own.
Every round asks for all of them, each time in a new process: with plain requests (8 threads, one session, HEAD or GET,
nothing checked), and with unfloat (HEAD, or the manifest with its digest computed). Needs the `dev` extra.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
THREADS = 8
Resolve = Callable[[str, list[str]], dict[str, str]]


def plain(method: str) -> Resolve:
    """What a script would do."""

    def resolve(host: str, names: list[str]) -> dict[str, str]:
        import requests
        from requests.adapters import HTTPAdapter

        from codemod.digests.oci.manifests import ACCEPT

        session = requests.Session()
        session.mount("http://", HTTPAdapter(pool_maxsize=THREADS))

        def ask(name: str) -> str:
            repository, _, tag = name.partition(":")
            url = f"http://{host}/v2/{repository}/manifests/{tag}"
            answer = session.request(method, url, headers={"Accept": ACCEPT}, timeout=20)
            answer.raise_for_status()
            return answer.headers["Docker-Content-Digest"]

        with ThreadPoolExecutor(THREADS) as pool:
            return dict(zip(names, pool.map(ask, names), strict=True))

    return resolve


def unfloat(verified: bool) -> Resolve:
    """What `preview` does, or `run`."""

    def resolve(host: str, names: list[str]) -> dict[str, str]:
        from codemod.cli._registries import Registries
        from codemod.config import Config, Registry
        from codemod.digests import Resolution
        from codemod.reference import parse

        registries = Registries(Config(registries={host: Registry(insecure=True)}), ".", verified)
        found = registries.resolve([parse(f"{host}/{name}") for name in names])
        known = {str(reference): answer.digest for reference, answer in found.items() if isinstance(answer, Resolution)}
        return {name: known[f"{host}/{name}"] for name in names}

    return resolve


WAYS: dict[str, Resolve] = {
    "requests, HEAD": plain("HEAD"),
    "unfloat, HEAD": unfloat(False),
    "requests, GET": plain("GET"),
    "unfloat, verified": unfloat(True),
}


def one_round(way: str, host: str, expected: Path) -> tuple[float, float, float]:
    """Wall and CPU seconds and MB of one process that resolves everything, right."""
    command = [sys.executable, __file__, "--way", way, "--host", host, "--expected", str(expected)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, cpu, memory = json.loads(done.stdout)
    return wall, cpu, memory


def measured(way: str, host: str, expected: Path) -> None:
    """Resolve everything in this process and print what it took, imports left out."""
    import codemod.digests.oci.source  # noqa: F401 - what both ways import

    digests = json.loads(expected.read_text())
    start, cpu = time.perf_counter(), time.process_time()
    found = WAYS[way](host, list(digests))
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    assert found == digests
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(json.dumps([wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--references", type=int, default=500, help="how many references (default: 500)")
    options.add_argument("--rounds", type=int, default=5, help="how many rounds (default: 5)")
    for hidden in ("--way", "--host", "--expected"):
        options.add_argument(hidden, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.way:
        measured(given.way, given.host, Path(given.expected))
        return
    sys.path.insert(0, str(ROOT / "tests"))
    from rig.images import Pusher
    from rig.registry import open_registry

    with tempfile.TemporaryDirectory() as folder, open_registry(Path(folder)) as registry:
        digests = Pusher(registry).many(given.references)
        expected = Path(folder, "expected.json")
        expected.write_text(json.dumps(digests))
        rounds: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
        for _ in range(given.rounds):
            for way, costs in rounds.items():
                costs.append(one_round(way, registry.host, expected))
    show(given.references, rounds)


def show(references: int, rounds: dict[str, list[tuple[float, float, float]]]) -> None:
    print(f"{references} references, {len(next(iter(rounds.values())))} rounds, {THREADS} threads")
    for way, costs in rounds.items():
        wall, cpu, memory = (median(column) for column in zip(*costs, strict=True))
        best = min(cost[0] for cost in costs)
        print(
            f"  {way:20} median {wall:5.2f} s   best {best:5.2f} s   {references / best:5,.0f} a second at best"
            f"   CPU {cpu:5.2f} s   {memory:4.0f} MB"
        )
    for ours, theirs in (("unfloat, HEAD", "requests, HEAD"), ("unfloat, verified", "requests, GET")):
        pairs = list(zip(rounds[ours], rounds[theirs], strict=True))
        wall, cpu = (median(one[at] / two[at] for one, two in pairs) for at in (0, 1))
        print(f"  {ours} against {theirs}: {wall:.2f} of the time, {cpu:.2f} of the CPU")


if __name__ == "__main__":
    main()
