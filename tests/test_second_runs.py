"""A second run finds nothing to do, whatever the layers of a release say (random garbage, always the same)."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

import pytest

from codemod.outcome import Plan
from codemod.registry import load
from codemod.testing import plan_of

TRANSFORMS = load()
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: dev\n"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    repoURL: https://example.com/fleet
    path: charts/web
    helm:
      valueFiles: [values.yaml, values-dev.yaml]
      valuesObject:
"""
HELPERS = '{{- define "image" -}}{{ .repository }}:{{ .tag }}{{- end -}}\n'
IMAGES = (
    '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
    "{{ with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}{{ end }}",
    '"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
    '{{ include "image" .Values.image }}',
    '"{{ tpl .Values.image.repository . }}:{{ .Values.image.tag }}"',
    '{{ printf "%s:%s" .Values.image.repository .Values.image.tag }}',
)
GOOD = "ghcr.io/acme/web"
REPOSITORIES = (
    *("acme/web", "ghcr.io/acme/api", "UPPER/Case", "a b", "'###'", "12", "null", "''", "true", "sha256:zz", "/"),
    *("'{{ .Values.name }}'", "'{{ .Values.registry }}/web'", "{a: b}", "[a]", "https://x/y", "'%%'", "$REPO", "~"),
    *("ghcr.io/acme/b:dev", f"ghcr.io/acme/b@sha256:{'a' * 64}", '"a\\nb"', "'a\\b'"),
)
TAGS = ("main", "latest", "v1.2.3", "null", "''", f"sha256:{'b' * 64}", "'{{ .Chart.AppVersion }}'", "12", "'x y'")
POLICIES = ("Always", "Always", "Always", "IfNotPresent", "null", "''", "'{{ .Values.policy }}'")
DIGESTS = ("''", f"sha256:{'d' * 64}", "null", "garbage")
UNKNOWN = ("ghcr.io/acme/web:dev", "ghcr.io/acme/api:dev", "docker.io/acme/web:dev", "ghcr.io/acme/web:main")


def layer(random: Random) -> str:
    """A values file: an image, perhaps another one, policies beside them and apart."""
    lines = ["global:", f"  imagePullPolicy: {random.choice(POLICIES)}"] if random.random() < 0.4 else []
    for name, chance in (("image", 0.9), ("sidecar", 0.4)):
        entries = [
            ("repository", 0.6, random.choice(REPOSITORIES) if random.random() < 0.6 else GOOD),
            ("registry", 0.15, random.choice(REPOSITORIES)),
            ("tag", 0.7, random.choice(TAGS) if random.random() < 0.5 else "dev"),
            ("digest", 0.3, random.choice(DIGESTS)),
            ("pullPolicy", 0.6, random.choice(POLICIES)),
        ]
        said = [f"  {key}: {value}" for key, likely, value in entries if random.random() < likely]
        lines += [f"{name}:", *said] if said and random.random() < chance else []
    lines += ["imagePullPolicy: Always"] if random.random() < 0.2 else []
    return "".join(f"{line}\n" for line in lines) or "{}\n"


def fleet(random: Random) -> dict[str, str]:
    containers = [random.choice(IMAGES)]
    if random.random() < 0.5:
        containers.append(random.choice(IMAGES).replace("Values.image", "Values.sidecar"))
    template = "kind: Pod\nspec:\n  containers:\n" + "".join(f"  - image: {image}\n" for image in containers)
    files = {
        "charts/web/Chart.yaml": CHART,
        "charts/web/templates/_helpers.tpl": HELPERS,
        "charts/web/templates/pod.yaml": f"{template}    imagePullPolicy: {{{{ .Values.image.pullPolicy }}}}\n",
        "charts/web/values.yaml": layer(random),
    }
    files |= {f"charts/web/values-{name}.yaml": layer(random) for name in ("dev", "prod") if random.random() < 0.7}
    if random.random() < 0.4:
        inline = "".join(f"        {line}\n" for line in layer(random).splitlines())
        files["apps/web.yaml"] = APPLICATION + inline
    return files


def twice(files: dict[str, str], unknown: Collection[str] = ()) -> tuple[Plan, Plan]:
    """The plans of a first and of a second run."""
    before = {path: text.encode() for path, text in files.items()}
    first = plan_of(TRANSFORMS, before, unknown=unknown)
    after = {path: first.files[path][1] if path in first.files else data for path, data in before.items()}
    return first, plan_of(TRANSFORMS, after, unknown=unknown)


