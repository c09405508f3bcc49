"""The floating tags that a file moves in a registry, by its commands and by the actions of its steps."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import shell
from codemod.source import Source, Span
from transforms import _publishing_steps as steps
from transforms._literals import Floats
from transforms._published import floating_tag, published
from transforms._script_texts import Script, may_run, scripts_of, values_of

WORDS = (b"push", b"imagetools", b"tag", b"copy", b"cp ", b"destination", b"jib", b"publish", b"acr", b"submit", b"ko ")


class Moved(Struct, frozen=True):
    """A tag that moves: the text that says so, where, and the tag."""

    script: Script
    span: Span
    tag: str


def moved(source: Source, fleet: Fleet) -> list[Moved]:
    """All of a file, in order."""
    if not may_run(source) or fleet.config.spared(source.path):
        return []
    scripts = scripts_of(source, fleet)
    found = [Moved(*one) for one in steps.published(source, fleet.config.floats)]
    named: list[tuple[Moved, str]] = []
    pushed = {text for script in scripts for text in _pushed(script, fleet.config.floats, found, named)}
    is_pushed = bool(found) or any(b"push" in script.text.data for script in scripts)
    found += [one for one, text in named if is_pushed and text not in pushed]
    return sorted(found, key=lambda one: one.script.place(one.span).start)


def _pushed(script: Script, floats: Floats, found: list[Moved], named: list[tuple[Moved, str]]) -> Iterator[str]:
    """The names that a script pushes; `found` gets those that move, `named` what is only tagged so far."""
    values = values_of(script)
    for command in shell.commands(script.text):
        for one in published(command):
            tag = floating_tag(one, values, floats)
            if not one.names:
                yield one.text
            if tag is not None:
                word = command.words[one.word]
                moved = Moved(script, Span(word.start_byte, word.end_byte), tag)
                if one.names:
                    named.append((moved, one.text))
                else:
                    found.append(moved)
