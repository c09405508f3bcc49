"""The one place that makes commits: a clean tree, a branch of its own if wanted, one commit, or all as it was."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from codemod.errors import UnfloatError
from codemod.writer import deferred_signals

if TYPE_CHECKING:
    import git

LINE_MAX = 400
"""So much of what Git or a hook says goes into one line."""

_LISTED = ("--pathspec-from-file=-", "--pathspec-file-nul")


def origin(root: str) -> str | None:
    """The URL of the remote `origin`, without any credentials; None where there is none, or no repository."""
    from codemod.listing import repository_top

    if repository_top(root) is None:
        return None
    try:
        import git
    except ImportError:  # GitPython refuses to be imported where there is no git
        return None
    try:
        url = str(git.Repo(root, search_parent_directories=True).remotes["origin"].url)
    except (git.GitError, IndexError, ValueError):
        return None
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if separator and scheme != "ssh" else url


class Repository:
    """The Git repository that a folder is in. Raises `UnfloatError` for whatever Git refuses, with Git's own words."""

    def __init__(self, root: str) -> None:
        try:
            import git
        except ImportError as error:  # GitPython refuses to be imported where there is no git
            raise UnfloatError(f"--commit needs git: {str(error).splitlines()[0]}") from error
        try:
            self._repo: git.Repo = git.Repo(root, search_parent_directories=True)
        except git.GitError as error:
            raise UnfloatError(f"{root}: not in a Git repository; leave out --commit, or run `git init`") from error
        self._errors = git.GitError
        self._top = os.path.realpath(str(self._repo.working_tree_dir))

    def refuse_dirty(self, branch: str | None = None) -> None:
        """Refuse where the commit would not be of the moves alone, or could not be made on the new branch."""
        if self._repo.bare:
            raise UnfloatError(f"{self._repo.git_dir}: a bare repository has no files to commit; name a clone of it")
        if not self._repo.head.is_valid():
            raise UnfloatError(f"{self._top}: there is no commit yet; commit the files first")
        changed = self._told(lambda: self._repo.git.status("--porcelain", "--untracked-files=no"))
        if changed:
            first = changed.splitlines()[0][3:]
            raise UnfloatError(f"{self._top}: uncommitted changes ({first} …); commit or stash them first")
        if branch is not None:
            self._refuse_branch(branch)

    def _refuse_branch(self, branch: str) -> None:
        full = f"refs/heads/{branch}"
        if branch.startswith("-") or not self._is_fine("check-ref-format", full):
            raise UnfloatError(f"--branch {branch!r}: not a name that Git allows for a branch; name another")
        if self._is_fine("show-ref", "--verify", "--quiet", full):
            raise UnfloatError(f"--branch {branch}: there is such a branch already; name another, or delete that one")

    def commit(self, branch: str | None, paths: Iterable[str], message: str, write: Callable[[], None]) -> str:
        """Branch off, `write`, and commit the paths but for what Git ignores; returns the commit's short name.

        What fails on the way is taken back: the branch, and the files that were written.
        """
        self.refuse_dirty(branch)
        before = {self._below(path): _bytes(path) for path in paths}
        ignored = self._ignored(before)
        names = [name for name in before if name not in ignored]
        home = self._home()
        with deferred_signals():  # else Git would go on by itself, on whatever branch is there by then
            if branch is not None:
                self._told(lambda: self._repo.git.switch("--create", branch))
            try:
                write()
                self._fed(("--literal-pathspecs", "add", *_LISTED), _joined(names))
                self._fed(("commit", "--quiet", "--file=-"), message)
            except BaseException:
                self._take_back(before, names)
                if branch is not None:
                    self._leave(branch, home)
                raise
        return self._repo.head.commit.hexsha[:12]

    def _home(self) -> Sequence[str]:
        """What leads back to where HEAD is: a branch or, as in many pipelines, a commit alone."""
        head = self._repo.head
        return ("--detach", head.commit.hexsha) if head.is_detached else (self._repo.active_branch.name,)

    def _take_back(self, before: Mapping[str, bytes | None], names: Sequence[str]) -> None:
        """Every file as it was, be it Git's or not; then the index."""
        for name, data in before.items():
            path = os.path.join(self._top, name)
            if data is None and os.path.lexists(path):
                os.unlink(path)
            elif data is not None and _bytes(path) != data:
                with open(path, "wb") as file:
                    file.write(data)
        self._fed(("--literal-pathspecs", "reset", "--quiet", *_LISTED), _joined(names))

    def _leave(self, branch: str, home: Sequence[str]) -> None:
        self._told(lambda: self._repo.git.switch("--quiet", *home))
        self._told(lambda: self._repo.git.branch("--delete", "--force", branch))

    def _below(self, path: str) -> str:
        """A path as Git has it."""
        real = os.path.realpath(path)
        name = os.path.relpath(real, self._top)
        if name.partition(os.sep)[0] == os.pardir:
            raise UnfloatError(f"{path}: a link leads to {real}, out of the repository; leave out --commit")
        return name

    def _ignored(self, names: Iterable[str]) -> set[str]:
        with _stream(_joined(names)) as stream:  # the exit code is 1 where none is
            found = self._repo.git.execute(
                ["git", "check-ignore", "-z", "--stdin"], istream=stream, with_exceptions=False
            )
        return set(str(found).split("\0"))

    def _fed(self, arguments: Sequence[str], text: str) -> None:
        """Git, given a text that may be longer than a command line."""
        with _stream(text) as stream:
            self._told(lambda: str(self._repo.git.execute(["git", *arguments], istream=stream)))

    def _is_fine(self, *arguments: str) -> bool:
        """Whether Git answers with exit code 0."""
        try:
            self._repo.git.execute(["git", *arguments])
        except self._errors:
            return False
        return True

    def _told(self, ask: Callable[[], str]) -> str:
        try:
            return str(ask())
        except self._errors as error:
            raise UnfloatError(f"git: {_said(error)}") from error


def _said(error: Exception) -> str:
    """Git's own words, or those of a hook, in one line."""
    stderr = str(getattr(error, "stderr", "") or "").strip().removeprefix("stderr:").strip().strip("'")
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not line.startswith("hint:")]
    fatal = [line for line in lines if line.startswith("fatal:")]
    if not lines:
        return f"exit code {getattr(error, 'status', '?')} without a word; a hook may have refused the commit"
    return "; ".join(fatal or lines)[:LINE_MAX]


@contextmanager
def _stream(text: str) -> Iterator[BinaryIO]:
    """What a program reads of its standard input."""
    with tempfile.TemporaryFile() as file:
        file.write(os.fsencode(text))
        file.seek(0)
        yield cast("BinaryIO", file)


def _joined(names: Iterable[str]) -> str:
    return "".join(f"{name}\0" for name in names)


def _bytes(path: str) -> bytes | None:
    """What a file holds; None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
