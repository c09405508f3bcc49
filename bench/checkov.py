"""Does the gate object to what checkov objects to? `python bench/checkov.py TREE [TREE …]`.

checkov (from the package index, in an environment of its own in a cache folder) looks at the Kubernetes objects of a
copy of each Git checkout, or of a folder of one, for CKV_K8S_14 (an image by `latest`, or by no tag) and CKV_K8S_43 (an
image without a digest). `unfloat check` looks at the same copy under a policy that wants digests everywhere. Printed:
how many images each side objects to, and each one that only one side does, with the reason.

Exit code 1 where checkov objects to an image at a place at which the gate does not; excepted are those of which unfloat
says itself why it is none to pull (`EXPLAINED`), and texts that are no image references (`<YOUR-CONTAINER>`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from trees import commit_all, copy_tracked, run, script

from codemod.reference import try_parse

VERSION = "3.3.30"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "unfloat-bench" / "checkov"
CHECKS = ("CKV_K8S_14", "CKV_K8S_43")
RULES = frozenset({"UF001", "UF002", "UF003", "UF014"})
POLICY = """\
environments: {all: {globs: ["**"], floating: forbid, digest: require}}
vendored: []
tests: []
"""
EXPLAINED = {
    "built-here": "built from this repository, under a name that is none to pull",
    "computed-reference": "only what is put together at run time says what is pulled",
    "unparsable": "the file is no YAML",
}
"""Reason codes under which a place is in the inventory, and is no violation."""
PLACEHOLDERS = {"auto": "Istio puts its proxy in the place of `auto`"}
"""Names that are never pulled, with the reason."""


class Place(NamedTuple):
    """A line of a file."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def install(cache: Path) -> Path:
    """Put checkov into an environment of its own, once; its program."""
    program = cache / "bin" / "checkov"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(cache)], check=True)
        pip = [str(cache / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"checkov=={VERSION}"], check=True, stdout=sys.stderr)
    return program


class Failed(NamedTuple):
    """What checkov says of one image, of the first that it objects to in an object."""

    checks: set[str]
    text: str | None
    extent: range


def theirs(root: Path, program: Path) -> dict[Place, Failed]:
    """The places of images that checkov objects to."""
    command = [str(program), "-d", ".", "--framework", "kubernetes", "--check", ",".join(CHECKS)]
    done = run(
        [*command, "-o", "json", "--compact", "--quiet", "--skip-download", "--skip-results-upload"], root, (0, 1)
    )
    found: dict[Place, Failed] = {}
    result = json.loads(done.out)
    for record in result["results"]["failed_checks"] if "results" in result else ():
        path = record["file_path"].lstrip("/")
        for keys in record["check_result"]["evaluated_keys"]:
            line, text = value_of(root / path, record["file_line_range"], keys.split("/"))
            first, last = record["file_line_range"]
            found.setdefault(Place(path, line), Failed(set(), text, range(first, last + 1))).checks.add(
                record["check_id"]
            )
    return found


def value_of(file: Path, extent: list[int], keys: list[str]) -> tuple[int, str | None]:
    """Line and text of a value in the object that stands in some lines of a file.

    The text is empty where the map that could hold it does not, and None where there is no such map.
    """
    for document in yaml.compose_all(file.read_text("utf-8"), Loader=yaml.SafeLoader):
        for node in objects(document):
            holder = descend(node, keys[:-1])
            if extent[0] - 1 <= node.start_mark.line + 1 <= extent[1] and holder is not None:
                value = descend(holder, keys[-1:])
                return (value or holder).start_mark.line + 1, "" if value is None else str(value.value)
    return extent[0], None


