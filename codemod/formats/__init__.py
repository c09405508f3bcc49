"""Lossless reading, one module per format: bytes in, things with spans or lines out. No format knows another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def on_demand(package: str) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose module `exports` is imported when anything of it is first asked for.

    So a tree without a language pays for its name alone.
    """

    def find(name: str) -> Any:
        if not name.startswith("__"):
            exports = vars(import_module(f"{package}.exports"))
            vars(sys.modules[package]).update((each, exports[each]) for each in exports["__all__"])
            if name in exports["__all__"]:
                return exports[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find
