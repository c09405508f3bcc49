"""Admission policies as texts, and what is wrong with them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping

from codemod.admission.judge import Found, judge
from codemod.config import Config
from codemod.exceptions import Exceptions, in_comments
from codemod.fleet import build
from codemod.outcome import FLOATING, PINNED, ImageEntry, Site
from codemod.reference import parse
from codemod.source import Source

TODAY = datetime.date(2026, 11, 26)
STRICT = {"production": frozenset({"production"}), "staging": frozenset({"staging"})}
ARGO = {"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source: {}\n"}
Files = Mapping[str, str]


def entry(image: str, surface: str = "manifest") -> ImageEntry:
    """An image of an inventory."""
    reference = parse(image)
    site = Site("web.yaml", 7, 14, surface, "t", None)
    return ImageEntry(site, image, reference, PINNED if reference.digest else FLOATING)


def judged(
    files: Files | str,
    strict: Iterable[str] = STRICT,
    images: Iterable[str] = (),
    config: Config | None = None,
    others: Collection[str] = (),
) -> Found:
    """What is wrong with the policies of some files; a text alone is `p.yaml`."""
    texts = {"p.yaml": files} if isinstance(files, str) else files
    sources = {path: Source(path, text.encode(), "yaml") for path, text in texts.items()}
    fleet = build(config or Config(), sources, sources.get)
    comments = [found for source in sources.values() for found in in_comments(source)]
    exceptions = Exceptions(config or Config(), TODAY, comments)
    names = {name: STRICT.get(name, frozenset({"production"})) for name in strict}
    return judge(fleet, [entry(image) for image in images], exceptions, names, others)


def faults(
    files: Files | str, strict: Iterable[str] = STRICT, images: Iterable[str] = (), config: Config | None = None
) -> list[tuple[str, str]]:
    """The code of each violation, and the text at its place up to the end of the word."""
    texts = {"p.yaml": files} if isinstance(files, str) else files
    found = judged(files, strict, images, config).violations
    return [(each.code, _word(texts[each.path], each.line, each.column)) for each in found]


def _word(text: str, line: int, column: int) -> str:
    rest = text.splitlines()[line - 1][column - 1 :]
    cut = min((at for sign in "\"',]} " if (at := rest.find(sign)) >= 0), default=len(rest))
    return rest[:cut].rstrip(":")


def kyverno(
    validate: str = "",
    *,
    match: str = "{any: [{resources: {kinds: [Pod]}}]}",
    action: str = "Enforce",
    kind: str = "ClusterPolicy",
    metadata: str = "",
    more: str = "",
) -> str:
    """A policy of Kyverno with one rule."""
    demand = validate or "pattern: {spec: {containers: [{image: '!*:latest'}], initContainers: [{image: '!*:latest'}]}}"
    return f"""\
apiVersion: kyverno.io/v1
kind: {kind}
metadata: {{name: pins{metadata}}}
spec:
  validationFailureAction: {action}
  rules:
    - name: latest
      match: {match}
      validate:
        {demand}
{more}"""
