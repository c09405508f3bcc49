"""The patch: `git apply` makes of every file exactly what the run would."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.reports.diff import unified

Files = dict[str, tuple[bytes, bytes]]


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True).stdout


def applied(files: Files, prefix: str = "") -> dict[str, bytes]:
    """The files after `git apply` of their patch to a repository that holds them as before."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        git(root, "init", "-q")
        for path, (before, _) in files.items():
            (root / prefix / path).parent.mkdir(parents=True, exist_ok=True)
            (root / prefix / path).write_bytes(before)
        patch = unified(files, prefix)
        if patch:
            git(root, "apply", "--whitespace=nowarn", "-", stdin=patch)
        return {path: (root / prefix / path).read_bytes() for path in files}


def wanted(files: Files) -> dict[str, bytes]:
    return {path: after for path, (_, after) in files.items()}


def test_unchanged_files_are_not_in_the_patch() -> None:
    assert unified({}) == b""
    assert unified({"a": (b"x\n", b"x\n"), "b": (b"", b"")}) == b""


def test_the_patch_reads_as_gits_own() -> None:
    before = b"".join(b"line %d\n" % i for i in range(1, 10))
    after = before.replace(b"line 5\n", b"line five\n")
    assert unified({"values.yaml": (before, after)}, "apps/web") == (
        b"diff --git a/apps/web/values.yaml b/apps/web/values.yaml\n"
        b"--- a/apps/web/values.yaml\n"
        b"+++ b/apps/web/values.yaml\n"
        b"@@ -2,7 +2,7 @@\n"
        b" line 2\n line 3\n line 4\n-line 5\n+line five\n line 6\n line 7\n line 8\n"
    )


def test_hunks_whose_contexts_touch_are_one_and_others_are_two() -> None:
    lines = [b"%d\n" % i for i in range(20)]
    near, far = list(lines), list(lines)
    near[3] = near[10] = b"x\n"
    far[3] = far[11] = b"x\n"
    assert unified({"a": (b"".join(lines), b"".join(near))}).count(b"@@ -") == 1
    assert unified({"a": (b"".join(lines), b"".join(far))}).count(b"@@ -") == 2


def test_an_inserted_and_a_removed_line_show_as_one_line_each() -> None:
    before = b"".join(b"image%d:\n  tag: dev\n" % i for i in range(40))
    after = before.replace(b"image3:\n", b"image3:\n  digest: x\n").replace(b"image30:\n", b"")
    patch = unified({"a": (before, after)})
    assert [line for line in patch.splitlines()[3:] if line[:1] in b"+-"] == [b"+  digest: x", b"-image30:"]


def test_files_are_sorted_by_path() -> None:
    patch = unified({"b": (b"1", b"2"), "a": (b"1", b"2")})
    assert patch.index(b"a/a") < patch.index(b"a/b")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\r\ntag: dev\r\nb\r\n", b"a\r\ndigest: x\r\nb\r\n"),
        (b"a\r\ntag: dev\nb\r\n", b"a\r\ndigest: x\nb\r\n"),
        (b"a\rtag: dev\rb", b"a\rdigest: x\rb"),
        (b"\xef\xbb\xbftag: dev\n", b"\xef\xbb\xbfdigest: x\n"),
        (b"\xff\xfe caf\xe9\ntag: dev\n", b"\xff\xfe caf\xe9\ndigest: x\n"),
        (b"a\ntag: dev", b"a\ndigest: x"),
        (b"tag: dev\na", b"digest: x\na"),
        (b"a\n", b"a"),
        (b"a", b"a\n"),
        (b"a\r\n", b"a\r"),
        (b"tag: dev  \t\n\n\n", b"digest: x \t\n\n\n"),
        (b"x\n" * 50 + b"y\n", b"z\n" + b"x\n" * 50),
        (b"a\x0cb\x1cc\x85d\ntag: dev\n", b"a\x0cb\x1cc\x85d\ndigest: x\n"),
    ],
    ids=[
        *("CRLF", "mixed line endings", "lone CR", "BOM", "not UTF-8", "no final newline", "context without newline"),
        *("final newline removed", "final newline added", "LF of CRLF removed", "trailing blanks", "rotated"),
        "other separators",
    ],
)
def test_git_apply_takes_it_byte_for_byte(before: bytes, after: bytes) -> None:
    files = {"f": (before, after)}
    assert applied(files) == wanted(files)


