"""The judge accepts what is planned and nothing else."""

from __future__ import annotations

import pytest
from work import calls, grows_linearly

from codemod.edits import Edit, apply
from codemod.judge import fault
from codemod.source import BOM, Source
from codemod.tokens import MAX_DEPTH


def judged(before: str | bytes, *changes: tuple[str, str], language: str = "yaml") -> str | None:
    """The judge's word on replacing texts (each found behind the one before it) by others."""
    data = before.encode() if isinstance(before, str) else before
    edits, at = [], 0
    for old, new in changes:
        start = data.index(old.encode(), at)
        at = start + len(old.encode())
        edits.append(Edit(start, at, new.encode()))
    return fault(Source("a.yaml", data, language), apply(data, edits), edits)


DIGEST = "@sha256:00"
PLANNED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a tag at the end of a plain scalar": ("a: x:main\nb: c\n", [(":main", DIGEST)]),
    "a tag within quotes": ("a: 'x:main' # why\nb: c\n", [(":main", DIGEST)]),
    "text behind a scalar of a flow": ("[x,y]\n", [("x", f"x{DIGEST}")]),
    "a key and its value": ("{tag: main, b: c}\n", [("tag", "digest"), ("main", "sha256:00")]),
    "nothing filled": ("a:\nb: c\n", [("a:", "a: x")]),
    "nothing of a flow filled": ("{a: , b: c}\n", [("a:", "a: x")]),
    "an entry less": ("a: 1\ntag: x\nb: c\n", [("tag: x\n", "")]),
    "an entry of a flow less": ("{a: 1, tag: x, b: c}\n", [("tag: x, ", "")]),
    "the last entry of a flow less": ("{a: 1, tag: x}\n", [(", tag: x", "")]),
    "an empty entry less": ("a: 1\ntag: \nb: c\n", [("tag: \n", "")]),
    "an entry more": ("a: x\nb: c\n", [("\nb", "\ndigest: y\nb")]),
    "an entry more in a flow": ("{a: x, b: c}\n", [(", b", ", digest: y, b")]),
    "an entry more of a flow, with entries of its own": (
        "{a: {b: 1}, c: d}\n",
        [("{a: {b: 1}", "{a: {b: 1}"), ("", ", e: {f: [g]}")],
    ),
    "an alias replaced": ("a: &x y\nb: *x\nc: d\n", [("*x", "z")]),
    "an anchored scalar, still anchored": ("a: &x main\nb: *x\n", [("main", "sha256:00")]),
    "the value behind anchor and tag": ("a: &x !!str main\nb: *x\n", [("main", "new")]),
    "a word in a literal block": ("a: |\n  image: x:main\n  b: c\nd: e\n", [(":main", DIGEST)]),
    "a word in a folded block": ("a: >\n  image:\n  x:main\n  b\nd: e\n", [(":main", DIGEST)]),
    "a word in a json string": ('a: "{\\"image\\": \\"x:main\\", \\"b\\": 1}"\n', [(":main", DIGEST)]),
    "a line of a block less": ("a: |\n  b: 1\n  tag: x\n  c: 2\nd: e\n", [("\n  tag: x", "")]),
    "the end of a tag, no line break behind": ("b: c\na: x:main", [(":main", DIGEST)]),
    "wide characters around": ("é: 名\na: x:main # 😀\nb: 😀\n", [(":main", DIGEST)]),
    "several documents": ("a: x:main\n---\nb: y:main\n---\nc: d\n", [(":main", DIGEST), (":main", DIGEST)]),
    "CRLF": ("a: x:main\r\nb: |\r\n  c\r\nd: e\r\n", [(":main", DIGEST)]),
    "a template": ("a: {{ .x }}\nb: x:main\n{{ if .y }}\nc: d\n{{ end }}\n", [(":main", DIGEST)]),
    "a text that is gone altogether": ("a: 'x: y'\nb: c\n", [("x: y", "new")]),
    "a text in a document beside a broken one": ("a: 'b\n---\nc: x:main\n", [(":main", DIGEST)]),
    "duplicate keys": ("a: x:main\na: y\n", [(":main", DIGEST)]),
    "a comment of its own line": ("a: b\ntag: x # why\nc: d\n", [("tag: x ", "")]),
    "a scalar in two pieces": ("a: reg/x:main\nb: c\n", [("reg", "REG"), (":main", DIGEST)]),
    "below a block without a last line break": ("a: |-\n  x\ntag: y", [("\ntag: y", "")]),
}  # fmt: skip


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize(("before", "changes"), PLANNED.values(), ids=PLANNED.keys())
def test_a_planned_edit_is_accepted(before: str, changes: list[tuple[str, str]], mark: str) -> None:
    assert judged(mark + before, *changes) is None


