"""What one release is: a chart and its layers of values, as far as the repository says."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from codemod.fleet.imagetag import Entry
from codemod.patterns import on_use
from codemod.transform import Keys

_NAME = on_use(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Layer(Struct, frozen=True):
    """One set of values.

    The values are the file `path`, or what stands at the keys `within` of its document number `document` (inline
    values of an Application or a HelmRelease). `is_text`: what stands there is a string that holds them as YAML.
    `parameters`: what stands there is a list of `name`/`value` maps (Helm's `--set`; `is_text` then means that all
    values are strings, `--set-string`). `prefix` is where the values are put in the release's: the name or alias of a
    subchart whose own `values.yaml` this is, or the `targetPath` of a single value.
    """

    path: str
    document: int | None = None
    within: Keys = ()
    is_text: bool = False
    parameters: bool = False
    prefix: Keys = ()
    filled: tuple[tuple[str, str], ...] = ()
    """The texts in it that hold template expressions of an ApplicationSet, and what each says for this release."""
    handed: tuple[tuple[str, tuple[str, int]], ...] = ()
    """Those of them that are a parameter of a generator and nothing else, and where that is written."""

    def __str__(self) -> str:
        """The path, and where in the file the values stand if they are not all of it."""
        inside = ".".join(map(str, self.within))
        below = f" as {'.'.join(map(str, self.prefix))}" if self.prefix else ""
        return f"{self.path}{'#' + inside if inside else ''}{below}"


class Stack(Struct, frozen=True):
    """One release.

    `layers` stand from the lowest to the highest, those of the chart and its subcharts first where they are known.
    `missing` are value files that it names and that are not there, `notes` what could not be evaluated and why (a
    stack with notes may render more than its layers say). `chart` is the chart's folder in the repository, None where
    it is elsewhere. `origin` is `path` or `path:line` of what declares it, `kind` the word for that: `explicit`,
    `argocd`, `applicationset`, `flux`, `helmfile`, `kustomize`, `chart` (a chart with its own values) or `values` (a
    values file beside a chart). `release` and `namespace` are what a template sees as `.Release`.
    """

    name: str
    environment: str | None
    layers: tuple[Layer, ...]
    missing: tuple[str, ...] = ()
    chart: str | None = None
    notes: tuple[str, ...] = ()
    origin: str = ""
    kind: str = "explicit"
    release: str = "release-name"
    namespace: str = "default"
    subcharts: Mapping[Keys, str] = field(default_factory=dict)
    """The folders of the subcharts by their place in the values (`("redis",)`), those of subcharts included."""
    images: tuple[Entry, ...] = ()
    """What post-renderers make of the images that the charts print, one after the other."""
    set_by_files: tuple[Keys, ...] = ()
    """Values that the texts of files set, above all layers (`fileParameters` of Argo CD, Helm's `--set-file`)."""
    has_namespace: bool = False
    """Whether something says the namespace, all of it."""

    def __hash__(self) -> int:
        return hash(self.identity)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of the layers, once each, in order."""
        return tuple(dict.fromkeys(layer.path for layer in self.layers))

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two stacks the same release."""
        return self.name, self.environment, self.layers, self.chart


def is_name(text: str | None) -> bool:
    """Whether a text is a name that Kubernetes takes for a namespace (RFC 1123), nothing in it left to fill in."""
    return text is not None and _NAME.fullmatch(text) is not None


def is_read_by(path: str, stack: Stack) -> bool:
    """Whether a release reads a file, or one below a folder: its declaration, a layer, a file of its charts.

    A file that it names and that is not there counts, too.
    """
    declared = stack.origin.rpartition(":")[0] or stack.origin
    named = (declared, *stack.paths, *stack.missing)
    if path in (".", *named) or any(name.startswith(f"{path}/") for name in named):
        return True
    charts = [folder for folder in (stack.chart, *stack.subcharts.values()) if folder is not None]
    return any(
        not folder or f"{path}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{path}/") for folder in charts
    )
