"""PyYAML, of which libyaml does the work: the expressions of its own readers are a third of its import, and wait."""

from __future__ import annotations

from typing import Any

from codemod.patterns import all_on_use

__all__ = ["Parser", "yaml"]

Parser: Any
with all_on_use():
    import yaml

    try:
        from yaml._yaml import CParser as Parser
    except ImportError:  # pragma: no cover - depends on how PyYAML was built
        Parser = yaml.Loader
"""libyaml's event parser; PyYAML's own (18 to 30 times slower) where PyYAML was built without it."""