@pytest.mark.parametrize("seed", range(8))
def test_a_second_run_rests_whatever_the_values_say(seed: int) -> None:
    random = Random(seed)
    edited = 0
    for _ in range(30):
        files = fleet(random)
        first, second = twice(files, [name for name in UNKNOWN if random.random() < 0.25])
        edited += len(first.files)
        said = "\n".join(f"# {path}\n{text}" for path, text in sorted(files.items()))
        assert not second.files, f"{[(change.site, change.after) for change in second.changed]}\n{said}"
    assert edited >= 5


INLINE = f"        image:\n          tag: dev\n          repository: {GOOD}\n"


def test_a_policy_stays_while_a_layer_above_sets_a_tag_that_makes_no_image() -> None:
    files = {
        "charts/web/Chart.yaml": CHART,
        "charts/web/templates/pod.yaml": f"kind: Pod\nspec:\n  containers:\n  - image: {IMAGES[4]}\n",
        "charts/web/values.yaml": "image:\n  pullPolicy: Always\n  tag: dev\n",
        "charts/web/values-prod.yaml": "imagePullPolicy: Always\nimage:\n  tag: dev\n  repository: https://x/y\n",
        "apps/web.yaml": APPLICATION.replace(", values-dev.yaml", "") + INLINE,
    }
    first, second = twice(files)
    assert [change.site.path for change in first.changed if change.kind == "image"] == ["apps/web.yaml"]
    for plan in (first, second):
        stays = [entry for entry in plan.left if entry.code == "pull-policy-governs-unpinned"]
        assert [entry.site.path for entry in stays] == ["charts/web/values-prod.yaml", "charts/web/values.yaml"]
    assert "charts/web/values-prod.yaml sets it for web-prod" in stays[0].message
    assert "the tag of charts/web/values.yaml:3" in stays[1].message
    assert not second.files


def test_a_policy_stays_beside_a_tag_that_only_other_layers_give_a_digest() -> None:
    files = {
        "charts/web/Chart.yaml": CHART,
        "charts/web/templates/pod.yaml": f"kind: Pod\nspec:\n  containers:\n  - image: {IMAGES[0]}\n",
        "charts/web/values.yaml": f"image:\n  repository: {GOOD}\n  tag: dev\n  pullPolicy: Always\n",
        "charts/web/values-dev.yaml": "image:\n  tag: main\n  pullPolicy: Always\n",
        "apps/web.yaml": f"{APPLICATION}        replicas: 1\n",
    }
    first, second = twice(files, [f"{GOOD}:dev"])
    flipped = [change.site.path for change in first.changed if change.kind == "pull-policy"]
    assert flipped == ["charts/web/values-dev.yaml"]
    assert [image.status for image in second.images if image.site.path == "charts/web/values.yaml"] == ["pinned"]
    assert not second.files


def test_a_digest_that_a_higher_layer_takes_away_with_null_is_not_filled() -> None:
    files = {
        "charts/web/Chart.yaml": CHART,
        "charts/web/templates/pod.yaml": f"kind: Pod\nspec:\n  containers:\n  - image: {IMAGES[1]}\n",
        "charts/web/values.yaml": f"image:\n  digest: sha256:{'d' * 64}\n  tag: dev\n  repository: {GOOD}\n",
        "charts/web/values-prod.yaml": "image:\n  digest: null\n",
        "apps/web.yaml": f"{APPLICATION}        replicas: 1\n",
    }
    first, second = twice(files)
    assert [(entry.code, entry.message) for entry in first.left] == [
        ("chart-ignores-digest", "charts/web/values-prod.yaml sets an empty digest over it for web-prod")
    ]
    assert not first.files
    assert not second.files


def test_a_tag_below_another_name_is_that_of_the_name_below_it() -> None:
    files = {
        "charts/web/Chart.yaml": CHART,
        "charts/web/templates/pod.yaml": f"kind: Pod\nspec:\n  containers:\n  - image: {IMAGES[0]}\n",
        "charts/web/values.yaml": "image:\n  tag: v1\n  repository: ghcr.io/acme/old\n",
        "charts/web/values-dev.yaml": "image:\n  digest: ''\n  tag: dev\n",
        "apps/web.yaml": APPLICATION + INLINE.replace("dev", "main"),
    }
    first, second = twice(files, [f"{GOOD}:dev"])
    found = {image.site.path: str(image.reference) for image in first.images}
    assert found["charts/web/values-dev.yaml"] == "ghcr.io/acme/old:dev"
    assert not second.files
