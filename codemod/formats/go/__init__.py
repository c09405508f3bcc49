"""Go files: string literals with spans (`literals`), and what the code around says of them (`expressions`)."""

from typing import TYPE_CHECKING

from codemod.formats import on_demand
from codemod.transform import Language

LANGUAGE = Language("go", suffixes=(".go",))
HINTS = (b"+kubebuilder:default", b"default=", b'efault:"', b'"default:', b",default:")
"""Words of which a file with defaults outside its expressions has one."""

if TYPE_CHECKING:
    from codemod.formats.go.exports import *  # noqa: F403 - its `__all__`
else:
    __getattr__ = on_demand(__name__)
