"""What Argo CD may be told to ignore: pull policies of vendored charts that no value sets, and no others."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from moving import OLD, call
from proving import Tree, write

IMAGE = f"docker.io/library/redis:7.2@{OLD}"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cache}
spec:
  source: {repoURL: x, path: third_party/redis, helm: {valueFiles: [../../values.yaml]}}
  destination: {namespace: shop}
"""
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: caches}
spec:
  goTemplate: true
  generators: [{list: {elements: [{env: dev}, {env: staging}]}}]
  template:
    metadata: {name: "{{ .env }}-cache"}
    spec:
      source: {repoURL: x, path: third_party/redis}
      destination: {namespace: "{{ .env }}"}
"""
CONTAINER = f"- name: redis\n  image: {IMAGE}\n"
SETTABLE = CONTAINER + "  {{- with .Values.pullPolicy }}\n  imagePullPolicy: {{ . }}\n  {{- end }}\n"


def pods(container: str, key: str = "containers", indent: int = 6) -> str:
    """A list of containers, and a first container that says its policy below another key."""
    lines = "".join(f"{' ' * (indent + 2)}{line}\n" for line in container.splitlines())
    other = f"{' ' * indent}containers: [{{name: web, image: '{IMAGE}', imagePullPolicy: IfNotPresent}}]\n"
    return f"{' ' * indent}{key}:\n{lines}{other if key != 'containers' else ''}"


def workload(
    containers: str = CONTAINER, kind: str = "Deployment", metadata: str = "{name: '{{ .Release.Name }}-redis'}"
) -> str:
    """The template of a workload with such containers."""
    version = "batch/v1" if kind == "Job" else "apps/v1"
    head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {metadata}\nspec:\n  template:\n    spec:\n"
    return head + (containers if containers.startswith(" ") else pods(containers))


CRON = (
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: sweep}\nspec:\n  jobTemplate:\n    spec:\n"
    f"      template:\n        spec:\n{pods(CONTAINER, indent=10)}"
)
POD = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: one, namespace: other}}\nspec:\n{pods(CONTAINER, indent=2)}"


def fleet(template: str = "", **files: str) -> dict[str, str]:
    """A vendored chart with one template, and its Application."""
    return {
        "app.yaml": APPLICATION,
        "values.yaml": "a: 1\n",
        "third_party/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.0.0\n",
        "third_party/redis/values.yaml": "pullPolicy: ''\nsidecars: []\n",
        "third_party/redis/templates/workload.yaml": template or workload(),
        **files,
    }


def found(root: Path, tree: Tree) -> list[dict[str, object]]:
    """The proposals in the JSON of a run."""
    result = call("run", str(write(root, tree)), "--offline", "--no-report", "--format", "json")
    assert result.exit_code == 0, result.stderr
    listed: list[dict[str, object]] = json.loads(result.stdout).get("ignore_differences", [])
    return listed


def path(way: str = ".spec.template.spec", key: str = "containers", name: str = "redis") -> str:
    """The way of jq to a policy."""
    return f'{way}.{key}[] | select(.name == "{name}") | .imagePullPolicy'


PROPOSED: dict[str, tuple[Tree, tuple[str, str, str, str | None], list[str]]] = {
    "a container of a Deployment": (fleet(), ("apps", "Deployment", "cache-redis", None), [path()]),
    "a StatefulSet": (
        fleet(workload(kind="StatefulSet")),
        ("apps", "StatefulSet", "cache-redis", None),
        [path()],
    ),
    "an initContainer beside a container with its policy": (
        fleet(workload(pods(CONTAINER, "initContainers"))),
        ("apps", "Deployment", "cache-redis", None),
        [path(key="initContainers")],
    ),
    "a Job": (fleet(workload(kind="Job")), ("batch", "Job", "cache-redis", None), [path()]),
    "a CronJob": (fleet(CRON), ("batch", "CronJob", "sweep", None), [path(".spec.jobTemplate.spec.template.spec")]),
    "a Pod of the core group that names its namespace": (fleet(POD), ("", "Pod", "one", "other"), [path(".spec")]),
    "a container before one that a value gives a policy": (
        fleet(workload(CONTAINER + SETTABLE.replace("name: redis", "name: metrics"))),
        ("apps", "Deployment", "cache-redis", None),
        [path()],
    ),
    "a container after one that a value gives a policy": (
        fleet(workload(SETTABLE.replace("name: redis", "name: metrics") + CONTAINER)),
        ("apps", "Deployment", "cache-redis", None),
        [path()],
    ),
    "two containers": (
        fleet(workload(CONTAINER + CONTAINER.replace("name: redis", "name: metrics"))),
        ("apps", "Deployment", "cache-redis", None),
        [path(), path(name="metrics")],
    ),
    "another object that its Application ignores already": (
        fleet() | {"app.yaml": APPLICATION + "  ignoreDifferences: [{group: apps, kind: Deployment, name: other}]\n"},
        ("apps", "Deployment", "cache-redis", None),
        [path()],
    ),
}

LEFT: dict[str, Tree] = {
    "a policy": fleet(workload(CONTAINER + "  imagePullPolicy: Always\n")),
    "a value that gives a policy": fleet(workload(SETTABLE)),
    "a value at the end of the file that gives a policy": fleet(
        workload(
            "      containers:\n        - name: redis\n"
            f"          image: {IMAGE}\n"
            "{{- with .Values.pullPolicy }}"
            "\n          imagePullPolicy: {{ . }}\n{{- end }}"
        )
    ),
    "a chart that is one's own": {
        file.replace("third_party", "charts"): text.replace("third_party", "charts") for file, text in fleet().items()
    },
    "a container that stands in values": fleet(
        workload("      {{/*\nimage: x\n*/}}\n      containers: {{- toYaml .Values.sidecars | nindent 8 }}\n"),
        **{"values.yaml": f"sidecars: [{{name: redis, image: '{IMAGE}'}}]\n"},
    ),
    "a container that a helper prints, whose lines nothing tells": fleet(
        workload('      {{/*\nimage: x\n*/}}\n      containers: {{- include "one" . | nindent 8 }}\n'),
        **{"third_party/redis/templates/_one.tpl": f'{{{{- define "one" -}}}}\n{CONTAINER}{{{{- end }}}}\n'},
    ),
    "a chart that is elsewhere": {"app.yaml": APPLICATION.replace("path: third_party/redis", "chart: redis")},
    "a chart of no release of Argo CD": {file: text for file, text in fleet().items() if file != "app.yaml"},
    "a hook of Helm": fleet(workload(kind="Job", metadata="{name: a, annotations: {helm.sh/hook: pre-install}}")),
    "a hook of Argo CD": fleet(
        workload(kind="Job", metadata="{name: a, annotations: {argocd.argoproj.io/hook: Sync}}")
    ),
    "a custom resource": fleet(workload().replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")),
    "a kind of another group": fleet(workload().replace("apps/v1", "acme.io/v1")),
    "a name that only the cluster knows": fleet(workload(metadata="{name: '{{ .Files.Get \"a\" }}'}")),
    "a name that the cluster makes": fleet(workload(metadata="{generateName: redis-}")),
    "a release that has the entry": fleet()
    | {
        "app.yaml": APPLICATION
        + f"  ignoreDifferences:\n    - {{group: apps, kind: Deployment, jqPathExpressions: ['{path()}']}}\n"
    },
}


@pytest.mark.parametrize("case", PROPOSED)
def test_proposes(tmp_path: Path, case: str) -> None:
    tree, (group, kind, name, namespace), paths = PROPOSED[case]
    about = {"group": group, "kind": kind, "name": name, "namespace": namespace, "jqPathExpressions": paths}
    assert found(tmp_path, tree) == [{"declared": "app.yaml:1", **about}]


@pytest.mark.parametrize("case", LEFT)
def test_proposes_nothing(tmp_path: Path, case: str) -> None:
    assert found(tmp_path, LEFT[case]) == []


def test_other_transforms_propose_nothing(tmp_path: Path) -> None:
    result = call(
        *("run", str(write(tmp_path, fleet())), "--offline", "--no-report"),
        *("--format", "json", "--only", "image-maps"),
    )
    assert "ignore_differences" not in json.loads(result.stdout)


def test_the_report_holds_one_block_for_each_declaration(tmp_path: Path) -> None:
    root = write(tmp_path, fleet() | {"apps/set.yaml": SET})
    assert call("run", str(root), "--offline").exit_code == 0
    report = (root / "migration-report.md").read_text()
    assert "Below `spec` of `app.yaml:1`:" in report
    assert "Below `spec.template.spec` of `apps/set.yaml:1`:" in report
    blocks = [yaml.safe_load(block.partition("```")[0]) for block in report.split("```yaml\n")[1:]]
    assert [[entry["name"] for entry in block["ignoreDifferences"]] for block in blocks] == [
        ["cache-redis"],
        ["dev-cache-redis", "staging-cache-redis"],
    ]
    assert all(
        {*entry} <= {"group", "kind", "name", "namespace", "jqPathExpressions"} for entry in blocks[1].popitem()[1]
    )


def test_an_adopted_proposal_leaves_the_report(tmp_path: Path) -> None:
    root = write(tmp_path, fleet())
    call("run", str(root), "--offline")
    report = (root / "migration-report.md").read_text()
    block = report.split("```yaml\n")[1].partition("```")[0]
    (root / "app.yaml").write_text(APPLICATION + "".join(f"  {line}\n" for line in block.splitlines()))
    call("run", str(root), "--offline")
    after = (root / "migration-report.md").read_text()
    assert "ignoreDifferences" in report
    assert "ignoreDifferences" not in after


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_jq_deletes_the_policy_and_nothing_else() -> None:
    containers = [{"name": name, "imagePullPolicy": "Always"} for name in ("web", "redis")]
    live = {"spec": {"template": {"spec": {"containers": containers}}}}
    done = subprocess.run(
        ["jq", "-c", f"del({path()})"], input=json.dumps(live), capture_output=True, text=True, check=True
    )
    left = json.loads(done.stdout)["spec"]["template"]["spec"]["containers"]
    assert left == [{"name": "web", "imagePullPolicy": "Always"}, {"name": "redis"}]
