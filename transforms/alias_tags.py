"""Remark on steps that publish an image under a tag that moves.

Why: what Git deploys by digest does not follow a tag, so that moving `:dev` deploys nothing any more. The step has
to hand on the digest instead.

Seen are `docker push`, `docker tag` where something is pushed, builds that push, `imagetools create`, `crane`,
`skopeo`, `oras`, `ko`, `jib`, kaniko and the builders of clouds in scripts, recipes of makefiles and jobs of pipelines,
and the inputs of actions that push (`docker/build-push-action`, `docker/metadata-action`). Variables are followed to
their defaults. Nothing is edited, and none of it is a violation: an alias that nothing in Git names does no harm.

Leaves alone: everything; and it does not even remark on fixed tags, tags that are computed, images that are only built
or loaded, registries on the same machine, vendored files, test data.
Reports: each tag that moves (`alias-published`), as a remark.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.source import Source
from codemod.transform import Fact, Transform
from transforms._moved import WORDS, moved
from transforms._script_texts import LANGUAGES

CODE = "alias-published"

transform = Transform(
    __name__,
    reads=LANGUAGES,
    words=WORDS,
    looks_at_path=lambda source, fleet: fleet.config.spared(source.path),
    remarks=(CODE,),
)


@transform.scan
def aliases(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for one in moved(source, fleet):
        said = one.script.text.text(one.span)
        held = ", which a variable holds" if "$" in said and one.tag not in said else ""
        yield one.script.remark(one.span, CODE, f"moves the tag {one.tag}{held}", names_image=True)
