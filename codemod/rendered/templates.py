"""Where the template stands that Helm names in its output (`# Source: shop/charts/redis/templates/web.yaml`)."""

from __future__ import annotations

import re

from codemod.fleet import Fleet, Stack
from codemod.fleet.render import instances_of
from codemod.patterns import on_use

_IMAGE = on_use(rb"^[ \t]*(?:-[ \t]+)?image[ \t]*:", re.MULTILINE)


class Templates:
    """The templates of all charts, by the names that Helm gives them."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._places: dict[str, tuple[int, int]] = {}

    def place(self, item: Stack | str, name: str) -> tuple[str, int, int] | None:
        """The first image of a template, or its beginning; None for what is no template of the repository."""
        if isinstance(item, str) or not name:
            return None
        folders = {one.path: one.chart.folder for one in instances_of(item, self._fleet.tree)}
        chart = max((chart for chart in folders if name.startswith(f"{chart}/")), key=len, default=None)
        if chart is None:
            return None
        path = f"{folders[chart]}/{name[len(chart) + 1 :]}".lstrip("/")
        if path not in self._places:
            self._places[path] = _first(self._fleet.tree.text(path))
        return path, *self._places[path]


def _first(text: bytes | None) -> tuple[int, int]:
    """Line and column of the first `image:`."""
    found = _IMAGE.search(text) if text is not None else None
    if text is None or found is None:
        return 1, 1
    start = found.start() + len(found[0]) - len(found[0].lstrip(b" \t-"))
    return text.count(b"\n", 0, start) + 1, start - text.rfind(b"\n", 0, start)
