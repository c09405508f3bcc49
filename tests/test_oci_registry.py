"""A real registry, open, behind a password and behind tokens: every kind of image, and who gets in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rig import secrets
from rig.asking import Time, answers, digest, failure, source
from rig.images import BOTH, Pusher
from rig.proxy import FaultProxy
from rig.tokens import Asked, TokenService

from codemod.config import Registry
from codemod.digests import Failure, Resolution
from codemod.digests.oci.manifests import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from codemod.digests.oci.source import RegistrySource

pytestmark = pytest.mark.usefixtures("nothing_leaks")


def push_all_kinds(pusher: Pusher, folder: str) -> dict[str, Resolution]:
    """Every kind of image, with what is to be found out about it."""
    host = pusher.registry.host
    kinds = {
        "oci": (pusher.single(f"{folder}/oci:dev", "linux/arm64/v8"), OCI_MANIFEST, ("linux/arm64/v8",)),
        "docker": (pusher.single(f"{folder}/docker:dev", docker=True), DOCKER_MANIFEST, ("linux/amd64",)),
        "index": (pusher.index(f"{folder}/index:dev"), OCI_INDEX, BOTH),
        "list": (pusher.index(f"{folder}/list:dev", docker=True), DOCKER_LIST, BOTH),
    }
    return {
        f"{host}/{folder}/{kind}:dev": Resolution(found, "registry", media, platforms)
        for kind, (found, media, platforms) in kinds.items()
    }


def with_file(folder: Path, content: str) -> dict[str, str]:
    """The environment of somebody whose Docker configuration this is."""
    (folder / "config.json").write_text(content)
    return {"DOCKER_CONFIG": str(folder)}


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that may hold secrets."""
    return tmp_path_factory.mktemp("home")


class TestOpen:
    def test_every_kind_has_its_digest_and_its_platforms(self, open_registry: Pusher) -> None:
        expected = push_all_kinds(open_registry, "kinds")
        assert answers(source(open_registry.registry.host), expected) == expected

    def test_a_look_at_the_headers_gives_the_same_digests(self, open_registry: Pusher) -> None:
        expected = push_all_kinds(open_registry, "heads")
        found = answers(source(open_registry.registry.host), expected, verify=False)
        assert {name: answer.digest for name, answer in found.items() if isinstance(answer, Resolution)} == {
            name: resolution.digest for name, resolution in expected.items()
        }

    def test_a_tag_that_moved_is_the_new_digest(self, open_registry: Pusher) -> None:
        host = open_registry.registry.host
        first = open_registry.index("moving/app:dev", text="first")
        assert digest(source(host), f"{host}/moving/app:dev") == first
        second = open_registry.index("moving/app:dev", text="second")
        assert digest(source(host), f"{host}/moving/app:dev") == second != first

    def test_what_is_missing_is_missing_and_stops_nothing(self, open_registry: Pusher) -> None:
        host = open_registry.registry.host
        pushed = open_registry.single("there/app:dev")
        found = answers(source(host), [f"{host}/there/app:none", f"{host}/nowhere/app:dev", f"{host}/there/app:dev"])
        assert found == {
            f"{host}/there/app:none": Failure("missing", f"{host}: has no there/app:none"),
            f"{host}/nowhere/app:dev": Failure("missing", f"{host}: has no nowhere/app:dev"),
            f"{host}/there/app:dev": Resolution(pushed, "registry", OCI_MANIFEST, ("linux/amd64",)),
        }

    def test_a_tag_is_implied(self, open_registry: Pusher) -> None:
        host = open_registry.registry.host
        pushed = open_registry.single("implied/app:latest")
        assert digest(source(host), f"{host}/implied/app") == pushed

    def test_digests_exist_or_not(self, open_registry: Pusher) -> None:
        host = open_registry.registry.host
        pushed, registry = open_registry.index("existing/app:dev"), source(open_registry.registry.host)
        assert registry.exists(f"{host}/existing/app", pushed) is True
        assert registry.exists(f"{host}/existing/app", "sha256:" + "0" * 64) is False
        assert registry.exists(f"{host}/existing/other", pushed) is False

    def test_an_artifact_that_is_no_image_has_no_platform(self, open_registry: Pusher) -> None:
        host = open_registry.registry.host
        config = open_registry.blob("a/chart", b"{}", "application/vnd.cncf.helm.config.v1+json")
        content = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": []}
        pushed = open_registry.manifest("a/chart", "1.0.0", content)
        name = f"{host}/a/chart:1.0.0"
        assert answers(source(host), [name]) == {name: Resolution(pushed, "registry", OCI_MANIFEST, ())}

    def test_plain_http_is_for_hosts_that_the_configuration_names(self, open_registry: Pusher) -> None:
        host = open_registry.registry.host
        open_registry.single("plain/app:dev")
        found = failure(source(), f"{host}/plain/app:dev")
        assert found.kind == "unreachable"
        assert found.message.startswith(f"{host}: no secure connection (")


