"""The preview as a comment on a pull request: short, complete within GitHub's limit, and nothing in it is markup."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from moving import CHART, call
from proving import commit, git, write

from codemod.outcome import Changed, Failed, LeftAlone, Plan, Site
from codemod.reports.comment import LIMIT, comment

SITE = Site("web.yaml", 3, 8, "manifest", "image-maps")
PINNED = Changed(SITE, "image", "a", "b", ())
GITHUB = 65_536
POD = "kind: Pod\nspec:\n  containers:\n    - image: acme/{}:dev\n"
BOTH = ("--format", "markdown")


def plan_of(files: dict[str, tuple[bytes, bytes]]) -> Plan:
    return Plan(changed=(PINNED,) * len(files), files=files, scanned=len(files))


def lines(count: int, word: str = "x") -> bytes:
    return b"".join(b"%s %d\n" % (word.encode(), i) for i in range(count))


def test_nothing_to_do_is_said_in_one_sentence() -> None:
    assert comment(Plan(scanned=1204)) == "### unfloat preview\n\nNothing to change in 1,204 files.\n"


def test_a_small_change_is_shown_without_a_click() -> None:
    plan = plan_of({"web.yaml": (b"kind: Pod\nimage: a:dev\n", b"kind: Pod\nimage: a@sha256:1\n")})
    assert comment(plan, "apps/") == (
        "### unfloat preview\n\n"
        "**1 of 1 file would change:** 1 image pinned.\n\n"
        "<details open>\n<summary><code>apps/web.yaml</code> +1 -1</summary>\n\n"
        "```diff\n@@ -1,2 +1,2 @@\n kind: Pod\n-image: a:dev\n+image: a@sha256:1\n```\n\n</details>\n\n"
        "`unfloat preview` prints the whole diff, `unfloat run` carries it out.\n"
    )


def test_more_than_a_screen_is_folded() -> None:
    text = comment(plan_of({"a": (lines(30), lines(30, "y")), "b": (b"1\n", b"2\n")}))
    assert text.count("<details>") == text.count("</details>") == 2
    assert "<details open>" not in text


@pytest.mark.parametrize(("files", "outer"), [(10, 0), (11, 1)])
def test_many_files_are_folded_together(files: int, outer: int) -> None:
    text = comment(plan_of({f"{number:02}": (b"1\n", b"2\n") for number in range(files)}))
    assert text.count("<details") == text.count("</details>") == files + outer
    assert text.count("<summary>The diff of 11 files</summary>\n\n<details") == outer


def test_what_stays_is_counted_by_reason_and_what_failed_is_named() -> None:
    left = tuple(LeftAlone(SITE, "image", word, "x", "m") for word in ("docs", "digest-unknown", "digest-unknown"))
    text = comment(Plan(left=left, failed=(Failed("a|b`.yaml", "not permitted"),), scanned=2))
    assert "<summary>3 transitional entries would stay</summary>" in text
    assert text.index("| 2 | `digest-unknown` | No digest source") < text.index("| 1 | `docs` |")
    assert "1 file could not be read:\n" in text
    assert "| ``a\\|b`.yaml`` | `not permitted` |\n" in text


def test_of_many_failures_the_first_are_named() -> None:
    text = comment(Plan(failed=tuple(Failed(f"{i:03}.yaml", "gone") for i in range(500))))
    assert "500 files could not be read" in text
    assert text.count("`gone`") == 10


def test_unproven_changes_are_said() -> None:
    change = Changed(SITE, "image", "a", "b", (), unproven=True)
    text = comment(Plan(changed=(change,), files={"a": (b"1\n", b"2\n")}, scanned=1))
    assert "1 change **unproven**: read by charts outside this repository.\n" in text


@pytest.mark.parametrize("size", [1, 80, 5000])
@pytest.mark.parametrize("character", ["x", "ä", "🦑", "\x1b", "`"])
def test_no_diff_makes_it_too_long_however_characters_are_counted(size: int, character: str) -> None:
    files = {f"{i:05}.yaml": (b"", (character * 70 + "\n").encode() * (20_000 // size)) for i in range(size)}
    text = comment(plan_of(files))
    assert len(text) <= len(text.encode("utf-16-le")) / 2 <= len(text.encode()) <= LIMIT < GITHUB
    shown = text.count("<code>")
    missing = re.search(r"^\*\*([\d,]+) more files?\*\* would change", text, re.MULTILINE)
    assert shown + (int(missing[1].replace(",", "")) if missing else 0) == size
    assert shown


def test_a_long_diff_is_cut_and_leaves_room_for_the_next_file() -> None:
    text = comment(plan_of({"a": (lines(9000), lines(9000, "y")), "b": (b"1\n", b"2\n")}))
    (more,) = re.findall(r"^([\d,]+) more lines of this file\.$", text, re.MULTILINE)
    shown = text.partition("```diff\n")[2].partition("\n```\n")[0].count("\n") + 1
    assert shown + int(more.replace(",", "")) == 18_001
    assert "<code>a</code> +9,000 -9,000" in text
    assert "-1\n+2\n" in text


def test_a_file_whose_lines_are_endless_is_shown_in_part() -> None:
    text = comment(plan_of({"a.json": (b"x" * 90_000, b"y" * 90_000)}))
    assert f"-{'x' * 399}…\n" in text
    assert len(text) < 2000


def test_line_ends_and_controls_do_not_show() -> None:
    text = comment(plan_of({"a": (b"a: 1\r\n", "a: \x1b[31m\t\u202e2\r\n".encode())}))
    assert "-a: 1\n+a: \\x1b[31m\t\\u202e2\n" in text


HOSTILE = {
    "a fence": "```\n\n# heading\n\n@everyone ![x](https://example.com/x.png)\n",
    "a longer fence": "`````\n</details>\n<img src=x>\n",
    "a fence that is indented": "   ```\n<script>alert(1)</script>\n",
    "tildes": "~~~\n<img src=x>\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_of_a_diff_is_markup(text: str) -> None:
    """By CommonMark, on which GitHub's Markdown builds: one block of code a file, and no HTML but ours."""
    rendered = comment(plan_of({"a": (b"", text.encode()), "b": (text.encode(), b"")}))
    tokens = MarkdownIt("commonmark").parse(rendered)
    code = [token.content for token in tokens if token.type == "fence"]
    assert code == [
        f"@@ -0,0 +1,{text.count(chr(10))} @@\n" + re.sub("(?m)^(?!$)|^(?=\n)", "+", text),
        f"@@ -1,{text.count(chr(10))} +0,0 @@\n" + re.sub("(?m)^(?!$)|^(?=\n)", "-", text),
    ]
    html = [line for token in tokens if token.type == "html_block" for line in token.content.split("\n") if line]
    assert {re.sub(r">[ab]<", "><", line) for line in html} <= {
        *("<details open>", "</details>"),
        *(f"<summary><code></code> +{n} -{m}</summary>" for n, m in ((0, text.count("\n")), (text.count("\n"), 0))),
    }
    assert not any(token.type == "heading_open" and token.tag == "h1" for token in tokens)


