"""The small files that a command reads for itself."""

from __future__ import annotations

import os

from codemod.errors import InputError


def below(root: str, name: str) -> str:
    """The path of a file at the root, as the user would write it."""
    return os.path.normpath(os.path.join(root, name))


def contents(path: str) -> bytes:
    """The bytes of a file. Raises `InputError`."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}", "name a file that can") from error
