"""What is remarked on scripts that assume tags: they deploy nothing by that, so it stands apart in reports."""

from __future__ import annotations

from codemod.code import Code

SCRIPTS = (
    Code(
        "tag-assumed",
        "A script expects a floating tag",
        "It looks for the tag, compares with it, or writes it (`grep ':dev'`, `sed`, `yq`, `case`). Where digests "
        "stand in Git it finds nothing and replaces nothing, often without an error; and a search by lines misses "
        "block strings and flow maps.",
        "Let a script that guards run `unfloat check`, and one that renders charts look for `@sha256:`. One that "
        "writes tags should write the digest instead (`unfloat update`, `kustomize edit set image`), in a commit.",
    ),
    Code(
        "restart-for-tag",
        "A script or a page restarts pods to pull a tag",
        "A restart that pulls a moved tag leaves no trace in Git: nobody can say later what ran when, or go back to "
        "it. Once the image is pinned, a restart runs the same image again.",
        "Commit the new digest (`unfloat update --commit`, a pull request of the pipeline, Image Updater, Kargo): the "
        "changed reference is the rollout.",
    ),
    Code(
        "alias-published",
        "A publishing step moves a tag",
        "The step gives the image a tag that moves with every build. What Git deploys by digest does not follow it, so "
        "the step alone deploys nothing any more.",
        "Push a tag of its own (the commit), read the digest after the push (output `digest` of the build step, "
        "`docker buildx imagetools inspect`, `crane digest`) and write it back to Git. Keep the alias for people at "
        "most: nothing in Git may name it.",
    ),
    Code(
        "script-missing",
        "A script that is called is not there",
        "The repository has no file at this path, and nothing here makes, fetches or looks for it, so the call fails. "
        "Left-overs of builds on the spot are often of this kind.",
        "Remove the call, or put the script back. If it built and pushed images, deploy digests that a pipeline has "
        "published instead. If something else makes it at run time, test for it first.",
    ),
)
