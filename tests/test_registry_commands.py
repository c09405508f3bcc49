"""What users see of registries: digests in their files, a line for what failed, no question that was not needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rig import proxy as faults
from rig import secrets
from rig.asking import Time
from rig.images import Pusher
from rig.proxy import FaultProxy

from codemod.cli import main
from codemod.digests.oci import source as oci

ROOT = Path(__file__).parents[1]
MANIFEST = r"(GET|HEAD) /v2/.*/manifests/"
POD = "kind: Pod\nspec:\n  containers:\n    - image: {image}\n"


@pytest.fixture
def proxy(open_registry: Pusher) -> Iterator[FaultProxy]:
    with FaultProxy(open_registry.registry.host) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def web(open_registry: Pusher) -> str:
    return open_registry.index("shown/web:dev")


@pytest.fixture(scope="module")
def api(open_registry: Pusher) -> str:
    return open_registry.single("shown/api:dev")


class Tree:
    """A repository of one pod for each image; what commands print is searched for secrets."""

    def __init__(self, root: Path, printed: list[str]) -> None:
        self.root, self.printed, self.stdout, self.stderr = root, printed, "", ""
        root.mkdir()
        subprocess.run(["git", "init", "--quiet", root], check=True)

    def hold(self, *images: str, config: str = "") -> None:
        for number, image in enumerate(images):
            (self.root / f"{number}.yaml").write_text(POD.format(image=image))
        if config:
            (self.root / ".unfloat.yaml").write_text(config)

    def insecure(self, *hosts: str, more: str = "") -> str:
        return "registries:\n" + "".join(f'  "{host}": {{insecure: true}}\n' for host in hosts) + more

    def image(self, number: int) -> str:
        text = (self.root / f"{number}.yaml").read_text()
        return text.partition("image: ")[2].strip()

    def unfloat(self, command: str, *arguments: str) -> int:
        result = CliRunner().invoke(main, [command, *arguments, str(self.root)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.stdout, self.stderr = result.stdout, result.stderr
        self.printed += [result.stdout, result.stderr]
        return result.exit_code

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", self.root, *arguments], check=True, capture_output=True, text=True)
        self.printed.append(done.stdout)
        return done.stdout

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.stderr.splitlines() if line.startswith("unfloat: ")]

    @property
    def report(self) -> str:
        return (self.root / "migration-report.md").read_text()


@pytest.fixture
def tree(tmp_path: Path, nothing_leaks: list[str], monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Commands that may ask, and that do not really pause."""
    monkeypatch.delenv("UNFLOAT_OFFLINE")
    clock = Time().clock
    monkeypatch.setattr(oci, "Clock", lambda **_: clock)
    return Tree(tmp_path / "tree", nothing_leaks)


def test_preview_shows_digests_of_the_registry_and_writes_nothing(tree: Tree, proxy: FaultProxy, web: str) -> None:
    tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
    assert tree.unfloat("preview") == 0
    assert f"+    - image: {proxy.host}/shown/web@{web}\n" in tree.stdout
    assert tree.image(0) == f"{proxy.host}/shown/web:dev"


def test_preview_asks_only_for_headers(tree: Tree, proxy: FaultProxy, web: str) -> None:
    """Docker Hub counts a GET as a pull, and a HEAD as nothing."""
    tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
    tree.unfloat("preview")
    assert (proxy.count("HEAD /v2/shown"), proxy.count("GET /v2/shown")) == (1, 0)


def test_run_writes_them_and_says_where_they_come_from(tree: Tree, proxy: FaultProxy, web: str, api: str) -> None:
    images = f"{proxy.host}/shown/web:dev", f"{proxy.host}/shown/api:dev", f"{proxy.host}/shown/web:dev"
    tree.hold(*images, config=tree.insecure(proxy.host))
    assert tree.unfloat("run", "--format", "json") == 0
    assert [tree.image(number) for number in range(3)] == [
        f"{proxy.host}/shown/web@{web}",
        f"{proxy.host}/shown/api@{api}",
        f"{proxy.host}/shown/web@{web}",
    ]
    assert {change["source"] for change in json.loads(tree.stdout)["changes"]} == {"registry"}
    assert proxy.count(MANIFEST) == 2


def test_a_second_run_changes_nothing(tree: Tree, proxy: FaultProxy, web: str) -> None:
    tree.hold(f"{proxy.host}/shown/web:dev", f"{proxy.host}/shown/none:dev", config=tree.insecure(proxy.host))
    assert tree.unfloat("run") == 0
    before = {path: path.read_bytes() for path in tree.root.iterdir() if path.is_file()}
    assert tree.unfloat("run") == 0
    assert {path: path.read_bytes() for path in tree.root.iterdir() if path.is_file()} == before


