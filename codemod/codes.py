"""The words that say why: reason codes of transitional entries and codes of the gate, each with its mend.

Codes are stable: scripts, exceptions (`allow:` in `.unfloat.yaml`) and dashboards are keyed by them. `docs/codes.md` is
`page()`; write it anew after a change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its word, a title of a few words, why things are so, and what mends them (plain sentences)."""

    code: str
    title: str
    why: str
    mend: str

    @property
    def is_violation(self) -> bool:
        """Whether this is a code of the gate (`UFnnn`) rather than a reason code."""
        return self.code.startswith("UF")


_REASONS = (
    Code(
        "digest-unknown",
        "No digest source knows this reference",
        "No digest map and no unfloat.lock gave a digest for exactly this reference, and nothing is guessed.",
        "Add the reference to a file given with --digests (`unfloat images --unresolved` prints what is missing).",
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
        "higher-layer-sets-tag",
        "A higher layer sets a tag without a known digest",
        "A later value file of some release sets another tag, for which no digest is known. A digest in this lower "
        "layer would win over that tag, and the release would run another image than it asks for.",
        "Supply the digest for the tag of the higher layer, or remove that tag; then run again and both layers are "
        "pinned together.",
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
        "overlapping-edits",
        "Two findings want the same bytes",
        "Two findings would edit the same place, so that only the first was carried out. The second was left, "
        "because applying both could garble the text.",
        "Run again: the second finding is usually settled or stands alone by then. If it stays, edit the place by "
        "hand.",
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
        "Files over 16 MiB are not read: they are almost always generated, and parsing them would cost more than the "
        "run.",
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

_VIOLATIONS = (
    Code(
        "UF001",
        "Floating tag",
        "The image is named by a tag that moves (no tag at all means latest), so one commit means different bits on "
        "different days, and a rollback does not bring the old ones back.",
        "Run `unfloat run` to replace the tag by its digest. Where that is not possible yet, add an exception with "
        "owner and date to .unfloat.yaml.",
    ),
    Code(
        "UF002",
        "Tag without digest",
        "This environment demands a digest (`digest: require`), and the image has only a tag, which its publisher "
        "can still move.",
        "Run `unfloat run --pin-all`, which keeps the tag and adds the digest.",
    ),
    Code(
        "UF003",
        "Floating tag beside a digest",
        "The digest decides what runs, but the moving tag beside it says something else, and Kubernetes still "
        "defaults to pulling always where the tag is latest.",
        "Drop the tag, or write the fixed tag (version or commit) that the digest stands for.",
    ),
    Code(
        "UF004",
        "Pull policy Always",
        "Always is a rollout mechanism for tags that move: every restart may bring other bits, and none starts while "
        "the registry is down. A pinned image never needs it.",
        "Run `unfloat run`, which sets IfNotPresent where everything the policy governs is pinned; pin the rest first.",
    ),
    Code(
        "UF007",
        "Expired exception",
        "The date of an `allow:` entry has passed, so it excuses nothing any more.",
        "Mend what it excused and remove the entry, or agree on a new date with its owner.",
    ),
)

CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in (*_REASONS, *_VIOLATIONS)})
"""All codes by their word, in the order in which reports show them."""


def page() -> str:
    """`docs/codes.md`: every code with its title, why and mend, as Markdown."""
    return "\n".join(
        (
            "# Codes\n",
            "Why a place stays as it is, and what the gate objects to. `unfloat explain CODE` prints the same text.\n",
            "## Reason codes of transitional entries\n",
            *map(_entry, _REASONS),
            "## Codes of the gate\n",
            *map(_entry, _VIOLATIONS),
        )
    )


def _entry(code: Code) -> str:
    return f"### `{code.code}`\n\n**{code.title}.** {code.why}\n\n*What to do:* {code.mend}\n"
