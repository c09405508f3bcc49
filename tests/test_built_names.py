"""Names that a tool builds and puts in the place of images stay, and comments in JSON hide no image."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.testing import check_leaves_alone, check_rewrites, plan_of

TRANSFORMS = list(registry.load())
SKAFFOLD = """apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - image: ghcr.io/acme/web
      docker: {dockerfile: Dockerfile}
profiles:
  - name: dev
    build:
      artifacts: [{image: job}]
"""
TILTFILE = "docker_build('ghcr.io/acme/web', '.')\ncustom_build(\n  ref = \"job\", command='x')\n"


def pod(image: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: {image}\n"


@pytest.mark.surface("manifest", reported="a name that Skaffold puts its build in place of")
def test_what_a_tool_replaces_stays_and_what_names_a_tag_is_pinned() -> None:
    names = {"a.yaml": "ghcr.io/acme/web", "b.yaml": "job", "c.yaml": "ghcr.io/acme/web:main"}
    files = {path: pod(name).encode() for path, name in names.items()}
    plan = plan_of(TRANSFORMS, {"skaffold.yaml": SKAFFOLD.encode(), **files})
    assert list(plan.files) == ["c.yaml"]
    left = [(entry.site.path, entry.site.line, entry.code) for entry in plan.left]
    wanted = [("a.yaml", 6), ("b.yaml", 6), ("skaffold.yaml", 5), ("skaffold.yaml", 10)]
    assert left == [(path, line, "built-here") for path, line in wanted]


def test_the_names_of_a_tiltfile_are_known() -> None:
    from codemod.fleet.built import built
    from codemod.fleet.tree import Tree
    from codemod.source import Source

    sources = {"dev/Tiltfile": Source("dev/Tiltfile", TILTFILE.encode(), "text")}
    assert built(Tree(sources, sources.get)) == {"ghcr.io/acme/web": "dev/Tiltfile", "job": "dev/Tiltfile"}


@pytest.mark.surface("manifest", reported="a name that ko builds")
def test_what_ko_builds_stays() -> None:
    check_leaves_alone(TRANSFORMS, pod("ko://github.com/acme/web/cmd"), code="built-here")


@pytest.mark.surface("devcontainer", rewritten="`image`, comments kept")
def test_the_image_of_a_dev_container_is_pinned_and_its_comments_are_kept() -> None:
    before = (
        '// a container\n{\n\t"name": "Go", // "image": "a:main"\n\t/* or\n\t"image": "b:main" */\n'
        '\t"image": "ghcr.io/acme/dev:main", // moved\n\t"features": {"ghcr.io/acme/features/go:1": {}},\n}\n'
    )
    after = before.replace("dev:main", "dev@<digest>")
    check_rewrites(TRANSFORMS, before, after, path=".devcontainer/devcontainer.json")


@pytest.mark.surface("devcontainer", found="`image`, bare names too")
def test_a_bare_name_is_an_image_in_a_dev_container_and_the_surface_is_its_own() -> None:
    plan = plan_of(TRANSFORMS, {".devcontainer.json": b'{"image": "debian"}'})
    assert [(image.site.surface, image.status) for image in plan.images] == [("devcontainer", "floating")]
    assert list(plan.files) == [".devcontainer.json"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"build": {"dockerfile": "Dockerfile"}, "features": {"ghcr.io/acme/f:latest": {}}}', None),
        ('{"dockerComposeFile": "compose.yaml", "service": "web:latest"}', None),
        ('// "image": "ghcr.io/acme/dev:main"\n{"name": "http://x", "a": "/* b:main */"}', None),
        ('{\n// a\n"image": "ghcr.io/acme/dev:${templateOption:tag}"}', "computed-reference"),
        ('{\n// a\n"image": "ghcr.io/acme/dev:1-bullseye"}', "tag-only"),
        ('{\n// a\n"image": "ghcr.io/acme/dev:main" "b"}', "unparsable"),
    ],
)
@pytest.mark.surface("devcontainer", reported="a name with a template option")
@pytest.mark.surface("devcontainer", left="features, builds, comments")
def test_what_stays_in_a_dev_container(text: str, code: str | None) -> None:
    check_leaves_alone(TRANSFORMS, text, path=".devcontainer/devcontainer.json", code=code)


def test_comments_make_no_yaml_out_of_what_is_none() -> None:
    check_leaves_alone(TRANSFORMS, '{"image": "ghcr.io/acme/dev:main" // a\n, b', path="a.yaml", code="unparsable")


SCRIPT = """docker buildx build \\
  --file Dockerfile.yarn \\
  --tag yarn-builder \\
  . && docker run nginx
