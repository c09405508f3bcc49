"""The only writer of the tree: every file whole or not at all.

A new file is written beside the old one, given its mode and owner, made durable, and renamed over it at once after the
old bytes were found to be those that the plan was made from. All of it happens relative to an open handle of the
folder, so that a folder swapped for a link meanwhile changes nothing. Hard links are parted, as `sed -i` does.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import groupby
from types import FrameType
from typing import Any

from codemod.errors import WriteError
from codemod.outcome import Failed

TEMPORARY_PREFIX = ".unfloat-"
"""How the names of temporary files begin; one is only ever left behind by a crash of the machine or `kill -9`."""

_Files = Mapping[str, tuple[bytes, bytes]]
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminated(SystemExit):
    """A signal asked the process to end while it wrote: it ends, with the exit code that shells give such an end."""

    def __init__(self, signum: int) -> None:
        super().__init__(128 + signum)


class _Refused(Exception):
    """Why one file is not written."""


class _Signals:
    """The first signal that came since `deferred_signals` began; `check` lets it out between two steps."""

    came: int | None = None

    def note(self, signum: int, _frame: FrameType | None) -> None:
        """The handler: only take note, so that no step is torn in the middle."""
        self.came = self.came or signum

    def check(self) -> None:
        """Raise what the signal means: `KeyboardInterrupt` for Ctrl-C, `Terminated` for the others."""
        if self.came is not None:
            raise KeyboardInterrupt if self.came == signal.SIGINT else Terminated(self.came)


def write_all(root: str, files: _Files) -> list[Failed]:
    """Replace the bytes of files below `root`: `files` maps a relative path to its bytes before and after.

    Returns the files that were left as they are, and why: changed since they were read, read-only, no regular file,
    led out of `root` by a link, refused by the system. A signal ends it between two steps, with nothing half done.
    """
    failed: list[Failed] = []
    with deferred_signals() as signals:
        for folder, paths in groupby(sorted(files, key=os.path.split), os.path.dirname):
            failed += _write_folder(root, folder, {path: files[path] for path in paths}, signals)
    return failed


def write_report(path: str, text: str, mend: str = "name another file with --report") -> None:
    """Write a whole text file atomically; equal contents leave it untouched, a link leads to the file that is meant.

    What is no regular file (a pipe, `/dev/null`) is written into. Raises `WriteError` with name, reason and `mend`.
    """
    data = text.encode("utf-8", "surrogateescape")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                file.write(data)
            return
        with deferred_signals() as signals:
            _replace_report(os.path.realpath(path), data, signals)
    except (OSError, _Refused) as error:
        raise WriteError(f"{path}: {_reason(error)}; {mend}") from error


@contextmanager
def deferred_signals() -> Iterator[_Signals]:
    """Within, signals are only noted, to end the process behind it; ignored ones stay so, other threads have none."""
    signals = _Signals()
    before: dict[int, Any] = {}
    try:
        for signum in _SIGNALS:
            if signal.getsignal(signum) not in (signal.SIG_IGN, None):
                before[signum] = signal.signal(signum, signals.note)
    except ValueError:  # not the main thread, which alone may have handlers
        before.clear()
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    signals.check()


def _write_folder(root: str, folder: str, files: _Files, signals: _Signals) -> Iterator[Failed]:
    """Write the files of one folder, then make their renaming durable."""
    try:
        handle = _open_folder(root, folder)
    except (OSError, _Refused) as error:
        yield from (Failed(path, _reason(error)) for path in files)
        return
    try:
        for path, (before, after) in files.items():
            try:
                _write(handle, os.path.basename(path), before, after, signals)
            except (OSError, _Refused) as error:
                yield Failed(path, _reason(error))
        _sync_folder(handle)
    finally:
        os.close(handle)


def _open_folder(root: str, folder: str) -> int:
    """A handle of a folder that is really below the root."""
    top = os.path.realpath(root)
    real = os.path.realpath(os.path.join(root, folder))
    if os.path.commonpath((top, real)) != top:
        raise _Refused(f"not written: a symbolic link in its path leads out to {real}")
    return os.open(real, _FOLDER | os.O_NOFOLLOW)


def _write(folder: int, name: str, before: bytes, after: bytes, signals: _Signals) -> None:
    """Replace one file of an open folder, or leave it exactly as it is."""
    status = _unchanged(folder, name, before)
    with _temporary(folder, 0o600) as temporary:
        _fill(folder, temporary, after, status, signals)
        _unchanged(folder, name, before)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _replace_report(target: str, data: bytes, signals: _Signals) -> None:
    """Write a report that is a regular file, or none yet."""
    folder = os.open(os.path.dirname(target), _FOLDER)
    name = os.path.basename(target)
    try:
        status, before = _read(folder, name) if os.path.exists(target) else (None, None)
        if before == data:
            return
        if status is not None:
            _refuse_read_only(folder, name, status)
        with _temporary(folder, 0o666) as temporary:
            _fill(folder, temporary, data, status, signals)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        _sync_folder(folder)
    finally:
        os.close(folder)


def _unchanged(folder: int, name: str, before: bytes) -> os.stat_result:
    """The status of a file that may be replaced and still holds `before`."""
    status, now = _read(folder, name)
    if now != before:
        raise _Refused("not written: it has changed since it was read; run again")
    _refuse_read_only(folder, name, status)
    return status


def _read(folder: int, name: str) -> tuple[os.stat_result, bytes]:
    """Status and bytes of a regular file of an open folder."""
    handle = os.open(name, _READ, dir_fd=folder)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _Refused("not written: it is no regular file any more")
        return status, file.read()


def _refuse_read_only(folder: int, name: str, status: os.stat_result) -> None:
    """Renaming over a file asks for no right to write it, so what the mode says is respected here, by root as well."""
    if not status.st_mode & 0o222:
        raise _Refused(f"not written: it is read-only (mode {stat.S_IMODE(status.st_mode):04o}); `chmod u+w` it first")
    if not os.access(name, os.W_OK, dir_fd=folder, effective_ids=os.access in os.supports_effective_ids):
        raise _Refused("not written: its owner and mode do not let this user write it")


@contextmanager
def _temporary(folder: int, mode: int) -> Iterator[str]:
    """The name of a new empty file that is gone afterwards, unless it was renamed."""
    name = f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}.tmp"
    os.close(os.open(name, _CREATE, mode, dir_fd=folder))
    try:
        yield name
    finally:
        with suppress(FileNotFoundError):  # it has been renamed: it is the file now
            os.unlink(name, dir_fd=folder)


def _fill(folder: int, name: str, data: bytes, status: os.stat_result | None, signals: _Signals) -> None:
    """Write the bytes, give them owner and mode of the file that they replace, and wait until they are durable."""
    handle = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        rest = memoryview(data)
        while rest:
            signals.check()
            rest = rest[os.write(handle, rest) :]
        if status is not None:
            _give(handle, status)
        os.fsync(handle)
        signals.check()
    finally:
        os.close(handle)


def _give(handle: int, status: os.stat_result) -> None:
    """Owner and group as far as the system lets us, then the mode (a change of owner clears bits of it)."""
    own, mode = os.fstat(handle), stat.S_IMODE(status.st_mode)
    same = (own.st_uid, own.st_gid) == (status.st_uid, status.st_gid)
    if not same and not _own(handle, status.st_uid, status.st_gid):
        _own(handle, -1, status.st_gid)
        mode &= 0o777
    os.fchmod(handle, mode)


def _own(handle: int, user: int, group: int) -> bool:
    """Whether the file could be given away (-1: as it is)."""
    try:
        os.fchown(handle, user, group)
    except PermissionError:
        return False
    return True


def _sync_folder(folder: int) -> None:
    """Make renames in a folder durable, where its file system can."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _reason(error: OSError | _Refused) -> str:
    if isinstance(error, _Refused):
        return str(error)
    known = {errno.ELOOP: "it has become a symbolic link", errno.ENOENT: "no such file or folder"}
    return f"not written: {known.get(error.errno or 0) or error.strerror or error}"
