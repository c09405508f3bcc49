"""`Always` that is set by name: flipped where the release shows a pinned image there, else reported."""

from __future__ import annotations

import pytest
from filetrees import check_tree

from codemod.registry import load
from codemod.testing import check_leaves_alone, plan_of
from transforms.named_pull_policies import transform

TRANSFORMS = load()
CODE = "pull-policy-governs-unpinned"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    repoURL: https://charts.acme.test
    chart: web
    helm:
      valuesObject:
        image: {repository: ghcr.io/acme/web}
      parameters:
"""
HELMFILE = """
# file: helmfile.yaml
 releases:
   - name: web
     chart: acme/web
     set:
       - {name: image.repository, value: ghcr.io/acme/web}
-      - {name: image.tag, value: main}
+      - {name: image.digest, value: <digest>}
-      - {name: image.pullPolicy, value: Always}
+      - {name: image.pullPolicy, value: IfNotPresent}
"""


def application(*parameters: tuple[str, str]) -> str:
    return APPLICATION + "".join(f"        - {{name: {name}, value: {value}}}\n" for name, value in parameters)


@pytest.mark.surface("argocd", rewritten="`image.pullPolicy` in `parameters` where its image is pinned")
def test_a_parameter_flips_with_the_image_that_the_release_shows() -> None:
    text = application(("image.tag", "dev"), ("image.pullPolicy", "Always"))
    found = plan_of(TRANSFORMS, {"apps/web.yaml": text.encode()})
    after = found.files["apps/web.yaml"][1].decode()
    assert "name: image.digest" in after
    assert "{name: image.pullPolicy, value: IfNotPresent}" in after
    assert not plan_of(TRANSFORMS, {"apps/web.yaml": after.encode()}).files


@pytest.mark.surface("argocd", reported="a pull policy in `parameters` whose image stays")
def test_a_parameter_stays_with_the_image_that_stays() -> None:
    text = application(("image.tag", "dev"), ("image.pullPolicy", "Always"))
    found = plan_of(TRANSFORMS, {"apps/web.yaml": text.encode()}, unknown=["ghcr.io/acme/web:dev"])
    assert not found.files
    assert [(entry.code, entry.message) for entry in found.left if entry.kind == "pull-policy"] == [
        (CODE, "it governs ghcr.io/acme/web:dev in web")
    ]


@pytest.mark.parametrize("name", ["global.imagePullPolicy", "imagePullPolicy"])
def test_a_parameter_for_all_images_waits_for_all_of_them(name: str) -> None:
    text = application(("image.tag", "dev"), (name, "Always"))
    found = plan_of(TRANSFORMS, {"apps/web.yaml": text.encode()})
    stays = [entry for entry in found.left if entry.code == CODE]
    assert [entry.message.partition(":")[0] for entry in stays] == ["web may render more than is known"]


def test_a_set_of_a_helmfile_flips() -> None:
    check_tree(TRANSFORMS, HELMFILE)


POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n"


@pytest.mark.surface("shell", reported="pull policies that `helm --set` sets")
@pytest.mark.parametrize(
    "line",
    [
        "helm upgrade web charts/web --set image.tag=v1,image.pullPolicy=Always",
        "helm upgrade web charts/web --set-string=global.imagePullPolicy=Always",
    ],
)
def test_a_policy_that_a_script_sets_is_reported(line: str) -> None:
    check_leaves_alone(transform, f"{line}\n", path="deploy.sh", code=CODE)


SILENT = {
    "variable.yaml": f"{POD}      env:\n        - name: JOB_IMAGE_PULL_POLICY\n          value: Always\n",
    "option.yaml": f'{POD}      args: ["--image-pull-policy=Always"]\n',
    "pod.yaml": f"{POD}      env:\n        - {{name: RESTART_POLICY, value: Always}}\n",
    "a.yaml": f"{POD}      env:\n        - {{name: PULL_POLICY, value: IfNotPresent}}\n",
    "b.yaml": f'{POD}      args: ["--image-pull-policy=IfNotPresent", "--restart=Always"]\n',
    "c.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  text: the pullPolicy=Always is slow\n",
    "d.yaml": application(("image.restart", "Always")),
    "e.yaml": "list:\n  - --image-pull-policy=Always\n",
    "deploy.sh": "echo helm --set image.pullPolicy=Always\n",
    "more.sh": "helm upgrade web charts/web --set restart=Always\n# --set image.pullPolicy=Always\n",
}


@pytest.mark.surface("argocd", left="other values called `Always`")
@pytest.mark.parametrize("path", SILENT)
def test_what_is_no_pull_policy_is_silent(path: str) -> None:
    check_leaves_alone(transform, SILENT[path], path=path)
