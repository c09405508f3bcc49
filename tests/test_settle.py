"""What a plan says about each place: texts before and after, line and column, stack and environment, order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Stated, after, image, inner, planned, stating, value

from codemod.config import Config, Environment
from codemod.edits import DIGEST, Edit
from codemod.engine import plan
from codemod.fleet import Fleet
from codemod.outcome import Changed, Plan
from codemod.reference import parse
from codemod.source import Source, Span
from codemod.testing import TODAY, EveryDigest, digest_of, plan_of
from codemod.transform import Fact, Image, Rendering
from transforms import embedded_yaml, image_maps, image_references, pull_policies

WEB = "ghcr.io/acme/web:dev"
SHA = digest_of(WEB)
PINNED = f"ghcr.io/acme/web@{SHA}"
YAML = [module.transform for module in (embedded_yaml, image_maps, image_references, pull_policies)]
MAP = "image:\n  repository: ghcr.io/acme/web\n  "


def changes(text: str, path: str = "values.yaml") -> tuple[Changed, ...]:
    return plan_of(YAML, {path: text.encode()}).changed


# --- before and after ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before", "wanted"),
    [
        (f"image: {WEB} # moved\n", WEB, PINNED),
        (f"image: '{WEB}'\n", f"'{WEB}'", f"'{PINNED}'"),
        (f'image: "{WEB}"\n', f'"{WEB}"', f'"{PINNED}"'),
        (f'{{"image": "{WEB}"}}\n', f'"{WEB}"', f'"{PINNED}"'),
        (f"{MAP}tag: dev # moved\n", "tag: dev", f"digest: {SHA}"),
        (f'{MAP}tag: "dev"\n', 'tag: "dev"', f'digest: "{SHA}"'),
        (f"{MAP}tag: 'dev'\n", "tag: 'dev'", f"digest: '{SHA}'"),
        (f'{MAP}"tag": "dev"\n', '"tag": "dev"', f'"digest": "{SHA}"'),
        (f'{MAP}"tag": dev\n', '"tag": dev', f'"digest": {SHA}'),
        (f"{MAP}'tag':   \"dev\"\n", "'tag':   \"dev\"", f"'digest':   \"{SHA}\""),
        ('image: {repository: ghcr.io/acme/web, tag: "dev"}\n', 'tag: "dev"', f'digest: "{SHA}"'),
        ('{"image": {"repository": "ghcr.io/acme/web", "tag": "dev"}}', '"tag": "dev"', f'"digest": "{SHA}"'),
        (f"{MAP}tag: dev\n  digest: ''\n", "tag: dev\n  digest: ''", f"digest: '{SHA}'"),
        (f'x: "kind: Pod\\nimage: {WEB}\\n"\n', WEB, PINNED),
        (f'x: "kind: Pod\\nimage: \\"{WEB}\\"\\n"\n', f'\\"{WEB}\\"', f'\\"{PINNED}\\"'),
        ('x: "image:\\n  repository: ghcr.io/acme/web\\n  tag: dev"\n', "tag: dev", f"digest: {SHA}"),
        (f"x: |\n  kind: Pod\n  image: {WEB}\n", WEB, PINNED),
    ],
)
def test_before_and_after_can_be_read_alone(text: str, before: str, wanted: str) -> None:
    (change,) = changes(text)
    assert (change.before, change.after) == (before, wanted)


@pytest.mark.parametrize(("before", "wanted"), [("Always", "IfNotPresent"), ('"Always"', '"IfNotPresent"')])
def test_a_pull_policy_shows_as_it_is_written(before: str, wanted: str) -> None:
    _, change = changes(f"image: {WEB}\nimagePullPolicy: {before}\n")
    assert (change.kind, change.before, change.after) == ("pull-policy", before, wanted)


def test_the_edits_of_a_change_are_in_terms_of_the_file() -> None:
    text = f"x: |\n  kind: Pod\n  image: {WEB}\n".encode()
    (change,) = changes(text.decode())
    (edit,) = change.edits
    assert text[edit.start : edit.end] == b":dev"
    assert edit.text == f"@{SHA}".encode()


# --- places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_and_columns_are_those_that_an_editor_shows(line_break: str, mark: str) -> None:
    text = mark + f"ø: ⚓\nimage: 'ghcr.io/acme/web:dev'\nx: |\n  é: ü\n  image: {WEB}\n".replace("\n", line_break)
    found = [(change.site.line, change.site.column) for change in changes(text)]
    assert found == [(2, 9), (5, 10)]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_first_line_counts_no_byte_order_mark(mark: str) -> None:
    (change,) = changes(f"{mark}image: {WEB}\n")
    assert (change.site.line, change.site.column) == (1, 8)


def test_columns_count_code_points_not_bytes() -> None:
    (change,) = changes(f"{{⚓é𝕏: 1, image: {WEB}}}\n")
    assert change.site.column == len("{⚓é𝕏: 1, image: ") + 1


def test_a_map_is_at_its_tags_value() -> None:
    (change,) = changes(f'{MAP}tag: "dev"\n')
    assert (change.site.line, change.site.column) == (3, 9)


@given(st.text("a⚓\n", max_size=8), st.integers(0, 3))
def test_a_site_inside_a_string_has_the_line_and_column_of_the_file(lead: str, depth: int) -> None:
    text = lead + "{" * depth + WEB + "}" * depth
    transform = stating({})

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> list[Fact]:
        return [inner(source)] if b"{" in source.data else [image(source, WEB)]

    (change,) = planned(transform, {"a.t": text}).changed
    head = text[: text.index(WEB)]
    assert (change.site.line, change.site.column) == (head.count("\n") + 1, len(head) - head.rfind("\n"))


# --- the inventory -------------------------------------------------------------------------------------------------


def rendered(*renders: tuple[str, str | None, str | None], config: Config | None = None, path: str = "a.t") -> Plan:
    """One tag of a values map, as several releases show it: reference, stack, environment."""
    facts = [Rendering(parse(reference), stack, environment) for reference, stack, environment in renders]
    return planned(stating({path: lambda s: [value(s, "1.2", *facts)]}), {path: "1.2"}, config=config)


def test_a_site_that_all_releases_show_alike_is_one_entry() -> None:
    result = rendered(("acme/web:1.2", "dev-web", "dev"), ("acme/web:1.2", "local-web", "local"))
    (entry,) = result.images
    assert (entry.site.stack, entry.site.environment, entry.written) == ("dev-web", "dev", "1.2")


def test_each_different_image_of_a_site_is_an_entry_of_its_own() -> None:
    result = rendered(("acme/web:1.2", "a", "dev"), ("acme/api:1.2", "b", "prod"), ("acme/web:1.2", "c", "dev"))
    assert [(str(e.reference), e.site.stack, e.site.environment) for e in result.images] == [
        ("docker.io/acme/web:1.2", "a", "dev"),
        ("docker.io/acme/api:1.2", "b", "prod"),
    ]


def test_the_environment_of_a_release_goes_before_that_of_the_path() -> None:
    (entry,) = rendered(("acme/web:1.2", "s", "prod"), path="env/dev/a.t").images
    assert entry.site.environment == "prod"
    (entry,) = rendered(("acme/web:1.2", "s", None), path="env/dev/a.t").images
    assert (entry.site.stack, entry.site.environment) == ("s", "dev")


def test_what_is_left_and_changed_has_the_environment_of_its_path_and_no_stack() -> None:
    result = rendered(("acme/web:1.2", "s", "prod"), path="env/dev/a.t")
    assert [(entry.site.stack, entry.site.environment) for entry in result.left] == [(None, "dev")]


def test_of_releases_that_show_the_same_image_the_most_demanding_is_named() -> None:
    demanding = Config(environments={"prod": Environment(digest="require"), "local": Environment(floating="report")})
    renders = (("acme/web:1.2", "a", "dev"), ("acme/web:1.2", "b", "local"), ("acme/web:1.2", "c", "prod"))
    (entry,) = rendered(*renders, config=demanding).images
    assert (entry.site.stack, entry.site.environment) == ("c", "prod")


def test_a_floating_image_is_named_where_that_is_forbidden() -> None:
    config = Config(environments={"local": Environment(floating="report", digest="require")})
    renders = [Rendering(parse("acme/web:dev"), name, name) for name in ("local", "other")]
    (entry,) = planned(stating({"a.t": lambda s: [value(s, "dev", *renders)]}), {"a.t": "dev"}, config=config).images
    assert entry.site.environment == "other"


# --- order ---------------------------------------------------------------------------------------------------------


def test_the_plan_is_sorted_by_path_line_and_column() -> None:
    states: Stated = {path: lambda s: [image(s, WEB, nth) for nth in (2, 0, 1)] for path in ("b.t", "a.t", "B.t")}
    result = planned(stating(states), dict.fromkeys(("b.t", "a.t", "B.t"), f"{WEB}\n {WEB} {WEB}"))
    places = [(c.site.path, c.site.line, c.site.column) for c in result.changed]
    assert places == [(path, *at) for path in ("B.t", "a.t", "b.t") for at in ((1, 1), (2, 2), (2, 23))]
    assert [(e.site.path, e.site.line, e.site.column) for e in result.images] == places


def test_lines_sort_as_numbers() -> None:
    text = "\n".join([WEB] * 11)
    result = planned(stating({"a.t": lambda s: [image(s, WEB, nth) for nth in range(11)]}), {"a.t": text})
    assert [change.site.line for change in result.changed] == list(range(1, 12))


# --- bytes ---------------------------------------------------------------------------------------------------------


def test_every_byte_outside_the_edits_stays() -> None:
    data = b"\xef\xbb\xbf\xff\r\n" + WEB.encode() + b"\t\r\n\n\xfe"

    def states(source: Source) -> list[Fact]:
        start = source.data.index(WEB.encode())
        span = Span(start, start + len(WEB))
        return [Image(span, "x", WEB, (Rendering(parse(WEB)),), (Edit(span.end - 4, span.end, b"@" + DIGEST),))]

    source = Source("a.t", data, "text")
    result = plan([source], [stating({"a.t": states})], Fleet(Config()), EveryDigest(), today=TODAY)
    assert result.files == {"a.t": (data, data.replace(WEB.encode(), PINNED.encode()))}


@given(st.sets(st.integers(0, 5)))
def test_the_edits_of_the_changes_are_the_difference_of_the_files(unknown: set[int]) -> None:
    names = [f"ghcr.io/acme/i{number}:dev" for number in range(6)]
    states: Stated = {"a.t": lambda s: [image(s, name) for name in names]}
    digests = EveryDigest([names[number] for number in unknown])
    result = planned(stating(states), {"a.t": " ".join(names)}, digests=digests)
    assert len(result.changed) + len(result.left) == len(names)
    expected = " ".join(
        name if number in unknown else f"ghcr.io/acme/i{number}@{digest_of(name)}" for number, name in enumerate(names)
    )
    assert (after(result, "a.t") if result.files else " ".join(names)) == expected
