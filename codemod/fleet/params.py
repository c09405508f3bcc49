"""Plain data out of manifests, and the parameters that Argo CD's generators make of it.

With Go templates parameters are nested maps; with fasttemplate they are flat: `a.b`, lists as `a.0` (flatten.DotStyle),
every value a text. Numbers are float64, as sigs.k8s.io/yaml has them, and print as Go's `%v` does.
"""

from __future__ import annotations

import posixpath
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from codemod.charts.functions.printing import go_print
from codemod.fleet.scalars import Plain, read_scalar
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source

Params = dict[str, Any]
Site = tuple[str, int]
"""The path of a file, and the offset of a scalar there."""


class Written(str):
    """A text that knows where it is written: the file, and the offset of its scalar there."""

    site: Site

    def __new__(cls, text: str, site: Site) -> Written:
        """A text with its place."""
        found = super().__new__(cls, text)
        found.site = site
        return found

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Other processes get the text alone."""
        return str, (str(self),)


_NODES_MAX = 100_000
_DEPTH_MAX = 60
_UNSAFE = on_use("[^-a-z0-9.]")


def plain(node: yaml.Node | None, source: Source) -> Plain:
    """A node's value, aliases followed and merge keys applied; template actions that the reader masked are kept.

    None below 60 levels and beyond 100,000 values: no alias makes it run away.
    """
    return _plain(node, source, 0, [_NODES_MAX])


def parsed(text: str) -> Plain:
    """The value of the first document of a YAML text; None where there is none."""
    source = Source("", text.encode("utf-8", "replace"), yaml.LANGUAGE.name)
    return next((plain(document.root, source) for document in yaml.documents(source)), None)


def _plain(node: yaml.Node | None, source: Source, depth: int, budget: list[int]) -> Plain:
    value = yaml.target(node)
    budget[0] -= 1
    if depth > _DEPTH_MAX or budget[0] < 0:
        return None
    if isinstance(value, yaml.Scalar):
        return _written(value, source)
    if isinstance(value, yaml.Sequence):
        return [_plain(item, source, depth + 1, budget) for item in value.items]
    if isinstance(value, yaml.Mapping):
        return {key: _plain(yaml.lookup(value, key), source, depth + 1, budget) for key in _keys(value)}
    return None


def _keys(mapping: yaml.Mapping) -> Iterator[str]:
    """The keys of a map, those that `<<` merges in first."""
    found: dict[str, None] = {}
    if "<<" in mapping.index:
        for other in yaml.merged(mapping):
            found.update(dict.fromkeys(other.index))
    found.update(dict.fromkeys(mapping.index))
    found.pop("<<", None)
    yield from found


def _written(scalar: yaml.Scalar, source: Source) -> Plain:
    if not scalar.templated or "{{" in scalar.value:
        found = read_scalar(scalar)
        return Written(found, (source.path, scalar.start)) if isinstance(found, str) and not source.outer else found
    text = source.text(scalar.inner)
    if scalar.style in ("|", ">"):
        text = textwrap.dedent(text.partition("\n")[2]).strip("\n")
        text = text if scalar.style == "|" else text.replace("\n", " ")
    return text if "{{" in text else read_scalar(scalar)


def as_map(value: Any) -> dict[str, Any]:
    """The value if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """The value as text; empty for null, maps and lists."""
    return "" if value is None or isinstance(value, (dict, list)) else str(go_text(value))


def go_text(value: Any) -> str:
    """What Go's `%v` prints; a text is itself."""
    return value if isinstance(value, str) else go_print(value)


def flatten(value: Any, prefix: str = "") -> dict[str, str]:
    """Nested parameters as fasttemplate and selectors see them."""
    items: Iterator[tuple[str, Any]]
    if isinstance(value, dict) and value:
        items = iter(value.items())
    elif isinstance(value, list) and value:
        items = ((str(number), item) for number, item in enumerate(value))
    else:
        return {prefix: go_text(value)} if prefix else {}
    found: dict[str, str] = {}
    for key, item in items:
        found |= flatten(item, f"{prefix}.{key}" if prefix else key)
    return found


def overlaid(low: Mapping[str, Any], high: Mapping[str, Any]) -> Params:
    """Maps meet key by key, what is higher wins unless it is empty (mergo's `WithOverride`)."""
    found = dict(low)
    for key, value in high.items():
        below = found.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            found[key] = overlaid(below, value)
        elif value or key not in found:
            found[key] = value
    return found


def assigned(params: Params, way: str, value: str, *, go: bool) -> Params:
    """The parameters with one more, which a dotted way names."""
    key, _, rest = way.partition(".") if go else (way, "", "")
    return overlaid(params, {key: assigned({}, rest, value, go=True) if rest else value})


def sanitized(name: str) -> str:
    """A name with what no Kubernetes name may hold replaced by `-`."""
    return _UNSAFE.sub("-", name.lower())[:253].strip("-.")


def path_params(folder: str, filename: str | None, prefix: str, *, go: bool) -> Params:
    """What the git generator says of the folder it found, or of the file it found there."""
    names = {"basename": posixpath.basename(folder), **({"filename": filename} if filename else {})}
    said = names | {f"{key}Normalized": sanitized(name) for key, name in names.items()}
    segments = folder.split("/")
    if go:
        path = {"path": folder, "segments": segments, **said}
        return {prefix: {"path": path}} if prefix else {"path": path}
    key = f"{prefix}.path" if prefix else "path"
    numbered = {f"{key}[{number}]": segment for number, segment in enumerate(segments) if segment}
    return {key: folder, **{f"{key}.{name}": text for name, text in said.items()}, **numbered}