podman build -t localhost/tools:1.2 tools
docker build -t acme/web:dev -t "web:$TAG" . ; echo -t busybox
	cd config/manager && $(KUSTOMIZE) edit set image controller=${IMG} acme/web=acme/web:v1
"""


@pytest.mark.surface("dockerfile", reported="a name that a script of the repository builds")
@pytest.mark.parametrize("path", ["hack/build.sh", "Makefile", ".github/workflows/build.yaml"])
def test_what_a_script_builds_under_a_name_of_no_registry_is_pulled_from_none(path: str) -> None:
    from codemod.fleet.built import built
    from codemod.fleet.tree import Tree
    from codemod.source import Source

    sources = {path: Source(path, SCRIPT.encode(), "text")}
    assert built(Tree(sources, sources.get)) == {
        **{"yarn-builder:latest": path, "tools:1.2": path, "controller:latest": path}
    }
    files = {path: SCRIPT.encode(), "Dockerfile": b"FROM yarn-builder:latest\nCOPY --from=nginx /a /b\n"}
    plan = plan_of(
        TRANSFORMS, files | {"pod.yaml": pod("yarn-builder").encode(), "manager.yaml": pod("controller").encode()}
    )
    assert plan.files["Dockerfile"][1].startswith(b"FROM yarn-builder:latest\nCOPY --from=nginx@sha256:")
    left = [(entry.site.path, entry.code) for entry in plan.left if entry.site.path != path]
    assert left == [(place, "built-here") for place in ("Dockerfile", "manager.yaml", "pod.yaml")]


@pytest.mark.surface("manifest", reported="`localhost/…`, which no registry has")
def test_a_name_of_this_machine_has_no_digest() -> None:
    check_leaves_alone(TRANSFORMS, pod("localhost/web:dev"), code="built-here")
    check_rewrites(TRANSFORMS, pod("localhost:5000/web:dev"), pod("localhost:5000/web@<digest>"))


LOADS = """PREFIX ?= ghcr.io/acme
APPS ?= web api
load: kind
\t$(KIND) load --name $(NAME) docker-image \\
\t\t$(foreach app,$(APPS),$(PREFIX)/app-$(app):main) \\
\t\t$(PREFIX)/job:main-3.10 $(OTHER)
\tk3d image import -c $(NAME) acme/say:dev ; echo acme/tool:dev
\tminikube image load "acme/mini:dev"
# kind load docker-image acme/old:dev
"""


@pytest.mark.surface("manifest", reported="in tests, what a script loads into a local cluster (`kind load`)")
@pytest.mark.parametrize(
    "name", ["ghcr.io/acme/app-web:main", "ghcr.io/acme/job:main-3.10", "acme/say:dev", "acme/mini:dev"]
)
def test_tests_run_what_a_script_loads_into_a_local_cluster(name: str) -> None:
    files = {
        "Makefile": LOADS.encode(),
        "tests/e2e-app/pod.yaml": pod(name).encode(),
        "deploy/pod.yaml": pod(name).encode(),
    }
    plan = plan_of(TRANSFORMS, files)
    left = [(entry.site.path, entry.code, entry.message) for entry in plan.left if entry.site.path != "Makefile"]
    assert [entry for entry in left if entry[0].startswith("tests/")] == [
        ("tests/e2e-app/pod.yaml", "built-here", "Makefile loads it into a local cluster")
    ]
    assert "deploy/pod.yaml" in plan.files or "3.10" in name
    assert "tests/e2e-app/pod.yaml" not in plan.files


@pytest.mark.parametrize("name", ["ghcr.io/acme/app:main", "ghcr.io/acme/app-web:dev", "acme/tool:dev", "acme/old:dev"])
def test_what_no_script_loads_is_pinned_in_tests_too(name: str) -> None:
    files = {"Makefile": LOADS.encode(), "tests/e2e-app/pod.yaml": pod(name).encode()}
    assert "tests/e2e-app/pod.yaml" in plan_of(TRANSFORMS, files).files


def test_a_shell_script_loads_names_too() -> None:
    files = {
        "hack/load.sh": b'kind load docker-image --name "$NAME" "ghcr.io/acme/web-$ARCH:dev"\n',
        "test/e2e/a.yaml": pod("ghcr.io/acme/web-arm64:dev").encode(),
        "test/e2e/b.yaml": pod("ghcr.io/acme/web:dev").encode(),
    }
    assert "test/e2e/a.yaml" not in plan_of(TRANSFORMS, files).files
    assert "test/e2e/b.yaml" in plan_of(TRANSFORMS, files).files
