"""CustomResourceDefinitions: documents that hold schemas, and run nothing."""

from __future__ import annotations

import re

from codemod.patterns import on_use

DEFINITION = "CustomResourceDefinition"
_WORD = DEFINITION.encode()
_KIND = on_use(rb"^kind:[ \t]*[\"']?CustomResourceDefinition\b", re.MULTILINE)


def is_definition(text: bytes) -> bool:
    """Whether the text of one document says at its top level that it is a definition; it need not be readable."""
    return _WORD in text and _KIND.search(text) is not None
