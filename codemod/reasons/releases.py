"""Reasons that lie in releases: their layers, and the charts that read them."""

from __future__ import annotations

from codemod.code import Code

RELEASES = (
    Code(
        "repository-unknown",
        "The tag stands without a repository",
        "The file sets a tag, but no layer of any known release says which repository it belongs to. A digest is "
        "only valid for one repository, and none is assumed.",
        "Set `repository` beside the tag, or tell unfloat which chart and value files belong together under "
        "`stacks:` in .unfloat.yaml.",
    ),
    Code(
        "ambiguous-repository",
        "Releases render different repositories here",
        "Several releases read this value and combine it with different repositories. One digest cannot be right for "
        "all of them.",
        "Set the digest in the layer where each release names its repository, and remove the shared tag from here.",
    ),
    Code(
        "ambiguous-image",
        "Charts make several images of this tag",
        "One tag becomes different tags of one repository (`main` and `main-alpine`, say), in one chart or in several "
        "releases. A digest is only ever that of one of them, and the map has room for one.",
        "Give each variant a map of its own in the values, with its own tag, and let the chart read that.",
    ),
    Code(
        "chart-ignores-digest",
        "The chart does not read a digest",
        "The chart that reads these values builds its image from repository and tag only. A digest in the values "
        "would be ignored silently, and without the tag the chart's default tag would run.",
        "Make the chart render `repository@digest` when a digest is set, or move to a chart version that does; in a "
        "chart of your own, unfloat does it for you. Until then keep a dated exception.",
    ),
    Code(
        "chart-default-tag",
        "The chart's default decides the tag",
        "The values name a repository but no tag, so the chart's own default (often its appVersion) is what runs. "
        "What that is cannot be read from this file.",
        "Set `digest` beside the repository if the chart reads it, or set the tag that is meant to run.",
    ),
    Code(
        "tag-in-parameter",
        "A release sets the tag by name",
        "The tag is no value in a map but comes by its name from elsewhere: by a `targetPath` of Flux, by "
        "`helm --set` in a script, or by a parameter that a template computes. It is read, shown and checked like any "
        "other, and not rewritten.",
        "Set the digest there by its name instead (`image.digest`), if the chart reads it, or move the tag into a "
        "values file or the inline values, where it is pinned.",
    ),
    Code(
        "generator-element",
        "The template of an ApplicationSet reads this tag",
        "The tag is an element of a generator, or stands in a file that one reads. The template takes it by the name "
        "that it has here: with a digest in its place it would find nothing.",
        "Let the template set `image.digest` from an element `digest`, or a whole reference from an element `image`, "
        "and give all elements one.",
    ),
    Code(
        "higher-layer-sets-tag",
        "A higher layer sets a tag without a known digest",
        "A later value file of some release sets another tag, for which no digest is known. A digest in this lower "
        "layer would win over that tag, and the release would run another image than it asks for.",
        "Supply the digest for the tag of the higher layer, or remove that tag; then run again and both layers are "
        "pinned together.",
    ),
    Code(
        "lower-layer-sets-tag",
        "A lower layer sets a tag that the chart prefers",
        "The chart takes a tag before a digest, and a lower layer of some release sets one that stays. Without the tag "
        "of this layer that one would run, whatever the digest.",
        "Supply the digest for the lower layer's image, or let the chart prefer the digest; then run again and both "
        "layers are pinned together.",
    ),
    Code(
        "higher-layer-sets-repository",
        "A higher layer names another repository",
        "A later value file of some release names another repository and inherits this tag. A digest here would be "
        "inherited too, and under the other name it does not exist or is another image.",
        "Give that layer a tag whose digest is known, or supply the digest for its repository under this tag; then "
        "run again and both layers are pinned together.",
    ),
    Code(
        "stale-inherited-digest",
        "The digest was set for another image",
        "This layer changes the repository, the registry or the tag, but a lower layer sets a digest, and the digest "
        "decides. The release asks a repository for a digest of another one, or ignores the tag that stands here.",
        "Set the digest of this image beside its repository or tag, in the same layer.",
    ),
    Code(
        "shared-tag",
        "Several images share one tag",
        "The tag stands apart from the images that take it, so that no one digest could take its place. Each image "
        "with a layer of its own gets a digest there; the tag goes once all that read it are known images, and pinned.",
        "Give each image that the message names a digest in a layer that only its release reads; let what else reads "
        "the tag read something of its own. The next run takes the tag away.",
    ),
    Code(
        "tag-not-rendered",
        "The chart does not render this tag",
        "The chart that gets these values is in the repository, and no image that it renders depends on this tag: "
        "another tag takes its place, or no template asks for it. A digest here would pin nothing, or another image.",
        "Remove the tag if nothing reads it. Where a shared tag takes its place, let the chart prefer the image's own "
        "digest, and set that.",
    ),
    Code(
        "tag-kept-for-label",
        "The tag is used elsewhere too",
        "The chart also renders this tag as a label, an annotation or an environment variable, or its schema requires "
        "it. The digest is set below it and decides the image; the tag stays because the other places need it.",
        "Let the chart take that label from its appVersion or from a value of its own, then remove the tag. If the "
        "tag floats, write the version that the digest stands for instead.",
    ),
)
