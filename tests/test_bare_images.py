"""Names without a tag in programs: pinned where they are a container's, silent where nothing says so."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites
from transforms.bare_images import transform

TRANSFORMS = load()
PATHS = {"ts": "infra/main.ts", "js": "infra/main.js", "py": "tools/deploy.py", "go": "operator/pod.go"}

PINNED = {
    "ts: a list of containers": 'f({ containers: [{ name: "a", image: "nginx" }] });',
    "js: init containers": "f({ initContainers: [{ image: 'ghcr.io/acme/web', name: 'a' }] });",
    "ts: a container of a task": 'new Service("a", { taskDefinitionArgs: { container: { image: "acme/web" } } });',
    "ts: definitions as JSON": 'f({ containerDefinitions: JSON.stringify([{ name: "a", image: "nginx" }]) });',
    "ts: a container of Docker": 'new docker.Container("a", { image: "nginx", ports: [] });',
    "ts: a container that is added": "deployment.addContainer({ image: `nginx`, portNumber: 80 });",
    "ts: an image of a registry": 'const image = ecs.ContainerImage.fromRegistry("amazon/amazon-ecs-sample");',
    "py: keyword arguments": 'k8s.core.v1.ContainerArgs(name="a", image="nginx")',
    "py: a container of the client": 'client.V1Container(image="host:5000/web", name="a")',
    "py: a dictionary": 'spec = {"containers": [{"name": "a", "image": "nginx"}]}',
    "py: definitions as JSON": 'f(container_definitions=json.dumps([{"name": "a", "image": "nginx"}]))',
    "py: an image of a registry": 'image = ecs.ContainerImage.from_registry("nginx")',
    "go: a struct": 'var c = corev1.Container{Name: "a", Image: "nginx"}',
    "go: a list of structs": 'var c = []corev1.Container{{Name: "a", Image: "nginx"}}',
    "go: inputs of Pulumi": 'var c = corev1.ContainerArray{corev1.ContainerArgs{Image: pulumi.String("nginx")}}',
}


def file_of(name: str, text: str) -> tuple[str, str]:
    kind = name.partition(":")[0]
    return PATHS[kind], ("package operator\n\n" if kind == "go" else "") + text + "\n"


def pinned(text: str) -> str:
    for name in ("ghcr.io/acme/web", "host:5000/web", "amazon/amazon-ecs-sample", "acme/web", "nginx"):
        if name in text:
            return text.replace(name, f"{name}@<digest>")
    raise AssertionError(text)


@pytest.mark.surface("typescript", rewritten="names without a tag in containers")
@pytest.mark.surface("python", rewritten="names without a tag in containers")
@pytest.mark.surface("go", rewritten="names without a tag in containers")
@pytest.mark.parametrize("name", PINNED)
def test_a_name_without_a_tag_in_a_container_is_pinned(name: str) -> None:
    path, text = file_of(name, PINNED[name])
    check_rewrites(TRANSFORMS, text, pinned(text), path=path)


@pytest.mark.parametrize("kind", ["ts", "py", "go"])
def test_the_policy_beside_it_flips_in_the_same_run(kind: str) -> None:
    texts = {
        "ts": 'f({ containers: [{ image: "nginx", imagePullPolicy: "Always" }] });',
        "py": 'V1Container(image="nginx", image_pull_policy="Always")',
        "go": 'var c = corev1.Container{Image: "nginx", ImagePullPolicy: corev1.PullAlways}',
    }
    path, text = file_of(f"{kind}:", texts[kind])
    check_rewrites(TRANSFORMS, text, pinned(text).replace("Always", "IfNotPresent"), path=path)


REPORTED = {
    "ts: an object of a component": 'new Web("a", { image: "acme/web", volumeMounts: [] });',
    "py: an object of a function": 'web(image="acme/web", env_from=[])',
}


@pytest.mark.surface("typescript", reported="a name without a tag that a component may complete")
@pytest.mark.parametrize("name", REPORTED)
def test_a_name_that_may_be_completed_is_reported(name: str) -> None:
    path, text = file_of(name, REPORTED[name])
    check_leaves_alone(transform, text, path=path, code="purpose-unknown")


SILENT = {
    "ts: a droplet": 'new digitalocean.Droplet("a", { image: "ubuntu-20-04-x64", region: "nyc3" });',
    "ts: a server": 'new hcloud.Server("a", { image: "ubuntu-24.04", serverType: "cx22" });',
    "py: a disk": 'gcp.compute.InstanceBootDiskInitializeParamsArgs(image="debian-cloud/debian-9")',
    "ts: a tag beside it": 'f({ containers: [{ image: "nginx", tag: version }] });',
    "ts: a version beside it": 'f({ container: { image: "nginx", imageVersion: "1.2" } });',
    "ts: a variable": 'const image = "nginx";',
    "ts: a picture": 'f({ container: { image: "logo.PNG" } });',
    "ts: a URL": 'f({ container: { image: "https://acme.io/logo" } });',
    "ts: a name that is computed": "f({ containers: [{ image: `${hub}/web` }] });",
    "ts: a choice": 'f({ containers: [{ image: image ?? "nginx" }] });',
    "ts: another registry": 'npm.fromUrl("nginx");',
    "ts: another key of a container": 'f({ containers: [{ name: "nginx", imageName: "nginx" }] });',
    "ts: an upper-case text": 'f({ containers: [{ image: "Nginx" }] });',
    "py: a name of a component": 'web(image="acme/web", replicas=3)',
    "go: an API type": 'var c = Spec{Image: "nginx"}',
    "go: a repository beside its version": 'var c = corev1.Container{Image: "nginx", Version: "1.2"}',
    "go: a file that does not parse": 'var c = corev1.Container{Image: "nginx"',
}


@pytest.mark.surface("typescript", left="images of machines, names beside a tag or a version")
@pytest.mark.surface("python", left="images of machines, names beside a tag or a version")
@pytest.mark.parametrize("name", SILENT)
def test_what_nothing_says_to_be_a_container_is_silent(name: str) -> None:
    path, text = file_of(name, SILENT[name])
    check_leaves_alone(transform, text, path=path)


@pytest.mark.parametrize("name", PINNED)
def test_a_pinned_name_stays(name: str) -> None:
    path, text = file_of(name, PINNED[name])
    check_leaves_alone(TRANSFORMS, pinned(text).replace("<digest>", f"sha256:{'a' * 64}"), path=path)
