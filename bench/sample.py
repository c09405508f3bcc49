"""What would a person say of a run over somebody else's repository? `python bench/sample.py TREE`, a sample to read.

The tracked files of a checkout are copied to a temporary repository. Every reference that the inventory lists gets a
made-up digest (the SHA-256 of its name); the copy is migrated, once as it is and once with `--pin-all`. Printed, with
six lines of context each: edits of both runs, and lines that look like naming an image and stay, with what the tool
says of them. Rare kinds (transform, surface and file type; reason code or silence) are drawn first, so that the sample
shows each before it shows one twice. The same seed draws the same sample of the same tree.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from trees import commit_all, copy_tracked, run, script, tracked

AROUND = 6
WORDS = rb"image|\btag\b|repository|docker|podman|container|registry|ghcr|quay|gcr\.io|mcr\.|\.dkr\.|skopeo|crane"
SHAPES = (
    rb"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][\w.-]*",
    rb"[a-z][a-z0-9._-]+:(?:v?\d[\w.-]*|latest|main|master|dev|develop|edge|nightly|stable|canary|alpine|slim)\b",
    rb"(?:[Ii]mage|IMAGE|\b[Tt]ag|TAG|Tag|[Rr]epository)\w*[\"']?\s*:?[:=]\s*[\"']?[\w.${]",
    rb"^\s*(?:FROM|COPY\s+--from)\b",
)
SHAPED = re.compile(b"|".join(SHAPES), re.MULTILINE)
WORDED = re.compile(WORDS, re.IGNORECASE)
DULL = re.compile(r"(?:^|/)(?:[^/]*(?:\.lock|-lock\.(?:json|yaml)|\.sum|\.svg|\.min\.\w+)|CHANGELOG[^/]*)$")
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")

Entry = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Hunk:
    """Lines of a file that a run replaces: the number of the first, what they were and what they become."""

    first: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Migrated:
    """What one run did: its plan, and its hunks by file."""

    plan: Entry
    hunks: Mapping[str, Sequence[Hunk]]


@dataclass
class Said:
    """What the tool says, by file and line: statuses of images, reason codes with their messages.

    `files` are those that it cannot read.
    """

    lines: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    files: dict[str, str] = field(default_factory=dict)

    def add(self, entry: Entry, kind: str, text: str) -> None:
        """Note one thing that is said of a line."""
        place = entry["path"], entry["line"]
        self.kinds[place].add(kind)
        if text not in self.lines[place]:
            self.lines[place].append(text)


def listing(root: Path) -> list[Entry]:
    """What `unfloat images` lists."""
    out = run([script("unfloat"), "images", "--offline", "--format", "json"], root).out
    return list(json.loads(out)["images"])


def made_up(images: Iterable[Entry], statuses: Sequence[str]) -> dict[str, str]:
    """A digest for every reference of some status: right in form, the same in every run, of nothing."""
    names = {image["image"] for image in images if image["status"] in statuses and image["image"]}
    return {name: f"sha256:{sha256(name.encode()).hexdigest()}" for name in sorted(names)}


def migrate(root: Path, digests: Mapping[str, str], options: Sequence[str]) -> Migrated:
    """Migrate the copy twice; a second run must change nothing."""
    file = root.parent / "digests.json"
    file.write_text(json.dumps(digests), encoding="utf-8")
    command = [script("unfloat"), "run", "--offline", "--digests", str(file), "--no-report", "--format", "json"]
    first = run([*command, *options], root)
    plan = json.loads(first.out)
    again = json.loads(run([*command, *options], root).out)
    mode = " ".join(options) or "floating tags"
    rest = "A SECOND RUN CHANGES SOMETHING" if again["changes"] else "a second run changes nothing"
    print(f"{mode}: {len(plan['changes'])} edits, {first.cost.wall / 1000:.1f} s; {rest}", file=sys.stderr)
    return Migrated(plan, hunks(root))


def hunks(root: Path) -> dict[str, list[Hunk]]:
    """What changed since the commit, by file."""
    command = ["git", "-c", "core.quotePath=false", "diff", "--no-color", "--no-ext-diff", "--unified=0"]
    found: dict[str, list[Hunk]] = defaultdict(list)
    name = ""
    for line in run(command, root).out.decode("utf-8", "replace").split("\n"):
        if line.startswith("diff --git "):
            name = line.rpartition(" b/")[2]
        elif match := HUNK.match(line):
            first, count = int(match[1]), int(match[2] or 1)
            found[name].append(Hunk(first if count else first + 1, (), ()))
        elif line.startswith(("+", "-")) and not line.startswith(("--- a/", "+++ b/")) and found[name]:
            last = found[name][-1]
            old, new = (*last.old, *(line[1:],) * (line[0] == "-")), (*last.new, *(line[1:],) * (line[0] == "+"))
            found[name][-1] = Hunk(last.first, old, new)
    return found


def reset(root: Path) -> None:
    """Back to what was committed."""
    run(["git", "reset", "--quiet", "--hard"], root)


def shown(lines: Sequence[str], at: int, changes: Sequence[Hunk]) -> str:
    """The lines around one, as a diff where they change; that line is marked if it stays."""
    first, last = max(1, at - AROUND), min(len(lines), at + AROUND)
    by_line = {change.first: change for change in changes}
    out, number = [], first
    while number <= last:
        change = by_line.get(number)
        if change is not None:
            out += [f"-{line:5} {text}" for line, text in enumerate(change.old, number)] + [
                f"+      {text}" for text in change.new
            ]
            number += len(change.old)
        if change is None or not change.old:
            out.append(f"{'>' if number == at else ' '}{number:5} {lines[number - 1]}")
            number += 1
    return "\n".join(out)


def drawn(items: Mapping[Hashable, list[T]], count: int, chance: random.Random) -> list[tuple[Hashable, T]]:
    """Draw from strata in turn, each in random order, until there are enough; smaller strata come first."""
    order = sorted(items, key=lambda kind: (len(items[kind]), str(kind)))
    decks = {kind: chance.sample(items[kind], len(items[kind])) for kind in order}
    chance.shuffle(order)
    taken: list[tuple[Hashable, T]] = []
    while len(taken) < count and any(decks.values()):
        for kind in order:
            if decks[kind] and len(taken) < count:
                taken.append((kind, decks[kind].pop()))
    return taken


def edits(runs: Mapping[str, Migrated], surfaces: Mapping[tuple[str, int], str]) -> dict[Hashable, list[Entry]]:
    """The edits of the runs by mode, transform, surface and file type; one that two runs make counts for the first."""
    strata: dict[Hashable, list[Entry]] = defaultdict(list)
    seen = set()
    for mode, done in runs.items():
        for change in done.plan["changes"]:
            place = change["path"], change["line"]
            if (place, change["before"]) not in seen:
                seen.add((place, change["before"]))
                surface = surfaces.get(place, "no image")
                strata[mode, change["transform"], surface, suffix(change["path"])].append({**change, "mode": mode})
    return strata


def others(root: Path, runs: Mapping[str, Migrated], said: Said) -> dict[Hashable, list[tuple[str, int]]]:
    """Lines that look like naming an image and that no run changes, by what is said of them and file type."""
    strata: dict[Hashable, list[tuple[str, int]]] = defaultdict(list)
    for path in tracked(root):
        data = (root / path).read_bytes()
        if b"\0" in data or DULL.search(path) or not (SHAPED.search(data) or WORDED.search(data)):
            continue
        changed = {
            number
            for done in runs.values()
            for hunk in done.hunks.get(path, ())
            for number in range(hunk.first, hunk.first + len(hunk.old))
        }
        for number, line in enumerate(data.split(b"\n"), 1):
            if number in changed or len(line) > 1000:
                continue
            look = "shaped" if SHAPED.search(line) else "worded" if WORDED.search(line) else None
            kinds = said.kinds.get((path, number))
            if look or kinds:
                kind = ", ".join(sorted(kinds or ())) or f"nothing, {look}"
                strata[kind, "" if look == "worded" and not kinds else suffix(path)].append((path, number))
    return strata


def suffix(path: str) -> str:
    """The kind of a file by its name: the suffix, or the name where it has none."""
    name = path.rpartition("/")[2]
    if "Dockerfile" in name:
        return "Dockerfile"
    return name.rpartition(".")[2] if "." in name.lstrip(".") else name


def statements(images: Iterable[Entry], plan: Entry) -> Said:
    """What the inventory and the run with `--pin-all` say of each line."""
    said = Said()
    for image in images:
        said.add(image, image["status"], f"{image['status']}, {image['surface']}: {image['image']}")
    for entry in plan["transitional"]:
        text = f"{entry['code']} ({entry['transform']}): {entry['message']}"
        said.add(entry, entry["code"], text)
        if entry["code"] == "unparsable":
            said.files[entry["path"]] = f"of the file, at line {entry['line']}: {text}"
    return said


def sample(root: Path, count_edits: int, count_others: int, seed: int) -> None:
    """Migrate the copy in both modes and print the sample."""
    images = listing(root)
    surfaces = {(image["path"], image["line"]): image["surface"] for image in images}
    runs = {"floating": migrate(root, made_up(images, ("floating",)), ())}
    reset(root)
    runs["--pin-all"] = migrate(root, made_up(images, ("floating", "tag-only")), ("--pin-all",))
    reset(root)
    chance = random.Random(seed)
    said = statements(images, runs["--pin-all"].plan)
    strata = edits(runs, surfaces)
    print(f"# {sum(map(len, strata.values()))} edits of {len(strata)} kinds\n")
    for number, (kind, change) in enumerate(drawn(strata, count_edits, chance), 1):
        path, line = change["path"], change["line"]
        print(f"## Edit {number}: {path}:{line}\n{kind}, image {change['image']}")
        print(shown(_lines(root, path), line, runs[change["mode"]].hunks.get(path, ())), end="\n\n")
    stay = others(root, runs, said)
    print(f"# {sum(map(len, stay.values()))} lines that stay, of {len(stay)} kinds\n")
    for number, (kind, (path, line)) in enumerate(drawn(stay, count_others, chance), 1):
        print(f"## Non-edit {number}: {path}:{line}\n{kind}")
        print("\n".join(said.lines.get((path, line), [said.files.get(path, "nothing is said of it")])))
        print(shown(_lines(root, path), line, runs["--pin-all"].hunks.get(path, ())), end="\n\n")


def _lines(root: Path, path: str) -> list[str]:
    return (root / path).read_bytes().decode("utf-8", "replace").split("\n")


def main() -> None:
    """Print a sample of a migration of a copy."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("tree", type=Path, help="a Git checkout; it is only read")
    options.add_argument("--edits", type=int, default=17, help="how many edits (default: 17)")
    options.add_argument("--others", type=int, default=17, help="how many lines that stay (default: 17)")
    options.add_argument("--seed", type=int, default=1, help="draws another sample (default: 1)")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "copy"
        copy_tracked(arguments.tree, root)
        commit_all(root)
        sample(root, arguments.edits, arguments.others, arguments.seed)


if __name__ == "__main__":
    main()
