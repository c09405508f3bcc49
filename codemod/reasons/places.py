"""Reasons that lie in the place itself: what is written there, and what else reads it."""

from __future__ import annotations

from codemod.code import Code

PLACES = (
    Code(
        "tag-only",
        "Fixed tag without a digest",
        "The tag is a version or a commit and does not move by habit, but a registry lets anyone with push rights "
        "move it. The same commit may therefore still run other bits one day.",
        "Run with --pin-all to write `tag@digest`, so that the version stays readable and the bits are fixed.",
    ),
    Code(
        "digest-taken-off",
        "A tag takes off a digest",
        "The image is pinned where it is written, and this entry sets another tag without a digest: kustomize drops "
        "the old digest with the old tag. No digest is known for the new one.",
        "Supply the digest of this tag and run again, or set `digest` beside it.",
    ),
    Code(
        "ambiguous-tag",
        "The tag is an unquoted number",
        "YAML reads an unquoted 1.10 as the number 1.1, and Helm renders it so; long digits or 12e3 change likewise. "
        "What is written and what runs are different tags, and which of the two is meant is not in the file.",
        'Quote the tag that is meant, for example tag: "1.10", and run again.',
    ),
    Code(
        "floating-tag-beside-digest",
        "Floating tag and digest in one tag field",
        "The tag field holds something like dev@sha256:…. The digest decides what runs, but the moving tag misleads "
        "readers, and a chart that reuses the tag as a label renders an invalid one (`@` and `:` are not allowed "
        "there).",
        "Move the digest to the chart's `digest` field and drop the tag, or write a fixed tag before the digest.",
    ),
    Code(
        "pull-policy-governs-unpinned",
        "Pull policy governs an image that is not pinned",
        "At least one image under this policy still floats. With IfNotPresent a node would keep whatever bits it "
        "pulled first, so Always stays until everything it governs is pinned.",
        "Pin the images it governs (they are listed with reasons of their own) and run again; the policy then follows.",
    ),
    Code(
        "computed-reference",
        "The reference is computed",
        "The image is put together at run time (a template, Sprintf, an f-string, a shell variable), so no text here "
        "is the reference. Rewriting a part of it could produce an image that does not exist.",
        "Pass the whole reference, digest included, as one value or constant, or give the template a digest branch.",
    ),
    Code(
        "built-here",
        "The image is built from this repository",
        "The name is what a build of this repository calls its result: it has no digest before it is built.",
        "Pin the image where it is deployed, once the build has published it.",
    ),
    Code(
        "never-pulled",
        "The pull policy is `Never`",
        "The image has to be on the node under this very name, as `kind load` and `k3d image import` put it there; "
        "under a digest the kubelet would not find it.",
        "Pull the image from a registry, by digest and with `IfNotPresent`, where it is deployed.",
    ),
    Code(
        "purpose-unknown",
        "Nobody says what the name is for",
        "A script or a step gets this name, and may pull, build or push it. Only what is pulled can have a digest.",
        "If it is only ever pulled, write the digest by hand, or where that can be seen (`container:`, `FROM`).",
    ),
    Code(
        "controller-writes-tag",
        "Flux writes the tag",
        'A marker (`# {"$imagepolicy": …}`) tells image-automation-controller to write what an ImagePolicy selects '
        "into this field. A policy without `digestReflectionPolicy` has no digest: the controller writes the tag again "
        "over a pinned reference, and a tag into what has become `digest`.",
        "Set `digestReflectionPolicy: Always` in the ImagePolicy and run again: a marked reference then stays pinned, "
        "and the marker of a tag becomes `:digest` with its field.",
    ),
    Code(
        "run-text",
        "A script of a CI job names it",
        "What a step runs is a program of its own, in a shell that the job chooses, with expressions that the CI fills "
        "in before. It is read, and never edited.",
        "Write the digest by hand, or run the step in a container (`container:`, `uses: docker://`, `image:`): those "
        "are pinned.",
    ),
    Code(
        "anchor-shared",
        "A YAML anchor serves several images",
        "The text is an anchor, or a merged map, that other images of the file reuse. One digest cannot be right for "
        "several repositories, and removing the key would leave aliases without a target.",
        "Write the tag or digest out at each image and drop the anchor, or share only what is the same for all.",
    ),
)
