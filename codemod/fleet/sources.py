"""What one source of an Argo CD Application asks for: a chart, value files, inline values.

Follows Argo CD's `reposerver/repository/repository.go` (`helmTemplate`, `getResolvedValueFiles`): value files are
relative to the chart's folder, `/x` and `$ref/x` to the root of a repository; `valuesObject` wins over `values`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from codemod.fleet.expand import Expander
from codemod.fleet.filled import NOTE
from codemod.fleet.overrides import Override
from codemod.fleet.params import as_list, as_map, as_text, flatten
from codemod.fleet.stack import Layer
from codemod.fleet.tree import Manifest
from codemod.fleet.unify import Pattern, capture, captures, says_something, shown
from codemod.patterns import on_use
from codemod.transform import Keys

_VARIABLE = on_use(r"\$(?:ARGOCD_APP_(\w+)|\{ARGOCD_APP_(\w+)\})")


class Declared(Struct, frozen=True, dict=True):
    """An Application, or the template of one.

    `spec` stands at `keys` of the manifest. `must_bind`: it stands in a Helm chart's template, so that what nothing
    in the tree binds is no release.
    """

    manifest: Manifest
    kind: str
    name: str
    spec: dict[str, Any]
    keys: Keys
    expander: Expander
    notes: tuple[str, ...] = ()
    must_bind: bool = False

    def pattern(self, template: object) -> Pattern:
        """A text of the Application; one that cannot be evaluated at all is a capture."""
        text = as_text(template)
        found = self.expander.pattern(text)
        return capture(text) if found is None else found


class ValueFile(Struct, frozen=True, dict=True):
    """A value file as a path from the root.

    `is_here`: it may be in this repository (a packaged chart's own files are not). `is_evidence`: which files exist
    says what its captures are.
    """

    path: Pattern
    is_here: bool
    is_evidence: bool


class Wish(Struct, frozen=True, dict=True):
    """What a source asks for: the chart's folder (None for a packaged chart), the value files in order, and notes."""

    chart: Pattern | None
    files: tuple[ValueFile, ...]
    ignores_missing: bool
    notes: tuple[str, ...]
    refs: frozenset[str]


def sources(spec: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Keys]]:
    """The sources and where they stand: the hydrator's dry source, else `sources`, else `source`."""
    dry = as_map(as_map(spec.get("sourceHydrator")).get("drySource"))
    several = as_list(spec.get("sources"))
    if dry:
        yield dry, ("sourceHydrator", "drySource")
    elif several:
        for number, source in enumerate(several):
            yield as_map(source), ("sources", number)
    else:
        yield as_map(spec.get("source")), ("source",)


def may_be_helm(source: Mapping[str, Any]) -> bool:
    """Whether a source can be a Helm release: it names a chart or a folder, and no other tool."""
    if not source.get("chart") and not source.get("path"):
        return False
    others = ("kustomize", "directory", "plugin")
    return source.get("helm") is not None or not any(source.get(other) for other in others)


def wish_of(app: Declared, source: Mapping[str, Any], refs: frozenset[str]) -> Wish:
    """What a Helm source asks for; `refs` are the names of the Application's `ref` sources."""
    helm = as_map(source.get("helm"))
    notes = [] if helm or not source.get("helm") else ["The helm section is not a map."]
    chart = None if source.get("chart") else _normal(app.pattern(source.get("path")))
    files = []
    for written in map(as_text, as_list(helm.get("valueFiles"))):
        pattern = _substituted(app, helm, written)
        if "://" in pattern:
            notes.append(f"The value file {shown(pattern)} is not a file of the repository.")
        elif pattern:
            files.append(_value_file(pattern, chart))
            notes += _unknown_ref(pattern, refs)
    for item in map(as_map, as_list(helm.get("fileParameters"))):
        notes.append(f"The file parameter {as_text(item.get('name'))} is not evaluated.")
    return Wish(chart, tuple(files), helm.get("ignoreMissingValueFiles") is True, tuple(notes), refs)


def inline_layers(
    app: Declared, source: Mapping[str, Any], keys: Keys, overrides: Sequence[Override] = ()
) -> tuple[list[Layer], list[str]]:
    """The values that stand in the manifest, `keys` being the way to the source, or in overrides; and notes on them."""
    own = (app.manifest.path, app.manifest.document, (*keys, "helm"), as_map(source.get("helm")))
    places = [own, *((override.path, 0, ("helm",), override.helm) for override in overrides)]
    objects = [place for place in places if place[3].get("valuesObject")]
    texts = [place for place in places if "values" in place[3]][-1:]
    parameters = [place for place in places if "parameters" in place[3]][-1:]
    layers = [Layer(path, document, (*within, "valuesObject")) for path, document, within, _ in objects]
    for path, document, within, helm in texts if not objects else ():
        if isinstance(helm["values"], str) and helm["values"].strip():
            layers.append(Layer(path, document, (*within, "values"), is_text=True))
    for path, document, within, helm in parameters:
        items = [as_map(item) for item in as_list(helm["parameters"])]
        forced = bool(items) and all(item.get("forceString") is True for item in items)
        if items:
            layers.append(Layer(path, document, (*within, "parameters"), is_text=forced, parameters=True))
    inline = flatten({key: own[3].get(key) for key in ("valuesObject", "values", "parameters")})
    if any("{{" in text for text in inline.values()):
        return layers, [NOTE]
    return layers, []


def namespace(helm: Mapping[str, Any], spec: Mapping[str, Any]) -> object:
    """The namespace of the release."""
    return helm.get("namespace") or as_map(spec.get("destination")).get("namespace")


def _value_file(written: Pattern, chart: Pattern | None) -> ValueFile:
    """Where a value file stands; of a packaged chart's value files only `$ref/x` can be here."""
    says = says_something(written.rpartition(".")[0] or written)
    if written.startswith("$"):
        return ValueFile(_normal(written.partition("/")[2]), True, says)
    if chart is None:
        return ValueFile(written, False, False)
    if written.startswith("/"):
        return ValueFile(_normal(written), True, says)
    is_anchored = says_something(chart) or not captures(chart)
    return ValueFile(_normal(posixpath.join(chart, written)), True, says and is_anchored)


def _unknown_ref(written: Pattern, refs: frozenset[str]) -> list[str]:
    name = written.partition("/")[0]
    return [f"No source has the ref {name[1:]}."] if name.startswith("$") and name[1:] not in refs else []


def _normal(path: Pattern) -> Pattern:
    """The path from the root; the root itself is the empty string."""
    normal = posixpath.normpath(path.lstrip("/"))
    return "" if normal == "." else normal


def _substituted(app: Declared, helm: Mapping[str, Any], written: str) -> Pattern:
    """The build environment's variables filled in, those that the manifest says."""
    known = {
        "NAME": app.pattern(app.name),
        "NAMESPACE": app.pattern(namespace(helm, app.spec)),
        "PROJECT_NAME": app.pattern(app.spec.get("project")),
    }
    return _VARIABLE.sub(lambda match: known.get(match[1] or match[2], match[0]), app.pattern(written))
