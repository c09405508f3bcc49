"""From a pushed tag to a promoted digest, with a real registry, helm and Git: lock, run, update, promote, verify."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import Result
from moving import call
from proving import commit, git, programs, write
from rig.images import Pusher

from codemod.digests.lock import read
from codemod.digests.locking import history
from codemod.reference import parse

CHART = {
    "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "charts/app/templates/pod.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  containers:
    - name: app
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
      imagePullPolicy: {{ .Values.image.pullPolicy }}
""",
}
STACKS = """\
stacks:
  - name: "{{env}}-app"
    environment: "{{env}}"
    chart: charts/app
    layers: [charts/app/values.yaml, "env/{{env}}/app.yaml"]
registries:
  "{host}": {{insecure: true}}
"""


@pytest.fixture
def root(tmp_path: Path, open_registry: Pusher, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("UNFLOAT_OFFLINE")
    host = open_registry.registry.host
    tree = {
        ".unfloat.yaml": STACKS.format(host=host),
        "charts/app/values.yaml": f"image:\n  repository: {host}/team/app\n  tag: ''\n  pullPolicy: Always\n",
        **{f"env/{name}/app.yaml": "image:\n  tag: dev\n" for name in ("dev", "staging", "production")},
        **CHART,
    }
    folder = write(tmp_path / "root", tree)
    commit(folder)
    return folder


class _Closed(BaseHTTPRequestHandler):
    """A host that answers everybody in the same way, and not as a registry does."""

    def do_GET(self) -> None:
        self.send_error(403)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


@pytest.fixture
def closed() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Closed)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def done(*arguments: str) -> Result:
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result


def verify(root: Path, *arguments: str) -> str:
    helm, kustomize = programs()
    return done("verify", str(root), "--offline", "--helm", helm, "--kustomize", kustomize, *arguments).stderr


def image(root: Path, environment: str) -> str:
    return (root / f"env/{environment}/app.yaml").read_text()


def test_a_tag_becomes_a_digest_that_moves_on_and_is_promoted(root: Path, open_registry: Pusher) -> None:
    push, name = open_registry, parse(f"{open_registry.registry.host}/team/app:dev")
    first = push.index("team/app:dev", text="first")
    done("lock", str(root))
    locked = read("", (root / "unfloat.lock").read_bytes()).images[name]
    assert (locked.digest, locked.platforms, locked.source) == (first, ("linux/amd64", "linux/arm64"), "registry")

    done("run", str(root), "--offline", "--no-report")
    assert {image(root, env) for env in ("dev", "staging", "production")} == {f"image:\n  digest: {first}\n"}
    assert "3 stacks proven" in verify(root)
    commit(root)

    second = push.index("team/app:dev", text="second")
    checked = call("lock", str(root), "--check")
    assert (checked.exit_code, checked.stdout) == (0, f"{name}: moved; `unfloat update` takes it along\n")
    done("update", str(root), "--env", "dev", "--commit")
    assert (image(root, "dev"), image(root, "staging")) == (
        f"image:\n  digest: {second}\n",
        f"image:\n  digest: {first}\n",
    )
    message = git(root, "log", "-1", "--format=%B")
    assert all(text in message for text in (first, second, str(name), "env/dev/app.yaml"))
    assert list(history(read("", (root / "unfloat.lock").read_bytes()), name)) == [second, first]
    assert done("update", str(root), "--env", "dev", "--commit").stderr == "Nothing to update: 1 current.\n"

    done("promote", "dev", "staging", str(root), "--write")
    assert (image(root, "staging"), image(root, "production")) == (
        f"image:\n  digest: {second}\n",
        f"image:\n  digest: {first}\n",
    )
    assert "1 stack proven" in verify(root)
    assert "2 stacks proven" in verify(root, "--base", "HEAD~1")


def test_a_registry_that_went_back_in_time_is_not_followed(root: Path, open_registry: Pusher) -> None:
    push = open_registry
    first = push.index("team/app:dev", text="one")
    done("lock", str(root))
    done("run", str(root), "--offline", "--no-report")
    second = push.index("team/app:dev", text="two")
    done("update", str(root), "--env", "dev")
    push.index("team/app:dev", text="one")
    result = done("update", str(root), "--env", "dev")
    assert (image(root, "dev"), "digest-older" in result.stdout) == (f"image:\n  digest: {second}\n", True)
    assert f"back at {first}, which the lock knows to be older; `unfloat lock --import` accepts that" in result.stdout
    done("lock", str(root))
    done("update", str(root), "--env", "dev")
    assert second in image(root, "dev")
    meant = write(root.parent / "given", {"meant.txt": f"{push.registry.host}/team/app:dev@{first}\n"}) / "meant.txt"
    done("lock", str(root), "--import", str(meant))
    done("update", str(root), "--env", "dev")
    assert first in image(root, "dev")


def test_a_digest_that_is_gone_fails_the_check_and_is_not_promoted(root: Path, open_registry: Pusher) -> None:
    push = open_registry
    push.index("team/app:dev", text="before")
    done("lock", str(root))
    done("run", str(root), "--offline", "--no-report")
    gone = f"sha256:{'ab' * 32}"
    write(root, {"env/dev/app.yaml": f"image:\n  digest: {gone}\n"})
    result = done("promote", "dev", "staging", str(root), "--write")
    assert "digest-unknown: the registry has no" in result.stdout
    assert gone not in image(root, "staging")
    text = (root / "unfloat.lock").read_text()
    (root / "unfloat.lock").write_text(text.replace(text.split("digest: ")[1][:71], gone))
    result = call("lock", str(root), "--check")
    assert (result.exit_code, f"the registry has no {gone}" in result.stdout) == (1, True)


def test_a_registry_that_cannot_be_asked_is_no_success(root: Path, open_registry: Pusher, closed: str) -> None:
    open_registry.index("team/app:dev", text="before")
    write(root, {"pod.yaml": f"image: {closed}/none/such:dev\n"})
    config = (root / ".unfloat.yaml").read_text()
    write(root, {".unfloat.yaml": config + f'  "{closed}": {{insecure: true}}\n'})
    host = open_registry.registry.host
    result = call("lock", str(root))
    assert (result.exit_code, closed in result.stderr) == (2, True)
    assert f"+ {host}/team/app:dev sha256:" in result.stdout
    locked = read("", (root / "unfloat.lock").read_bytes())
    assert [str(name) for name in locked.images] == [f"{host}/team/app:dev"]
    digest = f"sha256:{'cd' * 32}"
    entry = f"  {closed}/none/such:dev:\n    digest: {digest}\n"
    write(root, {"pod.yaml": f"image: {closed}/none/such@{digest}\n"})
    (root / "unfloat.lock").write_text((root / "unfloat.lock").read_text() + entry)
    for command in (("update", str(root)), ("lock", str(root), "--check")):
        result = call(*command)
        assert (result.exit_code, f"unfloat: {closed}: " in result.stderr) == (2, True), command
    assert "No faults in 2 locked images, 1 of them could not be asked for.\n" in result.stderr
    assert digest in (root / "pod.yaml").read_text()
