"""The digest's row in the values tables of charts' READMEs."""

from __future__ import annotations

import pytest
from filetrees import check_tree
from test_chart_values import OVERLAY, TEMPLATE, chart

from codemod.registry import load

TRANSFORMS = load()
VALUES = ' image:\n   repository: ghcr.io/acme/web\n   tag: ""\n+  digest: ""\n'


def check(readme: str, values: str = VALUES, overlay: str = OVERLAY) -> None:
    check_tree(TRANSFORMS, chart(values, TEMPLATE, overlay) + f"# file: charts/web/README.md\n{readme}")


# --- left alone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "readme",
    [
        " Set image.tag to the tag | to run.\n",
        " | Key | Default |\n | --- | --- |\n | sidecar.image.tag | x |\n",
        " | Key | Default |\n | --- | --- |\n | image.tag | x |\n | image.digest | y |\n",
        " ```\n | Key | Default |\n | --- | --- |\n | image.tag | x |\n ```\n",
        " | image.tag | x |\n",
    ],
    ids=["prose", "another key", "a digest that is listed", "a code block", "a row without a header"],
)
@pytest.mark.surface("docs", left="tables without a row for the tag")
def test_it_stays(readme: str) -> None:
    check(readme)


def test_the_table_stays_where_the_tag_itself_gives_way() -> None:
    check(
        " | Key | Default |\n | --- | --- |\n | image.tag | main |\n",
        " image:\n   repository: ghcr.io/acme/web\n-  tag: main\n+  digest: <digest>\n",
        "",
    )


@pytest.mark.surface("docs", reported="nothing in values tables; templates say why a chart stays")
def test_a_page_that_describes_no_chart_stays() -> None:
    table = " | Key | Default |\n | --- | --- |\n | image.tag | x |\n"
    check_tree(TRANSFORMS, chart(VALUES) + f"# file: README.md\n{table}")


# --- added ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "readme",
    [
        """\
 | Parameter | Description | Default |
 |-----------|-------------|---------|
 | `image.tag` | Web image tag | `nil` |
+| `image.digest` | Web image digest; takes precedence over the tag | `""` |
 | `image.pullPolicy` | Pull policy | `Always` |
""",
        """\
 Key          | Type   | Default | Description
 ------------ | ------ | ------- | -----------
 image.tag    | string | main    | The tag
+image.digest | string | ""      | The digest; takes precedence over the tag
""",
        """\
 | Name                | Description                                         | Value |
 | ------------------- | --------------------------------------------------- | ----- |
 | `image.tag`         | Image tag (immutable tags are recommended, `a\\|b`)  | `""`  |
+| `image.digest`      | Image digest; takes precedence over the tag         | `""`  |
""",
    ],
    ids=["old style", "without outer bars", "padded"],
)
@pytest.mark.surface("docs", rewritten="the values table of a chart that becomes digest-aware")
def test_a_row_is_spelled_as_the_tags_is(readme: str) -> None:
    check(readme)


@pytest.mark.parametrize("between", ["", "\n Values of production:\n\n | Key | Default |\n | --- | --- |\n"])
@pytest.mark.surface("docs", found="the row of a chart's tag in the values table of its README")
def test_of_two_rows_for_one_tag_the_first_gets_the_digest(between: str) -> None:
    header = " | Key | Default |\n | --- | --- |\n"
    check(f'{header} | image.tag | x |\n+| image.digest | "" |\n{between} | image.tag | y |\n')
