"""Put a preview on the pull request that a GitHub workflow runs for: one comment, made once and updated after.

`comment.py FILE CODE`: the text, and the exit code of `unfloat preview --exit-code`; where nothing would change (0), a
comment is updated, but none is made. The environment is that of GitHub's runner, and `UNFLOAT_TOKEN`. Nothing here
fails a gate: what goes wrong is a notice or a warning of the run, and the exit code is 0.

Only the standard library is used.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import posixpath
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib import error, request

PAGE = 100
"""Comments that GitHub gives at most in one answer."""
TIMEOUT = 30.0
_REFUSED = (403, 404)
"""What GitHub says to a token that may not: the comment is not there for it, or not for it to write."""


class ApiError(Exception):
    """GitHub's API did not do it; `status` is 0 where it could not be reached."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _NoRedirects(request.HTTPRedirectHandler):
    """A token is sent to the address that it is meant for and to no other."""

    def redirect_request(self, *_: object) -> None:
        """No new request: the answer stands, and is an error."""


class Api:
    """GitHub's REST API for one repository."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._base = environment["GITHUB_API_URL"].rstrip("/")
        self._repository = environment["GITHUB_REPOSITORY"]
        self._token = environment.get("UNFLOAT_TOKEN", "")
        self._opener = request.build_opener(_NoRedirects)

    def comments(self, number: int) -> Iterator[dict[str, Any]]:
        """The comments on a pull request, from the first on."""
        page = 1
        while True:
            found = self._ask("GET", f"{self._issues}/{number}/comments?per_page={PAGE}&page={page}")
            yield from found
            if len(found) < PAGE:
                return
            page += 1

    def add(self, number: int, body: str) -> None:
        """Make a comment."""
        self._ask("POST", f"{self._issues}/{number}/comments", {"body": body})

    def change(self, comment: int, body: str) -> None:
        """Put another text in the place of a comment's."""
        self._ask("PATCH", f"{self._issues}/comments/{comment}", {"body": body})

    def login(self) -> str | None:
        """The user whose token this is, None for that of an app, as `GITHUB_TOKEN` is: it may not ask."""
        try:
            return str(self._ask("GET", "/user")["login"])
        except ApiError as failure:
            if failure.status in _REFUSED:
                return None
            raise

    @property
    def _issues(self) -> str:
        return f"/repos/{self._repository}/issues"

    def _ask(self, method: str, path: str, data: object = None) -> Any:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "User-Agent": "unfloat",
        }
        body = None if data is None else json.dumps(data).encode()
        try:
            asked = request.Request(self._base + path, body, headers, method=method)
            with self._opener.open(asked, timeout=TIMEOUT) as answer:
                return json.load(answer)
        except error.HTTPError as refusal:
            with refusal:
                raise ApiError(refusal.code, f"{method} {path}: {refusal.code} {_said(refusal.read())}") from None
        except (OSError, ValueError, http.client.HTTPException) as failure:
            raise ApiError(0, f"{method} {path}: {failure}") from None


def _said(answer: bytes) -> str:
    """The message of an error, as GitHub puts it; empty where it gives none."""
    try:
        return str(json.loads(answer)["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def put(api: Api, number: int, body: str, marker: str, *, is_news: bool) -> str:
    """Show the text on a pull request and say what was done; our comment is the one that begins with the marker."""
    for comment in api.comments(number):
        text = str(comment.get("body") or "").replace("\r\n", "\n")
        if text.startswith(marker) and _is_of(comment["user"], api.login()):
            if text.strip() == body.strip():
                return "The comment says so already."
            api.change(comment["id"], body)
            return "The comment is updated."
    if not is_news:
        return "Nothing to say that would need a comment."
    api.add(number, body)
    return "A comment is made."


def _is_of(user: Mapping[str, Any] | None, login: str | None) -> bool:
    """Whether a comment is by the user of the token, or by an app where the token is an app's."""
    if user is None:
        return False
    return bool(user["login"] == login if login is not None else user["type"] == "Bot")


def marker_of(path: str) -> str:
    """What our comment for a folder begins with; GitHub does not show it."""
    return f"<!-- unfloat:preview {hashlib.sha256(posixpath.normpath(path).encode()).hexdigest()[:16]} -->"


def pull_request(environment: Mapping[str, str]) -> int | None:
    """The number of the pull request that the workflow runs for, None where it runs for something else."""
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = event.get("pull_request", {}).get("number")
    return number if isinstance(number, int) else None


def main(file: str, code: str, environment: Mapping[str, str]) -> str:
    """Do it; the line to print."""
    number = pull_request(environment)
    if number is None:
        return "Not for a pull request: the preview is in the summary of this run."
    marker = marker_of(environment["UNFLOAT_PATH"])
    body = f"{marker}\n{Path(file).read_text(encoding='utf-8')}"
    try:
        return put(Api(environment), number, body, marker, is_news=code != "0")
    except ApiError as failure:
        if failure.status in _REFUSED:
            why = "this token may not comment (a fork's pull request, or no permission pull-requests: write)"
            return _command("notice", f"{why}; the preview is in the summary of this run. {failure}")
        return _command("warning", f"the preview could not be shown on the pull request: {failure}")


def _command(kind: str, message: str) -> str:
    """A workflow command, escaped as GitHub's toolkit does."""
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{kind} title=unfloat::{escaped}"


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1], sys.argv[2], os.environ) + "\n")
