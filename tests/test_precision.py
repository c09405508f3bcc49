"""Texts that look like images and are none, and images that nobody may touch: not one byte changes.

The shapes are those of public repositories: sites, dashboards, cloud machines, pipelines, policies, schemas, prose.
"""

from __future__ import annotations

import pytest

from codemod.outcome import FLOATING
from codemod.registry import load
from codemod.testing import plan_of

TRANSFORMS = load()
HEX = "0123456789abcdef" * 4

NO_IMAGES = {
    # Machines and disks
    "a machine of CircleCI": "jobs:\n  a:\n    machine:\n      image: ubuntu-2204:current\n      docker: true\n",
    "a Windows machine of CircleCI": "executors:\n  win:\n    machine: {image: windows-server-2022-gui:current}\n",
    "a runner of GitHub": "a:\n  runs-on: ubuntu-latest\n  strategy:\n    matrix:\n      image: [ubuntu-latest]\n",
    "a matrix of runners": "matrix:\n  include:\n    - {image: ubuntu-latest, name: linux}\n    - {image: macos-14}\n",
    "a pool of Azure Pipelines": "pool:\n  vmImage: ubuntu-latest\n",
    "a pool's machine image": "pool:\n  image: ubuntu:latest\n",
    "an AMI by its id": "image: ami-0abcdef1234567890\ncommand: []\n",
    "an AMI by its name": "amiImage: al2023:latest\n",
    "a builder of Packer": '{"builders": [{"type": "qemu", "disk_image": "ubuntu:latest", "iso_image": "a:latest"}]}\n',
    "a boot disk": "bootDisk:\n  params:\n    sourceImage: projects/debian-cloud/global/images/debian-12\n",
    "a boot disk's image": "boot_disk:\n  image: debian-cloud/debian:latest\n",
    "an image family of a cloud": "instance:\n  image: debian-12:latest\n",
    "a droplet": "droplet:\n  image: docker-20-04:latest\n",
    "a virtual machine's image": "vmImage: fedora:latest\nvm_image: fedora:latest\n",
    "a guest image": "guest_image: fedora:main\n",
    "an operating system image": "osImage: Ubuntu 22.04:latest\nos_image: talos:main\n",
    "an ISO": "image: debian-12.iso\nisoImage: debian:latest\n",
    "a qcow2 file": "image: jammy-server-cloudimg-amd64.qcow2\n",
    "a kernel": "kernelImage: linux:latest\ninitrd_image: initrd:latest\n",
    "a Canonical image of Azure": "image: Canonical:0001-com-ubuntu-server-jammy:22_04-lts:latest\n",
    "an image of a gallery": "gallery:\n  image: acme/win:latest\n",
    "labels of a pod": "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {image: web-main, tag: dev}\n",
    "what selects pods": "apiVersion: v1\nkind: Service\nspec:\n  selector:\n    image: web-main\n",
    "a selector of nodes": "nodeSelector:\n  image: talos:main\n",
    # Pictures
    "a logo": "branding:\n  logo:\n    image: acme/logo:latest\n",
    "a cover": "coverImage: cover:latest\nbanner_image: banner:main\n",
    "a social card": "og:\n  image: card:latest\ntwitter:\n  image: card:main\n",
    "an avatar": "author:\n  image: zoe:latest\n",
    "a picture on a page": "blocks:\n  - type: hero\n    image: hero.webp\n  - type: text\n    image: images/a.png\n",
    "pictures in a list": "images:\n  - a.png\n  - img/b.svg\n  - https://acme.test/c:latest\n",
    "a data URI": "image: data:image/png;base64,iVBORw0KGgo=\n",
    "a URL": "image: https://acme.test/cover:latest\n",
    "a URL without a scheme": "image: //cdn.acme.test/cover\n",
    "an absolute path": "image: /assets/cover\n",
    "a relative path": "image: ../assets/cover\n",
    "a home path": "image: ~/cover\n",
    "a picture with a query": "image: cover.jpg?size=main\n",
    "an icon of Font Awesome": "image: fa-solid fa-tag\n",
    "a caption": "image:\n  caption: The image is main:latest\n  alt: web:latest\n",
    "a favicon": "faviconImage: fav:latest\n",
    "a background": "backgroundImage: sky:latest\n",
    "a splash screen": "splash:\n  image: splash:main\n",
    "a word for a theme": "image: sunset\n",
    "a marker on a map": "marker_image: pin:latest\n",
    # Prose, scripts, other languages in strings
    "a description": "description: 'Uses image: ghcr.io/acme/web:latest unless told otherwise'\n",
    "help of a flag": "help: |\n  --image ghcr.io/acme/web:latest\n      The image to run (default: latest).\n",
    "a changelog": "changelog: |\n  - image: moved from web:latest to a digest\n  - tag: main is gone, thanks\n",
    "notes with a colon": "notes: |\n  Remember: the image ghcr.io/acme/web:main moves.\n  tag main is a pointer.\n",
    "a script": "script: |\n  docker build -t ghcr.io/acme/web:latest .\n  docker push ghcr.io/acme/web:latest\n",
    "a script with a here-document": "run: |\n  set -e\n  cat <<EOT\n  image: ghcr.io/acme/web:latest\n  EOT\n",
    "a one-line command": "run: kubectl set image deploy/web web=ghcr.io/acme/web:latest\n",
    "a command as a list": "command: [sh, -c, 'docker run ghcr.io/acme/web:latest']\n",
    "a Makefile": "Makefile: |\n  IMAGE := ghcr.io/acme/web:latest\n  build:\n  \tdocker build -t $(IMAGE) .\n",
    "Markdown": "README.md: |\n  ## image\n\n  `image: ghcr.io/acme/web:latest` is the default.\n",
    "HTML": "index.html: |\n  <img src='a.png' alt='image: web:latest'>\n  <p>tag: main</p>\n",
    "SQL": "init.sql: |\n  INSERT INTO images VALUES ('ghcr.io/acme/web:latest');\n",
    "Lua": "script.lua: |\n  local image = 'ghcr.io/acme/web:latest'\n  return image\n",
    "a Rego policy": "policy.rego: |\n  package a\n  deny[msg] { endswith(input.image, ':latest'); msg := 'x' }\n",
    "a log line of a test": "expect: 'pulled image: ghcr.io/acme/web:latest in 3s'\n",
    "an alert": (
        "groups:\n  - rules:\n      - alert: Old\n        expr: count by (image) (x{image=~'.*:latest'}) > 0\n"
        "        annotations:\n          summary: 'image: {{ $labels.image }}:latest'\n"
    ),
    "a dashboard of Grafana": (
        '{"panels": [{"title": "image: latest", "targets": [{"legendFormat": "{{image}}:latest",\n'
        ' "expr": "sum by (image)(container_memory{image!=\\"\\"})"}], "fieldConfig": {"tag": "main"}}]}\n'
    ),
    # Schemas, policies, things that speak about images
    "a schema's default": "properties:\n  image:\n    type: string\n    default: ghcr.io/acme/web:latest\n",
    "a schema's enum": "properties:\n  tag:\n    type: string\n    enum: [latest, main, dev]\n",
    "a CustomResourceDefinition": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  versions:\n    - name: v1\n"
        "      schema:\n        openAPIV3Schema:\n          properties:\n            image:\n"
        "              default: ghcr.io/acme/web:latest\n              description: 'image: web:latest'\n"
        "            imagePullPolicy:\n              default: Always\n              enum: [Always, Never]\n"
    ),
    "a policy of Kyverno": (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec:\n  rules:\n    - validate:\n        pattern:\n"
        "          spec:\n            containers:\n              - image: '!*:latest'\n                name: '*'\n"
    ),
    "images that a policy of Kyverno verifies": (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec:\n  verifyImages:\n    - imageReferences:\n"
        "        - ghcr.io/acme/web:latest\n"
    ),
    "a policy of Sigstore": (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nspec:\n  images:\n    - glob: ghcr.io/**\n"
    ),
    "an image automation of Flux": (
        "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImageRepository\nspec:\n  image: ghcr.io/acme/web\n"
    ),
    "a JSON schema by its name": ("values.schema.json", '{"properties": {"image": {"default": "web:latest"}}}\n'),
    "a JSON schema by its content": '{"$schema": "https://json-schema.org/x", "image": "ghcr.io/acme/web:latest"}\n',
    "a package of Node": ("package.json", '{"name": "web", "image": "ghcr.io/acme/web:latest"}\n'),
    "a description of OpenAPI": (
        "openapi: 3.1.0\ncomponents:\n  schemas:\n    Job:\n      properties:\n        image:\n          type: string\n"
        "          description: 'such as web:latest'\n"
    ),
    "a translation": "en:\n  image: Image\n  tag: Tag\n  latest: 'Latest: main'\n",
    # Git, Helm and other things with tags
    "a Git source of Argo CD": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
        "    repoURL: https://github.com/acme/web\n    targetRevision: main\n    path: deploy\n"
    ),
    "a Git source of Flux": (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nspec:\n  url: https://github.com/acme/web\n"
        "  ref: {branch: main, tag: latest}\n"
    ),
    "an OCI chart of Flux": (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nspec:\n  type: oci\n"
        "  url: oci://ghcr.io/acme/charts\n"
    ),
    "a dependency of a chart": (
        "Chart.yaml",
        "dependencies:\n  - name: redis\n    repository: oci://ghcr.io/acme/charts\n    tags: [main]\n",
    ),
    "a lock of a chart": f"dependencies:\n  - name: redis\n    repository: https://acme.test\ndigest: sha256:{HEX}\n",
    "a Git checkout": "checkout:\n  repository: acme/web\n  tag: main\n",
    "a module": "modules:\n  - repo: https://github.com/acme/mod.git\n    tag: latest\n",
    "a hook of pre-commit": (
        ".pre-commit-config.yaml",
        "repos:\n  - repo: https://github.com/acme/hooks\n    rev: main\n    hooks: [{id: image, entry: web:latest}]\n",
    ),
    "an action": "steps:\n  - uses: acme/image@main\n    with: {tag: latest, images: acme}\n",
    "a reusable workflow's input": "with:\n  repository: acme/web\n  tag: latest\n",
    "a release": "release:\n  repository: acme/web\n  tag: main\n",
    "a tag of a metric": "metrics:\n  - name: up\n    tag: main\n",
    "a tag of a log": "outputs:\n  - name: loki\n    tag: dev\n    match: '*'\n",
    "tags of a cloud": "tags:\n  env: dev\n  tag: main\n",
    "a VLAN": "interfaces:\n  - name: eth0\n    tag: 12\n",
    "a field of JSON that is a tag": "json:\n  field: name\n  tag: latest\n",
    "a branch": "repository: acme/web\nbranch: main\ntag: latest\n",
    "a chart with a version": "chart:\n  repository: acme/charts\n  tag: latest\n",
    "a locale": "language:\n  tag: dev\n",
    "a virtual host": "hosts:\n  - name: web\n    repository: none\n",
    # Keys that only sound like images, values that only look like one
    "a key that ends otherwise": "imageCount: 3\nimages_dir: a:latest\nimageFormat: web:latest\n",
    "pull secrets": "imagePullSecrets:\n  - name: web:latest\n",
    "a variable with a tag": "env:\n  - {name: WEB_IMAGE_TAG, value: main}\n  - {name: IMAGE_PATH, value: x:main}\n",
    "a variable with a folder": "env:\n  - {name: IMAGE_DIR, value: images:latest}\n",
    "a variable about something else": "env:\n  - {name: BROKER, value: 'kafka:latest'}\n",
    "a service and its port": "env:\n  - {name: IMAGE_SERVICE_HOST, value: images}\nupstream: web:8080\n",
    "an object": "image: {}\nimages: []\n",
    "a boolean": "image: true\nimages: [false]\n",
    "a number": "image: 3\ntag: 4\n",
    "null": "image: ~\nimageTag: null\n",
    "the injector's word auto": "containers:\n  - name: istio-proxy\n    image: auto\n",
    "a word for nothing": "containers:\n  - name: a\n    image: none\n",
    "a restart policy": "restartPolicy: Always\nrestart: always\n",
    "a picture policy": "policy: Always\nimageProxyPolicy: Always\n",
    "a comment": "# image: ghcr.io/acme/web:latest\n# tag: main\nimageless: true\n",
    "a label with the image's name": "labels:\n  app.kubernetes.io/image: web\n  image-name: web\n",
    "a status of a node": "status:\n  images:\n    - names: ['ghcr.io/acme/web:latest']\n      sizeBytes: 1\n",
    # Go
    "a comment of Go": ("main.go", 'package a\n\n// image := "ghcr.io/acme/web:latest"\n'),
    "an address of Go": (
        "main.go",
        'package a\n\nvar addr = "localhost:8080"\nvar u = "https://acme.test/web:latest"\n',
    ),
    "a file of Go": ("main.go", 'package a\n\nvar image = "cover.png"\nvar at = "main.go:12"\n'),
}

NOT_TO_TOUCH = {
    "a service that is built": ("compose.yaml", "services:\n  web:\n    build: .\n    image: acme/web:dev\n"),
    "a service that is built from a map": (
        "docker-compose.override.yml",
        "services:\n  web:\n    build:\n      context: .\n    image: ghcr.io/acme/web:latest\n    pull_policy: build\n",
    ),
    "images of a kustomization": (
        "kustomization.yaml",
        "images:\n  - name: ghcr.io/acme/web\n    newName: mirror.acme.test/web\n",
    ),
    "a placeholder of a kustomization": ("kustomization.yaml", "images:\n  - name: controller:latest\n"),
    "a template's value": (
        "chart/templates/a.yaml",
        'image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n',
    ),
    "a template's helper": (
        "chart/templates/a.yaml",
        'image: {{ include "web.image" . }}\nimagePullPolicy: {{ .Values.p }}\n',
    ),
    "a template's default": ("chart/templates/a.yaml", 'image: "acme/web:{{ .Values.tag | default "latest" }}"\n'),
    "a variable of compose": ("compose.yaml", "services:\n  web:\n    image: ghcr.io/acme/web:${TAG:-latest}\n"),
    "a substitution of Flux": ("a.yaml", "spec:\n  image: ghcr.io/acme/web:${tag:=main}\n"),
    "a parameter of an ApplicationSet": ("a.yaml", "spec:\n  image: '{{image}}:latest'\n"),
    "an expression of a workflow": (
        ".github/workflows/a.yaml",
        "jobs:\n  a:\n    container:\n      image: ghcr.io/acme/web:${{ inputs.tag || 'latest' }}\n",
    ),
    "a parameter of Tekton": ("a.yaml", "spec:\n  steps:\n    - image: $(params.builder):latest\n"),
    "a placeholder": ("a.yaml", "spec:\n  image: <REGISTRY>/web:latest\n"),
    "a vendored chart": ("charts/third_party/a/values.yaml", "image:\n  repository: acme/web\n  tag: latest\n"),
    "a vendored manifest": (
        "vendor/a/pod.yaml",
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: nginx\n",
    ),
    "a subchart": ("charts/web/charts/redis/values.yaml", "image:\n  repository: acme/redis\n  tag: latest\n"),
    "a digest": ("a.yaml", f"image: ghcr.io/acme/web@sha256:{HEX}\n"),
    "a version and its digest": (
        "a.yaml",
        f"image:\n  repository: ghcr.io/acme/web\n  tag: v1\n  digest: sha256:{HEX}\n",
    ),
    "a version": ("a.yaml", "image: ghcr.io/acme/web:v1.2.3\nother:\n  image: {repository: acme/web, tag: 1.2.3}\n"),
    "an operator's version": (
        "a.yaml",
        "kind: W\napiVersion: a/v1\nspec:\n  image: ghcr.io/acme/web\n  version: 3.2\n",
    ),
    "names below a hub": ("a.yaml", "hub: ghcr.io/acme\nproxy:\n  image: proxyv2:main\npilot:\n  image: pilot\n"),
    "names below a global registry": (
        "values.yaml",
        "global:\n  imageRegistry: ghcr.io\nweb:\n  image:\n    repository: acme/web\n    tag: main\n",
    ),
    "a file that cannot be read": ("a.yaml", "image: ghcr.io/acme/web:latest\nports: [80\n"),
}


def parts(snippet: str | tuple[str, str]) -> tuple[str, str]:
    return snippet if isinstance(snippet, tuple) else ("config.yaml", snippet)


@pytest.mark.parametrize("snippet", NO_IMAGES.values(), ids=NO_IMAGES)
def test_is_no_image(snippet: str | tuple[str, str]) -> None:
    path, text = parts(snippet)
    plan = plan_of(TRANSFORMS, {path: text.encode()})
    assert not plan.files
    assert [(entry.written, entry.status) for entry in plan.images if entry.status == FLOATING] == []


@pytest.mark.parametrize(("path", "text"), NOT_TO_TOUCH.values(), ids=NOT_TO_TOUCH)
def test_is_not_to_be_touched(path: str, text: str) -> None:
    assert not plan_of(TRANSFORMS, {path: text.encode()}).files


WHATEVER_THE_FILE = {name: text for name, text in NO_IMAGES.items() if isinstance(text, str)}


@pytest.mark.parametrize("text", WHATEVER_THE_FILE.values(), ids=WHATEVER_THE_FILE)
def test_is_no_image_inside_a_string_either(text: str) -> None:
    block = "embedded: |\n" + "".join(f"  {line}" for line in text.splitlines(keepends=True))
    assert not plan_of(TRANSFORMS, {"config.yaml": block.encode()}).files


@pytest.mark.parametrize("snippet", NO_IMAGES.values(), ids=NO_IMAGES)
def test_demanding_every_digest_changes_no_judgement(snippet: str | tuple[str, str]) -> None:
    path, text = parts(snippet)
    assert not plan_of(TRANSFORMS, {path: text.encode()}, pin_all=True).files


def test_the_corpus_is_large() -> None:
    assert len(NO_IMAGES) >= 80
