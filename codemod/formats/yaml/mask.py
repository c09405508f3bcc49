"""Template actions in YAML, hidden behind the same number of bytes, so that what is YAML can be read where it stands.

An action that stands alone on its line, or that closes a `key:` or `-` line with a block (`nindent`, `toYaml`, a
control structure), becomes spaces; one inside a value becomes `x`. What a template renders to is
never guessed: a masked scalar is said to be templated, and only untouched text is ever edited.
"""

from __future__ import annotations

import re

from codemod.patterns import on_use

_OPEN = on_use(rb"\{[{%]")
_CLOSE = {b"{{": b"}}", b"{%": b"%}"}
_BLANK_REST = on_use(rb"\s*?(?:\n|\Z)")
_BLOCK = on_use(rb"\{\{-?\s*(?:if|else|end|with|range|define|block|/\*|\$\w*\s*:?=)|\bn?indent\b|\btoYaml\b")
_BRANCH = on_use(rb"\{\{-?\s*(?:if|with|range|define|block)\b")
_END = on_use(rb"\{\{-?\s*end\b")
_SILENT = on_use(rb"\{\{-?\s*(?:/\*.*?\*/|\$\w*\s*:?=(?:(?!\}\}).)*)\s*-?\}\}", re.DOTALL)
_INLINE = on_use(rb"\{\{-?\s*range\b|\bn?indent\b|\btoYaml\b")
_COLON = on_use(rb":\s")
_BLANK = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_CROSSED = bytes(byte if byte in b"\r\n" else ord("x") for byte in range(256))
"""What every byte of an action is written as: line breaks stay."""
_VERB = on_use(rb"%(?:\[\d+\])?[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]")


def mask(data: bytes, printf: bool = False) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The bytes with actions masked (length and line breaks kept), and the spans that were masked, in order."""
    spans = _actions(data)
    out = bytearray(data)
    for group in _neighbours(data, spans):
        begin, stop = group[0][0], group[-1][1]
        blank = _stands_alone(data, begin, stop)
        for start, end in group:
            out[start:end] = _cover(data[start:end], blank)
    if printf:
        for match in _VERB.finditer(data):
            out[match.start() : match.end()] = b"x" * (match.end() - match.start())
            spans.append(match.span())
    return bytes(out), tuple(sorted(spans))


def _actions(data: bytes) -> list[tuple[int, int]]:
    """Every action from its opening to the next closing; an opening that nothing closes is none."""
    spans: list[tuple[int, int]] = []
    hopeless: set[bytes] = set()
    match = _OPEN.search(data)
    while match is not None:
        stop = -1 if match[0] in hopeless else data.find(_CLOSE[match[0]], match.end())
        if stop < 0:
            hopeless.add(match[0])
            match = _OPEN.search(data, match.start() + 1) if len(hopeless) < len(_CLOSE) else None
        else:
            spans.append((match.start(), stop + 2))
            match = _OPEN.search(data, stop + 2)
    return spans


def _neighbours(data: bytes, spans: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Actions with only blanks between them, on one line, go together."""
    groups: list[list[tuple[int, int]]] = []
    for span in spans:
        if groups and not data[groups[-1][-1][1] : span[0]].strip(b" \t"):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _stands_alone(data: bytes, start: int, end: int) -> bool:
    """Whether nothing but the actions, or the `key:` or `-` whose block they make, stands on the line."""
    if _BLANK_REST.match(data, end) is None:
        return False
    before = data[data.rfind(b"\n", 0, start) + 1 : start].strip()
    if not before:
        return True
    return _opens(before) and _is_block(data[start:end])


def _opens(line: bytes) -> bool:
    """Whether a line so far ends as a key or an item does; a colon in a value (`image: name:`) ends nothing."""
    return line.endswith(b"-") or (line.endswith(b":") and _COLON.search(line) is None)


def _is_block(actions: bytes) -> bool:
    """Whether actions make a block; a branch that is closed again on its line makes a value.

    What a value is preceded by and prints nothing, an assignment or a comment, makes none.
    """
    if b"=" in actions or b"/*" in actions:
        actions = _SILENT.sub(b"", actions).strip() or actions
    opened, closed = len(_BRANCH.findall(actions)), len(_END.findall(actions))
    return (_INLINE if opened and opened == closed else _BLOCK).search(actions) is not None


def _cover(action: bytes, blank: bool) -> bytes:
    if blank:
        return action.translate(_BLANK)
    first, newline, rest = action.partition(b"\n")
    return first.translate(_CROSSED) + newline + rest.translate(_BLANK)
