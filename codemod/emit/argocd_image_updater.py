"""Argo CD Image Updater: digests follow their tags by commits that the controller makes.

One `ImageUpdater` (v1alpha1, Image Updater 1.0 and later) for each environment and namespace of Applications, with
update strategy `digest` and write-back to the value file or kustomization that holds the digest.

Image Updater writes `repository:tag@digest` or `tag@digest`, and one file for each Application. It cannot write a
digest into a field of its own: such images are left out, unless their chart takes a whole reference (`contract: ref`).
It moves what Argo CD Applications run, nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from codemod.emit._image_updater import NOTES, Application, applications
from codemod.emit._target import COMMITS, Emitted, Material, Object, Target


def _write(material: Material) -> Emitted:
    found, omissions = applications(material)
    groups: dict[tuple[str, str], list[Application]] = defaultdict(list)
    for one in found:
        groups[one.environment or "", one.namespace].append(one)
    objects = tuple(_objects(groups, material))
    return Emitted(objects, tuple(omissions), NOTES if objects else ())


def _objects(groups: dict[tuple[str, str], list[Application]], material: Material) -> Iterator[Object]:
    for (environment, namespace), apps in sorted(groups.items()):
        yield {
            "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
            "kind": "ImageUpdater",
            "metadata": {"name": f"digests-{environment}" if environment else "digests", "namespace": namespace},
            "spec": {
                "writeBackConfig": {"method": "git"},
                "applicationRefs": [_reference(app, material) for app in apps],
            },
        }


def _reference(app: Application, material: Material) -> Object:
    git: Object = {"writeBackTarget": app.target}
    if app.repository is not None:
        git = {"repository": app.repository, **git}
    if material.wish.branch is not None:
        git["branch"] = material.wish.branch
    return {
        "namePattern": app.name,
        "writeBackConfig": {"method": "git", "gitConfig": git},
        "images": [{"alias": alias, **entry} for alias, entry in app.images.items()],
    }


target = Target(__name__, _write, takes=COMMITS)
