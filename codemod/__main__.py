"""`unfloat`, and `python -m codemod`, which is the same."""

import gc
import os
import sys

from codemod import __version__

COLLECTION = (1_000_000, 20, 50)
"""Thresholds of the cycle collector: one short run makes many small nodes, and few of them die before its end; where it
ran every 50,000 objects, it took a twentieth of the time and found no thousandth of the memory."""


def main() -> None:
    """Run the command line; who asks for nothing but the version does not wait until it is imported.

    The process ends without freeing its objects one by one, which would take a tenth of a run over a large tree;
    commands have closed what they opened, and what they said is out.
    """
    if sys.argv[1:] == ["--version"]:
        try:
            return print(f"unfloat {__version__}", flush=True)  # noqa: T201
        except OSError:
            pass  # the command line says why
    gc.set_threshold(*COLLECTION)
    from codemod.cli import main as run

    try:
        run(prog_name="unfloat")
    except SystemExit as end:
        if isinstance(end.code, str):
            raise  # the interpreter says it
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:  # the interpreter says that nobody can hear
            raise end from None
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    main()
