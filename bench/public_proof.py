"""Is a migration of somebody else's fleet right? `python bench/public_proof.py DIR [--pin-all]`, a row of a table.

A clone of a checkout is asked for its releases and rendered whole with the real helm and kustomize: the share of the
rendered images that some site of the inventory names is the recall. Every reference that is to be pinned then gets a
made-up digest (the SHA-256 of its name), `run --offline` migrates the clone, and everything that changed is rendered
again: what differs beyond the planned digests and calmed pull policies is a wrong edit.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml
from trees import IDENTITY, run, script

from codemod import fleet
from codemod.cli._options import Options
from codemod.cli._session import Session, open_session
from codemod.outcome import Plan
from codemod.proof import report, revision
from codemod.proof.images import Unexplained, unexplained
from codemod.proof.prove import prove
from codemod.proof.snapshot import Snapshot
from codemod.proof.tools import find
from codemod.proof.verdict import DIFFERS, KUSTOMIZE, PROVEN, UNPROVEN, Proof, kustomizations, targets
from codemod.proof.workspace import workspace
from codemod.source import Source

Digests = dict[str, str]
HEAD = (
    *("repository", "releases (by kind) + kustomizations", "rendered", "images rendered", "explained"),
    *("edits", "proofs passed", "changed, unproven", "wrong edits", "time"),
)


@dataclass(frozen=True)
class Bench:
    """The clone, the programs, and a folder for renderings, which both proofs share."""

    root: Path
    helm: str
    kustomize: str
    cache: Path

    def session(self) -> Session:
        """The clone as `unfloat` sees it."""
        return open_session(Options(str(self.root), None, (), True, (), (), 1, "never", quiet=True, verbose=False))

    def proof(self, planned: Digests | None) -> Proof:
        """What `unfloat verify` says; without a plan everything is rendered, as with `--all`."""
        session = self.session()
        before, after = revision.at(session.root, "HEAD"), Snapshot(frozenset(session.tree.paths))
        with workspace(session.root, before, after) as place:
            tools = find(place.home, self.helm, self.kustomize)
            stacks = fleet.build(session.config, session.tree.paths, session.tree.read).stacks
            old = fleet.build(session.config, before.paths, lambda path: _source(place.before, path)).stacks
            folders = sorted(kustomizations(session.tree.paths, session.tree.text))
            found = targets(stacks, folders, (old, folders))
            sides = place.before, place.after
            cache = str(self.cache)
            return prove(found, *sides, tools, planned=planned, jobs=2, cache=cache, all_images=planned is None)


def _source(folder: str, path: str) -> Source | None:
    file = Path(folder, path)
    data = file.read_bytes() if file.is_file() else b"\0"
    return None if b"\0" in data else Source(path, data, "yaml")


def made_up(plan: Plan, statuses: Iterable[str]) -> Digests:
    """A digest for every reference of some status: right in form, the same in every run, of nothing."""
    wanted = {str(entry.reference) for entry in plan.images if entry.status in statuses and entry.reference}
    return {name: f"sha256:{sha256(name.encode()).hexdigest()}" for name in sorted(wanted)}


def migrate(bench: Bench, digests: Digests, options: list[str]) -> int:
    """Run the migration; the number of edits. A second run must change nothing."""
    file = bench.cache / "digests.json"
    file.write_text(json.dumps(digests), encoding="utf-8")
    command = [script("unfloat"), "run", "--offline", "--digests", str(file), "--no-report", "--format", "json"]
    first = json.loads(run([*command, *options], bench.root).out)
    if json.loads(run([*command, *options], bench.root).out)["changes"]:
        sys.exit(f"{bench.root}: a second run changes something")
    return len(first["changes"])


def link_dependencies(root: Path) -> None:
    """Let dependencies that the repository itself holds come from there (`file://`), not from where it is published."""
    found = sorted(root.rglob("Chart.yaml"), key=lambda file: (-len(file.parts), file))
    charts = {
        file.parent.name: file.parent for file in found if file.parent.parent.name != "charts" or not _above(file)
    }
    for file in (*found, *root.rglob("requirements.yaml")):
        text = file.read_text(encoding="utf-8")
        content = None if "{{" in text else yaml.safe_load(text)
        needs = content.get("dependencies") if isinstance(content, dict) else None
        for need in needs or ():
            home = charts.get(need["name"])
            if home is not None and home != file.parent and "://" in need.get("repository", ""):
                need["repository"] = f"file://{os.path.relpath(home, file.parent)}"
        if needs:
            file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    run(["git", *IDENTITY, "commit", "--quiet", "--all", "--allow-empty", "--message", "Dependencies"], root)


def _above(file: Path) -> bool:
    """Whether the `charts` folder that a chart stands in is that of another chart."""
    return (file.parent.parent.parent / file.name).exists()


def kinds(session: Session) -> str:
    """How many releases there are, by what declares them."""
    stacks = fleet.build(session.config, session.tree.paths, session.tree.read).stacks
    counts = Counter(stack.kind for stack in stacks)
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    return f"{len(stacks)} ({listed})" if stacks else "0"


def hidden(proof: Proof, plan: Plan) -> tuple[int, dict[str, list[Unexplained]]]:
    """How many images are rendered, counted once for each target, and by target those that no site names."""
    explained = [str(entry.reference) for entry in plan.images if entry.reference is not None]
    rendered = [verdict for verdict in proof.verdicts if verdict.images is not None]
    found = {verdict.target: [*unexplained(verdict.images or {}, explained)] for verdict in rendered}
    return sum(len(verdict.images or ()) for verdict in rendered), found


def measure(bench: Bench, name: str, options: list[str]) -> list[str]:
    """The row of one repository; what is behind its figures goes to standard error."""
    begin = time.perf_counter()
    session = bench.session()
    plan = session.plan()
    whole = bench.proof(None)
    count, missing = hidden(whole, plan)
    lacking = sum(map(len, missing.values()))
    digests = made_up(plan, ("floating", "tag-only") if options else ("floating",))
    edits = migrate(bench, digests, options)
    proof = bench.proof(digests)
    _explain(whole, missing, proof)
    built = sum(verdict.tool == KUSTOMIZE for verdict in whole.verdicts)
    rendered = sum(verdict.images is not None for verdict in whole.verdicts)
    share = f"{100 * (count - lacking) / count:.1f} %" if count else "-"
    figures = (edits, *(len(proof.of(outcome)) for outcome in (PROVEN, UNPROVEN, DIFFERS)))
    seconds = time.perf_counter() - begin
    row = [f"{name}{' (--pin-all)' if options else ''}", f"{kinds(session)} + {built}", f"{rendered}"]
    return [*row, f"{count}", share, *map(str, figures), f"{seconds:.0f} s"]


def _explain(whole: Proof, missing: Mapping[str, list[Unexplained]], proof: Proof) -> None:
    """Print why targets are not rendered, which images no site names, and what differs."""
    reasons = Counter(_kind(verdict.reason) for verdict in whole.verdicts if verdict.images is None)
    for reason, number in reasons.most_common():
        print(f"not rendered: {number:5} {reason}", file=sys.stderr)
    for target, images in missing.items():
        for image in images:
            print(f"unexplained: {target}: {image.reference} at {image.places[0]}", file=sys.stderr)
    for verdict in proof.of(DIFFERS):
        for change in verdict.differences:
            before, after = report.shown(change)
            print(f"WRONG: {verdict.target}: {change.object} {change.path}: {before} -> {after}", file=sys.stderr)
    for verdict in proof.of(UNPROVEN):
        print(f"changed, unproven: {verdict.target}: {verdict.reason}", file=sys.stderr)


def _kind(reason: str) -> str:
    """A reason without the names in it, so that like ones are counted together."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\S*/\S*|: .*", "…", reason)[:100]