class TestPassword:
    def test_every_kind_over_tls_with_an_authority_of_its_own(self, password_registry: Pusher, home: Path) -> None:
        expected = push_all_kinds(password_registry, "kinds")
        registry = password_registry.registry
        environ = with_file(home, f'{{"auths": {{"{registry.host}": {{"auth": "{secrets.login()}"}}}}}}')
        assert answers(trusting(password_registry, environ), expected) == expected

    def test_without_credentials_access_is_denied(self, password_registry: Pusher) -> None:
        host = password_registry.registry.host
        found = failure(trusting(password_registry, {}), f"{host}/secret/app:dev")
        assert found.kind == "denied"
        assert found.message.startswith(f"{host}: access to secret/app is denied, or there is no such repository")

    def test_a_wrong_password_is_tried_once(self, password_registry: Pusher, home: Path) -> None:
        host = password_registry.registry.host
        wrong = secrets.login("wrong")
        environ = with_file(home, f'{{"auths": {{"{host}": {{"auth": "{wrong}"}}}}}}')
        found = failure(trusting(password_registry, environ), f"{host}/secret/app:dev")
        assert (found.kind, found.message.rpartition("; ")[2]) == ("denied", "its credentials do not open it")

    def test_an_unknown_authority_is_refused(self, password_registry: Pusher) -> None:
        host = password_registry.registry.host
        found = failure(source(), f"{host}/secret/app:dev")
        assert found.kind == "unreachable"
        assert found.message.startswith(f"{host}: its certificate is refused (")

    def test_a_bundle_of_the_environment_is_trusted(
        self, password_registry: Pusher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry = password_registry.registry
        pushed = password_registry.single("bundle/app:dev")
        monkeypatch.setenv("SSL_CERT_FILE", str(registry.ca))
        assert digest(source(environ=variables(registry.host)), f"{registry.host}/bundle/app:dev") == pushed

    def test_an_insecure_host_that_speaks_tls_is_spoken_to_with_tls(self, password_registry: Pusher) -> None:
        registry = password_registry.registry
        pushed = password_registry.single("unchecked/app:dev")
        name = f"{registry.host}/unchecked/app:dev"
        assert digest(source(registry.host, environ=variables(registry.host)), name) == pushed


class TestTokens:
    def test_every_kind(self, token_registry: Pusher, home: Path) -> None:
        expected = push_all_kinds(token_registry, "private")
        host = token_registry.registry.host
        environ = with_file(home, f'{{"auths": {{"{host}": {{"auth": "{secrets.login()}"}}}}}}')
        assert answers(source(host, environ=environ), expected) == expected

    def test_one_token_for_each_repository(self, token_registry: Pusher) -> None:
        host, tokens = token_registry.registry.host, service(token_registry)
        names = [f"{host}/private/{name}:{tag}" for name in ("one", "two") for tag in ("dev", "main")]
        for name in names:
            token_registry.single(name.removeprefix(f"{host}/"))
        tokens.asked.clear()
        registry = source(host, environ=variables(host))
        assert all(isinstance(answer, Resolution) for answer in answers(registry, names).values())
        expected = [Asked(f"repository:private/{name}:pull", secrets.USER, "password") for name in ("one", "two")]
        assert sorted(tokens.asked, key=str) == expected

    def test_what_a_host_will_ask_for_is_known_after_its_first_challenge(self, token_registry: Pusher) -> None:
        names = [f"private/known-{number}:dev" for number in range(4)]
        for name in names:
            token_registry.single(name)
        with FaultProxy(token_registry.registry.host) as proxy:
            registry = source(proxy.host, environ=variables(proxy.host))
            for name in names:
                digest(registry, f"{proxy.host}/{name}", verify=False)
            assert proxy.count("HEAD /v2/private/known") == len(names) + 1

    def test_public_repositories_need_no_credentials(self, token_registry: Pusher) -> None:
        host, tokens = token_registry.registry.host, service(token_registry)
        pushed = token_registry.index("public/app:dev")
        tokens.asked.clear()
        assert digest(source(host), f"{host}/public/app:dev") == pushed
        assert tokens.asked == [Asked("repository:public/app:pull", "", "nothing")]

    def test_private_repositories_do(self, token_registry: Pusher) -> None:
        host = token_registry.registry.host
        token_registry.single("private/closed:dev")
        found = failure(source(host), f"{host}/private/closed:dev")
        assert (found.kind, found.message.rpartition("; ")[2]) == ("denied", "there are no credentials for it")

    def test_an_identity_token_is_changed_for_a_token(self, token_registry: Pusher, home: Path) -> None:
        host, tokens = token_registry.registry.host, service(token_registry)
        pushed = token_registry.single("private/identity:dev")
        environ = with_file(home, f'{{"auths": {{"{host}": {{"identitytoken": "{secrets.IDENTITY}"}}}}}}')
        tokens.asked.clear()
        assert digest(source(host, environ=environ), f"{host}/private/identity:dev") == pushed
        assert tokens.asked == [Asked("repository:private/identity:pull", secrets.USER, "identity")]

    def test_a_token_that_was_given_is_sent_as_it_is(self, token_registry: Pusher) -> None:
        host, tokens = token_registry.registry.host, service(token_registry)
        pushed = token_registry.single("private/given:dev")
        given = tokens.for_pushing("private/given")
        environ = {f"UNFLOAT_REGISTRY_{host.replace('.', '_').replace(':', '_')}_TOKEN": given}
        tokens.asked.clear()
        assert digest(source(host, environ=environ), f"{host}/private/given:dev") == pushed
        assert tokens.asked == []

    def test_wrong_credentials_are_told_by_the_service(self, token_registry: Pusher, home: Path) -> None:
        host = token_registry.registry.host
        environ = with_file(home, f'{{"auths": {{"{host}": {{"auth": "{secrets.login("wrong")}"}}}}}}')
        found = failure(source(host, environ=environ), f"{host}/private/app:dev")
        assert found.kind == "denied"
        assert "the token service 127.0.0.1:" in found.message
        assert found.message.endswith("refuses its credentials")

    def test_a_token_is_fetched_anew_when_its_time_is_over(self, token_registry: Pusher) -> None:
        host, tokens = token_registry.registry.host, service(token_registry)
        token_registry.single("private/old:dev")
        token_registry.single("private/old:main")
        tokens.asked.clear()
        time = Time()
        registry = source(host, environ=variables(host), clock=time.clock)
        digest(registry, f"{host}/private/old:dev", verify=False)
        time.seconds += 301
        digest(registry, f"{host}/private/old:main", verify=False)
        assert len(tokens.asked) == 2


def trusting(pusher: Pusher, environ: dict[str, str]) -> RegistrySource:
    """A source that trusts the authority of the registry."""
    registry = pusher.registry
    return source(registries={registry.host: Registry(ca_file=str(registry.ca))}, environ=environ)


def variables(host: str) -> dict[str, str]:
    """Name and password as CI has them."""
    name = f"UNFLOAT_REGISTRY_{host.replace('.', '_').replace(':', '_')}"
    return {f"{name}_USERNAME": secrets.USER, f"{name}_PASSWORD": secrets.PASSWORD}


def service(pusher: Pusher) -> TokenService:
    assert pusher.registry.tokens is not None
    return pusher.registry.tokens


def test_the_benchmark_prints_rate_and_memory() -> None:
    script = Path(__file__).parents[1] / "bench" / "registry.py"
    command = [sys.executable, str(script), "--references", "20", "--rounds", "1"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = re.findall(r"^  (\w+, \w+) .* ([\d,]+) a second at best .* (\d+) MB$", done.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == ["requests, HEAD", "unfloat, HEAD", "requests, GET", "unfloat, verified"]
    assert all(int(memory) < 150 for _, _, memory in rows)
