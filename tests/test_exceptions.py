"""Dated exceptions: in the configuration and in comments, what they excuse, and what of them rots."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from click.testing import Result
from moving import call
from proving import write

from codemod.config import Allowance, Config
from codemod.exceptions import Exceptions, in_comments
from codemod.source import Source

TODAY = "2026-11-26"
DAY = datetime.date.fromisoformat(TODAY)
WHY = 'until=2027-01-31 reason="no build yet" owner=team-web'
POD = "kind: Pod\nspec:\n  containers:\n    - name: a\n      image: acme/a:dev{}\n"
POD += "    - name: b\n      image: acme/b:dev\n"
ALLOW = "allow:\n  - {{path: '{path}', image: '{image}', code: '{code}', reason: r, owner: o, expires: {expires}}}\n"


def check(root: Path, *arguments: str) -> Result:
    return call("check", "--date", TODAY, *arguments, str(root))


def found(result: Result) -> list[tuple[str, int, str]]:
    lines = re.findall(r"^(\S+?):(\d+):\d+: (UF\d+)", result.stdout, re.MULTILINE)
    return [(path, int(line), code) for path, line, code in lines]


def allow(path: str = "a.yaml", image: str = "**", code: str = "UF001", expires: str = "2027-01-31") -> str:
    return ALLOW.format(path=path, image=image, code=code, expires=expires)


def comments(text: str, language: str = "yaml") -> list[tuple[int, int | None, str]]:
    """The line, the covered line, and the code or the fault of every exception in a text."""
    excuses = in_comments(Source("x", text.encode(), language))
    return [(e.line, e.covers, e.allowance.code if e.allowance else e.fault) for e in excuses]


def test_a_comment_excuses_its_own_line_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": POD.format(f" # unfloat: allow[UF001] {WHY}")})
    assert found(check(tmp_path)) == [("a.yaml", 7, "UF001")]


def test_a_comment_alone_on_its_line_excuses_the_next(tmp_path: Path) -> None:
    text = POD.format("").replace("      image: acme/a", f"      # unfloat: allow[UF001] {WHY}\n      image: acme/a")
    write(tmp_path, {"a.yaml": text})
    assert found(check(tmp_path)) == [("a.yaml", 8, "UF001")]


def test_a_run_leaves_what_a_comment_excuses_and_says_who_owns_it(tmp_path: Path) -> None:
    why = WHY.replace("2027-01-31", "2999-12-31")
    write(tmp_path, {"a.yaml": POD.format(f" # unfloat: allow[UF001] {why}")})
    digests = tmp_path / "digests.yaml"
    digests.write_text(f"acme/a:dev: sha256:{'1' * 64}\nacme/b:dev: sha256:{'2' * 64}\n")
    result = call("run", "--offline", "--digests", str(digests), "--report", "-", str(tmp_path))
    text = (tmp_path / "a.yaml").read_text()
    assert "acme/a:dev # unfloat" in text
    assert "acme/b@sha256:" in text
    assert re.search(r"team-web \| 2999-12-31 \| no build yet", result.stdout)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", f"# unfloat: allow[UF001] {WHY}\nFROM acme/a:dev\n"),
        ("main.go", f'package a\n\nvar image = "ghcr.io/acme/a:dev" // unfloat: allow[UF001] {WHY}\n'),
        ("a.py", f'IMAGE = "ghcr.io/acme/a:dev"  # unfloat: allow[UF001] {WHY}\n'),
        ("run.sh", f"#!/bin/sh\n# unfloat: allow[UF001] {WHY}\ndocker run --rm acme/a:dev\n"),
        ("a.ts", f'const image = "ghcr.io/acme/a:dev"; // unfloat: allow[UF001] {WHY}\n'),
        ("a.jsonnet", f'{{ image: "ghcr.io/acme/a:dev" }} // unfloat: allow[UF001] {WHY}\n'),
        ("main.tf", f'image = "ghcr.io/acme/a:dev" # unfloat: allow[UF001] {WHY}\n'),
        (".devcontainer/devcontainer.json", f'{{\n  "image": "acme/a:dev" // unfloat: allow[UF001] {WHY}\n}}\n'),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_a_comment_speaks_the_language_of_its_file(tmp_path: Path, path: str, text: str) -> None:
    write(tmp_path, {path: text})
    assert found(check(tmp_path)) == []
    write(tmp_path, {path: text.replace(f"unfloat: allow[UF001] {WHY}", "")})
    assert [code for _, _, code in found(check(tmp_path))] == ["UF001"]


def test_what_only_looks_like_a_comment_excuses_nothing() -> None:
    assert comments(f'image: "unfloat: allow[UF001] {WHY}"\n') == []
    assert comments(f"unfloat: allow[UF001] {WHY}\n") == []
    assert comments(f'x := "# unfloat: allow[UF001] {WHY}"\n', "go") == []
    assert comments(f"# unfloat: allow[UF001] {WHY}\n", "markdown") == []
    assert comments("# unfloat: read the docs\n") == []


def test_one_comment_may_name_several_codes_and_several_may_stand_above_a_line() -> None:
    text = f"# unfloat: allow[UF001, UF004] {WHY}\n# why\n\n# unfloat: allow[tag-only] {WHY}\nimage: a\n"
    assert comments(text) == [(1, 5, "UF001"), (1, 5, "UF004"), (4, 5, "tag-only")]


def test_a_comment_at_the_end_of_a_file_covers_nothing_but_itself() -> None:
    assert comments(f"image: a\n# unfloat: allow[UF001] {WHY}\n") == [(2, 2, "UF001")]


def test_the_comments_of_templates_count() -> None:
    assert comments(f"{{{{- /* unfloat: allow[UF001] {WHY} */}}}}\nimage: a\n") == [(1, 2, "UF001")]
    assert comments(f"\ufeff# unfloat: allow[UF001] {WHY}\r\nimage: a\r\n") == [(1, 2, "UF001")]


def test_quotes_within_a_reason_are_kept() -> None:
    text = r"""# unfloat: allow[UF001] until=2027-01-31 reason="the \"old\" one" owner='team web'"""
    (excuse,) = in_comments(Source("x", text.encode(), "yaml"))
    assert excuse.allowance is not None
    assert (excuse.allowance.reason, excuse.allowance.owner) == ('the "old" one', "team web")


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("allow", "names no code"),
        ("allow[]", "names no code"),
        ("allow[Floating]", "names no code"),
        ("allow[*] until=2027-01-31 reason=r owner=o", "names no code"),
        ("allow[UF001]", "lacks `until=` and `reason=` and `owner=`"),
        ("allow[UF001] until=2027-01-31 reason=' ' owner=o", "lacks `reason=`"),
        ("allow[UF001] until=soon reason=r owner=o", "has no date: `until=soon`"),
        ("allow[UF001] until=2027-02-30 reason=r owner=o", "has no date"),
        ("allow[UF001] until=20270131 reason=r owner=o", "has no date"),
        ("allow[UF001] until=2026-W53-5 reason=r owner=o", "has no date"),
        ("allow[UF001] until=2027-01-31 reason=r owner=o expires=2030-01-01", "has `expires=`, which means nothing"),
        ("allow[UF001] until=2027-01-31 reason=no build yet owner=o", "has `build` outside of its fields"),
        ("allow[UF001] until=2027-01-31 reason=r owner=team web", "has `web` outside of its fields"),
        ('allow[UF001] until=2027-01-31 reason="r" owner=o, unfloat: allow[UF004]', "has `unfloat:` outside"),
    ],
)
def test_a_comment_that_cannot_be_understood_is_a_violation_and_excuses_nothing(
    tmp_path: Path, comment: str, said: str
) -> None:
    write(tmp_path, {"a.yaml": POD.format(f" # unfloat: {comment}")})
    result = check(tmp_path)
    assert found(result) == [("a.yaml", 5, "UF013"), ("a.yaml", 5, "UF001"), ("a.yaml", 7, "UF001")]
    assert said in result.stdout


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("yaml", "image: a:dev # unfloat: allow[UF001] {} # and more"),
        ("yaml", "image: a:dev # unfloat: allow[UF001] {},"),
        ("helm-template", "{{{{/* unfloat: allow[UF001] {} */}}}} image: a:dev"),
        ("markdown", "<!-- unfloat: allow[UF001] {} --> a:dev"),
        ("go", 'x := "a:dev" // unfloat: allow[UF001] {} // nolint'),
        ("go", '/* unfloat: allow[UF001] {} */ x := "a:dev"'),
    ],
)
def test_what_stands_behind_a_comment_is_none_of_its_words(language: str, text: str) -> None:
    (excuse,) = in_comments(Source("x", text.format(WHY).encode(), language))
    assert excuse.fault == ""


