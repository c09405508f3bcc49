"""What a Dockerfile builds from: its stages, the arguments that name them, and the images that come from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from codemod.formats.dockerfile import Dockerfile, Instruction, Word
from transforms._keys import is_spelled_out
from transforms._variables import VARIABLE, expanded, names, pattern

_MOUNT = "--mount="
_FROM = "from="


class Origin(Struct, frozen=True):
    """A place that says what is built or copied from.

    `word` is where the whole name is written: there, or the default of the argument that stands for it. `name` is what
    it comes to where no argument is passed, None where that cannot be known; `how` is why it is not written as a whole.
    """

    word: Word
    name: str | None
    how: str = ""


class Arguments(Struct):
    """The arguments in front of the first stage, the only ones that `FROM` knows."""

    defaults: dict[str, Word] = field(default_factory=dict)
    values: dict[str, str | None] = field(default_factory=dict)
    in_parts: set[str] = field(default_factory=set)
    """Those that make only a part of some text, so that theirs must stay what it is."""

    def declare(self, instruction: Instruction) -> None:
        """Take in what an `ARG` says."""
        for word in instruction.arguments:
            name, equals, value = word.text.partition("=")
            if not equals:
                self.values.setdefault(name, None)
                continue
            default = (
                word.part(len(name) + 1, len(word.text)).unquoted if _is_unbroken(word) else Word(value, word.span)
            )
            self.in_parts |= names(default.text)
            self.defaults[name], self.values[name] = default, expanded(default.text, self.values)


def origins(file: Dockerfile) -> Iterator[Origin]:
    """All of a file, in order; stages of the file and `scratch` are none."""
    if (syntax := file.directives.get("syntax")) is not None:
        word = syntax.part(0, len(syntax.text.split()[0]))
        yield Origin(word, word.text)
    arguments = Arguments()
    bases = [instruction.arguments for instruction in file.instructions if is_base(instruction)]
    for words in bases:
        arguments.in_parts |= names(words[0].text) if VARIABLE.fullmatch(words[0].unquoted.text) is None else set()
    all_stages = [stage for words in bases if (stage := _stage(words))]
    stages: list[str] = []
    for instruction in file.instructions:
        if is_base(instruction):
            yield from _base(instruction.arguments[0].unquoted, stages, arguments)
            stages.append(_stage(instruction.arguments))
        elif instruction.name == "ARG" and not stages:
            arguments.declare(instruction)
        else:
            known = None if instruction.is_trigger else all_stages
            yield from (o for word in _copied_from(instruction) for o in _elsewhere(word, known, len(bases)))


def _base(word: Word, stages: list[str], arguments: Arguments) -> Iterator[Origin]:
    """What a `FROM` names, if that is no stage."""
    name = expanded(word.text, arguments.values)
    if name is None and any(re.fullmatch(pattern(word.text), stage) for stage in stages if stage):
        return
    if name is not None and (name.lower() in stages or name == "scratch"):
        return
    if "$" not in word.text:
        yield Origin(word, name)
        return
    match = VARIABLE.fullmatch(word.text)
    argument = (match[1] or match[2]) if match else ""
    default = arguments.defaults.get(argument)
    if match is not None and match[3] in ("-", ":-") and match[4] and _is_unbroken(word):
        fallback = word.part(*match.span(4))
        yield Origin(fallback, fallback.text)
        if default is None or not default.text:
            return
    if default is None or match is None or match[3] in ("+", ":+"):
        yield Origin(word, name, "arguments make up the name")
    elif argument in arguments.in_parts:
        yield Origin(word, name, f"{argument} is also a part of other names")
    elif "$" in default.text:
        yield Origin(word, name, f"{argument} is put together of other arguments")
    else:
        yield Origin(default, default.text)


def _elsewhere(word: Word, stages: list[str] | None, count: int) -> Iterator[Origin]:
    """What `--from` or a mount names, if that is no stage; behind `ONBUILD`, any bare word may be a stage to come."""
    if "$" in word.text:
        yield Origin(word, None, "arguments make up the name")
    elif (word.text.isdigit() and int(word.text) < max(count, 1)) or (stages is None and not is_spelled_out(word.text)):
        return
    elif word.text != "scratch" and word.text.lower() not in (stages or ()):
        yield Origin(word, word.text)


def _copied_from(instruction: Instruction) -> Iterator[Word]:
    for flag in instruction.flags:
        if instruction.name == "COPY" and flag.text.startswith(f"--{_FROM}"):
            yield flag.part(len(_FROM) + 2, len(flag.text)).unquoted
        elif instruction.name == "RUN" and flag.text.startswith(_MOUNT):
            at = len(_MOUNT)
            for option in flag.text[at:].split(","):
                if option.startswith(_FROM):
                    yield flag.part(at + len(_FROM), at + len(option)).unquoted
                at += len(option) + 1


def is_base(instruction: Instruction) -> bool:
    """Whether an instruction begins a stage."""
    return instruction.name == "FROM" and bool(instruction.arguments) and not instruction.is_trigger


def _stage(words: tuple[Word, ...]) -> str:
    """The name of a stage, in lower case as they are compared; empty where it has none."""
    return words[-1].text.lower() if len(words) > 2 and words[-2].text.lower() == "as" else ""


def _is_unbroken(word: Word) -> bool:
    return word.span.end - word.span.start == len(word.text.encode())
