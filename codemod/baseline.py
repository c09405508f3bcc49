"""The violations of today as dated exceptions, written into the configuration that is there. Pure: bytes to bytes."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Sequence

from codemod.config import Allowance
from codemod.errors import InputError
from codemod.formats import yaml
from codemod.gate import Violation
from codemod.globs import literally
from codemod.patterns import on_use
from codemod.source import Source

OF_EXCEPTIONS = frozenset({"UF007", "UF008", "UF011", "UF012", "UF013"})
"""What the gate says of exceptions, which no exception excuses."""

_ITEM = on_use(rb"([ \t]*)-( +)")


def exceptions(
    violations: Iterable[Violation], owner: str, reason: str, expires: datetime.date
) -> tuple[Allowance, ...]:
    """One exception for each file, code and image that the gate objects to, sorted."""
    wanted = {(v.path, v.code, v.image or "") for v in violations if v.code not in OF_EXCEPTIONS}
    return tuple(
        Allowance(
            path=literally(path),
            code=code,
            image=literally(image) if image else "**",
            reason=reason,
            owner=owner,
            expires=expires,
        )
        for path, code, image in sorted(wanted)
    )


def in_yaml(path: str, data: bytes, allowances: Sequence[Allowance]) -> bytes:
    """A YAML configuration with exceptions at the end of its list; nothing else in it changes.

    Raises `InputError` where the list is written in a way that cannot be added to.
    """
    line_break = b"\r\n" if b"\r\n" in data else b"\n"
    listed = _list(path, data)
    if listed is None:
        head = data if data.endswith(b"\n") or not data else data + line_break
        return head + b"allow:" + line_break + _items(allowances, b"  -", line_break)
    last = listed.items[-1]
    start = data.rfind(b"\n", 0, last.span.start) + 1
    mark = _ITEM.fullmatch(data[start : last.span.start])
    if listed.flow or mark is None:
        raise InputError(path, "`allow` is not a block list", "write each entry on lines of its own, `- path: …`")
    end = data.find(b"\n", _end(last))
    head, tail = (data[: end + 1], data[end + 1 :]) if end >= 0 else (data + line_break, b"")
    return head + _items(allowances, mark[1] + b"-", line_break) + tail


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends; that of a block goes on to the next token, comments and all."""
    if isinstance(node, yaml.Mapping) and not node.flow and node.entries:
        return _end(node.entries[-1].value)
    return node.span.end


def _list(path: str, data: bytes) -> yaml.Sequence | None:
    """The list of exceptions; None where there is none, or an empty one at the very end that a key can replace."""
    for document in yaml.documents(Source(path, data, "yaml")):
        entry = document.root.get("allow") if isinstance(document.root, yaml.Mapping) else None
        if entry is None:
            continue
        if isinstance(entry.value, yaml.Sequence) and entry.value.items:
            return entry.value
        raise InputError(path, "`allow` is empty", "remove the key, and it is written anew")
    return None


def in_toml(path: str, data: bytes, allowances: Sequence[Allowance]) -> bytes:
    """A `pyproject.toml` with exceptions as tables at its end. Raises `InputError` where they cannot go there."""
    if re.search(rb"^\s*allow\s*=", data, re.MULTILINE):
        raise InputError(path, "`allow` is an inline list", "write each entry as a table, `[[tool.unfloat.allow]]`")
    line_break = b"\r\n" if b"\r\n" in data else b"\n"
    head = data if data.endswith(b"\n") or not data else data + line_break
    tables = (
        line_break.join(
            (
                b"",
                b"[[tool.unfloat.allow]]",
                *(f"{name} = {value}".encode() for name, value in _fields(allowance)),
                b"",
            )
        )
        for allowance in allowances
    )
    return head + b"".join(tables)


def _items(allowances: Iterable[Allowance], dash: bytes, line_break: bytes) -> bytes:
    indent = b" " * len(dash)
    lines: list[bytes] = []
    for allowance in allowances:
        for number, (name, value) in enumerate(_fields(allowance)):
            lines.append((indent if number else dash) + f" {name}: {value}".encode())
    return b"".join(line + line_break for line in lines)


def _fields(allowance: Allowance) -> list[tuple[str, str]]:
    """Names and values, quoted so that YAML and TOML both read them as they are."""
    texts = [("path", allowance.path)] + [("image", allowance.image)] * (allowance.image != "**")
    texts += [("code", allowance.code), ("reason", allowance.reason), ("owner", allowance.owner)]
    return [(name, json.dumps(text, ensure_ascii=False)) for name, text in texts] + [
        ("expires", allowance.expires.isoformat())
    ]
