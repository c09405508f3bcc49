"""The table of kinds: every row has a source, its paths can be read, and what it says is what happens."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from codemod.kinds import ANY, DEEP, ROWS, Items, Kind, Parts, Step, steps
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of
from transforms import custom_resources, image_maps, image_references, pull_policies

YAML = [module.transform for module in (custom_resources, image_maps, image_references, pull_policies)]
HEX = "0123456789abcdef" * 4
Case = tuple[str, str, str, Parts | None]


def cases() -> Iterator[Case]:
    """Group, kind, what is tried, and the parts or None with the path behind the colon."""
    for row in ROWS:
        for kind in row.kinds.split():
            for verdict in ("images", "names", "left"):
                for path in getattr(row, verdict):
                    yield row.group, kind, f"{verdict}:{path}", None
            for part in row.parts:
                yield row.group, kind, f"parts:{part.at}", part


def test_rows_are_told_apart_and_name_their_source() -> None:
    for row in ROWS:
        assert ": " in row.source, row
        assert row.images or row.names or row.parts or row.left, row
    for one, other in itertools.combinations(ROWS, 2):
        assert one.group != other.group or not set(one.kinds.split()) & set(other.kinds.split()), (one, other)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a b", "a[", "a[]", "a[0]", "a]", "**", "a.**", "[*]"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match=r"no path|nowhere"):
        steps(path)


def test_what_is_a_path() -> None:
    assert steps("a") == ("a",)
    assert steps("**.b-c[*].*[x=y.z]") == (DEEP, "b-c", Items(), ANY, Items("x", "y.z"))


def under(way: tuple[Step, ...], value: Any) -> Any:
    """A minimal object that has a value at a path."""
    if not way:
        return value
    step, rest = way[0], way[1:]
    inner = under(rest, value)
    if isinstance(step, Items):
        # a selector may stand behind a list or behind a map
        return [{step.key: step.value, **inner}] if step.key and isinstance(inner, dict) else [inner]
    return {"x" if step in (ANY, DEEP) else step: inner}


def document(group: str, kind: str, path: str, value: Any) -> bytes:
    """The object as YAML; paths that select maps keep them as maps."""
    body = under(steps(path), value)
    for key in ("taskRef", "pipelineRef", "ref", "from"):
        body = unlisted(body, key)
    return yaml.safe_dump({"apiVersion": f"{group}/v1", "kind": kind, **body}, sort_keys=False).encode()


def unlisted(node: Any, key: str) -> Any:
    if isinstance(node, dict):
        return {k: unlisted(v[0] if k == key and isinstance(v, list) else v, key) for k, v in node.items()}
    return [unlisted(item, key) for item in node] if isinstance(node, list) else node


def plan(data: bytes) -> Plan:
    return plan_of(YAML, {"manifests/object.yaml": data})


def codes(data: bytes) -> list[str]:
    return sorted(one.code for one in plan(data).left)


def text_at(verdict: str, path: str) -> str:
    """A floating reference as the path wants it: with a scheme where it names an address."""
    key = str(next(step for step in reversed(steps(path)) if not isinstance(step, Items)))
    is_address = key.lower().endswith(("uri", "url"))
    return ("docker://" if "registry" in path else "oci://") * is_address + "ghcr.io/acme/web:main"


@pytest.mark.parametrize(("group", "kind", "said", "part"), [pytest.param(*c, id=" ".join(c[:3])) for c in cases()])
def test_what_a_row_says_is_what_happens(group: str, kind: str, said: str, part: Parts | None) -> None:
    verdict, _, path = said.partition(":")
    if part is not None:
        check_parts(group, kind, part)
        return
    data = document(group, kind, path, text_at(verdict, path))
    if verdict == "left":
        assert not plan(data).changed
        assert not plan(data).left
        assert not plan(data).images
        return
    after = data.replace(b"web:main", b"web@" + digest_of("ghcr.io/acme/web:main").encode())
    assert plan(data).files == {"manifests/object.yaml": (data, after)}
    assert not plan(after).files
    if verdict == "names":
        bare = document(group, kind, path, "ghcr.io/acme/web")
        assert not plan(bare).files
        assert codes(bare) == ["computed-reference"]


def check_parts(group: str, kind: str, part: Parts) -> None:
    keys = [key for key in part.repository.split("/") if key]
    named = dict(zip(keys, ["ghcr.io", "acme", "web"][-len(keys) :], strict=True)) if keys else {}
    if len(keys) == 1:
        named = {keys[0]: "ghcr.io/acme/web"}
    name = "/".join(named.values())
    data = document(group, kind, part.at, {**named, part.tag: "main"})
    if not part.digest:
        assert not plan(data).files
        assert codes(data) == ["computed-reference"]
        return
    assert part.digest == part.tag, "no row has another key for the digest yet"
    host = name if name.startswith("ghcr.io/") else f"docker.io/{name}"
    after = data.replace(f"{part.tag}: main".encode(), f"{part.tag}: {digest_of(f'{host}:main')}".encode())
    assert plan(data).files == {"manifests/object.yaml": (data, after)}
    assert not plan(after).files
    assert not codes(after)


def test_every_row_is_found_without_any_other_word_of_images() -> None:
    for group, kind, said, _ in cases():
        verdict, _, path = said.partition(":")
        if verdict == "images":
            data = document(group, kind, path, text_at(verdict, path))
            assert plan(data).images, data


def test_a_kind_of_another_group_is_not_meant() -> None:
    data = b"apiVersion: pkg.acme.io/v1\nkind: Provider\nspec:\n  package: ghcr.io/acme/web:main\n  image: ''\n"
    assert not plan(data).images


def row(**given: Any) -> Kind:
    return Kind("acme.io", "Web", "acme: web", **given)


def test_the_word_of_a_row_is_its_group_where_no_key_tells() -> None:
    from codemod.kinds import word_of

    assert word_of(row(images=("spec.image",))) == ""
    assert word_of(row(images=("spec.runtime",))) == "acme.io"
    assert word_of(row(parts=(Parts("spec", "name", "version"),))) == "acme.io"
    assert word_of(row(left=("spec",))) == ""


def test_the_page_is_made_of_the_rows() -> None:
    from codemod.kinds.page import page

    committed = Path(__file__).parents[1] / "docs" / "custom-resources.md"
    assert committed.read_text(encoding="utf-8") == page(), (
        "write codemod.kinds.page.page() to docs/custom-resources.md"
    )
