"""Pull policies that nothing in the repository can set, as entries of `ignoreDifferences` of Argo CD.

They are those of containers that vendored charts print without a policy, and without a value that could give one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator

from codemod.charts.unknown import MARK
from codemod.fleet import Fleet, Stack
from codemod.fleet.params import as_map, as_text
from codemod.fleet.params import plain as plain_node
from codemod.fleet.render import instances_of, template_paths
from codemod.fleet.scalars import Plain
from codemod.formats import yaml
from codemod.outcome import Ignored
from codemod.patterns import on_use
from codemod.pulls.pods import Object, items
from codemod.pulls.world import Held, World

TRANSFORM = "explicit-pull-policy"
"""The transform that says a policy wherever one can be said."""
_KINDS = frozenset("Pod Deployment ReplicaSet ReplicationController StatefulSet DaemonSet Job CronJob".split())
"""What Kubernetes itself gives a policy to; a custom resource holds only what its definition says."""
_GROUPS = ("", "apps", "batch")
_HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")
"""Objects with one of these annotations are created and not compared."""
_LISTS = ("initContainers", "containers")
_IMAGE = on_use(rb"^[ \t]*(?:-[ \t]+)?image[ \t]*:", re.MULTILINE)
_POLICY = on_use(rb"^[ \t]*(?:-[ \t]+)?imagePullPolicy[ \t]*:", re.MULTILINE)
_SAYS = b"ullPolicy"
_PLAIN = on_use(r"[A-Za-z_][A-Za-z0-9_]*\Z")

Text = Callable[[str], bytes | None]
"""The text of a file in the repository."""
Vendored = Callable[[str], bool]


def proposals(fleet: Fleet) -> tuple[Ignored, ...]:
    """An entry for each object of a release of Argo CD; only templates that may need one are executed."""
    world: World | None = None
    found: list[Ignored] = []
    declared: dict[str, list[dict[str, Plain]]] = {}
    for number, stack in enumerate(fleet.stacks):
        if stack.kind not in ("argocd", "applicationset") or stack.notes:
            continue
        asked = frozenset(_wanting(stack, fleet))
        if asked:
            world = world or World(fleet)
            if stack.origin not in declared:
                declared[stack.origin] = list(declared_for(stack, fleet))
            held = world.of_release(number, asked)
            found += of_held(held, fleet.tree.text, fleet.config.is_vendored, declared[stack.origin])
    return tuple(sorted(set(found)))


def of_held(
    held: Iterable[Held], text: Text, is_vendored: Vendored, declared: Iterable[dict[str, Plain]] = ()
) -> Iterator[Ignored]:
    """The entries for what releases print, but for those that their Application has already (`declared`)."""
    have = list(declared)
    for one in held:
        if one.stack is None or not _is_compared(one.one):
            continue
        group = _group(one.one)
        name, namespace = _metadata(one.one, "name"), one.one.namespace or ""
        paths = [path for path in _paths(one, text, is_vendored) if not _has(have, one.one, path)]
        if paths and name and MARK not in name + namespace:
            kind = one.stack.kind
            yield Ignored(one.stack.origin, kind, group, one.one.kind, name, namespace, tuple(dict.fromkeys(paths)))


def _is_compared(one: Object) -> bool:
    """Whether Argo CD compares an object in whose pods Kubernetes fills in policies."""
    metadata = yaml.lookup(one.root, "metadata")
    annotations = yaml.lookup(metadata, "annotations") if isinstance(metadata, yaml.Mapping) else None
    is_hook = isinstance(annotations, yaml.Mapping) and any(annotations.text(key) is not None for key in _HOOKS)
    return one.kind in _KINDS and _group(one) in _GROUPS and not is_hook


def _paths(held: Held, text: Text, is_vendored: Vendored) -> Iterator[str]:
    """The ways of jq to the policies of an object's containers that nothing sets."""
    for pod in yaml.mappings(held.one.root):
        for key in _LISTS if yaml.lookup(pod, "containers") is not None else ():
            for item in items(pod, key):
                name = item.text("name") or ""
                if name and MARK not in name and _is_unsettable(held, item, text, is_vendored):
                    chosen = f"select(.name == {json.dumps(name)})"
                    yield f"{_way(held.one, pod)}.{key}[] | {chosen} | .imagePullPolicy"


