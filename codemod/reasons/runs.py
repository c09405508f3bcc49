"""Reasons that lie in the run: what it may not do, or could not do safely."""

from __future__ import annotations

from codemod.code import Code

RUNS = (
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
        "test-data",
        "Test code or test data, read but never edited",
        "A test compares what it is given with what it expects, often by parts of the text: an image name there is an "
        "example, and a digest in one of its places makes the test fail.",
        "Nothing, if the tests only compare names. If they run these images, write the digests by hand, or take their "
        "paths out of `tests:` in .unfloat.yaml.",
    ),
    Code(
        "docs",
        "Example in documentation",
        "Examples are not deployed, and what they mean is for people to judge, so they are listed, not edited. They "
        "are no violations.",
        "Run `unfloat run --only docs`: it shows the form with a digest, `sha256:YOUR_DIGEST`, so that nobody copies "
        "a floating tag.",
    ),
    Code(
        "allowlisted",
        "Excused by a dated exception",
        "An `allow:` entry of .unfloat.yaml excuses this place until its date, with an owner and a reason. The place "
        "is no violation until then.",
        "Its owner mends it before the date; after it the gate reports the place again.",
    ),
)
