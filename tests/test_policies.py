"""What a pull policy governs: beside it, in the map that it stands in, and in releases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from codemod.candidate import Candidate
from codemod.config import Config
from codemod.fleet import Fleet, Stack
from codemod.fleet.stack import Layer
from codemod.outcome import FLOATING, PINNED, READABLE, TAG_ONLY
from codemod.policies import Governance
from codemod.reference import parse
from codemod.scan import Finding
from codemod.shown import Shown
from codemod.source import Source, Span
from codemod.transform import Image, Keys, PullPolicy, Rendering, View

WEB, API = "ghcr.io/acme/web:dev", "ghcr.io/acme/api:dev"
LAYERS = (Layer("low.yaml"), Layer("high.yaml"))
STACKS = (
    Stack("dev", "dev", LAYERS),
    Stack("prod", "prod", LAYERS, chart="charts/web", subcharts={("db",): "charts/db"}),
)
UNKNOWN = "no image that it governs is known"


def image(name: str | None, status: str = FLOATING, *views: View, path: str = "low.yaml", at: int = 0) -> Candidate:
    """An image as it was decided upon."""
    source = Source(path, b"0\n1\n2\n3\n", "yaml")
    reference = parse(name) if name else None
    fact = Image(Span(at, at + 1), "helm-values", "", (Rendering(reference),), views=views)
    return Candidate(Finding(path, source, "tiny", fact), (path, at), status, reference)


def obstacle(
    images: Sequence[Candidate] = (),
    *views: View,
    own: Sequence[Candidate] = (),
    everywhere: bool = False,
    stacks: Sequence[Stack] = STACKS,
) -> str:
    """Why a policy seen at some places stays."""
    fact = PullPolicy(Span(0, 6), "helm-values", (), (), views, everywhere)
    return Governance(Shown(images), Fleet(Config(), stacks)).obstacle(fact, own)


def at(*keys: str, stack: int = 0, layer: int = 0) -> View:
    return View(stack, layer, tuple(keys))


# --- beside it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [PINNED, READABLE])
def test_it_flips_over_an_image_beside_it_that_is_pinned(status: str) -> None:
    assert obstacle(own=[image(WEB, status)]) == ""


@pytest.mark.parametrize("status", [FLOATING, TAG_ONLY])
def test_it_stays_over_an_image_beside_it_that_is_not(status: str) -> None:
    assert obstacle(own=[image(API, PINNED), image(WEB, status)]) == f"it governs {WEB}"


def test_it_stays_where_nothing_that_it_governs_is_known() -> None:
    assert obstacle() == obstacle([image(WEB, PINNED)]) == UNKNOWN


def test_three_images_are_named_in_order_and_the_others_counted() -> None:
    own = [image(f"acme/{name}:dev") for name in "dbeca"]
    named = ", ".join(f"docker.io/acme/{name}:dev" for name in "abc")
    assert obstacle(own=own) == f"it governs {named} and 2 more"


def test_an_image_without_a_name_is_called_by_its_place() -> None:
    assert obstacle(own=[image(None, at=2)]) == "it governs the image of low.yaml:2"


# --- in the map that it stands in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [("web", "tag"), ("web", "image", "tag")])
def test_an_image_of_the_map_or_of_one_below_counts_in_every_release(keys: Keys) -> None:
    images = [image(WEB, FLOATING, View(1, 0, keys))]
    assert obstacle(images, at("web"), at("web", stack=1)) == f"it governs {WEB} in prod"
    assert obstacle([image(WEB, PINNED, View(1, 0, keys))], at("web", stack=1)) == ""


@pytest.mark.parametrize("keys", [("api", "tag"), ("tag",), ("web", "deep", "image", "tag")])
def test_an_image_elsewhere_does_not_count(keys: Keys) -> None:
    assert obstacle([image(WEB, FLOATING, View(0, 0, keys))], at("web")) == UNKNOWN


def test_of_two_layers_the_higher_one_counts() -> None:
    low, high = at("web", "tag"), at("web", "tag", layer=1)
    assert obstacle([image(WEB, FLOATING, low), image(API, PINNED, high)], at("web")) == ""
    assert obstacle([image(WEB, PINNED, low), image(API, FLOATING, high)], at("web")) == f"it governs {API} in dev"


# --- in releases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [(), ("global",), ("global", "image")])
def test_one_of_the_whole_release_counts_every_image_of_it(keys: Keys) -> None:
    images = [image(API, PINNED, at("api", "tag")), image(WEB, FLOATING, at("web", "tag"))]
    assert obstacle(images, View(0, 0, keys)) == f"it governs {WEB} in dev"
    assert obstacle(images[:1], View(0, 0, keys)) == ""


def test_the_images_beside_it_do_not_hide_those_of_the_release() -> None:
    images = [image(WEB, FLOATING, at("web", "tag"))]
    assert obstacle(images, at("global"), own=[image(API, PINNED)]) == f"it governs {WEB} in dev"


def test_one_apart_counts_every_image_only_if_there_is_none_in_its_map() -> None:
    other, own = image(WEB, FLOATING, at("web", "tag")), image(API, PINNED, at("pull", "tag"))
    assert obstacle([other], at("pull"), everywhere=True) == f"it governs {WEB} in dev"
    assert obstacle([other, own], at("pull"), everywhere=True) == ""
    assert obstacle([other], at("pull")) == UNKNOWN


@pytest.mark.parametrize("folder", ["charts/web", "charts/db"])
def test_what_templates_of_its_charts_name_in_full_counts_for_a_whole_release(folder: str) -> None:
    images = [image(WEB, FLOATING, path=f"{folder}/templates/pod.yaml"), image(API, PINNED, at("x", "tag", stack=1))]
    assert obstacle(images, at("global", stack=1)) == f"it governs {WEB} in prod"
    assert obstacle(images, at("x", stack=1)) == ""


def test_what_templates_of_other_charts_name_does_not_count() -> None:
    images = [image(WEB, FLOATING, path="charts/api/templates/pod.yaml"), image(API, PINNED, at("x", "tag", stack=1))]
    assert obstacle(images, at("global", stack=1)) == ""


def test_a_release_that_is_not_known_in_full_keeps_the_policy_of_all_of_it() -> None:
    stacks = [Stack("dev", "dev", LAYERS, notes=("The chart is not in the repository.",))]
    images = [image(API, PINNED, at("web", "tag"))]
    message = "dev may render more than is known: The chart is not in the repository"
    assert obstacle(images, at("global"), stacks=stacks) == message
    assert obstacle(images, at("web"), stacks=stacks) == ""
