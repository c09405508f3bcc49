"""Remark on scripts that expect, look for or write floating tags.

Why: once digests are in Git, a script that looks for `:dev` finds nothing, and one that replaces it replaces nothing.

Seen are patterns of `grep`, `sed`, `yq` and their like, comparisons (`[[ $image == *:dev ]]`, `case`) and tags that
`helm --set` takes from a loop (`for env in dev staging`), in scripts, in recipes of makefiles, and in what the jobs
of pipelines run. Nothing is edited, and none of it is a violation: these scripts deploy nothing by that.

Leaves alone: everything; and it does not even remark on comments, branches, fixed tags, tags of anything but images,
literal tags of `helm --set` (another transform reports those), vendored files, test data.
Reports: each place (`tag-assumed`), as a remark.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod.fleet import Fleet
from codemod.formats import shell
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Fact, Transform
from transforms._literals import Floats
from transforms._script_texts import LANGUAGES, Script, scripts_of, values_of
from transforms._tag_patterns import assumed, compared

if TYPE_CHECKING:
    from tree_sitter import Node

CODE = "tag-assumed"
_LOOKS = frozenset("grep egrep fgrep zgrep rg ag ack git-grep findstr".split())
_EDITS = frozenset("sed gsed awk gawk perl".split())
_QUERIES = frozenset("yq jq gojq jaq dasel".split())
_VERBS = {"looks for": _LOOKS, "finds or writes": _EDITS, "asks for or sets": _QUERIES}
_IMAGES = (b"image", b"Image", b"IMAGE")
_STATEMENTS = frozenset(
    "pipeline redirected_statement negated_command command variable_assignment string command_substitution"
    " herestring_redirect concatenation".split()
)
_SET = on_use(r"--set(?:-string)?(?:=|$)")
_SET_TAG = on_use(r"(?:^|[=,])[\w.-]*[tT]ag=([\w.-]+)")

transform = Transform(
    __name__,
    reads=LANGUAGES,
    words=(b"grep", b"sed", b"awk", b"perl", b"rg ", b"yq", b"jq", b"==", b" = ", b"=~", b"case", b"--set"),
    looks_at_path=lambda source, fleet: fleet.config.spared(source.path),
    remarks=(CODE,),
)


@transform.scan
def assumptions(source: Source, fleet: Fleet) -> Iterator[Fact]:
    floats = fleet.config.floats
    for script in scripts_of(source, fleet):
        if script.text.mentions((b":", b"ag=", b"image", b"IMAGE")):
            yield from _of_script(script, floats)


def _of_script(script: Script, floats: Floats) -> Iterator[Fact]:
    values = values_of(script)
    for comparison in shell.comparisons(script.text):
        given = values.of(comparison.pattern)
        found = compared(comparison.subject, given, floats, is_about_images=script.text.mentions(_IMAGES))
        if found is not None:
            yield script.remark(_span(comparison.node), CODE, f"compares with the tag {found}")
    for command in shell.commands(script.text):
        if command.program in _LOOKS | _EDITS | _QUERIES:
            yield from _of_pattern(script, command, values, floats)
        elif command.program == "helm":
            yield from _of_loop(script, command, values, floats)


def _of_pattern(script: Script, command: shell.Command, values: shell.Values, floats: Floats) -> Iterator[Fact]:
    program, around = command.program, _statement(command.node)
    for word in command.words[1:]:
        given = values.of(shell.said(word))
        found = next((tag for one in given if (tag := assumed(one, around, floats)) is not None), None)
        if found is not None:
            verb = next(verb for verb, programs in _VERBS.items() if program in programs)
            yield script.remark(_span(word), CODE, f"{program} {verb} the tag {found}")
            return


def _of_loop(script: Script, command: shell.Command, values: shell.Values, floats: Floats) -> Iterator[Fact]:
    for number, text in enumerate(command.texts):
        if "$" not in text or not (_SET.match(text) or _SET.fullmatch(command.texts[number - 1])):
            continue
        tags = [tag for one in values.of(text) for tag in _SET_TAG.findall(one) if floats(tag)]
        if tags and len(values.of(text)) > 1:
            yield script.remark(_span(command.words[number]), CODE, f"a loop sets the tag {tags[0]}")


def _statement(node: Node) -> str:
    """The pipeline and redirections around a command, as they are written."""
    above = node
    while above.parent is not None and above.parent.type in _STATEMENTS:
        above = above.parent
    return (above.text or b"").decode("utf-8", "replace")


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)
