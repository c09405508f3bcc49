"""What `unfloat emit` writes, judged by the published schemas and carried out as the controllers carry it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from moving import call

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def schemas(target: str) -> Mapping[str, Any]:
    """The schemas of a target by kind; what a map does not list may not be there, as the API server prunes it."""
    found = _closed(yaml.safe_load((SCHEMAS / f"{target}.yaml").read_text()))
    assert isinstance(found, dict)
    return found


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: _closed(value) for key, value in schema.items()}
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    has_type = schema.get("type") == "object" and "properties" in schema
    return {**schema, "additionalProperties": False} if has_type and not is_open else schema


def emit(root: Path, target: str, *arguments: str) -> tuple[list[dict[str, Any]], str]:
    """The objects, each valid where there is a schema, and what is said on standard error."""
    result = call("emit", target, str(root), "--offline", *arguments)
    assert result.exit_code == 0, result.stderr
    objects = list(yaml.safe_load_all(result.stdout))
    for one in objects if (SCHEMAS / f"{target}.yaml").exists() else ():
        for schema, part in _judged(target, one):
            Draft202012Validator(schema).validate(part)
    return objects, result.stderr


def _judged(target: str, one: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    known = schemas(target)
    yield known[one["kind"]], one
    if one["kind"] == "Warehouse":
        yield from ((known["image"], subscription["image"]) for subscription in one["spec"]["subscriptions"])
    if one["kind"] == "Stage":
        yield from ((known["steps"][step["uses"]], step["config"]) for step in steps(one))


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The objects of one kind."""
    return [one for one in objects if one["kind"] == kind]


def steps(stage: dict[str, Any]) -> list[dict[str, Any]]:
    """The promotion steps of a stage."""
    found: list[dict[str, Any]] = stage["spec"]["promotionTemplate"]["spec"]["steps"]
    return found


def promote(root: Path, stage: dict[str, Any], freight: Mapping[str, str]) -> None:
    """Write what the `yaml-update` steps of a stage write for digests by repository.

    As Kargo does (pkg/yaml/yaml.go, SetValuesInBytes): the scalar of the first document is found, and the rest of its
    line replaced.
    """
    for step in steps(stage):
        if step["uses"] == "yaml-update":
            path = root / step["config"]["path"].removeprefix("./repo/")
            lines = path.read_text().splitlines()
            node = next(iter(yaml.compose_all(path.read_text(), yaml.SafeLoader)))
            for update in step["config"]["updates"]:
                at = _scalar(node, re.split(r"(?<!\\)\.", update["key"])).start_mark
                value = re.sub(r'\$\{\{ imageFrom\("([^"]+)"\)\.Digest }}', lambda m: freight[m[1]], update["value"])
                lines[at.line] = lines[at.line][: at.column] + value
            path.write_text("".join(f"{line}\n" for line in lines))


def _scalar(node: yaml.Node, keys: list[str]) -> yaml.ScalarNode:
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            text = re.sub(r"\\([.:])", r"\1", key)
            node = next(value for name, value in node.value if name.value == text)
        else:
            node = node.value[int(key)]
    assert isinstance(node, yaml.ScalarNode)
    return node
