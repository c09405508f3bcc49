"""Trees of files before and after as one text: `# file: path`, then the lines of a diff."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from diffs import before_and_after

from codemod.config import Config
from codemod.outcome import Plan
from codemod.testing import plan_of
from codemod.transform import Transform

_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def files_of(text: str) -> dict[str, tuple[str, str]]:
    """Each file's text before and after."""
    start, *rest = _FILE.split(text.removeprefix("\n"))
    if start:
        raise ValueError(f"before the first file: {start!r}")
    return {path: before_and_after(diff) for path, diff in zip(rest[::2], rest[1::2], strict=True)}


def check_tree(
    transforms: Transform | Sequence[Transform], text: str, *, config: Config | None = None, pin_all: bool = False
) -> Plan:
    """Assert that a tree becomes what its diffs say, also with CRLF, and that a second pass finds nothing to do.

    `<digest>` stands for any digest. Returns the first plan.
    """
    files = files_of(text)
    first: Plan | None = None
    for line_break in (b"\n", b"\r\n"):
        before = {path: was.encode().replace(b"\n", line_break) for path, (was, _) in files.items()}
        plan = plan_of(transforms, before, config=config, pin_all=pin_all)
        after = {path: plan.files.get(path, (data, data))[1] for path, data in before.items()}
        for path, (_, wanted) in files.items():
            got = _DIGEST.sub(b"<digest>", after[path]).replace(line_break, b"\n").decode()
            assert got == wanted, f"{path}: expected\n{wanted}\nbut got\n{got}\nleft: {plan.left}"
        again = plan_of(transforms, after, config=config, pin_all=pin_all)
        assert not again.files, f"a second pass changes {again.changed}"
        news = Counter(entry.code for entry in again.left) - Counter(entry.code for entry in plan.left)
        assert not news, f"a second pass reports {sorted(news)}"
        first = first or plan
    assert first is not None
    return first
