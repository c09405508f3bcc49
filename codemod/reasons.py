"""The reason codes of transitional entries: why a place stays as it is."""

from __future__ import annotations

from codemod.code import Code

REASONS = (
    Code(
        "digest-unknown",
        "No digest source knows this reference",
        "No digest map, no unfloat.lock and no registry that was asked gave a digest for exactly this reference, and "
        "nothing is guessed.",
        "Add the reference to a file given with --digests (`unfloat images --unresolved` prints what is missing).",
    ),
    Code(
        "registry-failed",
        "The registry could not be asked",
        "No digest map and no unfloat.lock knows this reference, and its registry gave no answer to rely on: it "
        "refused access, could not be reached, asked to wait too long, or answered what no registry answers. The run "
        "leaves with exit code 2.",
        "The message says what happened. See docs/registries.md for credentials, mirrors, authorities and proxies; "
        "then run again, or supply the digest with --digests or an unfloat.lock.",
    ),
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
        "The tag is no value in a map but comes by its name: a parameter of an Argo CD source, `set` of a helmfile, a "
        "`targetPath` of Flux. It is read, shown and checked like any other, and not rewritten.",
        "Set the digest there by its name instead (`image.digest`), if the chart reads it, or move the tag into a "
        "values file or the inline values, where it is pinned.",
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
    Code(
        "tag-only",
        "Fixed tag without a digest",
        "The tag is a version or a commit and does not move by habit, but a registry lets anyone with push rights "
        "move it. The same commit may therefore still run other bits one day.",
        "Run with --pin-all to write `tag@digest`, so that the version stays readable and the bits are fixed.",
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
        "purpose-unknown",
        "Nobody says what the name is for",
        "A script or a step gets this name, and may pull, build or push it. Only what is pulled can have a digest.",
        "If it is only ever pulled, write the digest by hand, or where that can be seen (`container:`, `FROM`).",
    ),
    Code(
        "anchor-shared",
        "A YAML anchor serves several images",
        "The text is an anchor, or a merged map, that other images of the file reuse. One digest cannot be right for "
        "several repositories, and removing the key would leave aliases without a target.",
        "Write the tag or digest out at each image and drop the anchor, or share only what is the same for all.",
    ),
    Code(
        "platforms-missing",
        "The digest lacks a required platform",
        "The digest is that of one platform, or of an index without some platform that the configuration requires. "
        "Nodes of the missing platform could not start it.",
        "Publish a multi-platform index under this tag (check mirrors: copying often flattens it), or narrow "
        "`platforms:` in .unfloat.yaml.",
    ),
    Code(
        "not-spellable",
        "The quoting around it cannot express the edit",
        "The reference stands inside a quoted or escaped text, and the new text cannot be written there without "
        "changing more than the image.",
        "Write the embedded text as a block scalar or a plain literal, or edit this place by hand.",
    ),
    Code(
        "unsafe-edit",
        "The edited file would mean something else",
        "After the edits, another YAML parser read something that was not planned, so the whole file stayed as it was.",
        "Edit the file by hand, and report the case: the message says what would have changed.",
    ),
    Code(
        "proof-failed",
        "Rendered, more than the image would change",
        "With --prove, helm or kustomize rendered a release before and after the edits, and something besides a "
        "planned image or pull policy differed. All edited files of that release were left as they were.",
        "The message names the object that differs: something there is made of the tag besides the image. Mend its "
        "template and run again, or run without --prove if the difference is wanted.",
    ),
    Code(
        "overlapping-edits",
        "Two findings want the same bytes",
        "Two findings would edit the same place, so that only the first was carried out. The second was left, "
        "because applying both could garble the text.",
        "Run again: the second finding is usually settled or stands alone by then. If not, edit the place by hand.",
    ),
    Code(
        "unparsable",
        "The file cannot be parsed",
        "The file names images but is not valid in its format, so that no place in it is certain. It was left "
        "untouched.",
        "Correct the syntax error that the message names. If the file is a template, give it a template's name or "
        "exclude it in .unfloat.yaml.",
    ),
    Code(
        "too-large",
        "The file is over 16 MiB",
        "Files over 16 MiB are not read: most are generated, and parsing them would cost more than the run.",
        "Pin the source that generates the file, or exclude it in .unfloat.yaml.",
    ),
    Code(
        "vendored",
        "Vendored file, read but never edited",
        "The file belongs to somebody else and comes from upstream; the next update would undo an edit.",
        "Override the image in your own values, or pin upstream. If the file is yours, take its path out of "
        "`vendored:` in .unfloat.yaml.",
    ),
    Code(
        "docs",
        "Documentation",
        "Prose and examples are not deployed, and what they mean is for people to judge, so they are listed, not "
        "edited.",
        "Show the digest form in the text, so that nobody copies a floating tag from it.",
    ),
    Code(
        "allowlisted",
        "Excused by a dated exception",
        "An `allow:` entry of .unfloat.yaml excuses this place until its date, with an owner and a reason. The place "
        "is no violation until then.",
        "Its owner mends it before the date; after it the gate reports the place again.",
    ),
)
