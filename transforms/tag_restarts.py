"""Remark on scripts and pages that restart workloads so that they pull a tag that has moved.

Why: a restart that pulls `:dev` anew is no commit, so nobody can say later what ran; and with digests in Git it pulls
the same image again.

Seen is `kubectl rollout restart` in a script that pulls or pushes a floating tag before, and advice of pages ("restart
the pods to pull the new `:dev`"). Nothing is edited, and none of it is a violation.

Leaves alone: everything; and it does not even remark on restarts in files that move no tag (after a changed ConfigMap,
say), those of the cluster's own workloads (`kube-system`), vendored files, test data.
Reports: each restart (`restart-for-tag`), as a remark.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import shell
from codemod.source import Source, Span
from codemod.transform import Fact, Transform
from transforms import _runbooks
from transforms._literals import Floats
from transforms._moved import moved
from transforms._published import Published, floating_tag
from transforms._script_texts import LANGUAGES, Script, scripts_of, values_of

CODE = "restart-for-tag"
_PAGES = frozenset(language.name for language in _runbooks.LANGUAGES)
_CLIENTS = ("kubectl", "oc", "k")
_OWN = "kube-system"

transform = Transform(
    __name__,
    reads=(*LANGUAGES, *_runbooks.LANGUAGES),
    words=(b"restart", b"Restart"),
    looks_at_path=lambda source, fleet: fleet.config.spared(source.path),
    remarks=(CODE,),
)


@transform.scan
def restarts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.language in _PAGES and source.outer is None and not fleet.config.spared(source.path):
        for span, tag in _runbooks.restarts(source, fleet.config.floats):
            yield Script(source, source, "docs").remark(span, CODE, f"the page restarts pods for the tag {tag}")
    scripts = scripts_of(source, fleet)
    found = [(script, command) for script in scripts for command in shell.commands(script.text) if _restarts(command)]
    if not found:
        return
    moves = [(one.script.place(one.span).start, one.tag) for one in moved(source, fleet)]
    moves += [pulled for script in scripts for pulled in _pulled(script, fleet.config.floats)]
    for script, command in found:
        span = Span(command.node.start_byte, command.node.end_byte)
        before = [tag for place, tag in sorted(moves) if place < script.place(span).start]
        if before:
            yield script.remark(span, CODE, f"the tag {before[-1]} is pulled or pushed before")


def _restarts(command: shell.Command) -> bool:
    given = [text for text in command.texts[1:] if not text.startswith("-")]
    pairs = [given[number : number + 2] for number in range(len(given))]
    return command.program in _CLIENTS and ["rollout", "restart"] in pairs and _OWN not in given


def _pulled(script: Script, floats: Floats) -> Iterator[tuple[int, str]]:
    """The floating tags of images that a script pulls, each with its place in the file."""
    values = values_of(script)
    for command in shell.commands(script.text):
        if command.program in shell.ENGINES and "pull" in command.texts[1:3]:
            for word, text in zip(command.words[2:], command.texts[2:], strict=True):
                tag = floating_tag(Published(0, text), values, floats)
                if tag is not None:
                    yield script.place(Span(word.start_byte, word.end_byte)).start, tag