def test_what_the_registry_does_not_have_is_unknown_and_no_failure(tree: Tree, proxy: FaultProxy) -> None:
    tree.hold(f"{proxy.host}/shown/none:dev", config=tree.insecure(proxy.host))
    assert tree.unfloat("preview", "--format", "json") == 0
    (entry,) = json.loads(tree.stdout)["transitional"]
    assert (entry["code"], entry["message"]) == ("digest-unknown", f"{proxy.host}: has no shown/none:dev")


def test_an_image_of_docker_hub_comes_from_its_mirror(tree: Tree, proxy: FaultProxy, open_registry: Pusher) -> None:
    digest = open_registry.index("hub/library/busybox:latest")
    mirror = f"  docker.io: {{mirror: {proxy.host}/hub}}\n"
    tree.hold("busybox # small", config=tree.insecure(proxy.host, more=mirror))
    assert tree.unfloat("run") == 0
    assert tree.image(0) == f"busybox@{digest} # small"
    assert f"mirror {proxy.host}/hub" in tree.report


class TestFailures:
    @pytest.mark.parametrize("command", ["preview", "run"])
    def test_a_registry_that_cannot_be_asked_is_said_and_stops_nothing(
        self, command: str, tree: Tree, proxy: FaultProxy, web: str
    ) -> None:
        config = tree.insecure(proxy.host)
        tree.hold(f"{proxy.host}/shown/web:dev", "127.0.0.1:1/gone/a:dev", "127.0.0.1:1/gone/b:dev", config=config)
        assert tree.unfloat(command) == 2
        images = "127.0.0.1:1/gone/a:dev, 127.0.0.1:1/gone/b:dev"
        assert tree.complaints == [f"unfloat: 127.0.0.1:1: connection refused [{images}]"]
        assert tree.image(1) == "127.0.0.1:1/gone/a:dev"
        assert tree.image(0) == f"{proxy.host}/shown/web" + (f"@{web}" if command == "run" else ":dev")

    def test_the_report_says_it_too(self, tree: Tree) -> None:
        tree.hold("127.0.0.1:1/gone/a:dev")
        assert tree.unfloat("run", "-q") == 2
        assert tree.complaints == ["unfloat: 127.0.0.1:1: connection refused [127.0.0.1:1/gone/a:dev]"]
        assert "`registry-failed`" in tree.report
        assert "connection refused" in tree.report

    def test_it_is_a_failure_even_where_something_was_found(self, tree: Tree) -> None:
        tree.hold("127.0.0.1:1/gone/a:dev")
        assert tree.unfloat("preview", "--exit-code") == 2

    def test_many_images_make_one_line(self, tree: Tree) -> None:
        tree.hold(*(f"127.0.0.1:1/gone/{name}:dev" for name in "edcba"))
        assert tree.unfloat("preview") == 2
        first = ", ".join(f"127.0.0.1:1/gone/{name}:dev" for name in "abc")
        assert tree.complaints == [f"unfloat: 127.0.0.1:1: connection refused [{first} and 2 more]"]

    @pytest.mark.parametrize(
        "fault",
        [
            faults.header("Docker-Content-Digest", "sha256:" + "0" * 64),
            faults.truncated,
            faults.shortened,
            faults.page(),
            faults.status(500),
            faults.status(429),
            faults.reset,
        ],
        ids=["wrong digest", "truncated", "shortened", "page", "500", "429", "reset"],
    )
    def test_nothing_wrong_is_ever_written(
        self, fault: faults.Fault, tree: Tree, proxy: FaultProxy, web: str, api: str
    ) -> None:
        proxy.on(r"(GET|HEAD) /v2/shown/web/manifests/", fault)
        tree.hold(f"{proxy.host}/shown/web:dev", f"{proxy.host}/shown/api:dev", config=tree.insecure(proxy.host))
        assert tree.unfloat("run") == 2
        assert tree.image(0) == f"{proxy.host}/shown/web:dev"
        assert tree.image(1) == f"{proxy.host}/shown/api@{api}"
        assert len(tree.complaints) == 1
        assert tree.complaints[0].startswith(f"unfloat: {proxy.host}: ")

    @pytest.mark.parametrize("code", ["digest-unknown", "registry-failed", '"*"'])
    def test_what_is_excused_is_no_failure(self, code: str, tree: Tree) -> None:
        excuse = f"allow:\n  - {{path: '**', code: {code}, reason: built here, owner: me, expires: 2999-12-31}}\n"
        tree.hold("127.0.0.1:1/gone/a:dev", config=excuse)
        assert tree.unfloat("run") == 0
        assert tree.complaints == []

    def test_an_authority_that_is_not_there_is_an_error_of_the_configuration(self, tree: Tree) -> None:
        tree.hold("ghcr.io/a/b:dev", config="registries:\n  ghcr.io: {ca_file: certificates/none.pem}\n")
        assert tree.unfloat("run") == 2
        (line,) = tree.complaints
        assert line.endswith("none.pem: the `ca_file` of ghcr.io cannot be read; name a PEM file, relative to PATH")
        assert not (tree.root / "migration-report.md").exists()


