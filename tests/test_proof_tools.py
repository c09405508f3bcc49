"""The programs: found, asked for their version, and run in an environment of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from proving import programs, tools

from codemod.errors import UnfloatError
from codemod.proof.tools import Tool, Tools, clean_environment, find


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_real_programs_say_their_versions(tmp_path: Path) -> None:
    found = tools(tmp_path / "home")
    assert found.helm is not None
    assert found.kustomize is not None
    assert found.helm.version.startswith("v")
    assert found.kustomize.version.startswith("v")
    assert os.listdir(tmp_path / "home") == []


def test_programs_are_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helm, kustomize = programs()
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "helm").symlink_to(helm)
    (folder / Path(kustomize).name).symlink_to(kustomize)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    found = find(str(tmp_path))
    assert found.helm is not None
    assert found.helm.command == (str(folder / "helm"),)
    assert found.kustomize is not None
    assert found.kustomize.command[0] == str(folder / Path(kustomize).name)


def test_nothing_on_the_path_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find(str(tmp_path))
    assert (found.helm, found.kustomize) == (None, None)


def test_kustomize_alone_builds_and_that_of_kubectl_needs_no_verb(tmp_path: Path) -> None:
    alone = program(tmp_path / "kustomize", "echo v5.8.1")
    bundled = program(tmp_path / "kubectl-1.37", "echo Client Version: v1.37.1; echo Kustomize Version: v5.8.1")
    named = [find(str(tmp_path), programs()[0], path).kustomize for path in (alone, bundled)]
    assert named == [Tool((alone, "build"), "v5.8.1"), Tool((bundled, "kustomize"), "v5.8.1")]


@pytest.mark.parametrize(
    ("helm", "message"),
    [
        pytest.param("/nowhere/helm", "no program that can be run", id="a program that is not there"),
        pytest.param("old", "no Helm of version 3 or later", id="a helm that is too old"),
        pytest.param("mute", "no Helm of version 3 or later", id="a program that says nothing"),
        pytest.param("text", "no Helm of version 3 or later", id="a text that cannot be executed"),
    ],
)
def test_a_helm_that_cannot_be_used_is_an_error(tmp_path: Path, helm: str, message: str) -> None:
    program(tmp_path / "old", "echo v2.17.0")
    program(tmp_path / "mute", "exit 1")
    (tmp_path / "text").write_bytes(b"\x7fELF\0")
    (tmp_path / "text").chmod(0o755)
    path = helm if helm.startswith("/") else str(tmp_path / helm)
    with pytest.raises(UnfloatError, match=message):
        find(str(tmp_path), path)


def test_a_kustomize_without_a_version_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnfloatError, match="does not say a version"):
        find(str(tmp_path), programs()[0], program(tmp_path / "kustomize", "exit 1"))


def test_the_environment_has_neither_network_nor_cluster_nor_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_PLUGINS", "/somewhere")
    monkeypatch.setenv("KUBECONFIG", "/somewhere")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    found = clean_environment("/home/of/nobody")
    assert "HELM_PLUGINS" not in found
    assert found["KUBECONFIG"] == os.devnull
    assert found["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert found["HELM_CACHE_HOME"] == "/home/of/nobody/cache"


def test_a_program_that_takes_too_long_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    slow = program(tmp_path / "slow", "sleep 600 & sleep 600")
    ran = Tools(None, None, clean_environment(str(tmp_path)), timeout=0.2).run(Tool((slow,), ""), (), str(tmp_path))
    assert (ran.out, ran.stopped) == (None, True)
    assert "longer than 0.2 s" in ran.complaints


def test_a_program_that_fails_says_why_and_one_that_is_gone_too(tmp_path: Path) -> None:
    broken = program(tmp_path / "broken", "echo out; echo why >&2; exit 3")
    runner = Tools(None, None, clean_environment(str(tmp_path)))
    assert runner.run(Tool((broken,), ""), (), str(tmp_path)).complaints == "why\n"
    gone = runner.run(Tool((str(tmp_path / "gone"),), ""), (), str(tmp_path))
    assert (gone.out, "cannot be run" in gone.complaints) == (None, True)
    odd = runner.run(Tool((broken,), ""), ("a\0b",), str(tmp_path))
    assert (odd.out, "cannot be run" in odd.complaints) == (None, True)


@pytest.mark.parametrize(
    "complaint",
    [
        "fatal error: runtime: out of memory",
        "fatal error: out of memory allocating heap arena metadata",
        "runtime: out of memory: cannot allocate 4194304-byte block",
        "fatal error: runtime: cannot allocate memory",
        "runtime: cannot allocate heap metadata",
        "runtime: cannot map pages in arena address space",
        "runtime: failed to create new OS thread (have 9 already; errno=11)",
        "runtime: goroutine stack exceeds 1000000000-byte limit",
    ],
)
def test_a_program_that_runs_out_of_memory_is_said_to_have_taken_too_much(tmp_path: Path, complaint: str) -> None:
    helm = program(tmp_path / "helm", f"[ $1 = version ] && echo v4.0.0 && exit; echo '{complaint}' >&2; exit 2")
    found = find(str(tmp_path), helm)
    assert found.helm is not None
    ran = found.run(found.helm, ("template",), str(tmp_path))
    assert (ran.out, ran.stopped) == (None, True)
    assert ran.complaints == f"Error: took more than {found.memory >> 20:,} MiB of memory"


@pytest.mark.parametrize(
    "complaint", ["Error: chart says: out of memory", "Error: values: runtime: out of memory is no tag"]
)
def test_a_program_that_only_speaks_of_memory_failed_by_itself(tmp_path: Path, complaint: str) -> None:
    helm = program(tmp_path / "helm", f"[ $1 = version ] && echo v4.0.0 && exit; echo '{complaint}' >&2; exit 1")
    found = find(str(tmp_path), helm)
    assert found.helm is not None
    ran = found.run(found.helm, ("template",), str(tmp_path))
    assert (ran.out, ran.stopped, ran.complaints.strip()) == (None, False, complaint)
