"""Kargo: new digests enter at the first environment, and the very same ones are promoted from stage to stage.

For each release (or, outside any, each file) a `Warehouse` that watches the tags of its images, and a `Stage` for each
environment, in the order of promotion: the first takes new digests from the Warehouse, each other one what the stage
before it runs. Stages of the very first environment are promoted by themselves. A promotion writes the digests to the
files, commits, pushes, and has Argo CD sync.

A digest that is in force in several environments has no stage of its own, and is left out. So is one that Kargo's
`yaml-update` cannot write: it replaces the rest of a line, in the first document of a file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from codemod.emit._argo import KINDS
from codemod.emit._freight import Line, key, lines, slug
from codemod.emit._held import Held
from codemod.emit._target import COMMITS, Emitted, Material, Object, Omission, Target
from codemod.errors import UnfloatError
from codemod.patterns import on_use
from codemod.reference import Reference

API = "kargo.akuity.io/v1alpha1"
CHECKOUT = "./repo"
_SCP = on_use(r"(?:ssh://)?(?:[^@/]+@)([^:/]+)(?::\d+/|[:/])(.+)")


def _write(material: Material) -> Emitted:
    wish = material.wish
    repository = _repository(material)
    if repository is None:
        raise UnfloatError("nothing says which Git repository Kargo is to commit to; name it with --repo URL")
    order = wish.environments or tuple(material.fleet.config.environments)
    if not order:
        raise UnfloatError(
            "nothing says in which order to promote; name the environments with --env, the first one first"
        )
    omissions: list[Omission] = []
    found = lines(material, order, omissions)
    project = wish.project or slug(repository.rstrip("/").rpartition("/")[2].removesuffix(".git"))
    objects: list[Object] = []
    first: list[str] = []
    for line in found:
        stages = [stage for stage in order if line.stages.get(stage)]
        if stages[0] == order[0]:
            first.append(_stage_name(stages[0], line.name))
        objects.append(_warehouse(line, stages[0], project))
        objects += _stages(line, stages, material, project, repository)
    head = [_object("Project", project), _policies(project, first)] if objects else []
    return Emitted((*head, *objects), tuple(omissions), _notes(project) if objects else ())


def _repository(material: Material) -> str | None:
    """The Git repository: as told, else the one that all Applications name, else the remote."""
    declared = {url for app in material.declared.values() for url in app.repositories}
    return material.wish.repository or (declared.pop() if len(declared) == 1 else None) or material.wish.origin


def _object(kind: str, name: str, project: str | None = None, spec: Object | None = None) -> Object:
    metadata = {"name": name} if project is None else {"name": name, "namespace": project}
    return {"apiVersion": API, "kind": kind, "metadata": metadata, **({"spec": spec} if spec is not None else {})}


def _policies(project: str, first: Sequence[str]) -> Object:
    policies = [{"stageSelector": {"name": name}, "autoPromotionEnabled": True} for name in first]
    return _object("ProjectConfig", project, project, {"promotionPolicies": policies})


def _warehouse(line: Line, first: str, project: str) -> Object:
    channels = dict.fromkeys(one.channel for one in line.stages[first] if one.channel is not None)
    images = [
        {"image": {"repoURL": one.name, "imageSelectionStrategy": "Digest", "constraint": one.tag or "latest"}}
        for one in channels
    ]
    return _object("Warehouse", line.name, project, {"interval": "5m0s", "subscriptions": images})


def _stages(line: Line, stages: Sequence[str], material: Material, project: str, repository: str) -> Iterator[Object]:
    before = None
    for stage in stages:
        name = _stage_name(stage, line.name)
        sources: Object = {"direct": True} if before is None else {"stages": [before]}
        origin = {"kind": "Warehouse", "name": line.name}
        spec = {
            "requestedFreight": [{"origin": origin, "sources": sources}],
            "promotionTemplate": {"spec": _promotion(line.stages[stage], material, repository)},
        }
        yield _object("Stage", name, project, spec)
        before = name


def _promotion(images: Sequence[Held], material: Material, repository: str) -> Object:
    wish = material.wish
    files: dict[str, list[Object]] = defaultdict(list)
    for one in images:
        assert one.written is not None
        update = {"key": key(one.written.keys), "value": f"{one.written.before}{_expression(one.image)}"}
        if update not in files[one.pinned.path]:
            files[one.pinned.path].append(update)
    checkout = {"path": CHECKOUT} if wish.branch is None else {"branch": wish.branch, "path": CHECKOUT}
    steps: list[Object] = [
        {"uses": "git-clone", "config": {"repoURL": "${{ vars.gitRepo }}", "checkout": [checkout]}},
    ]
    aliases = [f"update-{number}" for number in range(1, len(files) + 1)]
    for alias, (path, updates) in zip(aliases, sorted(files.items()), strict=True):
        config = {"path": f"{CHECKOUT}/{wish.prefix}{path}", "updates": updates}
        steps.append({"uses": "yaml-update", "as": alias, "config": config})
    said = "\n\n".join(f"${{{{ outputs['{alias}'].commitMessage }}}}" for alias in aliases)
    message = f"Promote images to ${{{{ ctx.stage }}}}\n\n{said}\n"
    steps.append({"uses": "git-commit", "config": {"path": CHECKOUT, "message": message}})
    steps.append({"uses": "git-push", "config": {"path": CHECKOUT}})
    if apps := _applications(images, material):
        steps.append({"uses": "argocd-update", "config": {"apps": apps}})
    return {"vars": [{"name": "gitRepo", "value": _https(repository)}], "steps": steps}


def _applications(images: Sequence[Held], material: Material) -> list[Object]:
    """The Applications that render the images, in the namespace that their manifests name."""
    declared = material.declared
    apps = set()
    for one in images:
        if one.stack is not None and one.stack.kind in KINDS:
            declaration = declared.get(one.stack.origin)
            namespace = (declaration and declaration.namespace) or material.wish.namespace
            apps.add((one.stack.name, namespace))
        apps |= {
            (app.name, app.namespace or material.wish.namespace)
            for app in declared.values()
            if app.kind == "Application" and one.pinned.path in app.kustomizations
        }
    return [{"name": name, "namespace": namespace} for name, namespace in sorted(apps)]


def _expression(image: Reference) -> str:
    return f'${{{{ imageFrom("{image.name}").Digest }}}}'


def _https(url: str) -> str:
    """Kargo is to be given HTTPS URLs; SSH ones are deprecated there."""
    match = _SCP.fullmatch(url) if not url.startswith(("http://", "https://")) else None
    return f"https://{match[1]}/{match[2]}" if match else url


def _stage_name(environment: str, line: str) -> str:
    return slug(f"{environment}-{line}")


def _notes(project: str) -> tuple[str, ...]:
    return (
        "Each Application that a Stage syncs needs the annotation",
        f'kargo.akuity.io/authorized-stage: "{project}:<name of the stage>".',
        "yaml-update drops the comments behind the digests that it writes.",
    )


target = Target(__name__, _write, takes=(*COMMITS, "--project"))
