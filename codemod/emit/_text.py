"""Objects as YAML, and what is left out as lines for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from codemod.emit._target import Emitted, Object, Omission, Remark

_SHOWN = 4
"""How many places of one reason are named."""


class _Dumper(yaml.SafeDumper):
    """Sequences are indented below their key, texts of several lines are blocks, nothing is an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def documents(emitted: Emitted) -> str:
    """All objects, the notes as comments above the first; nothing where there is none."""
    head = "".join(f"# {note}\n" for note in emitted.notes)
    return head + "".join(f"---\n{_dumped(one)}" for one in emitted.objects)


def omissions(left: Iterable[Omission], *, all_places: bool) -> str:
    """One line for each reason: how many digests, where the first ones stand, why."""
    places: dict[str, list[str]] = defaultdict(list)
    for one in left:
        place = f"{one.pinned.path}:{one.pinned.position.line}"
        if place not in places[one.reason]:
            places[one.reason].append(place)
    ordered = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
    return "".join(f"Left out, {reason}: {_some(found, all_places)}\n" for reason, found in ordered)


def remarks(found: Iterable[Remark], *, all_places: bool) -> str:
    """One line for each remark, with the first places that it is about."""
    return "".join(f"{one.text}{': ' if one.about else ''}{_some(one.about, all_places)}\n" for one in found)


def _some(found: Sequence[str], all_places: bool) -> str:
    shown = found if all_places else found[:_SHOWN]
    more = f" and {len(found) - len(shown):,} more" if len(found) > len(shown) else ""
    return f"{', '.join(shown)}{more}"


def _dumped(one: Object) -> str:
    text: str = yaml.dump(one, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
    return text
