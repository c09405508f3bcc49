"""What does a run do to somebody else's repository? `python bench/public_fleet.py DIR --hunks FILE`.

The tracked files of a checkout are copied to a temporary repository. Every floating reference that the inventory lists
gets a made-up digest (the SHA-256 of its name), then `run --offline` migrates the copy. Printed: images by status,
edits by transform and surface, transitional entries by code, whether a second run changes a byte, and Git's own
statistics. A sample of the hunks is written to a file, for a person to read.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from trees import commit_all, copy_tracked, run, script

Entry = dict[str, Any]


def inventory(root: Path) -> list[Entry]:
    """What `unfloat images` lists."""
    listed = json.loads(run([script("unfloat"), "images", "--offline", "--format", "json"], root).out)
    return list(listed["images"])


def made_up(images: Iterable[Entry]) -> dict[str, str]:
    """A digest for every floating reference: right in form, the same in every run, of nothing."""
    names = {image["image"] for image in images if image["status"] == "floating" and image["image"]}
    return {name: f"sha256:{sha256(name.encode()).hexdigest()}" for name in sorted(names)}


def migrate(root: Path, digests: Path) -> Entry:
    """Run the migration once; the plan as carried out."""
    command = [script("unfloat"), "run", "--offline", "--digests", str(digests), "--no-report", "--format", "json"]
    plan: Entry = json.loads(run(command, root).out)
    return plan


def difference(root: Path, *options: str) -> str:
    """Git's own view of what changed; bytes that are no UTF-8 stay distinct."""
    command = ["git", "-c", "core.quotePath=false", "diff", "--no-color", "--no-ext-diff", *options]
    return run(command, root).out.decode("utf-8", "surrogateescape")


def hunks(diff: str) -> list[str]:
    """The hunks of a unified diff, each with the name of its file."""
    found: list[str] = []
    name = ""
    for line in diff.splitlines(keepends=True):
        if line.startswith("diff --git "):
            name = line.rstrip("\n").rpartition(" b/")[2]
        elif line.startswith("@@"):
            found.append(f"{name}\n{line}")
        elif found and line[:1] in "+- \\" and not line.startswith(("--- a/", "+++ b/")):
            found[-1] += line
    return found


def show(title: str, counts: Counter[str]) -> None:
    """Print counts, the largest first."""
    print(f"{title}: {sum(counts.values())}")
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"  {count:6}  {name}")


def summarise(images: list[Entry], plan: Entry) -> None:
    """Print what was found, changed and left."""
    surfaces = {(image["path"], image["line"]): image["surface"] for image in images}
    show("images by status", Counter(image["status"] for image in images))
    changed = ((change, surfaces.get((change["path"], change["line"]), "no image")) for change in plan["changes"])
    show("edits by transform and surface", Counter(f"{change['transform']}, {surface}" for change, surface in changed))
    show("transitional by code", Counter(entry["code"] for entry in plan["transitional"]))


def migrate_twice(root: Path, digests: Path, images: list[Entry]) -> tuple[str, bool]:
    """Migrate, print what happened, migrate again: the diff and whether it stayed the same."""
    digests.write_text(json.dumps(made_up(images), indent=1), encoding="utf-8")
    summarise(images, migrate(root, digests))
    diff = difference(root)
    again = migrate(root, digests)
    return diff, difference(root) == diff and not again["changes"]


def main() -> None:
    """Migrate a copy, and say what became of it; exit code 1 where a second run is no rest."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("tree", type=Path, help="a Git checkout; it is only read")
    options.add_argument("--hunks", type=Path, help="write a sample of the hunks to this file")
    options.add_argument("--sample", type=int, default=40, help="how many hunks (default: 40)")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "copy"
        print(f"{copy_tracked(arguments.tree, root)} files")
        commit_all(root)
        diff, rests = migrate_twice(root, Path(folder) / "digests.json", inventory(root))
        print(difference(root, "--shortstat").strip() or "nothing changed")
    found = hunks(diff)
    if arguments.hunks:
        sample = random.Random(0).sample(found, min(arguments.sample, len(found)))
        arguments.hunks.write_text("\n".join(sample), encoding="utf-8", errors="surrogateescape")
        print(f"{len(sample)} of {len(found)} hunks are in {arguments.hunks}")
    print("a second run changes nothing" if rests else "A SECOND RUN CHANGES SOMETHING")
    sys.exit(0 if rests else 1)


if __name__ == "__main__":
    main()