def arguments() -> argparse.Namespace:
    """What the command line says; helm and kustomize are those of the tests unless it names others."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("trees", nargs="+", type=Path, help="Git checkouts; what HEAD holds is read")
    options.add_argument("--pin-all", action="store_true", help="pin fixed tags too")
    options.add_argument("--helm", help="the helm to render with")
    options.add_argument("--kustomize", help="the kustomize or kubectl")
    options.add_argument("--no-head", action="store_true", help="print the rows only")
    return options.parse_args()


def main() -> None:
    """Print the table; exit code 1 where an edit is wrong."""
    given = arguments()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    import toolchain

    helm, kustomize = given.helm or str(toolchain.helm()), given.kustomize or toolchain.kustomize()[0]
    if not given.no_head:
        print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    wrong = False
    for tree in given.trees:
        with tempfile.TemporaryDirectory() as folder:
            root, cache = Path(folder, "clone"), Path(folder, "cache")
            cache.mkdir()
            run(["git", "clone", "--quiet", str(tree.resolve()), str(root)], Path(folder))
            link_dependencies(root)
            row = measure(Bench(root, helm, kustomize, cache), tree.resolve().name, given.pin_all * ["--pin-all"])
            print(f"| {' | '.join(row)} |", flush=True)
            wrong = wrong or row[HEAD.index("wrong edits")] != "0"
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
