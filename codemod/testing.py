r"""Test a transform in one line, your own included: every case is tried in all its twins.

    check_rewrites(transform, "image: acme/web:dev\n", "image: acme/web@<digest>\n")
    check_leaves_alone(transform, "image: logo.png\n")

`<digest>` in the expected text stands for the digest that a test source gives for the reference in question.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from codemod.config import Config
from codemod.digests import Resolution
from codemod.engine import plan
from codemod.fleet import Fleet, build
from codemod.judge import fault
from codemod.outcome import Plan
from codemod.reference import Reference
from codemod.scan import asked
from codemod.source import BOM, Source
from codemod.transform import Fact, Transform

TODAY = datetime.date(2026, 1, 1)
PLACEHOLDER = "<digest>"


class EveryDigest:
    """A digest source that knows every reference: the digest is the SHA-256 of the normalised reference's text.

    `asked` records every question, so that a test can see that each was asked once.
    """

    def __init__(self, unknown: Collection[str] = ()) -> None:
        self.unknown = frozenset(unknown)
        self.asked: list[Reference] = []

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        """A made-up but well-formed digest for every reference that is not `unknown`."""
        self.asked += references
        return {ref: Resolution(digest_of(str(ref)), "map test") for ref in references if str(ref) not in self.unknown}


def digest_of(reference: str) -> str:
    """The digest that `EveryDigest` gives for a normalised reference."""
    return "sha256:" + hashlib.sha256(reference.encode()).hexdigest()


def plan_of(
    transforms: Transform | Sequence[Transform],
    files: Mapping[str, bytes],
    *,
    config: Config | None = None,
    unknown: Collection[str] = (),
    pin_all: bool = False,
    mends: bool = True,
) -> Plan:
    """The plan over files given as bytes, with every digest known but the `unknown` ones."""
    chosen = [transforms] if isinstance(transforms, Transform) else list(transforms)
    sources = {path: Source(path, data, _language(path, chosen)) for path, data in sorted(files.items())}
    fleet = build(config or Config(), list(sources), sources.get, mends=mends, pin_all=pin_all)
    digests = EveryDigest(unknown)
    return plan(sources.values(), chosen, fleet, digests, today=TODAY, pin_all=pin_all, judge=fault)


def facts_of(transform: Transform, source: Source, fleet: Fleet) -> Iterable[Fact]:
    """What one transform states about one source; nothing for other languages or where no word of it occurs."""
    return transform.stated(source, fleet) if asked((transform,), source, fleet) else ()


def check_rewrites(
    transforms: Transform | Sequence[Transform],
    before: str,
    after: str,
    *,
    path: str = "values.yaml",
    config: Config | None = None,
    pin_all: bool = False,
) -> Plan:
    """Assert that `before` becomes `after`, as it stands and with CRLF, without final newline and with a BOM.

    A second pass must find nothing to change and nothing new to report, and the judge of meaning nothing else that
    changed. Returns the first plan.
    """
    first: Plan | None = None
    for twin, was, wanted in _twins(before, after):
        result = plan_of(transforms, {path: was}, config=config, pin_all=pin_all)
        got = result.files.get(path, (was, was))[1]
        shown = _without_digests(got, result)
        assert shown == wanted, f"{twin}: expected\n{wanted.decode()}\nbut got\n{shown.decode('utf-8', 'replace')}"
        again = plan_of(transforms, {path: got}, config=config, pin_all=pin_all)
        assert not again.files, f"{twin}: a second pass changes {again.changed}"
        news = _codes(again) - _codes(result)
        assert not news, f"{twin}: a second pass reports {sorted(news)}"
        first = first or result
    assert first is not None
    return first


def check_leaves_alone(
    transforms: Transform | Sequence[Transform],
    text: str,
    *,
    path: str = "values.yaml",
    code: str | None = None,
    config: Config | None = None,
    unknown: Collection[str] = (),
) -> Plan:
    """Assert that nothing changes; with `code`, that an entry with that reason code is reported, else that none is.

    Tried with the same variants of the text as `check_rewrites`. Returns the first plan.
    """
    first: Plan | None = None
    for twin, data, _ in _twins(text, text):
        result = plan_of(transforms, {path: data}, config=config, unknown=unknown)
        assert not result.files, f"{twin}: changed: {[(c.before, c.after) for c in result.changed]}"
        codes = set(_codes(result))
        assert codes == ({code} if code else set()), f"{twin}: reported: {sorted(codes)}"
        first = first or result
    assert first is not None
    return first


def _codes(result: Plan) -> Counter[str]:
    return Counter(entry.code for entry in result.left)


def _language(path: str, transforms: Sequence[Transform]) -> str:
    name = path.rpartition("/")[2]
    for transform in transforms:
        for language in transform.reads:
            if language.claims(name):
                return language.name
    raise ValueError(f"{path}: no transform of this test reads such a file")


def _twins(before: str, after: str) -> list[tuple[str, bytes, bytes]]:
    was, wanted = before.encode(), after.encode()
    twins = [("as it stands", was, wanted)]
    if b"\r" not in was:
        twins.append(("with CRLF", was.replace(b"\n", b"\r\n"), wanted.replace(b"\n", b"\r\n")))
    if was.endswith(b"\n") and wanted.endswith(b"\n"):
        twins.append(("without final newline", was[:-1], wanted[:-1]))
    if not was.startswith(BOM):
        twins.append(("with a byte order mark", BOM + was, BOM + wanted))
    return twins


def _without_digests(data: bytes, result: Plan) -> bytes:
    for change in result.changed:
        if change.digest is not None and change.source != "written":
            data = data.replace(change.digest.encode(), PLACEHOLDER.encode())
    return data