SABOTAGE: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a neighbour joined to the value": ("a: x\nb: c\n", [("\n", " ")]),
    "a neighbour swallowed by a comment": ("a: x:main\nb: c\n", [(":main\n", f"{DIGEST} # ")]),
    "a rest of a flow swallowed by a comment": ("{a: x, b: c\n}\n", [("x", "y #")]),
    "a neighbour prolonged by what follows a new line": ("a: x\nb: c\n", [("\nb", " y\ndigest: z\nb")]),
    "a quote that opens": ("a: x\nb: 'c'\n", [("x", "'x")]),
    "a quote that closes": ("a: 'x'\nb: c\n", [("x", "x' y")]),
    "an indentation lost": ("a:\n  b: x\n  c: d\n", [("x\n  ", "y\n")]),
    "an indentation gained": ("a:\n  b:\n  c: d\n", [("\n  c", "\n    c")]),
    "a sequence item that changes its level": ("a:\n  - b: x\n  - c\n", [("x\n  ", "y\n    ")]),
    "a document more": ("a: x\nb: c\n", [("x\n", "x\n---\n")]),
    "a document less": ("a: x\n---\nb: c\n", [("---\n", "")]),
    "a document ended": ("a: x\nb: c\n", [("x\n", "x\n...\n")]),
    "a mapping out of a scalar": ("a: x\nb: c\n", [("x", "{y: z}")]),
    "a mapping that is closed by what follows": (
        "{a: {b: 1}, c: d}\n",
        [("{a: {b: 1}", "{a: {b: 1}"), ("", ", e: {f: g")],
    ),
    "an alias out of a scalar that nothing anchors": ("a: &x [y]\nb: c\n", [("&x", "&z")]),
    "an anchor lost that an alias needs": ("a: &x y\nb: *x\n", [("&x ", "")]),
    "an anchor renamed that an alias needs": ("a: &x y\nb: *x\n", [("&x", "&z")]),
    "an anchored entry removed that an alias needs": ("a: 1\nt: &x y\nb: *x\n", [("t: &x y\n", "")]),
    "an anchor that now stands for another node": ("a: &x y\nb: &z w\nc: *z\n", [("&x", "&z"), ("&z ", "")]),
    "an anchor that comes between": ("a: &x y\nb: w\nc: *x\n", [("w", "&x w")]),
    "a tag": ("a: !!str 1\nb: c\n", [("!!str", "!!int")]),
    "a block that ends early": ("a: |\n  b\n  c: 1\nd: e\n", [("  b", "  b\n z: 1")]),
    "a block's own last line break": ("a: |\n  x\ntag: y", [("\ntag: y", "")]),
    "a block that keeps one line more": ("a: |+\n  x\nb: c\n", [("\nb", "\n\nb")]),
    "chomping": ("a: |\n  x:main\nb: c\n", [("|", "|-")]),
    "no YAML any more": ("a: x\nb: c\n", [("x", "[")]),
    "a template where there was none": ("a: x\nb: [c]\n", [("x", "{{ .x }}")]),
    "indentation inside a block": ("a: |\n  b:\n    c: x:main\n    d: 1\ne: f\n", [(":main\n    ", f"{DIGEST}\n  ")]),
    "a key inside a json string": ('a: "{\\"b\\": \\"x:main\\", \\"c\\": 1}"\n', [("x:main", 'y\\", \\"c')]),
    "a comment inside a block": ("a: |\n  b: x\n  c: 1\ne: f\n", [("x\n  ", "x # ")]),
    "an indentation doubled inside a block": ("a: |\n  b: 1\n  tag: x\n  c: 1\nd: e\n", [("tag: x\n", "")]),
    "a fold around a line": ("a: >\n  b\n  x:main\n  c\nd: e\n", [("x:main", " x")]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "changes"), SABOTAGE.values(), ids=SABOTAGE.keys())
