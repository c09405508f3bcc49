"""What the report remarks beside the images: one folded table for each reason code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from codemod.codes import CODES, ON_SCRIPTS
from codemod.outcome import LeftAlone, Plan
from codemod.reports.mdtext import cell, code, folded, plain, table
from codemod.reports.shared import place
from codemod.wording import plural

_LACKS = "crd-lacks-pull-policy"
_SKELETON = """\
func Test_KIND_pull_policy_reaches_its_pods(t *testing.T) {
	NAME := &KIND{}
GIVEN	for _, container := range containersOf(t, NAME) { // of all pods, jobs' as well, that the controller makes of it
		if container.ImagePullPolicy != corev1.PullNever {
			t.Errorf("%s: %q", container.Name, container.ImagePullPolicy)
		}
	}
}
"""


def section(after: Plan) -> Iterator[str]:
    """The remarks on pull policies of a plan of the edited tree, by code."""
    yield from of_codes([entry for entry in after.remarks if entry.code not in ON_SCRIPTS], "about")


def of_codes(entries: Iterable[LeftAlone], about: str) -> Iterator[str]:
    """Remarks by code, each with what to do and all its places; `about` is what the column of texts is called."""
    ordered = sorted(entries, key=lambda entry: (entry.code, place(entry.site)))
    for word, group in groupby(ordered, key=lambda entry: entry.code):
        yield from _of_code(word, list(group), about)


def _of_code(word: str, entries: list[LeftAlone], about: str) -> Iterator[str]:
    yield f"### {code(word)} ({len(entries):,})\n"
    if known := CODES.get(word):
        yield f"**{known.title}.** {known.why}\n"
        yield f"*What to do:* {known.mend}\n"
    rows = [
        (cell(f"{entry.site.path}:{entry.site.line}"), cell(_about(entry)), plain(entry.message)) for entry in entries
    ]
    yield folded(plural(len(rows), "place"), table(("place", about, "message"), rows), len(rows))
    if word == _LACKS:
        yield from _tests(entries)


def _about(entry: LeftAlone) -> str:
    """The image in full; of a script what stands there, so that it is found."""
    return entry.text if entry.code in ON_SCRIPTS else entry.image or entry.text


def _tests(entries: list[LeftAlone]) -> Iterator[str]:
    """A test for each kind that could have one, to begin with: that its pull policy arrives in the pods."""
    ways: dict[str, list[str]] = {}
    for entry in entries:
        kind, _, way = entry.text.split(" ", 2)
        ways.setdefault(kind, []).append(way)
    body = "\n".join(_test(kind, list(dict.fromkeys(found))) for kind, found in sorted(ways.items()))
    summary = f"A test to begin with for {plural(len(ways), 'kind')}"
    yield f"<details>\n<summary>{summary}</summary>\n\n```go\n{body}```\n\n</details>\n"


def _test(kind: str, ways: list[str]) -> str:
    name = kind[:1].lower() + kind[1:]
    fields = (".".join(part[:1].upper() + part[1:] for part in way.split(".")) for way in ways)
    given = "".join(f"\t{name}.{field}PullPolicy = corev1.PullNever\n" for field in fields)
    return _SKELETON.replace("KIND", kind).replace("NAME", name).replace("GIVEN", given)
