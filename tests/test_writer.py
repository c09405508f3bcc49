"""Writing: whole or not at all, and never over what somebody else wrote."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codemod import writer
from codemod.errors import WriteError
from codemod.outcome import Failed
from codemod.writer import TEMPORARY_PREFIX, write_all, write_report

BEFORE, AFTER = b"image: web:dev\r\n", b"image: web@sha256:00\r\n"
REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with one file in it and one in a folder."""
    folder = tmp_path / "root"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.yaml").write_bytes(BEFORE)
    (folder / "deep" / "b.yaml").write_bytes(BEFORE)
    return folder


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert leftovers(tmp_path) == []


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(TEMPORARY_PREFIX)]


def fails(monkeypatch: pytest.MonkeyPatch, name: str, fault: BaseException) -> None:
    """Let a function of `os` raise whenever it is called."""

    def faulty(*_args: object, **_options: object) -> None:
        raise fault

    monkeypatch.setattr(os, name, faulty)


def test_files_are_replaced_wherever_they_stand(root: Path) -> None:
    assert write_all(str(root), {"a.yaml": (BEFORE, AFTER), "deep/b.yaml": (BEFORE, b"")}) == []
    assert (root / "a.yaml").read_bytes() == AFTER
    assert (root / "deep" / "b.yaml").read_bytes() == b""


def test_nothing_to_write_touches_nothing(root: Path) -> None:
    assert write_all(str(root), {}) == []
    assert (root / "a.yaml").read_bytes() == BEFORE


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664, 0o4755, 0o222 | 0o400])
def test_the_mode_is_kept(root: Path, mode: int) -> None:
    (root / "a.yaml").chmod(mode)
    assert write_all(str(root), {"a.yaml": (BEFORE, AFTER)}) == []
    assert stat.S_IMODE((root / "a.yaml").stat().st_mode) == mode


def test_owner_and_group_are_asked_for_and_where_only_the_group_can_be_had_special_bits_are_dropped(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.yaml").chmod(0o4755)
    status = (root / "a.yaml").stat()
    genuine, asked = os.fstat, []

    def of_another(handle: int) -> os.stat_result:
        found = genuine(handle)
        return os.stat_result((*found[:4], found.st_uid + 1, found.st_gid, *found[6:])) if found.st_size else found

    def refused(_handle: int, user: int, group: int) -> None:
        asked.append((user, group))
        if user != -1:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fstat", of_another)
    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(os, "access", lambda *_args, **_options: True)
    with (root / "a.yaml").open("rb+") as file:
        handle = file.fileno()
        writer._give(handle, os.stat_result((*status[:4], status.st_uid, status.st_gid, *status[6:])))
    assert asked == [(status.st_uid, status.st_gid), (-1, status.st_gid)]
    assert stat.S_IMODE((root / "a.yaml").stat().st_mode) == 0o755


def test_a_file_that_changed_since_it_was_read_is_refused_and_the_others_go_on(root: Path) -> None:
    (root / "a.yaml").write_bytes(b"mine\n")
    failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER), "deep/b.yaml": (BEFORE, AFTER)})
    assert failed == [Failed("a.yaml", "not written: it has changed since it was read; run again")]
    assert (root / "a.yaml").read_bytes() == b"mine\n"
    assert (root / "deep" / "b.yaml").read_bytes() == AFTER


def test_a_file_that_changes_while_its_successor_is_written_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = os.fsync

    def meanwhile(handle: int) -> None:
        (root / "a.yaml").write_bytes(BEFORE + b"# mine\n")
        genuine(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    assert [failed.path for failed in write_all(str(root), {"a.yaml": (BEFORE, AFTER)})] == ["a.yaml"]
    assert (root / "a.yaml").read_bytes() == BEFORE + b"# mine\n"


def test_a_file_that_is_gone_is_refused(root: Path) -> None:
    (root / "a.yaml").unlink()
    (root / "deep" / "b.yaml").unlink()
    (root / "deep").rmdir()
    failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER), "deep/b.yaml": (BEFORE, AFTER)})
    message = "not written: no such file or folder"
    assert failed == [Failed("a.yaml", message), Failed("deep/b.yaml", message)]
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_a_read_only_file_is_refused_by_its_mode_whoever_runs(root: Path, mode: int) -> None:
    (root / "a.yaml").chmod(mode)
    failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER), "deep/b.yaml": (BEFORE, AFTER)})
    assert failed == [Failed("a.yaml", f"not written: it is read-only (mode {mode:04o}); `chmod u+w` it first")]
    assert (root / "a.yaml").read_bytes() == BEFORE
    assert (root / "deep" / "b.yaml").read_bytes() == AFTER


