"""Whatever a file looks like, a run changes the planned bytes and nothing else (random files, always the same)."""

from __future__ import annotations

import datetime
import importlib
import itertools
import pkgutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from yamlgen import BOM, Fabric, File, Planted, digest_of, files, lookalikes

import transforms
from codemod.config import Config
from codemod.digests import Resolution
from codemod.edits import apply
from codemod.engine import plan
from codemod.fleet import Fleet
from codemod.judge import fault
from codemod.outcome import Changed, LeftAlone, Plan
from codemod.reference import Reference, parse, try_parse
from codemod.source import Source
from codemod.transform import Transform

TODAY = datetime.date(2026, 1, 1)
SMALL = settings(max_examples=60, suppress_health_check=list(HealthCheck))
LARGE = settings(max_examples=400, suppress_health_check=list(HealthCheck))
"""Between them they keep this file under 40 seconds."""


class KnowsAll:
    """A digest source with an answer for everything, different for every reference."""

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        return {reference: Resolution(digest_of(str(reference)), "test") for reference in references}


def all_transforms() -> list[Transform]:
    names = [info.name for info in pkgutil.iter_modules(transforms.__path__) if not info.name.startswith("_")]
    return [importlib.import_module(f"transforms.{name}").transform for name in names]


TRANSFORMS = all_transforms()


def carried_out(*sources: Source, order: Sequence[Transform] = TRANSFORMS) -> Plan:
    return plan(sources, order, Fleet(Config()), KnowsAll(), today=TODAY, judge=fault)


def after(data: bytes, found: Plan) -> bytes:
    return apply(data, [edit for change in found.changed for edit in change.edits])


def meaning(text: str) -> list[Any]:
    """The documents of a text as YAML 1.2 has them."""
    reader = YAML(typ="safe", pure=True)
    return list(reader.load_all(text.removeprefix(BOM)))


# What may differ ------------------------------------------------------------------------------------------------------


def differences(before: Any, now: Any) -> Iterator[str]:
    """What differs, one word for each planned site, `fault: …` for anything that nobody planned."""
    if isinstance(before, dict) and isinstance(now, dict):
        yield from _map_differences(before, now)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for one, other in zip(before, now, strict=True):
            yield from differences(one, other)
    elif isinstance(before, str) and isinstance(now, str):
        yield from _text_differences(before, now)
    elif type(before) is not type(now) or before != now:
        yield f"fault: {before!r} became {now!r}"


def _map_differences(before: dict[Any, Any], now: dict[Any, Any]) -> Iterator[str]:
    lost, new = [key for key in before if key not in now], [key for key in now if key not in before]
    moving = {_digest_key(tag) for tag in lost if _is_tag(tag)}  # an empty digest may give way to that of the tag
    for key in lost:
        if _is_tag(key):
            partner = _digest_key(key)
            if partner in now and not before.get(partner) and _is_digest_of(before, key, now[partner]):
                yield "image"
                continue
        yield f"fault: {key} is gone from {before!r}: {now!r}"
    for key in new:
        if key not in moving:
            yield f"fault: {key} is new in {now!r}"
    for key, value in before.items():
        if key in now and (value or key not in moving):
            yield from differences(value, now[key])
    common = [key for key in before if key in now and key not in moving]
    if common != [key for key in now if key in before and key not in moving]:
        yield "fault: the order of keys changed"


def _is_tag(key: object) -> bool:
    return isinstance(key, str) and (key == "tag" or key.endswith(("ImageTag", "_image_tag")))


def _digest_key(key: str) -> str:
    return key[:-3] + ("digest" if key[-3:] == "tag" else "Digest")


def _is_digest_of(values: dict[Any, Any], tag: str, digest: object) -> bool:
    """Whether the digest is that of the image that the map spelled."""
    prefix = tag[:-3]
    name = values.get(prefix + "Repository") or values.get(prefix + "repository") or ""
    name = f"{values['registry']}/{name}" if "registry" in values else name
    reference = try_parse(f"{name}:{values[tag]}")
    return reference is not None and digest == digest_of(str(reference))


def _text_differences(before: str, now: str) -> Iterator[str]:
    if before == now:
        return
    if before == "Always" and now == "IfNotPresent":
        yield "pull-policy"
    elif (
        before.strip() and _pinned(before.strip()) == now.strip() and now == before.replace(before.strip(), now.strip())
    ):
        yield "image"
    else:
        inner = meaning_inside(before), meaning_inside(now)
        if inner[0] is None or inner[1] is None or len(inner[0]) != len(inner[1]):
            yield f"fault: {before!r} became {now!r}"
        else:
            yield from differences(*inner)


