"""Trees on disk and their proofs with the real helm and kustomize."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import toolchain

from codemod.fleet.stack import Layer, Stack
from codemod.proof.prove import prove
from codemod.proof.snapshot import Snapshot
from codemod.proof.tools import TIMEOUT, Tools, find
from codemod.proof.verdict import Proof, Verdict, kustomizations, targets
from codemod.proof.workspace import workspace

DIGEST = "sha256:" + "5e" * 32
Tree = Mapping[str, str]

CHART = "apiVersion: v2\nname: {name}\nversion: 1.0.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  template:
    spec:
      containers:
        - name: app
          {{- with .Values.image }}
          image: "{{ .repository }}{{ with .digest }}@{{ . }}{{ else }}:{{ .tag }}{{ end }}"
          imagePullPolicy: {{ .pullPolicy }}
          {{- end }}
"""
VALUES = "image:\n  repository: ghcr.io/acme/web\n  tag: dev\n  pullPolicy: Always\n"
PINNED = f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n  pullPolicy: IfNotPresent\n"
WEB: Tree = {
    "charts/web/Chart.yaml": CHART.format(name="web"),
    "charts/web/values.yaml": VALUES,
    "charts/web/templates/deployment.yaml": DEPLOYMENT,
}
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: app, image: 'ghcr.io/acme/web:dev'}]}
"""


@cache
def programs() -> tuple[str, str]:
    """The paths of helm and of kustomize (or kubectl)."""
    return str(toolchain.helm()), toolchain.kustomize()[0]


def tools(home: Path, timeout: float = TIMEOUT) -> Tools:
    home.mkdir(parents=True, exist_ok=True)
    return find(str(home), *programs(), timeout)


def stack(*layers: Layer | str, chart: str | None = "charts/web", **given: object) -> Stack:
    """A release of a chart with its own values below the layers given."""
    own = [Layer(f"{chart}/values.yaml")] if chart else []
    named = [Layer(layer) if isinstance(layer, str) else layer for layer in layers]
    return Stack("web", "dev", (*own, *named), chart=chart, **given)  # type: ignore[arg-type]


def write(root: Path, tree: Tree) -> Path:
    for path, text in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def proof(
    root: Path,
    tree: Tree,
    edits: Tree,
    stacks: Sequence[Stack] = (),
    *,
    with_tools: Tools | None = None,
    **given: object,
) -> Proof:
    """The proof of some edits of a tree; its kustomizations are all that it has."""
    write(root / "tree", tree)
    paths = frozenset(tree)
    after = Snapshot(paths | frozenset(edits), {path: text.encode() for path, text in edits.items()})
    folders = list(kustomizations(paths, lambda path: (root / "tree" / path).read_bytes()))
    with workspace(str(root / "tree"), Snapshot(paths), after) as place:
        found = with_tools or tools(root / "home")
        return prove(targets(stacks, folders), place.before, place.after, found, **given)  # type: ignore[arg-type]


def verdict(root: Path, tree: Tree, edits: Tree, stacks: Sequence[Stack] = (), **given: object) -> Verdict:
    """The verdict on the only target."""
    (found,) = proof(root, tree, edits, stacks, **given).verdicts  # type: ignore[arg-type]
    return found


def differences(found: Verdict) -> list[str]:
    return [f"{c.object} {c.path}: {c.before} -> {c.after}" for c in found.differences]


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(root: Path, paths: Iterable[str] = (".",)) -> None:
    git(root, "init", "--quiet")
    git(root, "add", "--", *paths)
    git(root, "commit", "--quiet", "--message", "a commit")
