"""Python files: string literals with spans (`literals`), and what the code around says of them (`expressions`)."""

from typing import TYPE_CHECKING

from codemod.formats import on_demand
from codemod.transform import Language

LANGUAGE = Language("python", suffixes=(".py", ".pyi"), interpreters=("python",))

if TYPE_CHECKING:
    from codemod.formats.python.exports import *  # noqa: F403 - its `__all__`
else:
    __getattr__ = on_demand(__name__)
