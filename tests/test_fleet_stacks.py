"""Explicit stacks: which releases a list of layer patterns makes of the files that exist."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.config import Config, StackSpec
from codemod.fleet import Stack, build
from codemod.fleet.explicit import stacks_of_spec
from codemod.fleet.stack import Layer

GITOPS = (
    "base/globals.yaml",
    "env/{env}/globals.yaml",
    "_shared/{domain}/{name}.yaml",
    "env/{env}/{domain}/{name}.yaml",
)


def stacks(layers: Iterable[str], paths: Iterable[str], **more: str) -> dict[str, Stack]:
    """The stacks by name, of which none may come twice."""
    found = list(stacks_of_spec(StackSpec(layers=tuple(layers), **more), list(paths)))
    assert len({stack.name for stack in found}) == len(found)
    return {stack.name: stack for stack in found}


def layers_of(layers: Iterable[str], paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {name: stack.paths for name, stack in stacks(layers, paths).items()}


def test_layers_without_captures_are_one_stack_named_after_its_highest_layer() -> None:
    assert stacks(["a.yaml", "b.yaml"], ["b.yaml", "a.yaml", "c.yaml"]) == {
        "b.yaml": Stack("b.yaml", None, (Layer("a.yaml"), Layer("b.yaml")))
    }


def test_layers_without_captures_none_of_which_exists_are_no_stack() -> None:
    assert stacks(["a.yaml"], ["b.yaml"]) == {}


def test_one_pattern_with_all_captures_makes_a_stack_of_each_file() -> None:
    assert layers_of(["env/{env}/{name}.yaml"], ["env/dev/web.yaml", "env/prod/api.yaml", "env/dev/a/b.yaml"]) == {
        "dev-web": ("env/dev/web.yaml",),
        "prod-api": ("env/prod/api.yaml",),
    }


def test_the_order_of_the_layers_is_that_of_the_patterns_whatever_the_files_are_called() -> None:
    (stack,) = stacks(["z/{name}.yaml", "a/{name}.yaml"], ["a/web.yaml", "z/web.yaml"]).values()
    assert stack.paths == ("z/web.yaml", "a/web.yaml")


def test_layers_that_do_not_exist_are_kept_apart_in_their_order() -> None:
    found = stacks(GITOPS, ["env/dev/apps/web.yaml", "base/globals.yaml"], name="{env}-{name}")
    assert found == {
        "dev-web": Stack(
            "dev-web",
            "dev",
            (Layer("base/globals.yaml"), Layer("env/dev/apps/web.yaml")),
            ("env/dev/globals.yaml", "_shared/apps/web.yaml"),
        )
    }


def test_a_capture_may_be_a_part_of_a_segment() -> None:
    paths = ["values-dev.yaml", "values-prod-eu.yaml", "values.yaml", "sub/values-dev.yaml"]
    assert layers_of(["values.yaml", "values-{env}.yaml"], paths) == {
        "dev": ("values.yaml", "values-dev.yaml"),
        "prod-eu": ("values.yaml", "values-prod-eu.yaml"),
    }


def test_a_capture_that_comes_twice_is_the_same_text_in_both_places() -> None:
    paths = ["apps/web/web.yaml", "apps/web/api.yaml", "apps/api/api.yaml"]
    assert layers_of(["apps/{name}/{name}.yaml"], paths) == {
        "api": ("apps/api/api.yaml",),
        "web": ("apps/web/web.yaml",),
    }


def test_of_two_captures_in_one_segment_the_first_takes_as_little_as_it_can() -> None:
    (stack,) = stacks(["{env}-{name}.yaml"], ["a-b-c.yaml"], name="{env}|{name}").values()
    assert stack.name == "a|b-c"


@pytest.mark.parametrize("path", ["env/a/b/x.yaml", "env//x.yaml", "env/a/x.yamlx", "xenv/a/x.yaml", "env/a/xXyaml"])
def test_a_capture_neither_spans_folders_nor_is_empty_and_the_rest_is_literal(path: str) -> None:
    assert stacks(["env/{env}/x.yaml"], [path]) == {}


def test_globals_and_shared_files_prove_every_component_in_every_environment() -> None:
    paths = ["env/dev/globals.yaml", "env/prod/globals.yaml", "_shared/apps/web.yaml", "_shared/data/db.yaml"]
    assert layers_of(GITOPS, paths) == {
        "apps-dev-web": ("env/dev/globals.yaml", "_shared/apps/web.yaml"),
        "apps-prod-web": ("env/prod/globals.yaml", "_shared/apps/web.yaml"),
        "data-dev-db": ("env/dev/globals.yaml", "_shared/data/db.yaml"),
        "data-prod-db": ("env/prod/globals.yaml", "_shared/data/db.yaml"),
    }


def test_a_component_that_only_one_environment_has_is_released_there_alone() -> None:
    paths = ["env/dev/globals.yaml", "env/prod/globals.yaml", "_shared/apps/web.yaml", "env/dev/apps/extra.yaml"]
    assert [name for name in layers_of(GITOPS, paths) if "extra" in name] == ["apps-dev-extra"]


def test_globals_alone_prove_no_component() -> None:
    assert stacks(GITOPS, ["base/globals.yaml", "env/dev/globals.yaml"]) == {}


def test_shared_files_alone_prove_no_environment() -> None:
    assert stacks(GITOPS, ["base/globals.yaml", "_shared/apps/web.yaml"]) == {}


def test_partial_patterns_that_share_a_capture_are_joined_on_it() -> None:
    layers = ["{env}/{domain}.yaml", "{domain}/{name}/values.yaml"]
    paths = ["dev/apps.yaml", "dev/data.yaml", "prod/apps.yaml", "apps/web/values.yaml", "ops/log/values.yaml"]
    assert list(stacks(layers, paths, name="{env}/{domain}/{name}")) == ["dev/apps/web", "prod/apps/web"]


def test_a_layer_that_some_components_lack_takes_no_release_away() -> None:
    layers = ["env/{env}.yaml", "domains/{domain}.yaml", "shared/{domain}/{name}.yaml"]
    paths = ["env/dev.yaml", "domains/apps.yaml", "shared/apps/web.yaml", "shared/data/db.yaml"]
    assert layers_of(layers, paths) == {
        "apps-dev-web": ("env/dev.yaml", "domains/apps.yaml", "shared/apps/web.yaml"),
        "data-dev-db": ("env/dev.yaml", "shared/data/db.yaml"),
    }


def test_files_about_parts_of_a_component_mix_no_components() -> None:
    layers = ["env/{env}.yaml", "domains/{domain}.yaml", "names/{name}.yaml", "shared/{domain}/{name}.yaml"]
    paths = ["env/dev.yaml", "domains/apps.yaml", "domains/data.yaml", "names/web.yaml", "shared/apps/web.yaml"]
    assert list(stacks(layers, paths)) == ["apps-dev-web"]


def test_three_patterns_are_joined_where_two_do_not_have_all_captures() -> None:
    layers = ["env/{env}.yaml", "cluster/{cluster}.yaml", "apps/{name}.yaml"]
    paths = ["env/dev.yaml", "cluster/eu.yaml", "cluster/us.yaml", "apps/web.yaml"]
    assert list(stacks(layers, paths, name="{env} {cluster} {name}")) == ["dev eu web", "dev us web"]


def test_a_capture_that_no_file_has_makes_no_stack() -> None:
    assert stacks(["env/{env}.yaml", "cluster/{cluster}.yaml"], ["env/dev.yaml"]) == {}


@pytest.mark.parametrize(
    ("layers", "paths"),
    [
        (["env/{env}/globals.yaml", "env/{env}/{name}.yaml"], ["env/dev/globals.yaml"]),
        (["base/globals.yaml", "base/{name}.yaml"], ["base/globals.yaml"]),
        (["base/values.yaml", "{env}/values.yaml"], ["base/values.yaml"]),
    ],
)
def test_a_file_that_is_a_layer_of_its_own_is_no_component(layers: list[str], paths: list[str]) -> None:
    assert stacks(layers, paths) == {}


def test_beside_a_layer_of_its_own_the_components_are_found() -> None:
    paths = ["env/dev/globals.yaml", "env/dev/web.yaml"]
    assert layers_of(["env/{env}/globals.yaml", "env/{env}/{name}.yaml"], paths) == {"dev-web": tuple(paths)}


def test_names_and_environments_use_the_captures() -> None:
    (stack,) = stacks(["env/{env}/{name}.yaml"], ["env/dev/web.yaml"], name="r-{name}", environment="x-{env}").values()
    assert (stack.name, stack.environment) == ("r-web", "x-dev")


def test_the_capture_env_is_the_environment_unless_another_is_named() -> None:
    (stack,) = stacks(["env/{env}.yaml"], ["env/dev.yaml"]).values()
    assert stack.environment == "dev"
    (stack,) = stacks(["env/{stage}.yaml"], ["env/dev.yaml"]).values()
    assert stack.environment is None


def test_the_values_of_the_chart_are_the_lowest_layer() -> None:
    paths = ["charts/web/values.yaml", "env/dev/web.yaml", "env/dev/api.yaml"]
    found = stacks(["env/{env}/{name}.yaml"], paths, name="{name}", chart="charts/{name}")
    layers = (Layer("charts/web/values.yaml"), Layer("env/dev/web.yaml"))
    assert found["web"] == Stack("web", "dev", layers, (), "charts/web")
    assert found["api"] == Stack("api", "dev", (Layer("env/dev/api.yaml"),), ("charts/api/values.yaml",), "charts/api")


@pytest.mark.parametrize("chart", ["charts/web", "charts/web/"])
def test_a_chart_whose_values_are_a_layer_too_is_read_once(chart: str) -> None:
    (stack,) = stacks(
        ["charts/web/values.yaml", "web.yaml"], ["charts/web/values.yaml", "web.yaml"], chart=chart
    ).values()
    assert stack.paths == ("charts/web/values.yaml", "web.yaml")


def test_equal_stacks_of_two_specifications_are_one() -> None:
    spec = StackSpec(layers=("env/{env}.yaml",))
    fleet = build(Config(stacks=(spec, spec)), ["env/dev.yaml"], lambda path: None)
    assert len(fleet.stacks) == 1


def test_a_file_knows_all_its_stacks_in_order() -> None:
    spec = StackSpec(layers=("base.yaml", "env/{env}.yaml"))
    paths = ["base.yaml", "env/b.yaml", "env/a.yaml", "other.yaml"]
    fleet = build(Config(stacks=(spec,)), paths, lambda path: None)
    assert [stack.name for stack in fleet.stacks_of("base.yaml")] == ["a", "b"]
    assert [stack.name for stack in fleet.stacks_of("env/b.yaml")] == ["b"]
    assert fleet.stacks_of("other.yaml") == ()


SEGMENT = st.sampled_from(["dev", "prod", "apps", "globals", "web"])
PATHS = st.lists(
    st.one_of(
        st.builds("env/{}/globals.yaml".format, SEGMENT),
        st.builds("_shared/{}/{}.yaml".format, SEGMENT, SEGMENT),
        st.builds("env/{}/{}/{}.yaml".format, SEGMENT, SEGMENT, SEGMENT),
    ),
    max_size=12,
)


@given(PATHS, st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(paths: list[str], random: object) -> None:
    shuffled = list(paths)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert list(stacks(GITOPS, paths).values()) == list(stacks(GITOPS, shuffled).values())


@given(PATHS)
def test_every_overlay_is_the_highest_layer_of_one_stack_and_no_layer_is_made_up(paths: list[str]) -> None:
    found = stacks(GITOPS, paths, name="{env}/{domain}/{name}")
    for path in paths:
        if path.startswith("env/") and path.count("/") == 3:
            assert [s.name for s in found.values() if s.paths[-1] == path] == [path[4:-5]]
    for stack in found.values():
        assert set(stack.paths) <= set(paths)
        assert len(stack.paths) + len(stack.missing) == len(GITOPS)


def test_many_files_are_no_burden() -> None:
    environments = [f"env/e{number}/globals.yaml" for number in range(20)]
    shared = [f"_shared/d{number % 20}/n{number}.yaml" for number in range(500)]
    others = [f"src/module{number}/file.go" for number in range(50_000)]
    begin = time.process_time()
    found = stacks(GITOPS, [*others, *shared, *environments], name="{env}/{domain}/{name}")
    assert len(found) == 10_000
    assert time.process_time() - begin < 5
