"""What commands do with the images that are their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod import syntax
from codemod.formats.shell.words import nodes
from codemod.patterns import on_use
from codemod.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node


class Role(Enum):
    """What becomes of a word: it is run or pulled, given as an option or a value, made by the script, or just said."""

    IMAGE = "image"
    OPTION = "option"
    VALUE = "value"
    MADE = "made"
    SAID = "said"
    UNKNOWN = "unknown"


_ASKS = frozenset({"inspect", "list-tags"})
"""What skopeo only asks a registry for, the digest of a tag, say."""


class Command(Struct, frozen=True):
    """A command: its words, and their texts without quotes; what only runs it (`sudo`) and redirections left out."""

    node: Node
    words: list[Node]
    texts: list[str]

    @property
    def program(self) -> str:
        """The name of the program, without its folder."""
        return self.texts[0].rpartition("/")[2]


ENGINES = frozenset({"docker", "podman", "nerdctl", "buildah", "finch"})
_RUNS = frozenset({"run", "create", "pull"})
_MAKES = frozenset(
    {"build", "buildx", "push", "tag", "load", "save", "commit", "import", "rmi", "bud", "manifest", "bake"}
)
_WITHOUT_VALUE = on_use(
    r"-[dtiPq]+|--[\w-]+=.*|-\w=.*"
    r"|\$.*|--(?:detach|interactive|tty|rm|privileged|init|publish-all|read-only|quiet|no-healthcheck|oom-kill-disable|replace)"
)
_OPTIONS = on_use(r"\$\{?_+\}?|\$\{?(?:\w*_)?(?:ARGS|FLAGS|OPTS|OPTIONS|PARAMS)\}?", re.IGNORECASE)
"""A variable that stands for options."""
_LOADERS = frozenset({"kind", "k3d", "minikube", "ko"})
_PREFIXES = frozenset({"sudo", "exec", "time", "command", "env", "nohup", "retry", "timeout", "xargs", "if", "!"})
_SAYS = frozenset(
    {
        "echo",
        "printf",
        "log",
        "die",
        "fail",
        "warn",
        "info",
        "error",
        "git",
        "grep",
        "egrep",
        "sed",
        "awk",
        "scp",
        "ssh",
    }
    | {
        "rsync",
        "curl",
        "wget",
        "cp",
        "mv",
        "cat",
        "mkdir",
        "cd",
        "test",
        "[",
        "usage",
        "jq",
        "yq",
        "find",
        "source",
        ".",
    }
)


def commands(source: Source) -> tuple[Command, ...]:
    """The commands of a script, in order, those within others too."""
    if "commands" not in source.memo:
        source.memo["commands"] = tuple(_commands(source))
    found: tuple[Command, ...] = source.memo["commands"]
    return found


def _commands(source: Source) -> Iterator[Command]:
    for node in nodes(source, ("command",)):
        words, texts = _words(node)
        kept = [number for number, word in enumerate(words) if not word.type.endswith("redirect")]
        if kept and syntax.is_sound(node):
            yield Command(node, [words[number] for number in kept], [texts[number] for number in kept])


def said(node: Node) -> str:
    """What a word says, without the quotes around it; expansions as they are written."""
    text = syntax.text(node)
    if node.type == "raw_string":
        return text[1:-1]
    return re.sub(r"\\([\"`$])", r"\1", text[1:-1]) if node.type == "string" else text.replace('"', "").replace("'", "")


def command_of(node: Node) -> list[str]:
    """The words of the command that a word is an argument of, without quotes and without what runs it (`sudo`)."""
    above: Node | None = node
    while above is not None and above.type != "command":
        above = above.parent
    return [] if above is None else _words(above)[1]


def role(node: Node) -> Role:
    """What becomes of a word of a script."""
    inner, above = node, node.parent
    while above is not None and above.type in ("string", "concatenation"):
        inner, above = above, above.parent
    if above is None or above.type in ("herestring_redirect", "file_redirect", "heredoc_redirect"):
        return Role.SAID
    if above.type != "command":
        return Role.VALUE
    return _of_argument(above, inner)


def _of_argument(command: Node, argument: Node) -> Role:
    words, texts = _words(command)
    at = next((number for number, word in enumerate(words) if word == argument), 0)
    if not texts or at == 0:
        return Role.SAID
    program = texts[0].rpartition("/")[2]
    if program in _SAYS or program.startswith(("log", "print")):
        return Role.SAID
    if program == "skopeo" and _ASKS & set(texts[1:4]):
        return Role.SAID
    if program in ENGINES or re.fullmatch(r"\$\{?\w*(?:DOCKER|ENGINE|RUNTIME|PODMAN)\w*\}?", texts[0]):
        return _of_engine(texts, at)
    if re.match(r"--?[\w.-]*image[\w.-]*=", texts[at]) or re.fullmatch(r"--?[\w.-]*image[\w.-]*", texts[at - 1]):
        return Role.OPTION
    if program in ("kubectl", "oc") and texts[1:3] == ["set", "image"] and re.match(r"[\w.*-]+=", texts[at]):
        return Role.IMAGE
    if program == "helm" and (texts[at - 1].startswith("--set") or texts[at].startswith("--set")):
        return Role.OPTION
    is_target = program == "skopeo" and at == len(texts) - 1 and texts[at].startswith("docker://")
    return Role.MADE if program in _LOADERS or is_target else Role.UNKNOWN


def _words(command: Node) -> tuple[list[Node], list[str]]:
    words = [node for node in command.named_children if node.type != "variable_assignment"]
    texts = [syntax.text(word).replace('"', "").strip("'") for word in words]
    while texts and texts[0] in _PREFIXES:
        words, texts = words[1:], texts[1:]
    return words, texts


def _of_engine(texts: list[str], at: int) -> Role:
    verbs = [number for number, text in enumerate(texts[1:4], 1) if text in _RUNS | _MAKES]
    if not verbs:
        return Role.UNKNOWN
    verb = verbs[0]
    if texts[verb] in _MAKES:
        return Role.MADE
    number = verb + 1
    while number < len(texts) and (texts[number].startswith("-") or _OPTIONS.fullmatch(texts[number])):
        number += 1 if _WITHOUT_VALUE.fullmatch(texts[number]) else 2
    return Role.IMAGE if at == number or (at > number and texts[verb] == "pull") else Role.SAID