def _pinned(text: str) -> str | None:
    reference = try_parse(text)
    if reference is None or reference.digest is not None:
        return None
    name = text.removesuffix(f":{reference.tag}")
    return f"{name}@{digest_of(str(reference.lookup))}"


def meaning_inside(text: str) -> list[Any] | None:
    try:
        return meaning(
            text.encode("utf-16", "surrogatepass").decode("utf-16")
        )  # JSON's pairs, which YAML does not join
    except YAMLError:
        return None


def accounted_for(image: Planted, found: Plan) -> bool:
    reference = parse(image.whole)
    outcomes: list[Changed | LeftAlone] = [*found.changed, *found.left]
    names = [outcome.image for outcome in outcomes if outcome.image is not None]
    entries = [
        entry for entry in found.images if entry.reference is not None and entry.reference.name == reference.name
    ]
    return any(name.startswith(reference.name + ":") for name in names) or any(entry.reason for entry in entries)


# The properties -------------------------------------------------------------------------------------------------------


@LARGE
@given(files())
def test_a_run_changes_the_planned_nodes_of_a_file_and_nothing_else(file: File) -> None:
    source = Source("deploy/values.yaml", file.data, "yaml")
    found = carried_out(source)
    now = after(file.data, found)
    assert now == (found.files[source.path][1] if found.files else file.data)
    assert [left for left in found.left if left.code in ("unsafe-edit", "overlapping-edits", "unparsable")] == []

    told = list(differences(meaning(file.data.decode()), meaning(now.decode())))
    assert [difference for difference in told if difference.startswith("fault")] == []
    assert len(told) >= len(found.changed)
    assert len(told) == len(found.changed) or b"*anchor" in file.data


@LARGE
@given(files())
def test_every_floating_image_is_changed_or_left_for_a_reason(file: File) -> None:
    found = carried_out(Source("deploy/values.yaml", file.data, "yaml"))
    assert [image for image in file.planted if image.floats and not accounted_for(image, found)] == []
    assert [change for change in found.changed if change.image and "sha256:" in change.before] == []


@LARGE
@given(files())
def test_a_second_run_finds_nothing_to_change(file: File) -> None:
    now = after(file.data, carried_out(Source("deploy/values.yaml", file.data, "yaml")))
    again = carried_out(Source("deploy/values.yaml", now, "yaml"))
    assert [(change.site, change.before, change.after) for change in again.changed] == []
    assert again.files == {}


@SMALL
@given(st.lists(files(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_files_and_transforms_does_not_matter(found: list[File], random: Random) -> None:
    sources = [(f"deploy/{number}/values.yaml", file.data) for number, file in enumerate(found)]
    straight = carried_out(*(Source(path, data, "yaml") for path, data in sources))
    for _ in range(2):
        order = list(TRANSFORMS)
        random.shuffle(order)
        random.shuffle(sources)
        shuffled = carried_out(*(Source(path, data, "yaml") for path, data in sources), order=order)
        assert shuffled.files == straight.files
        assert shuffled.changed == straight.changed
        assert shuffled.left == straight.left
        assert shuffled.images == straight.images


@LARGE
@given(lookalikes())
def test_what_only_looks_like_an_image_stays(data: bytes) -> None:
    found = carried_out(Source("docs/notes.yaml", data, "yaml"))
    assert [(change.before, change.after) for change in found.changed] == []
    assert found.files == {}


def test_the_generator_hides_enough_of_everything() -> None:
    fabrics = [Fabric(Random(seed)) for seed in range(150)]
    texts = [fabric.file() for fabric in fabrics]
    planted = list(itertools.chain.from_iterable(fabric.planted for fabric in fabrics))
    assert sum(image.floats for image in planted) > 300
    assert sum(image.digest is not None for image in planted) > 30
    for mark in (
        b"\r\n",
        b"\xef\xbb\xbf",
        b" &",
        b" *",
        b"<<:",
        b": |",
        b": >",
        b"---",
        b"...",
        b"\\x",
        b"{",
        b"\\n",
        b"Always",
    ):
        assert sum(mark in text for text in texts) > 5, mark