@pytest.mark.parametrize(
    "path",
    [
        *("with space.yaml", 'quo"te.yaml', "ta\tb.yaml", "back\\slash.yaml", "ümlaut-日本.yaml", "new\nline.yaml"),
        *("a b/c d.yaml", "both ü and space.yaml", "pipe|star*.yaml", "-dash.yaml", "del\x7f.yaml", " lead", "trail "),
        *("b/a/b.yaml", "x b/x"),
    ],
)
def test_git_apply_finds_any_path(path: str) -> None:
    files = {path: (b"tag: dev\n", b"digest: x\n")}
    assert applied(files) == wanted(files)
    assert applied(files, "sub folder/x") == wanted(files)


def test_names_are_quoted_as_git_quotes_them(tmp_path: Path) -> None:
    names = ["with space", 'quo"te', "ta\tb", "ümlaut", "plain", "back\\slash", "bell\x07\x7f"]
    git(tmp_path, "init", "-q")
    for name in names:
        (tmp_path / name).write_bytes(b"a\n")
    git(tmp_path, "add", ".")
    for name in names:
        (tmp_path / name).write_bytes(b"b\n")
    ours = unified(dict.fromkeys(names, (b"a\n", b"b\n")))
    theirs = git(tmp_path, "diff", "--no-color", "--no-ext-diff")
    assert sorted(ours.splitlines()) == sorted(x for x in theirs.splitlines() if not x.startswith(b"index "))


def test_a_path_that_is_no_utf_8_keeps_its_bytes() -> None:
    assert b'"a/caf\\351"' in unified({"caf\udce9": (b"a", b"b")})


LINE = st.sampled_from(
    [b"a", b"b", b"tag: dev", b"  tag: dev", b"", b"\r", b"x\r", b"\ry", b"\xff", b"@@ -1 +1 @@", b"-"]
)


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A text and the same with a few lines replaced, removed or inserted; either may lack its last line feed."""
    old = draw(st.lists(LINE, max_size=30))
    new = list(old)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(new)))
        new[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINE, max_size=2))
    ends = st.sampled_from([b"", b"\n"])
    return b"\n".join(old) + draw(ends), b"\n".join(new) + draw(ends)


@given(st.lists(edited(), min_size=12, max_size=12))
def test_git_apply_makes_the_text_after_of_any_text_before(pairs: list[tuple[bytes, bytes]]) -> None:
    files = {f"f{number}": pair for number, pair in enumerate(pairs)}
    assert applied(files) == wanted(files)


def test_an_edit_line_by_line_anywhere_needs_no_search() -> None:
    lines = [b"  key%d: value\n" % (i % 50) for i in range(6000)]
    after = list(lines)
    after[0] = after[3000] = after[-1] = b"digest: x\n"
    files = {"big.yaml": (b"".join(lines), b"".join(after))}
    start = time.process_time()
    patch = unified(files)
    assert time.process_time() - start < 0.5
    assert patch.count(b"@@ -") == 3
    assert applied(files) == wanted(files)


def test_a_text_that_is_new_throughout_is_still_right() -> None:
    files = {"f": (b"".join(b"%d\n" % i for i in range(50)), b"".join(b"%d\n" % i for i in range(49, -1, -1)))}
    assert applied(files) == wanted(files)


def test_colour_only_adds_escapes() -> None:
    files = {"a b": (b"x\r\ny\nlast", b"x\r\nz\r\nlast\n")}
    plain, colored = unified(files), unified(files, color=True)
    for escape in (b"\x1b[1m", b"\x1b[36m", b"\x1b[31m", b"\x1b[32m", b"\x1b[m"):
        assert escape in colored
        colored = colored.replace(escape, b"")
    assert colored == plain
    assert b"\x1b" not in plain
    assert b"\x1b[32m+z\x1b[m\r\n" in unified(files, color=True)
