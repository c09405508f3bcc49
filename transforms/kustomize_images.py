"""Pin the tags that `images:` of a kustomization sets.

Why: an entry with `newTag` decides what runs, whatever the base says, and takes the digest off a base that is pinned.

     images:
       - name: ghcr.io/acme/web
    -    newTag: main # moved by CI
    +    digest: <digest> # moved by CI

So do the `images` of a Flux Kustomization, those of the post-renderers of a HelmRelease, and the `kustomize.images` of
an Argo CD source (`web=mirror/web:main`). The image is that of `newName`, else of `name`; where that is an expression,
the one that it matches. A fixed tag stays in front of its digest (`--pin-all`, or where it takes a digest off that a
base has); kustomize renders both.

What an Application writes into the kustomization of its folder counts as an entry there.

Leaves alone: entries that set a name only, `name` itself, entries that are pinned.
Reports: a tag that a template or a substitution computes (`computed-reference`), one that takes off the digest of a
base and whose own is not known (`digest-taken-off`), one that kustomize refuses because it is no string
(`ambiguous-tag`), one that Flux writes (`controller-writes-tag`); where its ImagePolicy knows the digest, the marker
becomes `:digest`.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Fact, Transform
from transforms._arguments import argument_fact, arguments
from transforms._documents import documents, kind, surface
from transforms._entries import entry_fact

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"newTag", b"digest", b"newName", b"kustomize"))


@transform.scan
def entries(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in documents(source):
        for entry in _images(document):
            fact = entry_fact(source, entry, surface(document), fleet)
            if fact is not None:
                yield fact
        for scalar in arguments(document):
            fact = argument_fact(source, scalar, surface(document), fleet)
            if fact is not None:
                yield fact


def _images(document: yaml.Document) -> Iterator[yaml.Mapping]:
    for holder in _holders(document):
        for images in (yaml.lookup(holder, "images"), yaml.lookup(holder, "imageTags")):
            for item in images.items if isinstance(images, yaml.Sequence) else ():
                if isinstance(item, yaml.Mapping):
                    yield item


def _holders(document: yaml.Document) -> Iterator[yaml.Mapping]:
    """The maps whose `images` are such entries: a kustomization, one of Flux, the post-renderers of a release."""
    where, root = surface(document), document.root
    if where == "flux" and kind(document) == "HelmRelease":
        renderers, depth = yaml.descend(root, ("spec", "postRenderers"))
        items = renderers.items if depth == 2 and isinstance(renderers, yaml.Sequence) else ()
        found = [yaml.lookup(item, "kustomize") for item in items if isinstance(item, yaml.Mapping)]
    elif where == "flux" and kind(document) == "Kustomization":
        found = [yaml.descend(root, ("spec",))[0]]
    else:
        found = [root] if where == "kustomize" else []
    yield from (holder for holder in found if isinstance(holder, yaml.Mapping))
