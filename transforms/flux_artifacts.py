"""Pin the OCI artifacts that Flux takes manifests and charts from.

Why: `tag: latest` rolls out whatever was pushed last, images and all.

     apiVersion: source.toolkit.fluxcd.io/v1
     kind: OCIRepository
     metadata:
       name: web
     spec:
       url: oci://ghcr.io/acme/manifests/web
       ref:
    -    tag: main # moved by CI
    +    digest: <digest> # moved by CI

Flux takes the digest before `semver`, and that before the tag. An artifact is for no platform, so none is asked for.

Leaves alone: fixed tags and ranges of versions, which are releases of charts for the most part, sources with a digest.
Reports: a URL or a tag that a substitution computes (`computed-reference`), a tag that Flux writes
(`controller-writes-tag`), a source without any `ref`, which takes `latest` (`not-spellable`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import DIGEST
from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.reference import is_digest
from codemod.source import Source
from codemod.transform import Fact, Image, Left, Rendering, Transform
from transforms._documents import api_version, kind
from transforms._keys import candidate, is_computed
from transforms._markers import WRITES_TAG, follow

SCHEME = "oci://"

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"OCIRepository",))


@transform.scan
def artifacts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in yaml.documents(source):
        spec = _spec(document)
        if spec is not None and (fact := _fact(source, spec, fleet)) is not None:
            yield fact


def _spec(document: yaml.Document) -> yaml.Mapping | None:
    if kind(document) != "OCIRepository" or not api_version(document).startswith("source.toolkit.fluxcd.io/"):
        return None
    spec, depth = yaml.descend(document.root, ("spec",))
    return spec if depth == 1 and isinstance(spec, yaml.Mapping) else None


def _fact(source: Source, spec: yaml.Mapping, fleet: Fleet) -> Image | Left | None:
    url, ref = spec.get("url"), yaml.lookup(spec, "ref")
    if url is None or not isinstance(url.value, yaml.Scalar) or not url.value.value.startswith(SCHEME):
        return None
    name = url.value.value.removeprefix(SCHEME)
    if not isinstance(ref, yaml.Mapping):
        return Left(url.value.inner, "flux", "not-spellable", name, "it has no `ref`, and takes `latest`")
    digest = yaml.lookup(ref, "digest")
    if isinstance(digest, yaml.Scalar) and is_digest(digest.value):
        pinned = candidate(f"{name}@{digest.value}")
        return Image(digest.inner, "flux", digest.value, (Rendering(pinned),)) if pinned is not None else None
    tag = ref.get("tag")
    if tag is None or not isinstance(tag.value, yaml.Scalar) or ref.text("digest") or ref.text("semver"):
        return None
    text, span = tag.value.value, tag.value.inner
    if tag.value.templated or is_computed(name + text):
        return Image(span, "flux", source.text(span), (Rendering(None),), reason="computed-reference")
    reference = candidate(f"{name}:{text}")
    if reference is None or not fleet.config.floats(text):
        return None
    made = (yaml.rename(tag, "digest"), yaml.replace(tag.value, DIGEST)) if "digest" not in ref.index else ()
    edits, writes = follow(source, tag, None, [edit for edit in made if edit is not None], fleet)
    reason = WRITES_TAG if writes else None
    return Image(span, "flux", text, (Rendering(reference),), edits, reason, message=writes)
