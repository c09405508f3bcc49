"""The objects of admission of a repository: those in plain manifests, and those that first-party charts print.

Not read are manifests inside other texts (values, ConfigMaps), charts that are elsewhere, and what replacements of
kustomize change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from codemod.admission.policy import Place, Text
from codemod.charts.rendered import Rendered
from codemod.charts.unknown import MARK
from codemod.fleet import Fleet, Stack
from codemod.fleet.kustomization import text_at
from codemod.fleet.overlays import Overlays, overlays_of
from codemod.fleet.render import Renderer, instances_of, template_paths
from codemod.fleet.tree import YAML_SUFFIXES, Manifest
from codemod.fleet.values import plain
from codemod.formats import yaml
from codemod.formats.yaml import kubernetes
from codemod.patterns import on_use
from codemod.place import TEMPLATE
from codemod.source import Source

KYVERNO, KYVERNO_CEL, KUBERNETES = "kyverno.io", "policies.kyverno.io", "admissionregistration.k8s.io"
GATEKEEPER = ("templates.gatekeeper.sh", "constraints.gatekeeper.sh", "expansion.gatekeeper.sh")
MUTATIONS = "mutations.gatekeeper.sh"
GROUPS = frozenset({KYVERNO, KYVERNO_CEL, KUBERNETES, *GATEKEEPER, MUTATIONS})
_WORDS = (b"kyverno.io/", b"gatekeeper.sh/", b"admissionregistration.k8s.io/")
_TESTS = on_use(r"(?:^|/)\.(?:chainsaw|kyverno)-test/")
"""Where Kyverno's own tools look for tests."""
_UNKNOWN = (MARK, "${", "$(")


class Object(Struct, frozen=True):
    """One object. `path` is its file, or that of the template that prints it; `namespace` is None where none is said.

    `patched` is the text of what kustomizations lay over it.
    """

    root: yaml.Mapping
    source: Source
    path: str
    place: Callable[[yaml.Scalar], Place]
    namespace: str | None = None
    patched: str = ""

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.root.text("kind") or ""

    @property
    def group(self) -> str:
        """Its API group."""
        return _group(self.root)

    @property
    def name(self) -> str:
        """`metadata.name`; `?` where it cannot be known."""
        found = text_at(self.root, "metadata", "name") or "?"
        return "?" if MARK in found else found

    @property
    def label(self) -> str:
        """`ClusterPolicy/deny-latest-tag`."""
        return f"{self.kind}/{self.name}"

    def value(self, scalar: yaml.Scalar) -> str:
        """The text of a scalar, with the template actions that the reader masked."""
        return self.source.text(scalar.inner) if scalar.templated and "{{" not in scalar.value else scalar.value

    def text(self, scalar: yaml.Scalar) -> Text:
        """A scalar with its place."""
        return Text(self.value(scalar), self.place(scalar))

    def texts(self, node: yaml.Node | None) -> tuple[Text, ...]:
        """The scalars of a list, or one that stands for a list of one."""
        found = yaml.target(node)
        items = found.items if isinstance(found, yaml.Sequence) else [found]
        return tuple(self.text(item) for each in items if isinstance(item := yaml.target(each), yaml.Scalar))

    def key(self, mapping: yaml.Mapping, name: str) -> Place | None:
        """The place of a key."""
        entry = mapping.get(name)
        return self.place(entry.key) if entry is not None and isinstance(entry.key, yaml.Scalar) else None

    @property
    def named_at(self) -> Place:
        """Where its name stands, or its kind."""
        name, kind = node_at(self.root, "metadata", "name"), yaml.lookup(self.root, "kind")
        found = name if isinstance(name, yaml.Scalar) else kind
        return self.place(found) if isinstance(found, yaml.Scalar) else Place(self.path, 1, 1)


def is_unknown(text: str) -> bool:
    """Whether a text holds what somebody fills in later."""
    return any(sign in text for sign in _UNKNOWN)


def node_at(root: yaml.Node | None, *keys: str) -> yaml.Node | None:
    """The node at a way of keys; None where there is none."""
    node, depth = yaml.descend(root, keys)
    return node if depth == len(keys) else None


def map_at(root: yaml.Node | None, *keys: str) -> yaml.Mapping | None:
    """The map at a way of keys."""
    node = node_at(root, *keys)
    return node if isinstance(node, yaml.Mapping) else None


def is_known(fleet: Fleet) -> bool:
    """Whether any file speaks of admission."""
    paths = (path for path in fleet.tree.paths if path.endswith(YAML_SUFFIXES))
    return any(source is not None and source.mentions(_WORDS) for source in map(fleet.tree.source, paths))