def test_a_file_that_this_user_may_not_write_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_args, **_options: False)
    failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER)})
    assert failed == [Failed("a.yaml", "not written: its owner and mode do not let this user write it")]


def test_a_file_that_became_a_link_is_refused_and_its_target_untouched(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_bytes(BEFORE)
    (root / "a.yaml").unlink()
    (root / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER)})
    assert failed == [Failed("a.yaml", "not written: it has become a symbolic link")]
    assert (tmp_path / "outside.yaml").read_bytes() == BEFORE


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_regular_file_any_more_is_refused_without_waiting(root: Path, kind: str) -> None:
    (root / "a.yaml").unlink()
    if kind == "pipe":
        os.mkfifo(root / "a.yaml")
    else:
        (root / "a.yaml").mkdir()
    failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER)})
    assert [failure.path for failure in failed] == ["a.yaml"]
    assert failed[0].message.startswith("not written: ")


@pytest.mark.parametrize("path", ["out/b.yaml", "out/deeper/b.yaml", "../outside/b.yaml"])
def test_nothing_is_written_outside_the_root(root: Path, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside" / "deeper").mkdir(parents=True)
    for folder in ("outside", "outside/deeper"):
        (tmp_path / folder / "b.yaml").write_bytes(BEFORE)
    (root / "out").symlink_to(tmp_path / "outside")
    (failed,) = write_all(str(root), {path: (BEFORE, AFTER)})
    assert failed.message.startswith("not written: a symbolic link in its path leads out to ")
    assert (tmp_path / "outside" / "b.yaml").read_bytes() == BEFORE
    assert (tmp_path / "outside" / "deeper" / "b.yaml").read_bytes() == BEFORE


def test_a_root_that_is_a_link_itself_is_written_below(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert write_all(str(tmp_path / "link"), {"deep/b.yaml": (BEFORE, AFTER)}) == []
    assert (root / "deep" / "b.yaml").read_bytes() == AFTER


@pytest.mark.parametrize("step", ["write", "fchmod", "fsync", "rename"])
@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), PermissionError(13, "Permission denied")])
def test_a_refusal_of_the_system_at_any_step_leaves_the_old_file(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: OSError
) -> None:
    with monkeypatch.context() as patch:
        fails(patch, step, fault)
        if step == "fsync":
            patch.setattr(writer, "_sync_folder", lambda _folder: None)
        failed = write_all(str(root), {"a.yaml": (BEFORE, AFTER), "deep/b.yaml": (BEFORE, AFTER)})
    message = f"not written: {fault.strerror}"
    assert failed == [Failed("a.yaml", message), Failed("deep/b.yaml", message)]
    assert (root / "a.yaml").read_bytes() == BEFORE


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
@pytest.mark.parametrize("fault", [MemoryError(), KeyboardInterrupt(), RuntimeError("a bug")])
def test_no_temporary_file_outlives_any_exception(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: BaseException
) -> None:
    fails(monkeypatch, step, fault)
    with pytest.raises(type(fault)):
        write_all(str(root), {"a.yaml": (BEFORE, AFTER)})
    monkeypatch.undo()
    assert (root / "a.yaml").read_bytes() == BEFORE