def test_an_edit_that_reaches_further_is_refused(before: str, changes: list[tuple[str, str]]) -> None:
    assert judged(before, *changes) is not None


@pytest.mark.parametrize(
    "edit", [Edit(0, 0, b"\n"), Edit(2, 3, b"  "), Edit(12, 12, b" # why"), Edit(17, 17, b"\n# end")]
)
def test_an_edit_of_blanks_and_comments_changes_nothing(edit: Edit) -> None:
    data = b"a: x\nb: &c d\ne: f"
    assert fault(Source("a.yaml", data, "yaml"), apply(data, [edit]), [edit]) is None


@pytest.mark.parametrize(("data", "at"), [(b"a: x\nb: c\n", 4), (b"[x,y]\n", 2), (b"[y,x]\n", 4), (b"b: c\na: x", 9)])
def test_text_right_behind_a_scalar_prolongs_it(data: bytes, at: int) -> None:
    edit = Edit(at, at, DIGEST.encode())
    assert fault(Source("a.yaml", data, "yaml"), apply(data, [edit]), [edit]) is None


def test_a_neighbour_of_an_edit_is_still_compared() -> None:
    """The bytes are those of one plan, the edits that are owned up to those of a smaller one."""
    data, after = b"[aa,bb,cc]\n", b"[aX,YY,cc]\n"
    assert fault(Source("a.yaml", data, "yaml"), after, [Edit(4, 6, b"YY")]) is not None
    assert fault(Source("a.yaml", data, "yaml"), b"[aa,YY,cc]\n", [Edit(4, 6, b"YY")]) is None
    data, after = b"a: x\nb: y\n", b"a: X\nb: z\n"
    for owned in ([Edit(3, 4, b"X")], [Edit(8, 9, b"z")]):
        assert fault(Source("a.yaml", data, "yaml"), after, owned) is not None


def test_other_languages_are_not_judged() -> None:
    assert judged("a: x\n", ("x", "["), language="go") is None


def test_what_ruamel_yaml_cannot_read_is_left_to_the_second_plan() -> None:
    assert judged("a: x:main\nb: c\td\n\n", (":main", DIGEST)) is None


def test_a_document_that_did_not_change_is_not_read_again() -> None:
    def judge_one_of_two(size: int) -> None:
        big = "k: v\n" * size
        assert judged(f"a: x:main\n---\n{big}", (":main", DIGEST)) is None

    judge_one_of_two(1)
    assert calls(lambda: judge_one_of_two(10_000)) < 1.1 * calls(lambda: judge_one_of_two(1_000))


@pytest.mark.parametrize("level", [("[", "]"), ("- ", ""), ("{a: ", "}")], ids=["flow", "block", "mappings"])
def test_what_is_nested_too_deep_takes_little_work(level: tuple[str, str]) -> None:
    def judge_nested(depth: int) -> None:
        assert judged(level[0] * depth + "x" + level[1] * depth + "\n", ("x", "y")) is None

    assert grows_linearly(judge_nested, 2_000)


def test_what_is_nested_deep_is_still_judged() -> None:
    deep = MAX_DEPTH - 20
    data = b"[" * deep + b"x, z" + b"]" * deep + b"\n"
    assert judged(data, ("x", "y")) is None
    assert judged(data, ("x", "y #")) is not None


def test_many_edits_are_judged_in_linear_work() -> None:
    def judge_edits(size: int) -> None:
        line = "k{}: {{image: a/b:main, pullPolicy: Always}} # é\n"
        changes = [("a/b:main", "a/b@sha256:00")] * size
        assert judged("".join(map(line.format, range(size))), *changes) is None

    assert grows_linearly(judge_edits, 200)


def test_a_byte_order_mark_that_is_lost_is_seen_by_nobody_but_moves_nothing() -> None:
    data = BOM + b"a: x\nb: c\n"
    assert fault(Source("a.yaml", data, "yaml"), data[3:], [Edit(0, 3, b"")]) is None
