"""What a release takes over from lower layers while it changes the name: a tag, or the digest of another image."""

from __future__ import annotations

import pytest

from codemod.config import Config, StackSpec
from codemod.fleet import Fleet, Place, build
from codemod.fleet.families import PLAIN, Family, family_of
from codemod.source import Source
from codemod.transform import View
from transforms._charts import Charts
from transforms._inherited import (
    changes_name,
    names_below,
    naming,
    place_of,
    renamed,
    renamed_above,
    sets_tag,
    stale_digest,
)

DIGEST = "sha256:" + "ab" * 32
WEB, MIRROR = "repository: ghcr.io/acme/web", "repository: mirror.acme.test/web"


class Layers:
    """One release of some layers (`1.yaml`, `2.yaml`, …) that set keys of its `image`."""

    def __init__(self, *layers: str, root: str = "image: {%s}\n") -> None:
        texts = {f"{number}.yaml": root % text if text else "x: 1\n" for number, text in enumerate(layers, 1)}
        sources = {path: Source(path, text.encode(), "yaml") for path, text in texts.items()}
        self.fleet: Fleet = build(Config(stacks=(StackSpec(layers=tuple(texts)),)), list(sources), sources.get)
        self.keys = ("image",) if "image" in root else ()

    def place(self, number: int) -> Place:
        """How the release sees the map in a layer, counted from 1."""
        stack = self.fleet.stacks[0]
        return Place(stack, stack.layers[number - 1], View(0, number - 1, self.keys))

    def charts(self, number: int) -> Charts:
        return Charts(((self.place(number), None),))

    def stale(self, number: int, reason: str | None = None, family: Family = PLAIN) -> tuple[str | None, str]:
        return stale_digest(self.fleet, self.charts(number), family, reason)

    def renamed_by(self, number: int) -> int | None:
        """The layer, counted from 1, that names another repository for what a lower one sets."""
        view = renamed_above(self.fleet, self.place(number), PLAIN)
        return view.layer + 1 if view is not None else None


# --- who names it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "number"),
    [
        ((WEB, "tag: dev"), 1),
        ((WEB, MIRROR), 2),
        ((WEB, "registry: ghcr.io"), 2),
        (("tag: dev", "image: acme/web"), 2),
        ((WEB, 'repository: ""'), None),
        (("tag: dev", "x: 1"), None),
    ],
)
def test_the_highest_layer_with_a_say_in_the_name_names_it(layers: tuple[str, ...], number: int | None) -> None:
    found = Layers(*layers)
    view = naming(found.fleet, found.place(1), PLAIN)
    assert (view.layer + 1 if view is not None else None) == number


def test_a_layer_sets_the_tag_that_the_release_takes_from_it() -> None:
    found = Layers(f"{WEB}, tag: dev", "tag: main", WEB)
    assert [sets_tag(found.fleet, found.place(number), PLAIN) for number in (1, 2, 3)] == [False, True, False]


def test_without_the_higher_layers_the_lower_names_stand() -> None:
    found = Layers(f"{WEB}, tag: dev", MIRROR)
    values = [names_below(found.fleet, View(0, layer, ("image",)))("repository") for layer in (0, 1)]
    assert values == ["ghcr.io/acme/web", "mirror.acme.test/web"]


# --- another name above a tag ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "number"),
    [
        ((f"{WEB}, tag: dev", MIRROR), 2),
        ((f"{WEB}, tag: dev", "", MIRROR), 3),
        ((f"{WEB}, digest: '{DIGEST}'", MIRROR), 2),
        ((f"registry: ghcr.io, {WEB}, tag: dev", "registry: mirror.acme.test"), 2),
        ((f"{WEB}, tag: dev", WEB), None),
        ((f"{WEB}, tag: dev", f"{MIRROR}, tag: main"), None),
        ((f"{WEB}, tag: dev", "pullPolicy: Always"), None),
        (("tag: dev", WEB), None),
        (("repository: acme/web, tag: dev", "registry: ghcr.io"), None),
    ],
    ids=[
        "another repository",
        "two layers above",
        "above a digest",
        "another registry",
        "the same again",
        "with its own tag",
        "no name",
        "the first name",
        "a registry that completes a name",
    ],
)
def test_a_higher_layer_changes_the_name_of_what_a_lower_one_sets(layers: tuple[str, ...], number: int | None) -> None:
    assert Layers(*layers).renamed_by(1) == number


