"""`unfloat`, and `python -m codemod`, which is the same."""

import gc
import sys

from codemod import __version__

COLLECTION = (50_000, 20, 50)
"""Thresholds of the cycle collector: one short run makes many small nodes, and few of them die before its end."""


def main() -> None:
    """Run the command line; who asks for nothing but the version does not wait until it is imported."""
    if sys.argv[1:] == ["--version"]:
        print(f"unfloat {__version__}")  # noqa: T201
        return
    gc.set_threshold(*COLLECTION)
    from codemod.cli import main as run

    run(prog_name="unfloat")


if __name__ == "__main__":
    main()
