"""Templates that become digest-aware: what is edited, what stays, what comes out with and without a digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.charts.aware import image_expressions
from codemod.charts.functions.table import FUNCTIONS
from codemod.charts.interpret import Interpreter
from codemod.edits import apply
from codemod.formats.gotemplate import parse

NAME = "web/templates/x.yaml"
DIGEST = "sha256:" + 64 * "d"

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> dict[str, str]:
    """The cases of a file by their names: `=== name`, then the text."""
    _, *found = (CASES / name).read_text("utf-8").split("=== ")
    return {case.partition("\n")[0]: case.partition("\n")[2] for case in found}


LEFT_ALONE = cases("templates_left_alone.txt")
REWRITTEN = {name: case.split("--- becomes\n") for name, case in cases("templates_rewritten.txt").items()}


def rewritten(text: str) -> str:
    data = text.encode()
    found = image_expressions(data)
    return apply(data, [edit for expression in found for edit in expression.edits]).decode()


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_it_stays(text: str) -> None:
    assert rewritten(text) == text


@pytest.mark.parametrize(("before", "after"), REWRITTEN.values(), ids=REWRITTEN)
def test_it_becomes_digest_aware(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(("before", "after"), REWRITTEN.values(), ids=REWRITTEN)
def test_a_second_pass_finds_nothing(before: str, after: str) -> None:
    assert rewritten(after) == after


@pytest.mark.parametrize(("before", "after"), REWRITTEN.values(), ids=REWRITTEN)
@pytest.mark.parametrize("tag", ["main", "", None])
def test_without_a_digest_the_output_stays(before: str, after: str, tag: str | None) -> None:
    for digest in ("", None):
        assert output(after, tag, digest) == output(before, tag, digest)


@pytest.mark.parametrize(("before", "after"), REWRITTEN.values(), ids=REWRITTEN)
@pytest.mark.parametrize("tag", ["main", None])
def test_with_a_digest_it_decides(before: str, after: str, tag: str | None) -> None:
    assert f"web@{DIGEST}" in output(after, tag, DIGEST)
    assert "main" not in output(after, tag, DIGEST)
    assert DIGEST not in output(before, tag, DIGEST)


def output(text: str, tag: str | None, digest: str | None) -> str:
    image = {"repository": "web", "tag": tag, "digest": digest}
    values = {"image": image, "imageTag": tag, "imageDigest": digest, "x": [1.0], "flavour": "slim"}
    interpreter = Interpreter({NAME: parse(text.encode(), NAME)}, FUNCTIONS)
    rendered = interpreter.render(NAME, {"Values": values, "Chart": {"AppVersion": "1"}}, explores=False)
    assert not rendered.problems
    return rendered.text


def test_an_expression_says_what_it_reads_and_where_it_stands() -> None:
    text = b"image: web:{{ .Values.image.tag }}\n"
    (found,) = image_expressions(text)
    assert (found.tag, found.digest) == (".Values.image.tag", ".Values.image.digest")
    assert text[found.span.start : found.span.end] == b"web:{{ .Values.image.tag }}"