class TestWhatIsNotAsked:
    @pytest.mark.parametrize("command", ["check", "images", "stacks"])
    def test_commands_that_only_look_ask_no_registry(self, command: str, tree: Tree, proxy: FaultProxy) -> None:
        tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
        assert tree.unfloat(command) == (1 if command == "check" else 0)
        assert proxy.asked == []

    def test_nor_does_the_list_of_what_is_missing(self, tree: Tree, proxy: FaultProxy) -> None:
        tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
        assert tree.unfloat("images", "--unresolved") == 0
        assert (tree.stdout, proxy.asked) == (f"{proxy.host}/shown/web:dev:\n", [])

    def test_nor_does_an_explanation(self, tree: Tree, proxy: FaultProxy) -> None:
        tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
        result = CliRunner().invoke(main, ["explain", f"{tree.root}/0.yaml:4", str(tree.root)])
        assert (result.exit_code, proxy.asked) == (0, [])

    @pytest.mark.parametrize("command", ["preview", "run"])
    def test_offline_nothing_is_asked(self, command: str, tree: Tree, proxy: FaultProxy) -> None:
        tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
        assert tree.unfloat(command, "--offline") == 0
        assert proxy.asked == []

    def test_the_environment_may_say_so(self, tree: Tree, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UNFLOAT_OFFLINE", "1")
        tree.hold(f"{proxy.host}/shown/web:dev", config=tree.insecure(proxy.host))
        assert tree.unfloat("preview") == 0
        assert proxy.asked == []

    @pytest.mark.parametrize("command", ["check", "preview"])
    def test_where_nobody_is_asked_nothing_is_imported_for_it(self, command: str, tree: Tree) -> None:
        """The client is a tenth of a second, which a gate in a hook does not pay."""
        tree.hold(f"ghcr.io/a/b@sha256:{'7' * 64}")
        code = "import sys, codemod.cli as cli\ntry: cli.main()\nfinally: print(*sys.modules, file=sys.stderr)"
        words = [sys.executable, "-c", code, command, str(tree.root), "-q"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        assert {"requests", "urllib3", "codemod.digests.oci", "concurrent.futures"} & {*done.stderr.split()} == set()

    def test_what_a_map_or_the_lock_knows_is_not_asked_for(self, tree: Tree, proxy: FaultProxy, tmp_path: Path) -> None:
        digest = "sha256:" + "7" * 64
        tree.hold(f"{proxy.host}/a/mapped:dev", f"{proxy.host}/a/locked:dev", config=tree.insecure(proxy.host))
        (tmp_path / "map.yaml").write_text(f'"{proxy.host}/a/mapped:dev": {digest}\n')
        lock = f'version: 1\nimages:\n  "{proxy.host}/a/locked:dev": {{digest: "{digest}"}}\n'
        (tree.root / "unfloat.lock").write_text(lock)
        assert tree.unfloat("run", "--digests", str(tmp_path / "map.yaml")) == 0
        assert [tree.image(number).partition("@")[2] for number in range(2)] == [digest, digest]
        assert proxy.asked == []

    def test_what_is_pinned_vendored_or_excused_is_not_asked_for(self, tree: Tree, proxy: FaultProxy) -> None:
        excuse = "allow:\n  - {path: '1.yaml', code: '*', reason: built here, owner: me, expires: 2999-12-31}\n"
        config = tree.insecure(proxy.host, more=excuse + "vendored: ['2.yaml']\n")
        host = proxy.host
        tree.hold(
            f"{host}/a/b@sha256:{'7' * 64}", f"{host}/a/c:dev", f"{host}/a/d:dev", f"{host}/a/e:1.0", config=config
        )
        assert tree.unfloat("run") == 0
        assert proxy.asked == []


class TestPlatforms:
    def test_a_required_platform_that_is_missing_is_reported_and_nothing_pinned(
        self, tree: Tree, proxy: FaultProxy, web: str, api: str
    ) -> None:
        config = tree.insecure(proxy.host, more="platforms: [linux/amd64, linux/arm64]\n")
        tree.hold(f"{proxy.host}/shown/web:dev", f"{proxy.host}/shown/api:dev", config=config)
        assert tree.unfloat("run", "--format", "json") == 0
        assert tree.image(0) == f"{proxy.host}/shown/web@{web}"
        assert tree.image(1) == f"{proxy.host}/shown/api:dev"
        (entry,) = json.loads(tree.stdout)["transitional"]
        assert (entry["code"], entry["message"]) == ("platforms-missing", "the digest lacks linux/arm64")

    def test_a_preview_says_the_same(self, tree: Tree, proxy: FaultProxy, api: str) -> None:
        config = tree.insecure(proxy.host, more="platforms: [linux/arm64]\n")
        tree.hold(f"{proxy.host}/shown/api:dev", config=config)
        assert tree.unfloat("preview", "--format", "json") == 0
        assert [entry["code"] for entry in json.loads(tree.stdout)["transitional"]] == ["platforms-missing"]


class TestSecrets:
    @pytest.fixture
    def private(
        self,
        tree: Tree,
        password_registry: Pusher,
        tmp_path_factory: pytest.TempPathFactory,
        monkeypatch: pytest.MonkeyPatch,
    ) -> str:
        """The host of a registry with a login and an authority of its own, both known to the tree."""
        registry = password_registry.registry
        home = tmp_path_factory.mktemp("home")
        (home / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": secrets.login()}}}))
        monkeypatch.setenv("DOCKER_CONFIG", str(home))
        (tree.root / "certificates").mkdir()
        assert registry.ca is not None
        (tree.root / "certificates" / "ca.pem").write_bytes(registry.ca.read_bytes())
        tree.hold(config=f'registries:\n  "{registry.host}": {{ca_file: certificates/ca.pem}}\n')
        return registry.host

    @pytest.mark.parametrize("command", ["run", "lock"])
    def test_a_private_image_is_pinned_or_locked_and_nothing_is_told(
        self, command: str, tree: Tree, private: str, password_registry: Pusher
    ) -> None:
        digest = password_registry.single("shown/secret:dev")
        tree.hold(f"{private}/shown/secret:dev", f"{private}/shown/none:dev")
        assert tree.unfloat(command, "-v") == 0
        written = tree.root / ("0.yaml" if command == "run" else "unfloat.lock")
        assert digest in written.read_text()

    def test_a_private_image_moves_on_and_is_promoted_and_nothing_is_told(
        self, tree: Tree, private: str, password_registry: Pusher
    ) -> None:
        """Neither by Git's history, the pull request, nor manifests that name a remote with a login in its address."""
        files = [tree.root / "overlays" / name / "pod.yaml" for name in ("dev", "staging")]
        for file in files:
            file.parent.mkdir(parents=True)
            file.write_text(POD.format(image=f"{private}/shown/moving:dev"))
        password_registry.index("shown/moving:dev", text="first")
        assert [tree.unfloat("lock"), tree.unfloat("run", "--offline", "--no-report")] == [0, 0]
        tree.git("add", ".")
        tree.git("commit", "--quiet", "--message", "pinned")
        second = password_registry.index("shown/moving:dev", text="second")
        body = tree.root.parent / "body.md"
        assert tree.unfloat("update", "--env", "dev", "--commit", "--branch", "next", "--pr-body", str(body)) == 0
        assert tree.unfloat("promote", "dev", "staging", "--commit", "--pr-body", "-") == 0
        assert [second in file.read_text() for file in files] == [True, True]
        assert tree.unfloat("lock", "--check") == 0
        tree.git("remote", "add", "origin", f"https://{secrets.USER}:{secrets.PASSWORD}@git.example.com/acme/fleet.git")
        assert tree.unfloat("emit", "kargo", "--env", "dev", "--env", "staging") == 0
        tree.git("remote", "remove", "origin")
        assert "value: https://git.example.com/acme/fleet.git" in tree.stdout
        assert second in tree.git("log", "--patch")
        assert second[:19] in body.read_text()

    def test_denied_access_tells_nothing_either(
        self, tree: Tree, token_registry: Pusher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host = token_registry.registry.host
        name = f"UNFLOAT_REGISTRY_{host.replace('.', '_').replace(':', '_')}_TOKEN"
        monkeypatch.setenv(name, secrets.BEARER)
        tree.hold(f"{host}/private/x:dev", config=tree.insecure(host))
        assert tree.unfloat("run", "-v") == 2
        assert "its credentials do not open it" in tree.complaints[0]
