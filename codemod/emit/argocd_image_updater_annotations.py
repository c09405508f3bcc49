"""Argo CD Image Updater before 1.0: the same as annotations, a patch for each Application.

Image Updater 1.0 and later reads them, too, where an `ImageUpdater` says `useAnnotations`. What is left out is what
`argocd-image-updater` leaves out, and the Applications that an ApplicationSet generates: their annotations are those of
its template.
"""

from __future__ import annotations

from codemod.emit._image_updater import NOTES, Application, applications
from codemod.emit._target import COMMITS, Emitted, Material, Object, Omission, Target

PREFIX = "argocd-image-updater.argoproj.io/"
_GENERATED = "an ApplicationSet generates its Application, and takes annotations of others away"
_NAMES = (
    ("helm", "spec", "helm.image-spec"),
    ("helm", "name", "helm.image-name"),
    ("helm", "tag", "helm.image-tag"),
    ("kustomize", "name", "kustomize.image-name"),
)


def _write(material: Material) -> Emitted:
    found, omissions = applications(material)
    omissions += [Omission(held.pinned, _GENERATED) for app in found if app.is_generated for held in app.held]
    objects = tuple(_patch(app, material) for app in found if not app.is_generated)
    return Emitted(objects, tuple(omissions), NOTES if objects else ())


def _patch(app: Application, material: Material) -> Object:
    images = app.images.items()
    annotations = {"image-list": ",".join(f"{alias}={entry['imageName']}" for alias, entry in images)}
    for alias, entry in images:
        annotations[f"{alias}.update-strategy"] = "digest"
        if platforms := entry["commonUpdateSettings"].get("platforms"):
            annotations[f"{alias}.platforms"] = ",".join(platforms)
        for tool, key, name in _NAMES:
            if text := entry["manifestTargets"].get(tool, {}).get(key):
                annotations[f"{alias}.{name}"] = text
    annotations |= {"write-back-method": "git", "write-back-target": app.target}
    for name, value in (("git-repository", app.repository), ("git-branch", material.wish.branch)):
        if value is not None:
            annotations[name] = value
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": app.name,
            "namespace": app.namespace,
            "annotations": {f"{PREFIX}{name}": value for name, value in annotations.items()},
        },
    }


target = Target(__name__, _write, takes=COMMITS)