def test_an_exception_of_the_configuration_is_shown_where_it_stands(tmp_path: Path) -> None:
    text = "# ours\n" + allow(expires="2026-11-25")
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": text})
    assert found(check(tmp_path))[0] == (".unfloat.yaml", 3, "UF007")


def test_an_exception_in_pyproject_is_shown_there(tmp_path: Path) -> None:
    entry = "path = 'a.yaml'\ncode = 'UF001'\nreason = 'r'\nowner = 'o'\nexpires = 2026-11-25\n"
    write(tmp_path, {"a.yaml": POD.format(""), "pyproject.toml": f"[[tool.unfloat.allow]]\n{entry}"})
    assert [(path, code) for path, _, code in found(check(tmp_path)) if path != "a.yaml"] == [
        ("pyproject.toml", "UF007")
    ]


def test_an_expired_comment_is_a_violation_beside_what_it_excused(tmp_path: Path) -> None:
    old = WHY.replace("2027-01-31", "2026-11-25")
    write(tmp_path, {"a.yaml": POD.format(f" # unfloat: allow[UF001] {old}")})
    assert found(check(tmp_path)) == [("a.yaml", 5, "UF007"), ("a.yaml", 5, "UF001"), ("a.yaml", 7, "UF001")]


def test_an_exception_holds_on_its_last_day(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow(expires=TODAY)})
    assert found(check(tmp_path)) == []