def objects(fleet: Fleet) -> Iterator[Object]:
    """Every object of the groups of admission that somebody here can edit."""
    overlays: Overlays | None = None
    for path in fleet.tree.ordered:
        source = fleet.tree.source(path) if path.endswith(YAML_SUFFIXES) else None
        if source is None or TEMPLATE in source.place or not source.mentions(_WORDS) or _is_apart(fleet, path):
            continue
        for document in yaml.documents(source):
            for root in _roots(document):
                overlays = overlays or overlays_of(fleet.tree)
                if path not in overlays.patched_with:
                    yield _placed(Object(root, source, path, _in_file(document, path)), overlays)
    yield from _printed(fleet)


def _is_apart(fleet: Fleet, path: str) -> bool:
    """Whether a file is vendored, or a test."""
    return fleet.config.spared(path) is not None or _TESTS.search(path) is not None


def _roots(document: yaml.Document) -> Iterator[yaml.Mapping]:
    """The objects of a document, those of a list included."""
    if not any(word in document.text for word in _WORDS):
        return
    yield from (one for one in kubernetes.objects(document) if one.text("kind") and _group(one) in GROUPS)


def _group(root: yaml.Mapping) -> str:
    return (root.text("apiVersion") or "").partition("/")[0]


def _in_file(document: yaml.Document, path: str) -> Callable[[yaml.Scalar], Place]:
    def place(scalar: yaml.Scalar) -> Place:
        position = document.source.position(scalar.inner.start)
        return Place(path, position.line, position.column)

    return place


def _placed(one: Object, overlays: Overlays) -> Object:
    """The object in the namespace, and with the patches, that kustomizations give to it."""
    line = one.source.position(one.root.start).line
    manifest = Manifest(one.path, 0, one.root, one.kind, one.group, line)
    around = overlays.reaching(one.path)
    patches = [patch for each in around for patch in each.patches if patch.is_for(manifest)]
    patched = "\n".join(scalar.value for patch in patches for scalar in yaml.scalars(patch.root))
    said = next((each.namespace for each in around if each.namespace), None)
    namespace = said or text_at(one.root, "metadata", "namespace")
    return Object(one.root, one.source, one.path, one.place, namespace, patched)


def _printed(fleet: Fleet) -> Iterator[Object]:
    """What the charts of releases print; each template's place once."""
    renderer = Renderer(fleet.tree)
    for number, stack in enumerate(fleet.stacks):
        asked = frozenset(_asked(stack, fleet))
        if not asked:
            continue
        folders = {instance.path: instance.chart.folder for instance in instances_of(stack, fleet.tree)}
        for path, rendered in renderer.render(stack, plain(fleet.values(number)), asked, explores=False):
            source = Source(path, rendered.text.encode(), yaml.LANGUAGE.name)
            if rendered.problems or path not in asked:
                continue
            place = _in_templates(source, _lines(rendered, folders), fleet)
            for document in yaml.documents(source):
                for root in _roots(document):
                    own = text_at(root, "metadata", "namespace") or stack.namespace
                    yield Object(root, source, path, place, own)


def _asked(stack: Stack, fleet: Fleet) -> Iterator[str]:
    """The first-party templates of a release that write objects of admission."""
    for instance in instances_of(stack, fleet.tree):
        for path in template_paths(instance.chart.folder, fleet.tree):
            text = None if _is_apart(fleet, path) else fleet.tree.text(path)
            if text is not None and any(word in text for word in _WORDS):
                yield path


def _lines(rendered: Rendered, folders: dict[str, str]) -> list[tuple[str, int]]:
    """The file and the line that printed each line; templates are named as Helm names them."""
    found = []
    for origin in rendered.lines:
        chart = max((name for name in folders if origin.template.startswith(f"{name}/")), key=len, default="")
        inside = origin.template[len(chart) :].lstrip("/")
        found.append((f"{folders[chart]}/{inside}".lstrip("/") if chart else origin.template, origin.line))
    return found


def _in_templates(source: Source, lines: list[tuple[str, int]], fleet: Fleet) -> Callable[[yaml.Scalar], Place]:
    """The place in the template that printed a scalar: its text on that line, or the first word there."""

    def place(scalar: yaml.Scalar) -> Place:
        at = source.position(scalar.inner.start).line - 1
        path, line = lines[at] if at < len(lines) else (source.path, 1)
        texts = (fleet.tree.text(path) or b"").decode("utf-8", "replace").splitlines()
        text = texts[line - 1] if line <= len(texts) else ""
        column = text.find(scalar.value) if scalar.value and "\n" not in scalar.value else -1
        return Place(path, line, (len(text) - len(text.lstrip()) if column < 0 else column) + 1)

    return place
