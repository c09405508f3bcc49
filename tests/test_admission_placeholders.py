"""What in an admission policy is a placeholder (`UF021`), and what only looks like one."""

from __future__ import annotations

import pytest
from admitting import faults, judged, kyverno

from codemod.admission.placeholders import placeholder, placeholder_namespace, references


@pytest.mark.parametrize(
    "reference",
    [
        *("*", "*:latest", "*:dev-placeholder", "*@sha256:*", "*:*", "?*:?*"),
        *("ghcr.io/acme/*", "docker.io/library/busybox", "busybox", "registry.k8s.io/*", "localhost:5000/web"),
        *("ghcr.io/acme/placeholder:v1", "ghcr.io/acme/xxx", "registry.k8s.io/pause"),
        *("ghcr.io/yooooomi/your_spotify_server", "ghcr.io/mycelium/web", "ghcr.io/yourlabs/ci"),
        *("my-registry:5000/web", "myregistry.local/web", "my-registry.lan:443/web"),
        *("ghcr.io/example/web", "ghcr.io/acme/example:v1", "quay.io/examples/web", "ghcr.io/acme/todo"),
        *("ghcr.io/acme/web:REPLACE_ME", "ghcr.io/acme/web:your-tag", "ghcr.io/acme/My/web"),
        *("210987654321.dkr.ecr.eu-west-1.amazonaws.com/web", "example", "templates.example-corp.com/web"),
    ],
)
def test_names_that_may_be_real_are_no_placeholders(reference: str) -> None:
    assert placeholder(reference) is None


@pytest.mark.parametrize(
    ("reference", "part"),
    [
        ("ghcr.io/your-org/*", "your-org"),
        ("ghcr.io/your_org/web:dev", "your_org"),
        ("ghcr.io/YOUR_ORG/*", "YOUR_ORG"),
        ("ghcr.io/yourcompany/web", "yourcompany"),
        ("your-registry.io/web", "your-registry"),
        ("registry.your-domain.com/*", "your-domain"),
        ("your-registry/web", "your-registry"),
        ("ghcr.io/my-org/*", "my-org"),
        ("mycompany.azurecr.io/*", "mycompany"),
        ("example.com/*", "example.com"),
        ("registry.example.com:5000/web", "registry.example.com"),
        ("*.example.org/*", "*.example.org"),
        ("images.acme.example/web", "images.acme.example"),
        ("registry.invalid/*", "registry.invalid"),
        ("example.com", "example.com"),
        ("<registry>/web:v1", "<registry>"),
        ("ghcr.io/<your org>/*", "<your org>"),
        ("ghcr.io/acme/web:<tag>", "<tag>"),
        ("ghcr.io/REPLACE_ME/*", "REPLACE_ME"),
        ("ghcr.io/acme/replace-me", "replace-me"),
        ("changeme/web", "changeme"),
        ("ghcr.io/placeholder/web", "placeholder"),
        ("ghcr.io/xxx/web", "xxx"),
        ("ghcr.io/OWNER/*", "OWNER"),
        ("gcr.io/PROJECT_ID/web", "PROJECT_ID"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/*", "123456789012.dkr.ecr.us-east-1.amazonaws.com"),
    ],
)
def test_names_that_somebody_was_to_fill_in_are_placeholders(reference: str, part: str) -> None:
    assert placeholder(reference) == part


@pytest.mark.parametrize("name", ["production", "placeholders", "default", "example", "my-app", "todo", "your-spotify"])
def test_namespaces_that_may_be_real_are_no_placeholders(name: str) -> None:
    assert not placeholder_namespace(name)


@pytest.mark.parametrize(
    "name", ["placeholder", "your-namespace", "<namespace>", "my-namespace", "REPLACE_ME", "changeme", "example-ns"]
)
def test_namespaces_that_somebody_was_to_fill_in_are_placeholders(name: str) -> None:
    assert placeholder_namespace(name)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("!*:latest", ["*:latest"]),
        ("eu.foo.io/* | bar.io/*", ["eu.foo.io/*", "bar.io/*"]),
        ("!a.io/x & !b.io/y", ["a.io/x", "b.io/y"]),
        ("{{ element.image }}", []),
        ("^ghcr\\.io/(a|b)/.+$", []),
        ("Take one of ghcr.io/your-org/web", []),
        ("<your registry>/web | a.io/b", ["<your registry>/web", "a.io/b"]),
        ("", []),
    ],
)
def test_a_pattern_may_name_several_references(pattern: str, found: list[str]) -> None:
    assert list(references(pattern)) == found


VERIFY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  validationFailureAction: Enforce
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages: [{imageReferences: ["ghcr.io/acme/*", "ghcr.io/your-org/*"], mutateDigest: false}]
"""
CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sAllowedRepos
metadata: {name: repos}
spec:
  parameters: {repos: ["ghcr.io/acme/", "registry.example.com/"]}
"""
VAP = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: repos}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]}
  validations:
    - expression: "object.spec.initContainers.all(c, c.image.startsWith('ghcr.io/my-org/'))"
"""
DENY = """\
foreach:
          - list: request.object.spec.initContainers
            deny: {conditions: {all: [{key: "{{ element.image }}", operator: NotEquals, value: "example.com/*"}]}}
"""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (VERIFY, "ghcr.io/your-org/*"),
        (CONSTRAINT, "registry.example.com/"),
        (VAP, "object.spec.initContainers.all(c,"),
        (kyverno("pattern: {spec: {initContainers: [{image: '<registry>/*'}]}}"), "<registry>/*"),
        (kyverno(DENY), "example.com/*"),
        (
            kyverno(more="      context: [{name: all, variable: {value: ['<registry>/web', other]}}]\n"),
            "<registry>/web",
        ),
        (kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: [placeholder]}}]}"), "placeholder"),
    ],
)
def test_a_placeholder_is_reported_where_it_stands(text: str, at: str) -> None:
    found = faults(text)
    assert [code for code, _ in found] == ["UF021"]
    assert at.startswith(found[0][1])


def test_a_namespace_that_is_there_is_none_whatever_its_name() -> None:
    text = kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: [placeholder]}}]}")
    assert faults(text, ["placeholder"]) == []
    assert judged(text, (), others=["placeholder"]).violations == ()


@pytest.mark.parametrize("key", ["labels['example.com/team'] == 'a'", "annotations[?'example.com/team'].hasValue()"])
def test_keys_of_maps_in_expressions_are_no_images(key: str) -> None:
    assert faults(VAP.replace("c.image.startsWith('ghcr.io/my-org/')", f"c.image == '' || object.metadata.{key}")) == []
    both = f"object.metadata.{key} && c.image in ['ghcr.io/my-org/a']"
    assert [code for code, _ in faults(VAP.replace("c.image.startsWith('ghcr.io/my-org/')", both))] == ["UF021"]


def test_messages_and_annotations_are_no_images() -> None:
    text = kyverno(metadata=", annotations: {example.com/owner: your-org}").replace(
        "      validate:\n", "      validate:\n        message: Take ghcr.io/your-org/web\n"
    )
    assert judged(text).violations == ()
