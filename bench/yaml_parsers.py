"""Which YAML parser gives exact spans, and at what price? Run it over any folder: `python bench/yaml_parsers.py DIR`.

For every parser: how many of the documents it reads, how many of its plain scalars stand at the reported span byte for
byte, and its CPU time as a ratio to that of libyaml's events. tree-sitter is measured where it is installed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError
from ruamel.yaml.events import ScalarEvent as RuamelScalar

BOM = b"\xef\xbb\xbf"
Scalar = tuple[int, int, str]
"""Start and end as character offsets into the text, and the value that the parser read."""


@dataclass(frozen=True)
class Parser:
    """A way to read a text: `scalars` gives its plain scalars with their spans, `errors` are its refusals."""

    name: str
    scalars: Callable[[str], list[Scalar]]
    errors: tuple[type[Exception], ...] = ()


def libyaml(text: str) -> list[Scalar]:
    """PyYAML's binding of libyaml, events only."""
    return plain(yaml.parse(text, Loader=yaml.CSafeLoader))


def pyyaml(text: str) -> list[Scalar]:
    """PyYAML's own parser, events only."""
    return plain(yaml.parse(text, Loader=yaml.SafeLoader))


def ruamel(text: str) -> list[Scalar]:
    """ruamel.yaml without its C part (YAML 1.2), events only."""
    return plain(YAML(typ="safe", pure=True).parse(text))


def plain(events: Iterable[Any]) -> list[Scalar]:
    """The plain scalars among events; the two libraries have the same attributes, not the same types."""
    scalars: list[Any] = [event for event in events if isinstance(event, (yaml.ScalarEvent, RuamelScalar))]
    return [(event.start_mark.index, event.end_mark.index, event.value) for event in scalars if not event.style]


def tree_sitter() -> Parser | None:
    """tree-sitter-yaml, which never refuses a text: one with an ERROR node counts as refused."""
    try:
        import tree_sitter_yaml
        from tree_sitter import Language
        from tree_sitter import Parser as TreeParser
    except ImportError:
        return None
    parser = TreeParser(Language(tree_sitter_yaml.language()))

    def scalars(text: str) -> list[Scalar]:
        data = text.encode()
        tree = parser.parse(data)
        if tree.root_node.has_error:
            raise ValueError("the tree holds an ERROR node")
        offset = int if text.isascii() else lambda place: len(data[:place].decode())
        return [
            (offset(node.start_byte), offset(node.end_byte), node.text.decode()) for node in plain_nodes(tree.root_node)
        ]

    return Parser("tree-sitter-yaml", scalars, (ValueError,))


def plain_nodes(root: Any) -> Iterator[Any]:
    """All plain scalars below a node, depth first."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "plain_scalar":
            yield node
        else:
            waiting += node.children


def parsers() -> list[Parser]:
    """libyaml first: it is what the others are compared with."""
    found = [
        Parser("PyYAML, libyaml", libyaml, (yaml.YAMLError,)),
        Parser("PyYAML, pure", pyyaml, (yaml.YAMLError,)),
        Parser("ruamel.yaml, pure", ruamel, (RuamelError, ValueError)),
    ]
    extra = tree_sitter()
    return [*found, extra] if extra else found


def texts(root: Path, limit: int) -> list[str]:
    """The YAML files below a folder, each at most `limit` bytes, byte order marks removed."""
    paths = sorted(path for suffix in ("*.yaml", "*.yml") for path in root.rglob(suffix) if path.is_file())
    data = (path.read_bytes().removeprefix(BOM) for path in paths)
    return [text.decode() for text in data if 0 < len(text) <= limit]


def exact(text: str, scalars: list[Scalar]) -> tuple[int, int]:
    """How many scalars stand at their span, letter by letter, and how many there are (those of one line)."""
    single = [scalar for scalar in scalars if "\n" not in text[scalar[0] : scalar[1]] and scalar[2]]
    return sum(text[start:end] == value for start, end, value in single), len(single)


def tolerance(parser: Parser, corpus: list[str]) -> tuple[int, int, int]:
    """Texts that a parser refuses, scalars at their span, scalars in all."""
    refused = right = total = 0
    for text in corpus:
        try:
            scalars = parser.scalars(text)
        except parser.errors:
            refused += 1
            continue
        found = exact(text, scalars)
        right, total = right + found[0], total + found[1]
    return refused, right, total


def seconds(parser: Parser, corpus: list[str]) -> float:
    """CPU seconds for the whole corpus, read by each parser in the same way."""
    begin = time.process_time()
    for text in corpus:
        parser.scalars(text)
    return time.process_time() - begin


def accepted(corpus: list[str], candidates: list[Parser]) -> list[str]:
    """The texts that every parser reads: only these can be compared by time."""
    kept = corpus
    for parser in candidates:
        kept = [text for text in kept if reads(parser, text)]
    return kept


def reads(parser: Parser, text: str) -> bool:
    """Whether a parser takes a text."""
    try:
        parser.scalars(text)
    except parser.errors:
        return False
    return True


def main() -> None:
    """Print one line a parser."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("tree", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--limit", type=int, default=200_000, help="leave out files of more bytes")
    arguments = options.parse_args()
    corpus, candidates = texts(arguments.tree, arguments.limit), parsers()
    common = accepted(corpus, candidates)
    if not common:
        sys.exit(f"{arguments.tree}: no YAML file that every parser reads")
    size = sum(map(len, common)) / 1e6
    print(f"{len(corpus)} files; {len(common)} of them ({size:.2f} M characters) are read by every parser and timed")
    rounds = [[seconds(parser, common) for parser in candidates] for _ in range(arguments.rounds)]
    for place, parser in enumerate(candidates):
        refused, right, total = tolerance(parser, corpus)
        ratio = median(figures[place] / figures[0] for figures in rounds)
        print(f"{parser.name:20} refuses {refused:4}   exact {right}/{total}   CPU {ratio:6.1f}x libyaml")


if __name__ == "__main__":
    main()
