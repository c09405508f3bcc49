"""The one place that makes commits: a clean tree, a branch of its own if wanted, one commit, or all as it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from codemod.errors import UnfloatError

if TYPE_CHECKING:
    import git


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
        self._top = str(self._repo.working_tree_dir)

    def refuse_dirty(self) -> None:
        """Refuse where tracked files differ from the last commit: the commit would not be of the moves alone."""
        if not self._repo.head.is_valid():
            raise UnfloatError(f"{self._top}: there is no commit yet; commit the files first")
        changed = self._told(lambda: self._repo.git.status("--porcelain", "--untracked-files=no"))
        if changed:
            first = changed.splitlines()[0][3:]
            raise UnfloatError(f"{self._top}: uncommitted changes ({first} …); commit or stash them first")

    def commit(self, branch: str | None, paths: Iterable[str], message: str, write: Callable[[], None]) -> str:
        """Branch off, `write`, and commit the paths; returns the commit's short name.

        What fails on the way is taken back: the branch, and the files that were written.
        """
        names = [os.path.relpath(os.path.realpath(path), self._top) for path in paths]
        known = set(self._told(lambda: self._repo.git.ls_files("-z", "--", *names)).split("\0"))
        if branch is not None:
            self._told(lambda: self._repo.git.switch("--create", branch))
        try:
            write()
            self._told(lambda: self._repo.git.add("--", *names))
            self._told(lambda: self._repo.git.commit("--quiet", "--message", message, "--only", "--", *names))
        except BaseException:
            self._take_back([name for name in names if name in known], [n for n in names if n not in known], branch)
            raise
        return self._repo.head.commit.hexsha[:12]

    def _take_back(self, old: list[str], new: list[str], branch: str | None) -> None:
        if old:
            self._told(lambda: self._repo.git.restore("--staged", "--worktree", "--", *old))
        for name in new:
            self._told(lambda name=name: self._repo.git.rm("--cached", "--quiet", "--ignore-unmatch", "--", name))  # type: ignore[misc]
            if os.path.exists(path := os.path.join(self._top, name)):
                os.unlink(path)
        if branch is not None:
            self._told(lambda: self._repo.git.switch("-"))
            self._told(lambda: self._repo.git.branch("--delete", "--force", branch))

    def _told(self, ask: Callable[[], str]) -> str:
        try:
            return str(ask())
        except self._errors as error:
            said = str(getattr(error, "stderr", "") or error).strip().removeprefix("stderr:").strip(" '\n")
            raise UnfloatError(f"git: {said.splitlines()[0] if said else error}") from error
