"""The files of a commit and how the working tree differs from it: read from Git's objects, nothing checked out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from codemod.errors import UnfloatError
from codemod.proof.snapshot import Snapshot

_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
_DIFF = ("diff", "-z", "--name-only", "--relative", "--no-renames", "--ignore-submodules", "--no-ext-diff")
_NEW = ("ls-files", "-z", "--others", "--exclude-standard")
_LINK, _MODULE = "120000", "160000"


def at(root: str, revision: str) -> Snapshot:
    """The files below `root` at a revision, by how they differ from those on disk.

    Raises `UnfloatError` outside a repository and for an unknown revision.
    """
    commit = _commit(root, revision)
    listed = dict(_entries(_git(root, "ls-tree", "-r", "-z", commit)))
    changed = os.fsdecode(_differing(root, commit)).split("\0")
    differing = {path: listed[path] for path in changed if path in listed}
    contents = dict(zip(differing, _blobs(root, [name for _, name in differing.values()]), strict=True))
    links = {path: os.fsdecode(contents[path]) for path, (mode, _) in differing.items() if mode == _LINK}
    files = {path: data for path, data in contents.items() if path not in links}
    return Snapshot(frozenset(listed), files, links)


def changed_since(root: str, revision: str) -> frozenset[str]:
    """The files below `root` that differ from where this branch left `revision`: committed or not, new or removed.

    Raises `UnfloatError` outside a repository, for an unknown revision, and where the two have no common commit (a
    shallow clone).
    """
    commit = _commit(root, revision)
    fork = _ask(root, "merge-base", commit, "HEAD")
    if fork.returncode:
        raise UnfloatError(f"{revision}: no common history with this branch; fetch all of it (`fetch-depth: 0`)")
    out = _differing(root, os.fsdecode(fork.stdout).strip()) + _git(root, *_NEW)
    return frozenset(os.fsdecode(out).split("\0")) - {""}


def _differing(root: str, commit: str) -> bytes:
    """The paths of the files on disk that differ from a commit, each with a NUL behind it.

    A file whose time alone differs from the index (a copy, a cache of CI) is compared by what it holds. `git diff` does
    so, and writes the index anew: it is given a copy.
    """
    index = os.path.join(root, os.fsdecode(_git(root, "rev-parse", "--git-path", "index")).rstrip("\n"))
    with tempfile.TemporaryDirectory(prefix="unfloat-") as folder:
        copy = str(Path(folder, "index"))
        with suppress(FileNotFoundError):
            shutil.copyfile(index, copy)
        settings = ("-c", "diff.autoRefreshIndex=true")
        return _git(root, *settings, *_DIFF, commit, "--", ".", extra={"GIT_INDEX_FILE": copy})


def _commit(root: str, revision: str) -> str:
    done = _ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode == 0:
        return os.fsdecode(done.stdout).strip()
    if _ask(root, "rev-parse", "--git-dir").returncode:
        raise UnfloatError(f"{root}: not in a Git repository, so there is nothing to compare with")
    raise UnfloatError(f"{revision}: no commit of this repository; fetch it, or name another")


def _entries(listing: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    """Path, mode and object of every file; submodules are none."""
    for line in os.fsdecode(listing).split("\0"):
        about, _, path = line.partition("\t")
        if path:
            mode, _, name = about.split(" ")
            if mode != _MODULE:
                yield path, (mode, name)


def _blobs(root: str, names: list[str]) -> Iterator[bytes]:
    """The contents of objects, in order: `git cat-file --batch` prints a line with the size, the bytes, a line end."""
    out = _git(root, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()) if names else b""
    place = 0
    for name in names:
        end = out.index(b"\n", place)
        head = out[place:end].split(b" ")
        if len(head) != 3:
            raise UnfloatError(f"{root}: the object {name} is not at hand; mend it with `git fetch`")
        size = int(head[2])
        yield out[end + 1 : end + 1 + size]
        place = end + 2 + size


def _git(root: str, *arguments: str, given: bytes = b"", extra: Mapping[str, str] | None = None) -> bytes:
    done = _ask(root, *arguments, given=given, extra=extra)
    if done.returncode:
        reason = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        raise UnfloatError(f"{root}: git {arguments[0]}: {reason}; mend what `git -C {root} status` says")
    return done.stdout


def _ask(
    root: str, *arguments: str, given: bytes = b"", extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL} | {"LC_ALL": "C"}
    environment |= extra or {}
    command = ["git", "-C", root, "-c", "core.fsmonitor=false", *arguments]
    try:
        return subprocess.run(command, input=given, env=environment, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UnfloatError("git is not on PATH, so there is no revision to compare with; install Git") from error