def test_a_file_system_that_cannot_sync_folders_is_no_obstacle(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = os.fsync

    def of_files_only(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        genuine(handle)

    monkeypatch.setattr(os, "fsync", of_files_only)
    assert write_all(str(root), {"a.yaml": (BEFORE, AFTER)}) == []


def test_a_short_write_is_carried_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: genuine(handle, bytes(data)[:3]))
    assert write_all(str(root), {"a.yaml": (BEFORE, AFTER)}) == []
    assert (root / "a.yaml").read_bytes() == AFTER


def test_names_of_any_bytes_can_be_written(root: Path) -> None:
    name = os.fsdecode(b"\xff \n\x80.yaml")
    (root / name).write_bytes(BEFORE)
    assert write_all(str(root), {name: (BEFORE, AFTER)}) == []
    assert (root / name).read_bytes() == AFTER


def test_the_old_file_is_what_others_read_until_the_new_one_is_whole(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    genuine = os.rename

    def looking(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        seen.append((root / "a.yaml").read_bytes())
        genuine(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "rename", looking)
    assert write_all(str(root), {"a.yaml": (BEFORE, AFTER)}) == []
    assert seen == [BEFORE]


def test_handlers_are_given_back(root: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    write_all(str(root), {"a.yaml": (BEFORE, AFTER)})
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_another_thread_can_write_too(root: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(write_all, str(root), {"a.yaml": (BEFORE, AFTER)}).result() == []
    assert (root / "a.yaml").read_bytes() == AFTER


CHILD = """
import os, sys, time
from codemod import writer

came, note, fsync, calls = [], writer._Signals.note, os.fsync, []

def noting(self, *arguments):
    note(self, *arguments)
    came.append(arguments)

def waiting(handle):
    calls.append(handle)
    if len(calls) == 3:
        print("ready", flush=True)
        deadline = time.monotonic() + 20
        while not came and time.monotonic() < deadline:
            time.sleep(0.005)
    fsync(handle)

writer._Signals.note, os.fsync = noting, waiting
before = b"image: web:dev\\n"
try:
    writer.write_all(sys.argv[1], {f"{n}.yaml": (before, b"new\\n") for n in range(9)})
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)], ids=str
)
def test_a_signal_in_the_middle_leaves_whole_files_only(tmp_path: Path, number: int, code: int) -> None:
    for n in range(9):
        (tmp_path / f"{n}.yaml").write_bytes(b"image: web:dev\n")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        assert len(leftovers(tmp_path)) == 1
        child.send_signal(number)
        child.wait(30)
    assert child.returncode == code
    texts = [(tmp_path / f"{n}.yaml").read_bytes() for n in range(9)]
    assert texts == [b"new\n"] * 2 + [b"image: web:dev\n"] * 7


def test_an_ignored_signal_stays_ignored(root: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        write_all(str(root), {"a.yaml": (BEFORE, AFTER)})
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_new_report_has_the_mode_that_the_user_gives_new_files(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_report(str(tmp_path / "report.md"), "# Report\n")
    finally:
        os.umask(mask)
    assert (tmp_path / "report.md").read_text() == "# Report\n"
    assert stat.S_IMODE((tmp_path / "report.md").stat().st_mode) == 0o640


def test_an_older_report_is_replaced_and_an_equal_one_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("old\n")
    path.chmod(0o600)
    first = path.stat().st_ino
    write_report(str(path), "old\n")
    assert path.stat().st_ino == first
    write_report(str(path), "new\n")
    assert path.read_text() == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_report_behind_a_link_is_written_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old\n")
    (tmp_path / "report.md").symlink_to("real.md")
    (tmp_path / "later.md").symlink_to("new.md")
    write_report(str(tmp_path / "report.md"), "new\n")
    write_report(str(tmp_path / "later.md"), "new\n")
    assert (tmp_path / "report.md").is_symlink()
    assert (tmp_path / "real.md").read_text() == (tmp_path / "new.md").read_text() == "new\n"


def test_a_report_can_go_into_a_pipe_or_nowhere(tmp_path: Path) -> None:
    read, write = os.pipe()
    write_report(f"/dev/fd/{write}", "# Report\n")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read() == b"# Report\n"
    write_report("/dev/null", "# Report\n")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("case", ["no such folder", "a folder", "read-only"])
def test_a_report_that_cannot_be_written_is_one_clear_line(tmp_path: Path, case: str) -> None:
    path = tmp_path / ("missing/report.md" if case == "no such folder" else "report.md")
    if case == "a folder":
        path.mkdir()
    elif case == "read-only":
        path.write_text("old\n")
        path.chmod(0o444)
    with pytest.raises(WriteError) as caught:
        write_report(str(path), "# Report\n")
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
