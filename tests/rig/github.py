"""GitHub as an action sees it: a runner for the steps of `action.yml`, and its API for comments on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

ACTION = Path(__file__).parents[2]
TOKEN = "ghs_of-an-app"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
BODY_MAX = 65_536
PAGE_MAX = 100


@dataclass
class Api:
    """The comments of pull request 7 of `acme/fleet`; `readers` are tokens that may not write.

    `users` has those whose token is a user's; `broken` is the status of every answer, 0 for none.
    """

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    readers: tuple[str, ...] = ()
    users: dict[str, dict[str, str]] = field(default_factory=dict)
    broken: int = 0

    def add(self, body: str, user: dict[str, str] | None = BOT) -> None:
        self.comments.append({"id": 100 + len(self.comments), "body": body, "user": user})

    def answer(self, method: str, path: str, token: str, data: Any) -> tuple[int, Any]:
        """Status and content, as GitHub documents them."""
        self.asked.append(f"{method} {path}")
        if self.broken:
            return self.broken, {"message": "Server Error"}
        if path == "/user":
            return (200, self.users[token]) if token in self.users else _refused()
        asked = urlsplit(path)
        if method == "GET" and asked.path == "/repos/acme/fleet/issues/7/comments":
            query = parse_qs(asked.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            assert size <= PAGE_MAX
            return 200, self.comments[size * (page - 1) : size * page]
        if token in self.readers:
            return _refused()
        if len(data["body"]) > BODY_MAX:
            return 422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"}
        if (method, path) == ("POST", "/repos/acme/fleet/issues/7/comments"):
            self.add(data["body"], self.users.get(token, BOT))
            return 201, self.comments[-1]
        if method == "PATCH" and path.startswith("/repos/acme/fleet/issues/comments/"):
            (found,) = (comment for comment in self.comments if str(comment["id"]) == path.rpartition("/")[2])
            found["body"] = data["body"]
            return 200, found
        return 404, {"message": "Not Found"}


def _refused() -> tuple[int, Any]:
    return 403, {"message": "Resource not accessible by integration"}


@contextmanager
def api() -> Iterator[Api]:
    """The API, served on loopback."""
    served = Api()

    class Handler(BaseHTTPRequestHandler):
        def answered(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            status, content = served.answer(self.command, self.path, token, json.loads(data) if data else None)
            body = json.dumps(content).encode()
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", f"{served.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = answered

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Step:
    """What a step left behind."""

    code: int
    output: str
    error: str


def steps() -> dict[str, dict[str, Any]]:
    """The steps of the action by name."""
    return {step["name"]: step for step in definition()["runs"]["steps"]}


def definition() -> dict[str, Any]:
    return dict(yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8")))


@dataclass
class Runner:
    """A runner whose workspace is `workspace`; `temp` is its folder of its own, where the action has been installed."""

    workspace: Path
    temp: Path
    own: Path
    api_url: str = "http://127.0.0.1:9"
    base: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        path = self.own / "summary.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def run(self, name: str, *, token: str = TOKEN, **inputs: str) -> Step:
        """One step, as the runner starts it: the script in a file, inputs in `env` only."""
        step = steps()[name]
        assert (step["shell"], set(step) <= {"name", "shell", "env", "run"}) == ("bash", True)
        given = {key: str(each.get("default", "")) for key, each in definition()["inputs"].items()}
        assert set(inputs) <= given.keys(), "an input that the action does not have"
        given |= inputs
        given["token"] = given["token"].replace("${{ github.token }}", token)
        env = {key: _expanded(str(value), given) for key, value in step["env"].items()}
        script = self.own / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(
            command, cwd=self.workspace, env=self._environment() | env, capture_output=True, text=True, check=False
        )
        return Step(done.returncode, done.stdout, done.stderr)

    def _environment(self) -> dict[str, str]:
        event: dict[str, Any] = {"pull_request": {"number": 7}} if self.base else {"ref": "refs/heads/main"}
        (self.own / "event.json").write_text(json.dumps(event), encoding="utf-8")
        wanted = ("PATH", "HOME", "LC_ALL", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
        kept = {name: os.environ[name] for name in wanted if name in os.environ}
        return {
            **kept,
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_API_URL": self.api_url,
            "GITHUB_BASE_REF": self.base,
            "GITHUB_EVENT_PATH": str(self.own / "event.json"),
            "GITHUB_REPOSITORY": "acme/fleet",
            "GITHUB_STEP_SUMMARY": str(self.own / "summary.md"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **self.extra,
        }


def _expanded(text: str, inputs: Mapping[str, str]) -> str:
    expression = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
    assert "${{" not in expression.sub("", text), "an expression that the rig does not know"
    return expression.sub(lambda found: inputs[found[1]], text)
