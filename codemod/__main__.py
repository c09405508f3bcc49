"""`python -m codemod` is `unfloat`."""

from codemod.cli import main

if __name__ == "__main__":
    main(prog_name="unfloat")
