"""Tags that a script sets by name when it calls helm, with the image that the release makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from codemod.fleet import Fleet, release_of
from codemod.fleet.families import family_of
from codemod.patterns import on_use
from codemod.program import Expression
from codemod.source import Source, Span
from codemod.transform import Image, Keys, Rendering, View
from transforms._maps import values_in
from transforms._renders import composed

_SET = on_use(r"(?:^|[,=])([\w.\[\]-]+)=([^,]*)")
_STEP = on_use(r"([^.\[\]]+)|\[(\d+)\]")


class Setting(NamedTuple):
    """One value that a `--set` sets: its name, the value, and where that stands."""

    name: str
    value: str
    span: Span


def settings(found: Expression) -> Iterator[Setting]:
    """What an argument of Helm sets by name (`image.tag=dev,replicas=1`), behind `--set=` or alone."""
    part = found.parts[0]
    if not is_set(found) or len(found.parts) != 1 or part.body is None:
        return
    text = part.text or ""
    for entry in _SET.finditer(text, text.index("=") if text.startswith("--set") and "=" in text else 0):
        yield Setting(entry[1], entry[2], Span(part.body.start + entry.start(2), part.body.start + entry.end(2)))


def is_set(found: Expression) -> bool:
    """Whether a word is, or stands behind, an option `--set`."""
    return " ".join(found.names[:1]).startswith("--set") or found.text.startswith("--set")


def tag_set(source: Source, surface: str, setting: Setting, command: Sequence[str], fleet: Fleet) -> Image | None:
    """The fact about a floating tag, None for any other value; `command` are the words of the command."""
    name, tag, span = setting
    if not name.lower().endswith("tag") or not fleet.config.floats(tag):
        return None
    stack = release_of(fleet.tree, fleet.config, source.path, command)
    keys: Keys = tuple(int(step[2]) if step[2] else step[1] for step in _STEP.finditer(name))
    family, message = family_of(str(keys[-1])), f"the script sets {name} of a release"
    if stack is None or family is None:
        return Image(span, surface, tag, (Rendering(None),), reason="tag-in-parameter", message=message)
    below = values_in(Fleet(fleet.config, (stack,), fleet.tree), View(0, 0, keys[:-1]))
    reference = composed(lambda key: tag if key == family.tag else below(key), family, keys[:-1])
    renders = (Rendering(reference, stack.name, stack.environment),)
    message = f"the script sets {name} of the chart {stack.chart or '.'}"
    return Image(span, surface, tag, renders, reason="tag-in-parameter", message=message)
