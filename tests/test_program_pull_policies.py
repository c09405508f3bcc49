"""`Always` in programs: flipped where the image beside it is pinned, reported where not, and what stays silent."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms.embedded_yaml import transform as embedded_yaml
from transforms.go_strings import transform as go_strings
from transforms.image_references import transform as image_references
from transforms.jsonnet_strings import transform as jsonnet_strings
from transforms.program_pull_policies import transform
from transforms.pull_policies import transform as pull_policies
from transforms.python_strings import transform as python_strings
from transforms.shell_images import transform as shell_images
from transforms.terraform_images import transform as terraform_images
from transforms.typescript_strings import transform as typescript_strings

ALL = [
    *(transform, go_strings, jsonnet_strings, python_strings, shell_images, terraform_images, typescript_strings),
    *(embedded_yaml, image_references, pull_policies),
]
PATHS = {"ts": "infra/main.ts", "js": "infra/main.js", "py": "tools/deploy.py", "go": "operator/pod.go"} | {
    "jsonnet": "site/main.jsonnet",
    "tf": "infra/web.tf",
    "sh": "scripts/try.sh",
}
GO = "package operator\n\n"

FLIPS = {
    "ts: an object": "const c = { image: 'acme/web:dev', imagePullPolicy: 'Always' };",
    "js: quoted keys": 'const c = { "imagePullPolicy": "Always", "image": "acme/web:dev" };',
    "ts: a constant of the file": 'const IMAGE = "acme/web:dev";\nf({ image: IMAGE, imagePullPolicy: "Always" });',
    "ts: a template": 'const HUB = "a.io";\nf({ image: `${HUB}/web:dev`, imagePullPolicy: "Always" });',
    "ts: a sum": 'const HUB = "a.io";\nf({ image: HUB + "/web:dev", imagePullPolicy: "Always" });',
    "ts: a cast": 'f({ image: "acme/web:dev", imagePullPolicy: "Always" as const });',
    "ts: a constant of cdk8s": 'f({ image: "acme/web:dev", imagePullPolicy: kplus.ImagePullPolicy.ALWAYS });',
    "ts: with a prefix": 'f({ proxyImage: "acme/web:dev", proxyImagePullPolicy: "Always" });',
    "py: a dictionary": 'c = {"image": "acme/web:dev", "imagePullPolicy": "Always"}',
    "py: keyword arguments": 'V1Container(name="web", image="acme/web:dev", image_pull_policy="Always")',
    "py: a constant of the module": 'IMAGE = "acme/web:dev"\nf(image=IMAGE, image_pull_policy="Always")',
    "py: a format of constants": 'HUB = "a.io"\nf(image=f"{HUB}/web:dev", image_pull_policy="Always")',
    "py: a constant of cdk8s": 'f(image="acme/web:dev", image_pull_policy=k.ImagePullPolicy.ALWAYS)',
    "go: a constant of Kubernetes": 'var c = v1.Container{Image: "acme/web:dev", ImagePullPolicy: v1.PullAlways}',
    "go: a text": 'var c = v1.Container{\n\tImage: "acme/web:dev",\n\tImagePullPolicy: "Always",\n}',
    "go: a conversion": 'var c = C{Image: "acme/web:dev", ImagePullPolicy: v1.PullPolicy("Always")}',
    "go: a pointer": 'var c = C{Image: ptr.To("acme/web:dev"), ImagePullPolicy: ptr.To(v1.PullAlways)}',
    "go: an input of Pulumi": (
        'var c = C{Image: pulumi.String("acme/web:dev"), ImagePullPolicy: pulumi.String("Always")}'
    ),
    "go: a constant of the file": (
        'const image = "acme/web:dev"\n\nvar c = C{Image: image, ImagePullPolicy: v1.PullAlways}'
    ),
    "go: a map": 'var c = map[string]any{"image": "acme/web:dev", "imagePullPolicy": "Always"}',
    "go: a constant of cdk8s": 'var c = C{Image: jsii.String("acme/web:dev"), PullPolicy: k.ImagePullPolicy_ALWAYS}',
    "jsonnet: an object": "{ image: 'acme/web:dev', imagePullPolicy: 'Always' }",
    "jsonnet: lines and comments": (
        '{\n  image: \'acme/web:dev\', // it moves\n  // so it is pulled\n  "imagePullPolicy":: "Always",\n'
        "  env: [{ name: 'A', value: 'b' }],\n}"
    ),
    "tf: a block": 'container {\n  image = "acme/web:dev"\n  image_pull_policy = "Always"\n}',
    "tf: an object": 'locals {\n  c = { image = "acme/web:dev", imagePullPolicy = "Always" }\n}',
    "sh: a flag with its value": "kubectl run web --image=acme/web:dev --image-pull-policy=Always -- sh",
    "sh: a flag before its value": 'sudo kubectl run web --image-pull-policy "Always" --image acme/web:dev',
}
NEW = {
    "PullAlways": "PullIfNotPresent",
    "ImagePullPolicy.ALWAYS": "ImagePullPolicy.IF_NOT_PRESENT",
    "Policy_ALWAYS": "Policy_IF_NOT_PRESENT",
    "Always": "IfNotPresent",
}


def file_of(name: str, text: str) -> tuple[str, str]:
    kind = name.partition(":")[0]
    return PATHS[kind], (GO if kind == "go" else "") + text + "\n"


def flipped(text: str) -> str:
    for old, new in NEW.items():
        if old in text:
            return text.replace(old, new)
    raise AssertionError(text)


@pytest.mark.parametrize("name", FLIPS)
@pytest.mark.surface("typescript", rewritten="`imagePullPolicy` beside a pinned `image` of an object")
@pytest.mark.surface("python", rewritten="`image_pull_policy` beside a pinned `image`, in dictionaries and calls")
@pytest.mark.surface("go", rewritten="`ImagePullPolicy` beside a pinned `Image`, `corev1.PullAlways` too")
@pytest.mark.surface("jsonnet", rewritten="`imagePullPolicy` beside a pinned `image` of an object")
@pytest.mark.surface("terraform", rewritten="`image_pull_policy` beside a pinned `image`")
@pytest.mark.surface("shell", rewritten="`--image-pull-policy` of `kubectl` beside a pinned `--image`")
def test_a_policy_flips_with_the_image_beside_it(name: str) -> None:
    path, text = file_of(name, FLIPS[name])
    after = flipped(text).replace("acme/web:dev", "acme/web@<digest>").replace("/web:dev", "/web@<digest>")
    check_rewrites(ALL, text, after, path=path)


@pytest.mark.parametrize("name", FLIPS)
def test_a_policy_flips_beside_an_image_that_was_pinned_before(name: str) -> None:
    digest = f"@sha256:{'a' * 64}"
    path, text = file_of(name, FLIPS[name].replace(":dev", digest))
    check_rewrites(ALL, text, flipped(text), path=path)


@pytest.mark.parametrize("name", FLIPS)
def test_a_policy_stays_beside_an_image_without_a_digest(name: str) -> None:
    path, text = file_of(name, FLIPS[name])
    found = plan_of(ALL, {path: text.encode()}, unknown=["docker.io/acme/web:dev", "a.io/web:dev"])
    assert not found.files
    assert [entry.code for entry in found.left].count("pull-policy-governs-unpinned") == 1


REPORTED = {
    "ts: no image beside it": "const defaults = { imagePullPolicy: 'Always' };",
    "ts: an image that a variable is": "f({ image: props.image, imagePullPolicy: 'Always' });",
    "ts: an image by its short form": "f({ image, imagePullPolicy: 'Always' });",
    "ts: a default of a policy": "f({ imagePullPolicy: props.policy ?? 'Always' });",
    "ts: one of two policies": "f({ imagePullPolicy: isTest ? 'Always' : 'Never' });",
    "ts: a variable": "const imagePullPolicy = 'Always';",
    "ts: a field that is set": "spec.imagePullPolicy = 'Always';",
    "ts: a default of a parameter": "function f(pullPolicy = 'Always') {}",
    "py: a default of a parameter": "def f(image_pull_policy: str = 'Always'): ...",
    "py: an entry that is set": 'c["imagePullPolicy"] = "Always"',
    "py: a default of a variable": 'p = os.getenv("IMAGE_PULL_POLICY", "Always")',
    "py: one of two policies": 'f(image_pull_policy="Always" if dev else "Never")',
    "py: another choice": 'f(image_pull_policy=policy or "Always")',
    "py: a variable of a function": 'def f(image):\n    return V1Container(image=image, image_pull_policy="Always")',
    "go: an image that a function makes": "var c = C{Image: image(), ImagePullPolicy: v1.PullAlways}",
    "go: an image that an argument is": 'func f(image string) C { return C{Image: image, PullPolicy: "Always"} }',
    "go: a field that is set": "func f() { c.ImagePullPolicy = v1.PullAlways }",
    "go: a variable": "func f() { pullPolicy := v1.PullAlways; use(pullPolicy) }",
    "go: a constant": 'const DefaultPullPolicy = "Always"',
    "go: a method that sets it": "var c = Container().WithImagePullPolicy(v1.PullAlways)",
    "go: a flag": 'var p = flag.String("image-pull-policy", "Always", "when to pull")',
    "go: a struct tag": 'type C struct {\n\tPullPolicy string `env:"P,default=Always"`\n}',
    "go: a marker": "type C struct {\n\t// +kubebuilder:default=Always\n\tPullPolicy string\n}",
    "jsonnet: no image beside it": "{ imagePullPolicy: 'Always', containers: [{ image: image }] }",
    "jsonnet: a function that sets it": "container.withImagePullPolicy('Always')",
    "jsonnet: an image that is put together": "{ image: hub + name, imagePullPolicy: 'Always' }",
    "jsonnet: a variable": "local pullPolicy = 'Always';\n{}",
    "tf: a default of a variable": 'variable "image_pull_policy" {\n  default = "Always"\n}',
    "tf: an image that a variable is": 'container {\n  image = var.image\n  image_pull_policy = "Always"\n}',
    "tf: the value of a release": 'set {\n  name = "image.pullPolicy"\n  value = "Always"\n}',
    "tf: the image of another block": (
        'a {\n  image = "acme/web@sha256:' + "a" * 64 + '"\n}\nb {\n  image_pull_policy = "Always"\n}'
    ),
    "sh: an image that a variable is": 'kubectl run web --image="$IMAGE" --image-pull-policy=Always',
}


@pytest.mark.parametrize("name", REPORTED)
@pytest.mark.surface("typescript", reported="a pull policy whose image stays, stands elsewhere or is computed")
@pytest.mark.surface("python", reported="a pull policy whose image stays, stands elsewhere or is computed")
@pytest.mark.surface("go", reported="a pull policy whose image stays, stands elsewhere or is computed")
@pytest.mark.surface("jsonnet", reported="a pull policy whose image stays, stands elsewhere or is computed")
@pytest.mark.surface("terraform", reported="a pull policy whose image stays, stands elsewhere or is computed")
@pytest.mark.surface("shell", reported="a pull policy of `kubectl` whose image a variable is")
def test_a_policy_is_reported_whose_image_is_not_known(name: str) -> None:
    path, text = file_of(name, REPORTED[name])
    check_leaves_alone(transform, text, path=path, code="pull-policy-governs-unpinned")


SILENT = {
    "ts: a policy for restarts": "f({ image: 'acme/web', restartPolicy: 'Always' });",
    "ts: a comparison": "if (c.imagePullPolicy === 'Always') {}",
    "ts: a test": "expect(c.imagePullPolicy).toBe('Always');",
    "ts: a condition": "f({ imagePullPolicy: p == 'Always' ? 'Never' : q });",
    "ts: a list of policies": "const imagePullPolicies = ['Always', 'Never'];",
    "ts: a type": "interface C { imagePullPolicy: 'Always' | 'Never' }",
    "ts: a member of an enumeration": "enum ImagePullPolicy { ALWAYS = 'Always' }",
    "ts: a comment": "// imagePullPolicy: 'Always'",
    "ts: prose": "const imagePullPolicyHelp = 'Always pull';",
    "ts: another constant": "f({ imagePullPolicy: Policy.ALWAYS });",
    "ts: a line that no person writes": f"f({{ imagePullPolicy: 'Always' }});{'x();' * 2000}",
    "py: a comparison": 'assert c.image_pull_policy == "Always"',
    "py: a test": 'self.assertEqual(c.image_pull_policy, "Always")',
    "py: a key": 'c = {"Always": image_pull_policy}',
    "py: another argument": 'f(restart_policy="Always")',
    "py: a docstring": '"""Always"""',
    "go: a case": "func f() { switch c.ImagePullPolicy {\n\tcase v1.PullAlways:\n\t} }",
    "go: a comparison": "func f() bool { return c.ImagePullPolicy == v1.PullAlways }",
    "go: a test": 'func f() { assert.Equal(t, c.ImagePullPolicy, "Always") }',
    "go: a policy for restarts": 'var c = C{RestartPolicy: v1.RestartPolicyAlways, Mode: "Always"}',
    "go: a file that does not parse": "var c = C{ImagePullPolicy: v1.PullAlways",
    "go: a key": "var c = map[v1.PullPolicy]bool{v1.PullAlways: true}",
    "jsonnet: a policy for restarts": "{ restartPolicy: 'Always' }",
    "jsonnet: a comparison": "if c.imagePullPolicy == 'Always' then 1 else 2",
    "jsonnet: a comment": "{} // { imagePullPolicy: 'Always' }",
    "jsonnet: prose": "{ help: 'imagePullPolicy: Always' }",
    "tf: a policy for restarts": 'container {\n  restart_policy = "Always"\n}',
    "tf: a comparison": 'locals {\n  x = var.image_pull_policy == "Always" ? 1 : 2\n}',
    "sh: what is said": 'echo "kubectl run --image-pull-policy=Always"',
    "sh: another command": "helper --image-pull-policy=Always",
    "sh: another policy": "kubectl run web --restart=Always",
    "sh: a comment": "# kubectl run web --image-pull-policy=Always",
}


@pytest.mark.parametrize("name", SILENT)
@pytest.mark.surface("typescript", left="comparisons, tests, types and lists of pull policies; other `Always`")
def test_what_sets_no_pull_policy_is_silent(name: str) -> None:
    path, text = file_of(name, SILENT[name])
    check_leaves_alone(transform, text, path=path)


def test_the_image_of_another_object_says_nothing() -> None:
    digest = f"@sha256:{'a' * 64}"
    text = f"f({{ a: {{ image: 'acme/web{digest}' }}, b: {{ imagePullPolicy: 'Always' }} }});\n"
    check_leaves_alone(ALL, text, path="infra/main.ts", code="pull-policy-governs-unpinned")


def test_a_policy_in_a_manifest_within_a_program_is_one_of_a_manifest() -> None:
    text = "const x = `\nkind: Pod\nimage: acme/web:dev\nimagePullPolicy: Always\n`;\n"
    after = text.replace(":dev", "@<digest>").replace("Always", "IfNotPresent")
    check_rewrites(ALL, text, after, path="infra/main.ts")
