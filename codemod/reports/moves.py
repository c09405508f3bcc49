"""What an update or a promotion moves, as text, JSON, the message of a commit and the text of a pull request."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from codemod.reports.mdtext import cell, code, plain
from codemod.wording import plural, printable

if TYPE_CHECKING:
    from codemod.moving.moves import Move, Moves, Stays

SCHEMA = 1
_SHORT = len("sha256:") + 12

Step = tuple[str, str, str]
"""One image that moves: what it is called, its old and its new digest."""


def steps(moves: Iterable[Move]) -> Mapping[Step, list[Move]]:
    """The moves by what they do, sorted."""
    found: dict[Step, list[Move]] = defaultdict(list)
    for move in moves:
        found[_name(move), move.pinned.digest, move.digest].append(move)
    return {step: found[step] for step in sorted(found)}


def text(moves: Moves) -> str:
    """For a terminal: what moves, one line an image and one a place, then what stays."""
    lines: list[str] = []
    for (name, old, new), those in steps(moves.moves).items():
        lines.append(f"{name}  {_short(old)} -> {_short(new)}")
        lines += [f"  {place}" for place in _places(those)]
    return "".join(f"{printable(line)}\n" for line in lines) + stays(moves)


def stays(moves: Moves) -> str:
    """What stays, one line a place."""
    lines = (f"{_place(stay)}: {stay.code}: {stay.message}" for stay in moves.stays)
    return "".join(f"{printable(line)}\n" for line in lines)


def summary(moves: Moves, *, nothing: str) -> str:
    """One line for a person; `nothing` is what to say where nothing moves."""
    done = (
        f"{plural(len(steps(moves.moves)), 'image')} in {plural(len(moves.files), 'file')}" if moves.moves else nothing
    )
    stay = f", {len(moves.stays)} left as they are" if moves.stays else ""
    return f"{done}: {moves.current} current{stay}.\n"


def to_json(moves: Moves) -> str:
    """`{"schema": 1, "moves": [...], "left": [...], "current": N}`."""
    document = {
        "schema": SCHEMA,
        "moves": [_move(move) for move in moves.moves],
        "left": [_left(stay) for stay in moves.stays],
        "current": moves.current,
    }
    return json.dumps(document, indent=2) + "\n"


def commit_message(moves: Moves, subject: str, prefix: str) -> str:
    """The subject, then each image with its old and new digest and the files that name it, below `prefix`."""
    lines = [subject]
    for (name, old, new), those in steps(moves.moves).items():
        lines += ["", name, f"  {old} ->", f"  {new}", *(f"  {printable(prefix + path)}" for path in _files(those))]
    return "\n".join(lines) + "\n"


def pull_request(moves: Moves, subject: str, prefix: str) -> str:
    """The text of a pull request in Markdown: a table of the images, and what stays, folded."""
    lines = [f"## {subject}"]
    if moves.moves:
        lines += ["", "| Image | From | To | Where |", "| --- | --- | --- | --- |"]
    for (name, old, new), those in steps(moves.moves).items():
        where = "<br>".join(cell(printable(place)) for place in _places(those, prefix))
        lines.append(f"| {cell(name)} | {cell(_short(old))} | {cell(_short(new))} | {where} |")
    if moves.moves:
        digests = [f"- {code(name)}: {code(old)} → {code(new)}" for name, old, new in steps(moves.moves)]
        lines += ["", "<details><summary>Whole digests</summary>", "", *digests, "", "</details>"]
    if moves.stays:
        stays = [
            f"- {code(printable(prefix + _place(stay)))} {stay.code}: {plain(stay.message)}" for stay in moves.stays
        ]
        lines += ["", f"<details><summary>Left as they are: {len(stays)}</summary>", "", *stays, "", "</details>"]
    return "\n".join(lines) + "\n"


def _name(move: Move) -> str:
    return str(move.channel) if move.channel is not None else move.image.name


def _short(digest: str) -> str:
    return digest[:_SHORT]


def _place(holder: Move | Stays) -> str:
    position = holder.pinned.position
    return f"{holder.pinned.path}:{position.line}:{position.column}"


def _places(moves: Iterable[Move], prefix: str = "") -> Iterator[str]:
    for move in moves:
        yield f"{prefix}{_place(move)}{f' (from {prefix}{move.origin})' if move.origin else ''}"


def _files(moves: Iterable[Move]) -> list[str]:
    return sorted({move.pinned.path for move in moves})


def _move(move: Move) -> dict[str, object]:
    return {
        **_where(move),
        "image": move.image.name,
        "channel": str(move.channel) if move.channel is not None else None,
        "before": move.pinned.digest,
        "after": move.digest,
        "tag": move.tag,
        "source": move.source,
        "origin": move.origin or None,
    }


def _left(stay: Stays) -> dict[str, object]:
    images = [str(reference) for reference in stay.pinned.references]
    return {**_where(stay), "image": images[0] if images else None, "code": stay.code, "message": stay.message}


def _where(holder: Move | Stays) -> dict[str, object]:
    position, names = holder.pinned.position, holder.pinned.environments
    return {
        "path": holder.pinned.path,
        "line": position.line,
        "column": position.column,
        "environments": sorted(name for name in names if name is not None),
    }
