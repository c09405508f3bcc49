"""Tags that a script sets by name when it calls helm, with the image that the release makes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemod.fleet import Fleet, release_of
from codemod.fleet.families import family_of
from codemod.source import Source, Span
from codemod.transform import Image, Keys, Rendering, View
from transforms._maps import values_in
from transforms._renders import composed

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def set_tag(
    source: Source, surface: str, span: Span, name: str, tag: str, command: Sequence[str], fleet: Fleet
) -> Image:
    """The fact about one tag: its name, what it is set to, and the words of the command."""
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