def _is_unsettable(held: Held, container: yaml.Mapping, text: Text, is_vendored: Vendored) -> bool:
    """Whether a vendored template writes a container that says no policy and that no value gives one.

    What a value prints as a whole is not written there, and can say its policy where it stands.
    """
    if container.text("image") is None or "imagePullPolicy" in container.index:
        return False
    path, written = _written(held, container, text)
    return is_vendored(path) and _IMAGE.search(written) is not None and _SAYS not in written


def _written(held: Held, container: yaml.Mapping, text: Text) -> tuple[str, bytes]:
    """The file that writes a container, and the lines of it down to those that print what comes next."""
    source = held.one.document.source
    first = source.position(container.start).line - 1
    ends = [source.position(entry.value.end).line - 1 for entry in container.entries]
    last = max([first, *ends])
    if first >= len(held.lines):
        return "", b""
    path = held.lines[first][0]
    own = [at for file, at in held.lines[first : last + 1] if file == path]
    after = [at for file, at in held.lines[last + 1 :][:1] if file == path and at > max(own)]
    lines = (text(path) or b"").splitlines(keepends=True)
    return path, b"".join(lines[min(own) - 1 : after[0] - 1 if after else None])


def _way(one: Object, pod: yaml.Mapping) -> str:
    """The way of jq from an object to the map of a pod."""
    keys: list[str] = []
    node: yaml.Node | None = pod
    while node is not None and node is not one.root:
        key = node.key
        keys.append(f".{key}" if isinstance(key, str) and _PLAIN.match(key) else f"[{json.dumps(key)}]")
        node = node.parent
    return "".join(reversed(keys))


def _group(one: Object) -> str:
    version = one.root.text("apiVersion") or ""
    return version.rpartition("/")[0]


def _metadata(one: Object, key: str) -> str:
    metadata = yaml.lookup(one.root, "metadata")
    return (metadata.text(key) or "") if isinstance(metadata, yaml.Mapping) else ""


def _wanting(stack: Stack, fleet: Fleet) -> Iterator[str]:
    """The vendored templates of a release that write more images than pull policies."""
    for instance in instances_of(stack, fleet.tree):
        for path in template_paths(instance.chart.folder, fleet.tree):
            text = fleet.tree.text(path) if fleet.config.is_vendored(path) else None
            if text is not None and len(_IMAGE.findall(text)) > len(_POLICY.findall(text)):
                yield path


def declared_for(stack: Stack, fleet: Fleet) -> Iterator[dict[str, Plain]]:
    """The entries of `ignoreDifferences` that the declaration of a release has."""
    path, _, line = stack.origin.rpartition(":")
    source = fleet.tree.source(path)
    for document in fleet.tree.documents(path) if source is not None else ():
        root = document.root
        if root is None or source is None or str(document.source.position(root.start).line) != line:
            continue
        spec = as_map(as_map(plain_node(root, source)).get("spec"))
        if stack.kind == "applicationset":
            spec = as_map(as_map(spec.get("template")).get("spec"))
        entries = spec.get("ignoreDifferences")
        yield from map(as_map, entries if isinstance(entries, list) else ())


def _has(declared: Iterable[dict[str, Plain]], one: Object, path: str) -> bool:
    """Whether an Application ignores the very path for an object."""
    return is_ignored(declared, (_group(one), one.kind), _metadata(one, "name"), one.namespace, {path})


def is_ignored(
    declared: Iterable[dict[str, Plain]],
    kind: tuple[str, str],
    name: str,
    namespace: str | None,
    paths: Collection[str],
) -> bool:
    """Whether entries of `ignoreDifferences` name one of some paths for an object of a group and kind."""
    for entry in declared:
        ignored = entry.get("jqPathExpressions")
        is_for = (as_text(entry.get("group")) or "", as_text(entry.get("kind"))) == kind
        names = as_text(entry.get("name")) or None, as_text(entry.get("namespace")) or None
        is_named = names[0] in (None, name) and names[1] in (None, namespace)
        if is_for and is_named and isinstance(ignored, list) and any(path in ignored for path in paths):
            return True
    return False
