"""What can go wrong for a reason that the user can mend.

Every error is one line that names the file, the place in it and the mend; the command line prints it and leaves with
`exit_code`. Anything else that is raised is a bug.
"""


class UnfloatError(Exception):
    """Base class: one clear line, exit code 2 (usage, configuration, input or output)."""

    exit_code = 2


class InputError(UnfloatError):
    """A file that unfloat reads for itself (configuration, digest map, lock) is wrong.

    `path` is the file as the user would write it, `line` is 1-based or None, `problem` and `mend` are half sentences.
    """

    def __init__(self, path: str, problem: str, mend: str, line: int | None = None) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {problem}; {mend}")
        self.path, self.problem, self.mend, self.line = path, problem, mend, line


class WriteError(UnfloatError):
    """A file could not be written; the text names it and says why."""


class OverlapError(UnfloatError):
    """Two edits want the same bytes. The engine catches it: the later finding is left alone and reported."""
