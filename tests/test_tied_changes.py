"""Changes that depend on images: for whose sake, instead of which, and after which they are made."""

from __future__ import annotations

from collections.abc import Callable

from tiny import after, codes, image, planned, span, stating, value

from codemod.config import Config, StackSpec
from codemod.edits import DIGEST, Edit
from codemod.outcome import Plan
from codemod.source import Source
from codemod.testing import EveryDigest, digest_of
from codemod.transform import Change, Fact, SiteId, View

WEB, API = "ghcr.io/acme/web:dev", "ghcr.io/acme/api:main"
HERE: SiteId = ("image.t", 0)


def tied(
    text: bytes, unknown: tuple[str, ...] = (), unless: tuple[SiteId, ...] = (), follows: tuple[SiteId, ...] = ()
) -> Plan:
    """A file whose `old` becomes another text, tied to the image at the beginning of the other file."""

    def change(source: Source) -> list[Fact]:
        at = span(source, "old")
        return [Change(at, "docs", (Edit(*at, text),), unless=unless, follows=follows)]

    facts: dict[str, Callable[[Source], list[Fact]]] = {"change.t": change, "image.t": lambda s: [image(s, WEB)]}
    return planned(stating(facts), {"change.t": "old", "image.t": WEB}, digests=EveryDigest(unknown))


def test_it_is_moot_where_the_image_is_pinned() -> None:
    assert tied(b"new", unless=(HERE,)).files.keys() == {"image.t"}
    assert after(tied(b"new", (WEB,), unless=(HERE,)), "change.t") == "new"


def test_it_is_made_where_no_image_stands_instead_of_it() -> None:
    assert after(tied(b"new", unless=(("image.t", 5),)), "change.t") == "new"


def test_it_follows_an_image_and_says_its_digest() -> None:
    assert after(tied(b"x@" + DIGEST, follows=(HERE,)), "change.t") == f"x@{digest_of(WEB)}"


def test_it_follows_nothing_that_is_not_pinned_and_is_not_reported() -> None:
    plan = tied(b"x@" + DIGEST, (WEB,), follows=(HERE,))
    assert not plan.files
    assert codes(plan) == [("image.t", WEB, "digest-unknown")]
    assert not tied(b"new", (WEB,), follows=(HERE,)).files
    assert tied(b"new", follows=(("image.t", 5),)).files.keys() == {"image.t"}


def test_a_change_that_two_images_wait_for_serves_whichever_is_pinned() -> None:
    def change(source: Source) -> list[Fact]:
        at = span(source, "old")
        return [Change(at, "helm-template", (Edit(*at, b"new"),), (View(0, 0, ("image", "tag")),))]

    def plan(*unknown: str) -> Plan:
        facts: dict[str, Callable[[Source], list[Fact]]] = {
            "change.t": change,
            "low.t": lambda s: [value(s, "main", API)],
            "high.t": lambda s: [value(s, "dev", WEB)],
        }
        files = {"change.t": "old", "low.t": "image: {tag: main}", "high.t": "image: {tag: dev}"}
        config = Config(stacks=(StackSpec(layers=("low.t", "high.t")),))
        return planned(stating(facts), files, config=config, digests=EveryDigest(unknown))

    assert plan().files.keys() == {"change.t", "low.t", "high.t"}
    assert plan(API).files.keys() == {"change.t", "high.t"}
    assert not plan(API, WEB).files
