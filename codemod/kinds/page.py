"""The page of what is known about kinds, docs/custom-resources.md: made of the rows."""

from __future__ import annotations

from codemod.kinds import ROWS, Kind

_HEAD = """\
# Custom resources

Images of custom resources are mostly found without knowing the kind: under image keys, in the templates of pods, in
lists of images. This table says where that would miss something or go wrong. It is made of `codemod/kinds`; what is
missing can be added there, or as `custom_resources` in the [configuration](configuration.md), and that wins.

| group | kinds | what | source |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The page as it is committed."""
    rows = sorted(ROWS, key=lambda row: (row.group, row.kinds))
    return _HEAD + "".join(
        f"| `{row.group}` | {_code(row.kinds.split())} | {_what(row)} | {row.source} |\n" for row in rows
    )


def _code(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _what(row: Kind) -> str:
    found = []
    if row.images:
        found.append(f"pinned: {_code(row.images)}")
    if row.names:
        found.append(f"pinned, but a name without a tag is reported: {_code(row.names)}")
    for digest in sorted({part.digest for part in row.parts}):
        spelled = [
            f"{part.at}: {f'{part.repository} + ' if part.repository else ''}{part.tag}"
            for part in row.parts
            if part.digest == digest
        ]
        verb = f"digest in the place of `{digest}`" if digest else "reported, takes no digest"
        found.append(f"{verb}: {_code(spelled)}")
    if row.left:
        found.append(f"left: {_code(row.left)}")
    return "; ".join(found)
