"""Why no one digest is right for an image that several releases render."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.transform import Rendering

_NAMED = 3
"""Images that a message names; the others are counted."""


def unclear(renders: Sequence[Rendering]) -> tuple[str | None, str]:
    """Why no one digest is right for all renderings of an image, if so: the reason code, and the images."""
    asking = [render for render in renders if render.reference is None or render.reference.digest is None] or renders
    lacking = next((render for render in asking if render.reference is None), None)
    if lacking is not None or not asking:
        return "repository-unknown", f"no layer of {lacking.stack} names it" if lacking and lacking.stack else ""
    found: dict[str, str] = {}
    names = set()
    for render in asking:
        assert render.reference is not None
        names.add(render.reference.name)
        found.setdefault(str(render.reference.lookup), f" in {render.stack}" if render.stack else "")
    if len(found) == 1:
        return None, ""
    listed = ", ".join(f"{image}{found[image]}" for image in sorted(found)[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return "ambiguous-repository" if len(names) > 1 else "ambiguous-image", f"it is {listed}{more}"