def test_the_views_of_all_releases_that_change_the_name_stand_at_the_tag() -> None:
    found = Layers(f"{WEB}, tag: dev", MIRROR)
    assert renamed(found.fleet, found.charts(1), PLAIN) == (View(0, 1, ("image", "tag")),)
    assert renamed(found.fleet, found.charts(2), PLAIN) == ()


@pytest.mark.parametrize(
    ("layers", "changes"),
    [
        ((f"{WEB}, tag: dev", MIRROR), True),
        ((f"{WEB}, tag: dev", f"{MIRROR}, digest: '{DIGEST}'"), False),
        ((f"{WEB}, tag: dev", f"{MIRROR}, tag: main"), False),
        ((f"{WEB}, tag: dev", WEB), False),
        ((WEB, MIRROR), False),
        (("tag: dev", MIRROR), False),
    ],
    ids=["a tag", "its own digest", "its own tag", "the same name", "no tag", "no name below"],
)
def test_a_layer_that_names_a_repository_may_inherit_the_tag_of_another(layers: tuple[str, ...], changes: bool) -> None:
    found = Layers(*layers)
    assert changes_name(found.fleet, found.place(2), PLAIN) is changes


# --- digests of other images -----------------------------------------------------------------------------------------


def test_a_digest_under_another_name_is_stale_and_says_whose_it_is() -> None:
    found = Layers(f"{WEB}, digest: '{DIGEST}'", MIRROR)
    name = found.fleet.stacks[0].name
    assert found.stale(2) == (
        "stale-inherited-digest",
        f"1.yaml:1 sets the digest for ghcr.io/acme/web, and {name} takes it for this one",
    )


def test_a_digest_over_another_tag_is_stale_where_the_tag_alone_does_not_say_so() -> None:
    found = Layers(f"{WEB}, digest: '{DIGEST}'", "tag: v1")
    code, message = found.stale(2)
    assert code == "stale-inherited-digest"
    assert message.startswith("1.yaml:1 sets the digest, which wins over this tag in ")
    assert found.stale(2, "floating-tag-beside-digest") == ("floating-tag-beside-digest", message)


@pytest.mark.parametrize(
    "layers",
    [
        (f"{WEB}, digest: '{DIGEST}'", WEB),
        (f"{WEB}, digest: '{DIGEST}'", f"{MIRROR}, digest: '{DIGEST}'"),
        (f"{WEB}, tag: v1, digest: '{DIGEST}'", "tag: v1"),
        (f"{WEB}, digest: nonsense", MIRROR),
        (f"digest: '{DIGEST}'", MIRROR),
        (f"{WEB}, tag: dev", MIRROR),
    ],
    ids=["the same name", "its own", "the same tag", "no digest", "no name below", "a tag"],
)
def test_a_digest_that_is_the_images_own_is_not_stale(layers: tuple[str, ...]) -> None:
    assert Layers(*layers).stale(2) == (None, "")


def test_a_reason_stays_where_nothing_is_stale() -> None:
    assert Layers(WEB, "tag: dev").stale(2, "digest-unknown") == ("digest-unknown", "")


def test_flat_keys_are_asked_by_their_own_names() -> None:
    family = family_of("proxyImageTag")
    assert family is not None
    layers = (f"proxyImageRepository: acme/a\nproxyImageDigest: '{DIGEST}'\n", "proxyImageRepository: acme/b\n")
    code, message = Layers(*layers, root="%s").stale(2, family=family)
    assert code == "stale-inherited-digest"
    assert message.startswith("1.yaml:2 sets the digest for acme/a")


def test_what_set_a_value_is_named_by_path_and_line() -> None:
    found = Layers("tag: dev", root="\nimage:\n  %s\n")
    assert place_of(found.fleet, found.fleet.effective(0, ("image", "tag"))) == "1.yaml:3"