def test_nothing_of_a_path_is_markup() -> None:
    text = comment(plan_of({"<b>&amp;`\n@acme/all.yaml": (b"1\n", b"2\n")}))
    assert "<summary><code>&lt;b&gt;&amp;amp;`\\n@acme/all.yaml</code> +1 -1</summary>\n" in text


def test_the_command_prints_it_with_paths_from_the_top_of_the_repository(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("root")
    write(root, {"apps/a.yaml": POD.format("a")})
    commit(root)
    digests = tmp_path_factory.mktemp("digests") / "digests.yaml"
    digests.write_text(f"acme/a:dev: sha256:{'1' * 64}\n")
    result = call("preview", *BOTH, "--digests", str(digests), str(root / "apps"))
    assert result.exit_code == 0
    assert "<code>apps/a.yaml</code> +1 -1" in result.stdout
    assert result.stderr.startswith("Would change 1 of 1 file: 1 image pinned.\n")
    assert call("preview", *BOTH, "--exit-code", "--digests", str(digests), str(root)).exit_code == 1
    nothing = call("preview", *BOTH, "--exit-code", str(root))
    assert (nothing.exit_code, "Nothing to change in 1 file." in nothing.stdout) == (0, True)


def test_a_preview_of_a_branch_shows_what_the_branch_touches(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("root")
    write(root, {**CHART, "env/dev/web.yaml": "image:\n  tag: dev\n", "a.yaml": POD.format("a")})
    write(root, {"b.yaml": POD.format("b")})
    commit(root)
    git(root, "branch", "trunk")
    digests = tmp_path_factory.mktemp("digests") / "digests.yaml"
    digests.write_text("".join(f"{name}:dev: sha256:{'1' * 64}\n" for name in ("acme/a", "acme/b", "ghcr.io/acme/web")))

    def shown() -> list[str]:
        result = call("preview", *BOTH, "--changed", "trunk", "--digests", str(digests), str(root))
        assert result.exit_code == 0
        return re.findall("<code>(.*?)</code>", result.stdout)

    assert shown() == []
    write(root, {"a.yaml": POD.format("a") + "# changed\n"})
    assert shown() == ["a.yaml"]
    write(root, {"charts/web/templates/pod.yaml": CHART["charts/web/templates/pod.yaml"] + "# changed\n"})
    assert shown() == ["a.yaml", "env/dev/web.yaml"]
    write(root, {".unfloat.yaml": CHART[".unfloat.yaml"] + "floating_tags: [dev]\n"})
    assert shown() == ["a.yaml", "b.yaml", "env/dev/web.yaml"]


@pytest.mark.parametrize("style", ["diff", "json"])
def test_the_other_forms_of_a_preview_know_the_branch_too(style: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("root")
    write(root, {"a.yaml": POD.format("a"), "b.yaml": POD.format("b")})
    commit(root)
    write(root, {"b.yaml": POD.format("b") + "# changed\n"})
    digests = tmp_path_factory.mktemp("digests") / "digests.yaml"
    digests.write_text(f"acme/a:dev: sha256:{'1' * 64}\nacme/b:dev: sha256:{'1' * 64}\n")
    result = call("preview", "--format", style, "--changed", "HEAD", "--digests", str(digests), str(root))
    assert ("a.yaml" in result.stdout, "b.yaml" in result.stdout) == (False, True)
    refused = call("preview", "--format", style, "--changed", "nowhere", str(root))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "nowhere: no commit of this repository" in refused.stderr
