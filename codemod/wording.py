"""Words for people: counts with their nouns, text that is safe on one line."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text on one line: controls, line breaks, bidirectional marks, lone surrogates as `\n`, `\x1b`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def plural(count: int, noun: str) -> str:
    """`1 image`, `2 images`, `2 pull policies`, `3 matches`, `1,204 entries`."""
    if count != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{count:,} {noun}"


def shortened(text: str, most: int = 160) -> str:
    """The text on one line of at most so many characters; an ellipsis stands for what is left out at its end."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
