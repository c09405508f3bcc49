"""Reasons that lie in the sources of digests."""

from __future__ import annotations

from codemod.code import Code

DIGESTS = (
    Code(
        "digest-unknown",
        "No digest source knows this reference",
        "No digest map, no unfloat.lock and no registry that was asked gave a digest for exactly this reference, and "
        "nothing is guessed.",
        "Add the reference to a file given with --digests (`unfloat images --unresolved` prints what is missing).",
    ),
    Code(
        "registry-failed",
        "The registry could not be asked",
        "No digest map and no unfloat.lock knows this reference, and its registry gave no answer to rely on: it "
        "refused access, could not be reached, asked to wait too long, or answered what no registry answers. The run "
        "leaves with exit code 2.",
        "The message says what happened. See docs/registries.md for credentials, mirrors, authorities and proxies; "
        "then run again, or supply the digest with --digests or an unfloat.lock.",
    ),
)
