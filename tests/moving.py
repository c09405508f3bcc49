"""Trees with digests on the move, and the commands over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from codemod.cli import main


def digest(mark: str) -> str:
    """A digest that is told by one hexadecimal digit."""
    return f"sha256:{mark * 64}"


OLD, NEW, OTHER = digest("1"), digest("2"), digest("3")

STACKS = """\
stacks:
  - name: "{env}-web"
    environment: "{env}"
    chart: charts/web
    layers: [charts/web/values.yaml, "env/{env}/web.yaml"]
"""
CHART = {
    ".unfloat.yaml": STACKS,
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": 'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n  digest: ""\n',
    "charts/web/templates/pod.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      {{- with .Values.image }}
      image: "{{ .repository }}{{ if .tag }}:{{ .tag }}{{ end }}{{ if .digest }}@{{ .digest }}{{ end }}"
      {{- end }}
""",
}


def values(mark: str, comment: str = "") -> str:
    """The values of one environment."""
    return f"image:\n  digest: {mark}{f' # {comment}' if comment else ''}\n"


def locked(name: str, *digests: str) -> str:
    """An entry of the lock, the current digest first."""
    lines = [f"  {name}:", f"    digest: {digests[0]}"]
    if digests[1:]:
        lines += ["    previous:", *(f"      - digest: {digest}" for digest in digests[1:])]
    return "".join(f"{line}\n" for line in lines)


def lock(*entries: str) -> str:
    """A lock."""
    head = "# Written by `unfloat lock`; `unfloat update` refreshes it. Commit it.\nversion: 1\nimages:\n"
    return head + "".join(entries)


def call(*arguments: str) -> Result:
    """Run a command; what is no exit is a bug and comes out."""
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def texts(root: Path) -> Mapping[str, str]:
    """Every file below a folder, those of Git excepted."""
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }
