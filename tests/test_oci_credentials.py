"""Where names and passwords come from: variables, Docker's and podman's files, helpers; and to whom they belong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rig import secrets

from codemod.digests.oci.credentials import Credential, Credentials, variable

LOGIN = {"auth": secrets.login()}
KNOWN = Credential(secrets.USER, secrets.PASSWORD)


def other(name: str) -> dict[str, str]:
    """The entry of another user."""
    return {"auth": secrets.login("password", name)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def docker(home: Path, content: Mapping[str, Any] | str, **more: str) -> Credentials:
    """The credentials of somebody whose `~/.docker/config.json` holds this."""
    write(home / ".docker" / "config.json", content)
    return Credentials({"HOME": str(home), "PATH": f"{home}/bin", **more}, helper_seconds=10)


def write(path: Path, content: Mapping[str, Any] | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def helper(home: Path, name: str, script: str) -> None:
    """A credential helper; `$server` is what it is asked for."""
    program = home / "bin" / f"docker-credential-{name}"
    write(program, f'#!/bin/sh\necho "$1" >> {home}/asked\nread -r server\necho "$server" >> {home}/asked\n{script}\n')
    program.chmod(0o755)


def printing(username: str, secret: str) -> str:
    return f"""echo '{json.dumps({"ServerURL": "x", "Username": username, "Secret": secret})}'"""


def asked(home: Path) -> list[str]:
    return (home / "asked").read_text().split()


class TestFiles:
    def test_without_any_there_is_nothing_and_no_problem(self, home: Path) -> None:
        found = Credentials({"HOME": str(home)})
        assert (found.of("ghcr.io", "a/b"), found.problems) == (None, [])

    @pytest.mark.parametrize(
        "key", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/", "http://ghcr.io", "https://ghcr.io/v2/"]
    )
    def test_a_host_is_found_however_it_is_spelt(self, key: str, home: Path) -> None:
        assert docker(home, {"auths": {key: LOGIN}}).of("ghcr.io", "a/b") == KNOWN

    @pytest.mark.parametrize(
        "key", ["docker.io", "index.docker.io", "https://index.docker.io/v1/", "https://index.docker.io/v1"]
    )
    def test_docker_hub_has_several_names(self, key: str, home: Path) -> None:
        assert docker(home, {"auths": {key: LOGIN}}).of("docker.io", "library/busybox") == KNOWN

    @pytest.mark.parametrize(
        "domain", ["ghcr.io:443", "x.ghcr.io", "ghcr.io.evil.example", "evil.example", "docker.io", "cr.io"]
    )
    def test_another_host_gets_nothing(self, domain: str, home: Path) -> None:
        assert docker(home, {"auths": {"ghcr.io": LOGIN}}).of(domain, "ghcr.io/a/b") is None

    def test_the_longest_path_wins(self, home: Path) -> None:
        keys = ("ghcr.io", "ghcr.io/acme", "ghcr.io/acme/web", "ghcr.io/acme/web/api")
        found = docker(home, {"auths": {key: other(key) for key in keys}})
        for path, key in (
            ("acme/web/api/v1", keys[3]),
            ("acme/web", keys[2]),
            ("acme/website", keys[1]),
            ("acmes/web", keys[0]),
        ):
            credential = found.of("ghcr.io", path)
            assert credential is not None
            assert credential.username == key

    def test_a_path_is_for_nothing_above_it(self, home: Path) -> None:
        assert docker(home, {"auths": {"ghcr.io/acme": LOGIN}}).of("ghcr.io", "other/web") is None

    def test_a_path_of_docker_hub(self, home: Path) -> None:
        found = docker(home, {"auths": {"docker.io/acme": LOGIN}})
        assert (found.of("docker.io", "acme/web"), found.of("docker.io", "library/busybox")) == (KNOWN, None)

    def test_name_and_password_may_stand_apart(self, home: Path) -> None:
        entry = {"username": secrets.USER, "password": secrets.PASSWORD}
        assert docker(home, {"auths": {"ghcr.io": entry}}).of("ghcr.io", "a/b") == KNOWN

    def test_a_password_may_hold_colons_and_letters_of_all_kinds(self, home: Path) -> None:
        entry = {"auth": secrets.login("a:b:ü")}
        assert docker(home, {"auths": {"ghcr.io": entry}}).of("ghcr.io", "a/b") == Credential(secrets.USER, "a:b:ü")

    @pytest.mark.parametrize(
        ("entry", "credential"),
        [
            ({"identitytoken": "id", "auth": secrets.login()}, Credential(identity="id")),
            ({"registrytoken": "as it is"}, Credential(bearer="as it is")),
            ({}, None),
            ({"auth": ""}, None),
            ("text", None),
            (None, None),
        ],
    )
    def test_other_entries(self, entry: object, credential: Credential | None, home: Path) -> None:
        found = docker(home, {"auths": {"ghcr.io": entry}})
        assert (found.of("ghcr.io", "a/b"), found.problems) == (credential, [])

    def test_docker_config_names_another_folder(self, home: Path) -> None:
        write(home / "elsewhere" / "config.json", {"auths": {"ghcr.io": LOGIN}})
        found = docker(home, {"auths": {"ghcr.io": other("nobody")}}, DOCKER_CONFIG=str(home / "elsewhere"))
        assert found.of("ghcr.io", "a/b") == KNOWN

    @pytest.mark.parametrize(
        ("name", "place"),
        [
            ("REGISTRY_AUTH_FILE", "auth.json"),
            ("XDG_RUNTIME_DIR", "containers/auth.json"),
            ("XDG_CONFIG_HOME", "containers/auth.json"),
            ("HOME", ".config/containers/auth.json"),
        ],
    )
    def test_podmans_files_are_read(self, name: str, place: str, home: Path) -> None:
        write(home / place, {"auths": {"ghcr.io/acme": LOGIN}})
        value = str(home / place) if name == "REGISTRY_AUTH_FILE" else str(home)
        assert Credentials({"HOME": "/nowhere", name: value}).of("ghcr.io", "acme/web") == KNOWN

    def test_what_is_named_most_plainly_wins(self, home: Path) -> None:
        write(home / "auth.json", {"auths": {"ghcr.io": other("file")}})
        content = json.dumps({"auths": {"quay.io": LOGIN}})
        found = docker(
            home,
            {"auths": {name: other("docker") for name in ("ghcr.io", "quay.io", "gcr.io")}},
            REGISTRY_AUTH_FILE=str(home / "auth.json"),
            DOCKER_AUTH_CONFIG=content,
        )
        credentials = [found.of(domain, "a/b") for domain in ("quay.io", "ghcr.io", "gcr.io")]
        names = [credential.username for credential in credentials if credential is not None]
        assert names == [secrets.USER, "file", "docker"]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ("{", "is not JSON as Docker writes it"),
            ("[]", "is not JSON as Docker writes it"),
            ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "is not JSON as Docker writes it"),
            ({"auths": {"ghcr.io": {"auth": "%%%"}}}, "`auth` of `ghcr.io` is not the base64 of name:password"),
            (
                {"auths": {"ghcr.io": {"auth": "bm9jb2xvbg=="}}},
                "`auth` of `ghcr.io` is not the base64 of name:password",
            ),
            ({"credsStore": "none"}, "docker-credential-none is not on PATH"),
            ({"credsStore": "../../bin/sh"}, "docker-credential-../../bin/sh is not on PATH"),
        ],
    )
    def test_what_is_wrong_is_remembered_and_stops_nothing(
        self, content: Mapping[str, Any] | str, problem: str, home: Path
    ) -> None:
        found = docker(home, content)
        assert found.of("ghcr.io", "a/b") is None
        (only,) = found.problems
        assert only == f"{home}/.docker/config.json: {problem}"

    @pytest.mark.parametrize("content", [{"auths": []}, {"auths": None}, {"credHelpers": "x"}, {"credsStore": 3}, {}])
    def test_odd_shapes_hold_nothing(self, content: Mapping[str, Any], home: Path) -> None:
        found = docker(home, content)
        assert (found.of("ghcr.io", "a/b"), found.problems) == (None, [])


class TestHelpers:
    def test_the_helper_of_a_host(self, home: Path) -> None:
        helper(home, "one", printing(secrets.USER, secrets.PASSWORD))
        found = docker(home, {"credHelpers": {"ghcr.io": "one"}, "auths": {"ghcr.io": other("file")}})
        assert found.of("ghcr.io", "a/b") == KNOWN
        assert asked(home) == ["get", "ghcr.io"]

    def test_it_is_asked_once(self, home: Path) -> None:
        helper(home, "one", printing(secrets.USER, secrets.PASSWORD))
        found = docker(home, {"credHelpers": {"ghcr.io": "one"}})
        assert [found.of("ghcr.io", path) for path in ("a/b", "a/c", "a/b")] == [KNOWN] * 3
        assert asked(home) == ["get", "ghcr.io"]

    def test_it_is_not_asked_for_other_hosts(self, home: Path) -> None:
        helper(home, "one", printing(secrets.USER, secrets.PASSWORD))
        assert docker(home, {"credHelpers": {"ghcr.io": "one"}}).of("quay.io", "a/b") is None
        assert not (home / "asked").exists()

    def test_the_store_of_all_hosts(self, home: Path) -> None:
        helper(home, "all", printing(secrets.USER, secrets.PASSWORD))
        found = docker(home, {"credsStore": "all", "auths": {"docker.io": {}}})
        assert found.of("docker.io", "library/busybox") == KNOWN
        assert asked(home) == ["get", "https://index.docker.io/v1/"]

    def test_an_identity_token(self, home: Path) -> None:
        helper(home, "all", printing("<token>", secrets.IDENTITY))
        assert docker(home, {"credsStore": "all"}).of("ghcr.io", "a/b") == Credential(identity=secrets.IDENTITY)

    def test_what_the_store_does_not_have_may_stand_in_the_file(self, home: Path) -> None:
        helper(home, "all", "echo 'credentials not found in native keychain'; exit 1")
        found = docker(home, {"credsStore": "all", "auths": {"ghcr.io": LOGIN}})
        assert (found.of("ghcr.io", "a/b"), found.problems) == (KNOWN, [])

    @pytest.mark.parametrize(
        ("script", "problem"),
        [
            (f"echo {secrets.PASSWORD} >&2; exit 3", "failed with exit code 3"),
            (f"echo {secrets.PASSWORD}", "its answer is no credential"),
            ("echo '[]'", "its answer is no credential"),
            ("exec sleep 5", "no answer within 0.5 seconds"),
        ],
    )
    def test_one_that_fails_is_remembered_and_not_quoted(
        self, script: str, problem: str, home: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        helper(home, "bad", script)
        found = docker(home, {"credsStore": "bad"}, PATH=f"{home}/bin:/usr/bin:/bin")
        found.helper_seconds = 0.5 if "sleep" in script else 10
        assert found.of("ghcr.io", "a/b") is None
        assert found.problems == [f"docker-credential-bad: {problem}"]
        assert secrets.leaks([*found.problems, *capfd.readouterr()]) == set()

    def test_one_that_cannot_be_run(self, home: Path) -> None:
        write(home / "bin" / "docker-credential-bad", "")
        (home / "bin" / "docker-credential-bad").chmod(0o755)
        found = docker(home, {"credsStore": "bad"})
        assert (found.of("ghcr.io", "a/b"), found.problems) == (None, ["docker-credential-bad: Exec format error"])

    def test_an_empty_answer_is_none(self, home: Path) -> None:
        helper(home, "all", printing("", ""))
        assert docker(home, {"credsStore": "all"}).of("ghcr.io", "a/b") is None


class TestVariables:
    @pytest.mark.parametrize(
        ("domain", "name"),
        [
            ("ghcr.io", "UNFLOAT_REGISTRY_GHCR_IO"),
            ("localhost:5000", "UNFLOAT_REGISTRY_LOCALHOST_5000"),
            ("my-registry.example.com", "UNFLOAT_REGISTRY_MY__REGISTRY_EXAMPLE_COM"),
            ("docker.io", "UNFLOAT_REGISTRY_DOCKER_IO"),
        ],
    )
    def test_their_names(self, domain: str, name: str) -> None:
        assert variable(domain) == name

    def test_hosts_that_look_alike_have_different_ones(self) -> None:
        assert variable("a-b.io") != variable("a.b.io")

    def test_they_win_over_files(self, home: Path) -> None:
        found = docker(
            home,
            {"auths": {"ghcr.io/acme/web": other("file")}},
            UNFLOAT_REGISTRY_GHCR_IO_USERNAME=secrets.USER,
            UNFLOAT_REGISTRY_GHCR_IO_PASSWORD=secrets.PASSWORD,
        )
        assert found.of("ghcr.io", "acme/web") == KNOWN
        assert found.of("ghcr.example.io", "acme/web") is None

    def test_a_token_wins_over_a_password(self) -> None:
        names = ("TOKEN", "USERNAME", "PASSWORD")
        found = Credentials({f"UNFLOAT_REGISTRY_GHCR_IO_{name}": name for name in names})
        assert found.of("ghcr.io", "a/b") == Credential(bearer="TOKEN")

    def test_half_a_login_is_none_and_told(self) -> None:
        found = Credentials({"HOME": "/nowhere", "UNFLOAT_REGISTRY_GHCR_IO_PASSWORD": secrets.PASSWORD})
        assert found.of("ghcr.io", "a/b") is None
        (problem,) = found.problems
        assert problem == "UNFLOAT_REGISTRY_GHCR_IO_USERNAME and …_PASSWORD belong together, one is not set"


def test_a_credential_shows_no_secret() -> None:
    credential = Credential(secrets.USER, secrets.PASSWORD, secrets.IDENTITY, secrets.BEARER)
    assert secrets.leaks([repr(credential), str(credential)]) == set()
