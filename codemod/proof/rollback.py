"""The part of a plan whose proof holds."""

from __future__ import annotations

from collections.abc import Callable

from codemod.proof.snapshot import Texts
from codemod.proof.verdict import Proof, failed_files


def provable(files: Texts, prove: Callable[[Texts], Proof]) -> tuple[Texts, tuple[Proof, ...]]:
    """The edited files that remain once those of failed targets are rolled back, and each proof on the way.

    What is rolled back for one target may be part of others, so all are proven again until nothing fails that still
    has a file to roll back. The last proof is that of the files returned.
    """
    proofs = [prove(files)]
    while failed := failed_files(proofs[-1]) & files.keys():
        files = {path: texts for path, texts in files.items() if path not in failed}
        proofs.append(prove(files))
    return files, tuple(proofs)