def test_an_exception_that_excuses_nothing_is_a_violation(tmp_path: Path) -> None:
    unused = f"image: acme/c@sha256:{'1' * 64} # unfloat: allow[UF001] {WHY}\n"
    write(tmp_path, {"c.yaml": unused, ".unfloat.yaml": allow(path="gone.yaml")})
    assert found(check(tmp_path)) == [(".unfloat.yaml", 2, "UF008"), ("c.yaml", 1, "UF008")]


def test_the_second_of_two_exceptions_for_one_place_is_of_no_use(tmp_path: Path) -> None:
    both = allow() + allow(image="**/acme/*").removeprefix("allow:\n")
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": both})
    assert found(check(tmp_path)) == [(".unfloat.yaml", 3, "UF008")]


@pytest.mark.parametrize("code", ["UF001", "digest-unknown", "*"])
def test_an_exception_is_of_use_by_the_violation_or_the_reason(tmp_path: Path, code: str) -> None:
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow(code=code)})
    assert found(check(tmp_path)) == []


@pytest.mark.parametrize("code", ["UF010", "proof-failed", "unsafe-edit"])
def test_what_was_not_looked_for_makes_no_exception_useless(tmp_path: Path, code: str) -> None:
    write(tmp_path, {"c.yaml": "a: b\n", ".unfloat.yaml": allow(code=code)})
    assert found(check(tmp_path)) == []


def test_a_check_of_some_transforms_calls_no_exception_useless(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow()})
    assert found(check(tmp_path, "--skip", "image-references")) == []


@pytest.mark.parametrize("path", ["**", "*", "**/*"])
def test_an_exception_for_everything_is_a_violation(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow(path=path)})
    assert found(check(tmp_path)) == [(".unfloat.yaml", 2, "UF011")]


@pytest.mark.parametrize(("path", "image"), [("**", "**/acme/*"), ("a.yaml", "**")])
def test_an_exception_that_names_files_or_images_is_narrow_enough(tmp_path: Path, path: str, image: str) -> None:
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow(path=path, image=image)})
    assert found(check(tmp_path)) == []


@pytest.mark.parametrize(
    ("days", "expires", "is_too_far"),
    [(None, "2027-02-24", False), (None, "2027-02-25", True), (10, "2026-12-06", False), (10, "2026-12-07", True)],
)
def test_no_exception_holds_longer_than_the_configuration_allows(
    tmp_path: Path, days: int | None, expires: str, is_too_far: bool
) -> None:
    limit = f"exception_days: {days}\n" if days else ""
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow(expires=expires) + limit})
    assert found(check(tmp_path)) == ([(".unfloat.yaml", 2, "UF012")] if is_too_far else [])


@pytest.mark.parametrize("limit", ["", "exception_days: 99999999999\n"])
def test_no_calendar_goes_beyond_the_year_9999(tmp_path: Path, limit: str) -> None:
    write(tmp_path, {"a.yaml": POD.format(""), ".unfloat.yaml": allow(expires="9999-12-31") + limit})
    assert found(call("check", str(tmp_path), "--date", "9999-12-31")) == []


def test_a_comment_counts_before_the_configuration() -> None:
    listed = Allowance(path="**", code="*", reason="listed", owner="o", expires=DAY)
    near = in_comments(Source("x", f"a # unfloat: allow[UF001] {WHY}\n".encode(), "yaml"))
    exceptions = Exceptions(Config(allow=(listed,)), DAY, near)
    reasons = [found.reason for line in (1, 2) if (found := exceptions.excusing("x", line, None, {"UF001"}))]
    assert reasons == ["no build yet", "listed"]
    assert exceptions.used == {0, 1}
