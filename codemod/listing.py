"""Which files there are below a folder, as Git sees it.

Inside a repository: the files that Git tracks plus the untracked ones that it does not ignore, by one `git ls-files`;
submodules and nested repositories are not entered. Elsewhere, and where Git is not installed, the folder is walked and
its `.gitignore` files are honoured (gitignore(5)). Links are listed, never followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codemod.errors import UnfloatError
from codemod.outcome import Failed
from codemod.patterns import on_use

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Listing = tuple[list[str], list[Failed]]
"""Paths relative to the root, in no order, those in conflict more than once; and the folders that were not listed."""
Rules = tuple[tuple[int, str, "GitIgnoreSpec"], ...]
"""The ignore files that hold in a folder, outermost first: how much of a path to cut, what to put before, patterns."""

_LS_FILES = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
_GIT_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
_CLOSED_FOLDER = on_use(rb"warning: could not open directory '(.*)/': (.*)")


def repository_top(root: str) -> str | None:
    """The top folder of the Git repository that holds `root`, None outside Git."""
    folder = os.path.realpath(root)
    while True:
        git = os.path.join(folder, ".git")
        if os.path.isfile(git) or os.path.lexists(os.path.join(git, "HEAD")):
            return folder
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None


def prefix_in_repository(root: str) -> str:
    """The way from the top of the repository to `root`: `examples/fleet/`, empty at the top and outside Git."""
    top = repository_top(root)
    path = "." if top is None else os.path.relpath(os.path.realpath(root), top)
    return "" if path == "." else f"{path}/"


def files(root: str) -> Listing:
    """All files below `root`.

    Raises `UnfloatError` where Git refuses to list the repository (a foreign owner, a broken index) and `OSError`
    where the root itself cannot be listed.
    """
    with asked(root) as answer:
        return answer()


@contextmanager
def asked(root: str) -> Iterator[Callable[[], Listing]]:
    """The same, but Git looks while the caller does something else, until what comes out of this is called, once."""
    top = repository_top(root)
    command = ["git", "-C", root, "-c", "core.fsmonitor=false", *_LS_FILES]
    try:
        git = _Program(command) if top is not None else None
    except FileNotFoundError:
        git = None
    if git is None:
        yield lambda: _walk(root, _rules_above(root, top) if top is not None else ())
        return
    try:
        yield lambda: _said(git, root)
    finally:
        git.close()


def _said(git: _Program, root: str) -> Listing:
    """What Git lists. A file-system monitor of the repository's choice is not run."""
    code, out, complaints = git.end()
    if code:
        reason = os.fsdecode(complaints).strip().partition("\n")[0].removeprefix("fatal: ") or f"exit code {code}"
        raise UnfloatError(f"{root}: git ls-files: {reason}; mend what `git -C {root} status` says")
    return os.fsdecode(out).split("\0")[:-1], _closed_folders(root, complaints) if complaints else []


def _closed_folders(root: str, complaints: bytes) -> list[Failed]:
    """The folders that Git could not list; it names them from the top of the repository."""
    prefix = prefix_in_repository(root)
    return [
        Failed(os.fsdecode(folder).removeprefix(prefix), f"the folder cannot be listed: {os.fsdecode(reason)}")
        for folder, reason in _CLOSED_FOLDER.findall(complaints)
    ]


class _Program:
    """A program at work: what `subprocess.Popen` gives, without the price of its import.

    Raises `FileNotFoundError` where there is none of that name.
    """

    def __init__(self, command: list[str]) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in _GIT_LOCAL} | {"LC_ALL": "C"}
        (self._out, out_end), (self._err, err_end) = os.pipe(), os.pipe()
        actions = [(os.POSIX_SPAWN_DUP2, out_end, 1), (os.POSIX_SPAWN_DUP2, err_end, 2)]
        self._process: int | None = None
        try:
            self._process = os.posix_spawnp(command[0], command, environment, file_actions=actions)
        finally:
            os.close(out_end)
            os.close(err_end)
            if self._process is None:
                self.close()

    def end(self) -> tuple[int, bytes, bytes]:
        """Exit code, output and complaints, once it has come to its end."""
        texts = _drained(self._out, self._err)
        assert self._process is not None
        _, status = os.waitpid(self._process, 0)
        self._process = None
        return os.waitstatus_to_exitcode(status), texts[self._out], texts[self._err]

    def close(self) -> None:
        """Listen no longer; one that still has to say something comes to its end by that."""
        os.close(self._out)
        os.close(self._err)
        if self._process is not None:
            os.waitpid(self._process, 0)


def _drained(*handles: int) -> dict[int, bytes]:
    """What comes out of each handle until all are at their end, whichever speaks first."""
    import select

    pieces: dict[int, list[bytes]] = {handle: [] for handle in handles}
    while handles:
        for handle in select.select(handles, [], [])[0]:
            piece = os.read(handle, 1 << 16)
            pieces[handle].append(piece)
            if not piece:
                handles = tuple(other for other in handles if other != handle)
    return {handle: b"".join(read) for handle, read in pieces.items()}


def _walk(root: str, rules: Rules) -> Listing:
    """What is below `root` and not ignored."""
    found: list[str] = []
    closed: list[Failed] = []
    pending = [("", rules)]
    while pending:
        folder, rules = pending.pop()
        try:
            entries = list(os.scandir(os.path.join(root, folder)))
        except OSError as error:
            if not folder:
                raise
            closed.append(Failed(folder.rstrip("/"), f"the folder cannot be listed: {error.strerror or error}"))
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            rules = (*rules, *_rules(os.path.join(root, folder), len(folder), ""))
        for path, is_folder in _kept(entries, folder, rules):
            if is_folder:
                pending.append((path, rules))
            else:
                found.append(path)
    return found, closed


def _kept(entries: list[os.DirEntry[str]], folder: str, rules: Rules) -> Iterator[tuple[str, bool]]:
    """The paths of files, links and folders (with a closing slash) that no rule ignores."""
    for entry in entries:
        path = folder + entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name != ".git" and not _is_ignored(f"{path}/", rules):
                yield f"{path}/", True
        elif (entry.is_file(follow_symlinks=False) or entry.is_symlink()) and not _is_ignored(path, rules):
            yield path, False


def _is_ignored(path: str, rules: Rules) -> bool:
    """Whether the innermost ignore file that says anything of the path says no."""
    for cut, before, patterns in reversed(rules):
        verdict = patterns.check_file(before + path[cut:]).include
        if verdict is not None:
            return verdict
    return False


def _rules_above(root: str, top: str) -> Rules:
    """The ignore files from the top of the repository down to the folder above `root`."""
    folder, below, found = os.path.realpath(root), "", list[Rules]()
    while folder != top:
        folder, name = os.path.split(folder)
        below = f"{name}/{below}"
        found.append(_rules(folder, 0, below))
    return tuple(rule for rules in reversed(found) for rule in rules)


def _rules(folder: str, cut: int, before: str) -> Rules:
    """The rules of one ignore file: none where it is missing or no regular file, and without the patterns Git drops."""
    from pathspec import GitIgnoreSpec

    path = os.path.join(folder, ".gitignore")
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return ()
        with open(path, "rb") as file:
            lines = os.fsdecode(file.read()).splitlines()
    except OSError:
        return ()
    return ((cut, before, GitIgnoreSpec.from_lines(filter(_is_pattern, lines))),)


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
