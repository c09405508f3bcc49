"""Violations as JUnit XML, for the test reports of Jenkins, GitLab, Azure Pipelines and others.

One suite a file, one failed case a violation; a tree without violations is one case that passed, because services take
a report without any case for a broken one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from codemod.wording import printable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from codemod.gate import Violation


def junit(violations: Iterable[Violation]) -> str:
    """One XML document; `violations` are sorted by path, as `gate.violations` gives them."""
    from xml.etree import ElementTree

    found = list(violations)
    root = ElementTree.Element("testsuites", name="unfloat", tests=str(len(found) or 1), failures=str(len(found)))
    for path, group in groupby(found, key=lambda violation: violation.path):
        _suite(root, printable(path), list(group))
    if not found:
        suite = ElementTree.SubElement(root, "testsuite", name="unfloat", tests="1", failures="0", errors="0")
        ElementTree.SubElement(suite, "testcase", name="no violations", classname="unfloat")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, path: str, violations: Sequence[Violation]) -> None:
    from xml.etree.ElementTree import SubElement

    count = str(len(violations))
    suite = SubElement(root, "testsuite", name=path, tests=count, failures=count, errors="0")
    for violation in violations:
        place = f"{path}:{violation.line}:{violation.column}"
        case = SubElement(suite, "testcase", name=f"{violation.code} {place}", classname=path, file=path)
        case.set("line", str(violation.line))
        message = printable(violation.message)
        failure = SubElement(case, "failure", type=violation.code, message=message)
        failure.text = f"{place}: {violation.code} {message}"
