"""A patch that `git apply` takes byte for byte.

Format and path quoting follow Git's `diff.c` and `quote.c`: `a/` and `b/` names, C-style quotes around a name with
controls, quotes, backslashes or bytes from 0x7F on, a tab after an unquoted name with spaces in the `---` and `+++`
lines. Lines end at LF only; a carriage return belongs to its line. New and deleted files and modes do not occur.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

CONTEXT = 3
_ESCAPES = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_BOLD, _CYAN, _RED, _GREEN, _RESET = b"\x1b[1m", b"\x1b[36m", b"\x1b[31m", b"\x1b[32m", b"\x1b[m"
_COLORS = {b"diff": _BOLD, b"---": _BOLD, b"+++": _BOLD, b"@@": _CYAN, b"-": _RED, b"+": _GREEN}


class Region(NamedTuple):
    """Lines `[a1, a2)` of the old text become lines `[b1, b2)` of the new one (0-based)."""

    a1: int
    a2: int
    b1: int
    b2: int


def unified(files: Mapping[str, tuple[bytes, bytes]], prefix: str = "", color: bool = False) -> bytes:
    """The patch from before to after of all files, sorted by path; unchanged files are absent.

    `prefix` is the way from the repository's root to the folder that the paths are relative to (`""` or `apps/web`).
    Coloured output is for people, `git apply` wants none.
    """
    folder = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    patches = (
        _patch((folder + path).encode("utf-8", "surrogateescape"), *files[path], color=color)
        for path in sorted(files)
        if files[path][0] != files[path][1]
    )
    return b"".join(patches)


def _patch(path: bytes, before: bytes, after: bytes, *, color: bool) -> bytes:
    old, new = _lines(before), _lines(after)
    a, b = _quoted(b"a/" + path), _quoted(b"b/" + path)
    tab = b"\t" if b" " in path and not a.startswith(b'"') else b""
    rows = [
        (b"diff", b"diff --git %s %s\n" % (a, b)),
        (b"---", b"--- %s%s\n" % (a, tab)),
        (b"+++", b"+++ %s%s\n" % (b, tab)),
    ]
    for hunk in _hunks(_regions(old, new)):
        rows += _hunk(hunk, old, new)
    return b"".join(_painted(kind, line) for kind, line in rows) if color else b"".join(line for _, line in rows)


def _hunk(regions: Sequence[Region], old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The rows of one hunk, each with its kind (`@@`, `-`, `+` or a space)."""
    lead = min(CONTEXT, regions[0].a1)
    trail = min(CONTEXT, len(old) - regions[-1].a2)
    a1, a2 = regions[0].a1 - lead, regions[-1].a2 + trail
    b1, b2 = regions[0].b1 - lead, regions[-1].b2 + trail
    yield b"@@", b"@@ -%s +%s @@\n" % (_range(a1, a2), _range(b1, b2))
    at = a1
    for region in regions:
        yield from _rows(b" ", old[at : region.a1])
        yield from _rows(b"-", old[region.a1 : region.a2])
        yield from _rows(b"+", new[region.b1 : region.b2])
        at = region.a2
    yield from _rows(b" ", old[at:a2])


def _rows(sign: bytes, lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for line in lines:
        yield sign, sign + (line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n")


def _range(start: int, end: int) -> bytes:
    """`start,count` as hunks have it: 1-based, the line before for an empty range, no count for one line."""
    count = end - start
    if count == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if count else start, count)


def _hunks(regions: Iterable[Region]) -> Iterator[list[Region]]:
    """Regions whose contexts touch belong to one hunk."""
    group: list[Region] = []
    for region in regions:
        if group and region.a1 - group[-1].a2 > 2 * CONTEXT:
            yield group
            group = []
        group.append(region)
    if group:
        yield group


def _regions(old: Sequence[bytes], new: Sequence[bytes]) -> list[Region]:
    """What differs, in order. Common ends are cut first; edits that keep the number of lines are compared in place."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if not a or not b:
        return [Region(head, head + len(a), head, head + len(b))] if a or b else []
    return [Region(*(at + head for at in region)) for region in _in_place(a, b) or _matched(a, b)]


def _in_place(a: Sequence[bytes], b: Sequence[bytes]) -> list[Region]:
    """The differing runs of two texts of as many lines; nothing if they differ in count or nearly everywhere."""
    if len(a) != len(b):
        return []
    differing = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(differing) > max(CONTEXT, len(a) // 2):
        return []
    runs: list[Region] = []
    for i in differing:
        if runs and runs[-1].a2 == i:
            runs[-1] = Region(runs[-1].a1, i + 1, runs[-1].b1, i + 1)
        else:
            runs.append(Region(i, i + 1, i, i + 1))
    return runs


def _matched(a: Sequence[bytes], b: Sequence[bytes]) -> list[Region]:
    from difflib import SequenceMatcher

    return [Region(*span) for tag, *span in SequenceMatcher(None, a, b).get_opcodes() if tag != "equal"]


def _lines(data: bytes) -> list[bytes]:
    """The lines with their LF; the last one may lack it."""
    pieces = data.split(b"\n")
    last = pieces.pop()
    lines = [piece + b"\n" for piece in pieces]
    return [*lines, last] if last else lines


def _quoted(name: bytes) -> bytes:
    """The name as Git prints it with `core.quotePath` on."""
    if not any(byte < 32 or byte > 126 or byte in (34, 92) for byte in name):
        return name
    return b'"%s"' % b"".join(map(_escaped, name))


def _escaped(byte: int) -> bytes:
    if byte in _ESCAPES:
        return b"\\" + _ESCAPES[byte]
    return b"\\%03o" % byte if byte < 32 or byte > 126 else bytes((byte,))


def _painted(kind: bytes, row: bytes) -> bytes:
    color = _COLORS.get(kind)
    if color is None:
        return row
    text, newline, rest = row.partition(b"\n")
    body = text.removesuffix(b"\r")
    return color + body + _RESET + text[len(body) :] + newline + rest
