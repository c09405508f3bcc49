"""What Argo CD Image Updater can move: the images of each Application, and the one file that is written for it.

Image Updater (pkg/argocd/update.go) writes `repository:tag@digest` or `tag@digest`, to one target of an Application.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from msgspec import Struct

from codemod.emit._argo import KINDS, Declaration
from codemod.emit._held import Held
from codemod.emit._target import Material, Object, Omission
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.reference import split
from codemod.transform import Keys

_NAME = on_use(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_NAMES = ("repository", "image", "name")
"""The keys that hold a repository beside a tag."""

NOTES = (
    "Apply only what may move by itself: `--env dev` leaves the other environments out.",
    "Image Updater writes repository:tag@digest. `unfloat check` calls that UF003, a floating tag beside a digest;",
    "allow it (`allow:` with code UF003) for the files below, or choose `unfloat update` or `unfloat emit kargo`.",
)
"""What stands above all manifests."""
_ALIAS_MAX = 36
"""What an annotation of an image leaves for its alias."""


class _Updated(Struct, frozen=True):
    """One image of one Application: the entry of its `images`, and the file that is written."""

    held: Held
    application: str
    namespace: str
    repository: str | None
    target: str
    entry: Object


def _updated(one: Held, declared: Mapping[str, Declaration], material: Material) -> _Updated | str:
    """What is to be updated, or why it cannot be."""
    if one.written is None or one.written.document:
        return "it stands in a text or a document that Image Updater does not edit"
    if one.pinned.surface == "kustomize":
        return _kustomized(one, declared, material)
    stack = one.stack
    if stack is None or stack.kind not in KINDS:
        return "no Argo CD Application renders it"
    if not _NAME.fullmatch(stack.name):
        return f"the name of its Application is not known in full ({stack.name})"
    if one.is_shared:
        return "it is in force in other environments, too"
    if one.channel is None:
        return one.why
    if not any(layer.path == one.pinned.path and not layer.within for layer in stack.layers):
        return "it stands in no value file, but in the Application"
    helm = _helm(one, material)
    if isinstance(helm, str):
        return helm
    declaration = declared.get(stack.origin)
    return _Updated(
        one,
        stack.name,
        (declaration and declaration.namespace) or material.wish.namespace,
        _repository(declaration, material),
        f"helmvalues:/{material.wish.prefix}{one.pinned.path}",
        helm,
    )


def _helm(one: Held, material: Material) -> Object | str:
    """The entry of an image in values, or why there is none."""
    assert one.written is not None
    path = _path(one.written.keys)
    if path is None:
        return "a dot in one of its keys makes its value path ambiguous for Image Updater"
    if one.written.form == "digest":
        return "it stands in a field of its own, and Image Updater writes only tags and whole references"
    if one.written.form == "reference":
        return _entry(one, split(one.written.before[:-1]).name, material, {"helm": {"spec": path}})
    return _beside_tag(one, path, material)


def _beside_tag(one: Held, path: str, material: Material) -> Object | str:
    """The entry of a tag and of the repository, which Image Updater writes along with it."""
    assert one.written is not None
    around, number = one.shown.keys[:-1], one.shown.stack
    assert number is not None
    key = next((key for key in _NAMES if material.fleet.effective(number, (*around, key)).text), None)
    name = _path((*one.written.keys[:-1], key)) if key is not None else None
    if key is None or name is None:
        return "its repository stands in no field that Image Updater could write"
    repository = material.fleet.effective(number, (*around, key)).text or ""
    registry = material.fleet.effective(number, (*around, "registry")).text
    if registry and not _has(one, (*one.written.keys[:-1], key)):
        return "its registry stands in a field of its own, and Image Updater would write it once more"
    spelled = f"{registry}/{repository}" if registry else repository
    return _entry(one, spelled, material, {"helm": {"name": name, "tag": path}})


def _has(one: Held, keys: Keys) -> bool:
    """Whether the file itself holds a value at these keys."""
    assert one.written is not None
    node, depth = yaml.descend(yaml.documents(one.pinned.source)[one.written.document].root, keys)
    return depth == len(keys) and isinstance(node, yaml.Scalar)


def _path(keys: Keys) -> str | None:
    """`image.tag`, `sidecars[0].image`; None where a key holds what is a sign there."""
    path = ""
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        elif not key or set(key) & set(".[]"):
            return None
        else:
            path += f".{key}" if path else key
    return path


def _kustomized(one: Held, declared: Mapping[str, Declaration], material: Material) -> _Updated | str:
    """An entry of the `images:` of a kustomization that is the source of an Application."""
    owners = [app for app in declared.values() if one.pinned.path in app.kustomizations and app.kind == "Application"]
    if not owners:
        return "no Argo CD Application has this kustomization as its source"
    if len(owners) > 1:
        return f"{len(owners)} Applications have this kustomization as their source"
    if one.channel is None:
        return one.why
    (owner,) = owners
    if not _NAME.fullmatch(owner.name):
        return f"the name of its Application is not known in full ({owner.name})"
    assert one.written is not None
    item, _ = yaml.descend(yaml.documents(one.pinned.source)[0].root, one.written.keys[:-1])
    name = (item.text("name") if isinstance(item, yaml.Mapping) else None) or one.image.name
    spelled = (item.text("newName") if isinstance(item, yaml.Mapping) else None) or name
    folder = one.pinned.path.rpartition("/")[0]
    return _Updated(
        one,
        owner.name,
        owner.namespace or material.wish.namespace,
        _repository(owner, material),
        f"kustomization:/{material.wish.prefix}{folder}",
        _entry(one, spelled, material, {"kustomize": {"name": name}}),
    )


def _repository(declaration: Declaration | None, material: Material) -> str | None:
    """Where to commit to: as told, else the one Git source of the Application, else what Image Updater takes itself."""
    if material.wish.repository is not None or declaration is None:
        return material.wish.repository
    return declaration.repositories[0] if len(declaration.repositories) == 1 else None


def _entry(one: Held, spelled: str, material: Material, targets: Object) -> Object:
    """The entry of an image, named as pods name it: Image Updater takes `busybox` and `docker.io/busybox` for two."""
    settings: Object = {"updateStrategy": "digest"}
    if material.fleet.config.platforms:
        settings["platforms"] = list(material.fleet.config.platforms)
    name = f"{spelled}:{(one.channel and one.channel.tag) or 'latest'}"
    return {"imageName": name, "commonUpdateSettings": settings, "manifestTargets": targets}


class Application(Struct, frozen=True):
    """One Application with the images that are moved in one file, by alias; each is an entry of `images`."""

    name: str
    namespace: str
    environment: str | None
    is_generated: bool
    repository: str | None
    target: str
    images: Mapping[str, Object]
    held: tuple[Held, ...]


def applications(material: Material) -> tuple[list[Application], list[Omission]]:
    """Every Application of the chosen environments with what can be moved there, by name; and what cannot."""
    groups: dict[tuple[str, str], list[_Updated]] = defaultdict(list)
    omissions: list[Omission] = []
    for one in material.held:
        if material.wish.environments and one.environment not in material.wish.environments:
            continue
        outcome = _updated(one, material.declared, material)
        if isinstance(outcome, _Updated):
            groups[outcome.namespace, outcome.application].append(outcome)
        else:
            omissions.append(Omission(one.pinned, outcome))
    found = []
    for _, group in sorted(groups.items()):
        kept = _of_one_file(group)
        reason = "Image Updater writes one file for each Application, and that is another one here"
        omissions += [Omission(one.held.pinned, reason) for one in group if one not in kept]
        found.append(_application(kept))
    return found, omissions


def _of_one_file(group: Collection[_Updated]) -> list[_Updated]:
    """The images of the file with the most of them."""
    counted = Counter(one.target for one in group)
    best = min(counted, key=lambda target: (-counted[target], target))
    return [one for one in group if one.target == best]


def _application(updated: list[_Updated]) -> Application:
    first = updated[0]
    images: dict[str, Object] = {}
    for one in updated:
        images[_alias(one.held.image.path.rpartition("/")[2], images)] = one.entry
    return Application(
        first.application,
        first.namespace,
        first.held.environment,
        first.held.stack is not None and first.held.stack.kind != KINDS[0],
        first.repository,
        first.target,
        images,
        tuple(one.held for one in updated),
    )


def _alias(base: str, taken: Collection[str]) -> str:
    """The last part of the image's name, with a number behind it from the second image of that name on."""
    base = base[:_ALIAS_MAX]
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
