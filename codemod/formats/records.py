"""The small files that unfloat reads for itself: configuration, digest maps, the lock.

Bytes in, plain values and the line of every one of them out. YAML (and so JSON) is built from the events of PyYAML's
libyaml parser by a loop, not by recursion, so depth is bounded here. Scalars follow the core schema of YAML 1.2
(`on` and `2026-12-31` are text); keys are always the text that stands there. Anchors may be set, aliases may not be
used: nothing expands. TOML is `tomllib`'s, lines are found by a second look at the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from codemod.errors import InputError
from codemod.patterns import on_use

Keys = tuple[str | int, ...]
"""The way to a value: map keys and list indices."""

DEPTH_MAX = 64
SHOWN_MAX = 240
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""What libyaml says from 0.2.6 on; it looks up to 1024 characters ahead, so it can say so before its first event."""

_STRING_TAGS = ("!", "tag:yaml.org,2002:str")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True}
_WORDS |= {"false": False, "False": False, "FALSE": False}
_INTEGER = on_use(r"[-+]?[0-9]{1,18}")
_FLOAT = on_use(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CONFLICT = on_use(r"^<{7} ", re.MULTILINE)
_TOML_PART = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_TOML_NAME = rf"({_TOML_PART}(?:\s*\.\s*{_TOML_PART})*)"
_TOML_LINE = on_use(rf"\s*(?:(\[\[?)\s*{_TOML_NAME}\s*\]|{_TOML_NAME}\s*=)")


class Record(Struct, frozen=True):
    """What one file holds: `value` is plain Python, `lines` gives the 1-based line of the values that are known.

    The line of a map's entry is that of its key.
    """

    path: str
    value: Any
    lines: Mapping[Keys, int]

    def line(self, keys: Keys) -> int | None:
        """The line of a value, or that of the nearest one around it."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys)

    def error(self, keys: Keys, problem: str, mend: str) -> InputError:
        """The error that names the place of a value."""
        return InputError(self.path, one_line(problem), one_line(mend), self.line(keys))


class _Open(Struct):
    """A map or list that the parser is inside of."""

    value: dict[str, Any] | list[Any]
    keys: Keys
    key: str | None = None


class _Builder(Struct):
    """Builds the value of one document from its events."""

    path: str
    value: Any = None
    lines: dict[Keys, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0

    def enter(self, value: dict[str, Any] | list[Any], line: int) -> None:
        """A map or list begins."""
        if len(self.stack) == DEPTH_MAX:
            raise _too_deep(self.path, line)
        if self.is_key_next():
            raise InputError(self.path, "a key that is a map or a list", "write the key as text", line)
        self.stack.append(_Open(value, self.add(value, line)))

    def is_key_next(self) -> bool:
        """Whether the next scalar is a key."""
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def add_key(self, key: str, line: int) -> None:
        """A key of the innermost map."""
        inside = self.stack[-1]
        first = self.lines.setdefault((*inside.keys, key), line)
        if key in inside.value:
            problem = f"duplicate key `{one_line(key)}`, first on line {first}"
            raise InputError(self.path, problem, "keep one of the two", line)
        inside.key = key

    def add(self, value: Any, line: int) -> Keys:
        """A value, in its place; returns the way to it."""
        if not self.stack:
            self.value = value
            keys: Keys = ()
        elif isinstance(into := self.stack[-1].value, list):
            into.append(value)
            keys = (*self.stack[-1].keys, len(into) - 1)
        else:
            key = self.stack[-1].key or ""
            into[key] = value
            self.stack[-1].key = None
            return (*self.stack[-1].keys, key)
        self.lines[keys] = line
        return keys


def one_line(text: str) -> str:
    """Text from a file, fit for a message: controls and line breaks escaped, cut after `SHOWN_MAX` characters."""
    text = text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def read(path: str, data: bytes) -> Record:
    """The one document of a YAML or JSON file; an empty file holds None. Raises `InputError`, `path` is for people."""
    import yaml

    text = _text(path, data)
    builder = _Builder(path)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            _feed(builder, event, yaml.events)
    except yaml.YAMLError as error:
        raise _yaml_error(path, text, error) from None
    return Record(path, builder.value, builder.lines or {(): 1})


def _feed(builder: _Builder, event: Any, kinds: Any) -> None:
    """Take in one event of the document."""
    line = event.start_mark.line + 1
    if isinstance(event, kinds.DocumentStartEvent):
        builder.documents += 1
        if builder.documents > 1:
            raise InputError(builder.path, "a second document begins", "keep one document in the file", line)
    if isinstance(event, kinds.AliasEvent):
        problem = f"the alias `*{event.anchor}` is not read here"
        raise InputError(builder.path, problem, "write the value out", line)
    if isinstance(event, kinds.NodeEvent) and not (event.tag is None or event.tag in _STRING_TAGS):
        raise InputError(builder.path, f"the tag `{event.tag}` is not read here", "leave it out", line)
    if isinstance(event, kinds.ScalarEvent):
        if builder.is_key_next():
            builder.add_key(event.value, line)
        else:
            is_plain = event.style in (None, "") and event.tag is None
            builder.add(_scalar(event.value) if is_plain else event.value, line)
    elif isinstance(event, kinds.MappingStartEvent):
        builder.enter({}, line)
    elif isinstance(event, kinds.SequenceStartEvent):
        builder.enter([], line)
    elif isinstance(event, kinds.CollectionEndEvent):
        builder.stack.pop()


def _scalar(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _text(path: str, data: bytes) -> str:
    """The text of a file, without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(path, "not valid UTF-8", "save the file as UTF-8", line) from None


def _too_deep(path: str, line: int) -> InputError:
    return InputError(path, f"nested more than {DEPTH_MAX} levels deep", "such files are flat", line)


def _yaml_error(path: str, text: str, error: Exception) -> InputError:
    """What PyYAML found, in one line."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        return InputError(path, "a merge conflict begins", "resolve it", line)
    mark = getattr(error, "problem_mark", None)
    if mark is not None and getattr(error, "problem", None) == _LIBYAML_TOO_DEEP:
        return _too_deep(path, mark.line + 1)
    if mark is not None:
        return InputError(path, f"not valid YAML: {getattr(error, 'problem', error)}", "correct it", mark.line + 1)
    code = getattr(error, "character", None)
    if not isinstance(code, int):
        return InputError(path, "not valid YAML", "correct it")
    line = text.count("\n", 0, max(text.find(chr(code)), 0)) + 1
    return InputError(path, f"the character U+{code:04X} may not stand in YAML", "remove it or write an escape", line)


def read_toml(path: str, data: bytes, table: tuple[str, ...]) -> Record | None:
    """One table of a TOML file, None where the file has no such table. Raises `InputError`."""
    import tomllib

    text = _text(path, data)
    try:
        value: Any = tomllib.loads(text)
    except ValueError as error:
        found = re.search(r" \(at line (\d+)", str(error))
        problem = f"not valid TOML: {str(error)[: found.start()] if found else error}"
        raise InputError(path, problem, "correct it", int(found[1]) if found else None) from None
    except RecursionError:
        raise InputError(path, "nested too deep", "such files are flat") from None
    for name in table:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    size = len(table)
    return Record(path, value, {keys[size:]: line for keys, line in _toml_lines(text) if keys[:size] == table})


def _toml_lines(text: str) -> Iterator[tuple[Keys, int]]:
    """The lines of tables and keys, later ones first, so that a dict made of them keeps the first of a name."""
    found: list[tuple[Keys, int]] = []
    counts: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in enumerate(text.split("\n"), 1):
        match = _TOML_LINE.match(line)
        if match is None:
            continue
        keys: Keys = () if match[1] else table
        begin, parts = len(keys), [part.strip("\"'") for part in re.findall(_TOML_PART, match[2] or match[3])]
        for at, part in enumerate(parts, 1):
            keys = (*keys, part)
            if match[1] == "[[" and at == len(parts):
                counts[keys] = counts.get(keys, -1) + 1
            if keys in counts:
                keys = (*keys, counts[keys])
        table = keys if match[1] else table
        found.extend((keys[:end], number) for end in range(begin + 1, len(keys) + 1))
    return reversed(found)
