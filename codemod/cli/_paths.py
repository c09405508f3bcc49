"""Files that a user names: relative to the root of the run, or to the folder that one stands in."""

from __future__ import annotations

import os

from codemod.errors import UnfloatError


def path_in(root: str, given: str) -> str:
    """The path of a file or folder, POSIX and relative to the root; where only one reading exists, that is meant.

    Raises `UnfloatError` for what is not below the root.
    """
    below = _relative(root, os.path.join(root, given))
    here = _relative(root, given)
    if here is not None and not os.path.lexists(os.path.join(root, given)):
        return here
    if below is None:
        raise UnfloatError(f"{given}: not below {root}; name a file of that folder")
    return below


def _relative(root: str, place: str) -> str | None:
    path = os.path.relpath(os.path.abspath(place), os.path.abspath(root)).replace(os.sep, "/")
    return None if path.split("/")[0] == os.pardir else path