def objects(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """A document, and the items of a list of objects."""
    if isinstance(node, yaml.MappingNode):
        yield node
        items = descend(node, ["items"])
        yield from items.value if isinstance(items, yaml.SequenceNode) else ()


def descend(node: yaml.Node | None, keys: list[str]) -> yaml.Node | None:
    """The node at a way of keys, in which `[0]` is an index."""
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            node = next((value for name, value in node.value if name.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and key.strip("[]").isdigit():
            node = node.value[int(key.strip("[]"))] if int(key.strip("[]")) < len(node.value) else None
        else:
            return None
    return node


def ours(root: Path) -> dict[Place, set[str]]:
    """The places of images that the gate objects to, each with its codes."""
    done = run([script("unfloat"), "check", "--offline", "--format", "json"], root, (0, 1))
    found: dict[Place, set[str]] = defaultdict(set)
    for one in json.loads(done.out)["violations"]:
        if one["code"] in RULES:
            found[Place(one["path"], one["line"])].add(one["code"])
    return found


def known(root: Path) -> tuple[dict[Place, str], dict[Place, str]]:
    """What unfloat says of places that it knows: the reason code, else the status of the image; and the surface."""
    images = json.loads(run([script("unfloat"), "images", "--offline", "--format", "json"], root).out)["images"]
    plan = json.loads(run([script("unfloat"), "preview", "--offline", "--format", "json"], root).out)
    found = {Place(one["path"], one["line"]): str(one["reason"] or one["status"]) for one in images}
    surfaces = {Place(one["path"], one["line"]): str(one["surface"]) for one in images}
    return found | {Place(one["path"], one["line"]): str(one["code"]) for one in plan["transitional"]}, surfaces


def no_image(text: str | None) -> str | None:
    """Why a text names no image that could be pulled, if so."""
    if not text:
        return None if text is None else "the container names no image"
    return PLACEHOLDERS.get(text) or (f"{text!r} is no image reference" if try_parse(text) is None else None)


def compare(tree: Path, program: Path) -> int:
    """Print what each side objects to; how many of checkov's places are neither the gate's nor explained."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "copy"
        copy_tracked(tree, root)
        for name in (".unfloat.yaml", ".checkov.yaml", ".checkov.yml"):
            (root / name).unlink(missing_ok=True)
        (root / ".unfloat.yaml").write_text(POLICY, encoding="utf-8")
        commit_all(root)
        failed, violations, (reasons, surfaces) = theirs(root, program), ours(root), known(root)
    checks = ", ".join(f"{name} {sum(name in one.checks for one in failed.values())}" for name in CHECKS)
    both = failed.keys() & violations.keys()
    print(f"{tree.name}: checkov {len(failed)} ({checks}), unfloat {len(violations)}, both {len(both)}")
    unexplained = 0
    for place in sorted(failed.keys() - violations.keys()):
        why = EXPLAINED.get(reasons.get(place, "")) or no_image(failed[place].text)
        unexplained += why is None
        said = why or f"NOT EXPLAINED, unfloat says {reasons.get(place, 'nothing')}"
        print(f"  only checkov: {place} ({', '.join(sorted(failed[place].checks))}): {said}")
    alone = sorted(violations.keys() - failed.keys())
    elsewhere = Counter(surfaces.get(place, "") for place in alone)
    print(f"  only unfloat: {len(alone)}" + "".join(f", {name} {count}" for name, count in sorted(elsewhere.items())))
    for place in alone:
        if surfaces.get(place) == "manifest":
            same = any(place.path == other.path and place.line in one.extent for other, one in failed.items())
            why = "a further container of an object that it objects to" if same else "checkov passes the object over"
            print(f"  only unfloat: {place} ({', '.join(sorted(violations[place]))}): {why}")
    return unexplained


def main() -> None:
    """Compare both on a copy of each tree."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("tree", type=Path, nargs="+", help="a Git checkout or a folder of one")
    options.add_argument("--cache", type=Path, default=CACHE, help=f"where checkov is installed (default: {CACHE})")
    arguments = options.parse_args()
    program = install(arguments.cache)
    missing = sum(compare(tree.resolve(), program) for tree in arguments.tree)
    sys.exit(f"{missing} of checkov's are neither the gate's nor explained" if missing else 0)


if __name__ == "__main__":
    main()
