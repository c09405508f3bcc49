"""The rules about images in CEL, the language of Kubernetes' admission policies: one text for all controllers.

Only what Kubernetes 1.30 knows is used (standard macros, `matches`, and `join`, `split` and `substring` of the strings
library), literals are of one type each (`HomogeneousAggregateLiterals`), and nothing but `object` and `oldObject` is
read, so that the expressions mean the same in a ValidatingAdmissionPolicy, in Kyverno and in Gatekeeper.

Images are normalised as the `reference` package of CNCF's distribution does it. An update is judged by the images that
it adds: controllers go on to change labels, finalizers and the like of what was there before. The rules have the codes
that `unfloat check` has for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codemod.globs import re2
from codemod.reference import DIGEST_LENGTHS

CODES = ("UF001", "UF002", "UF003")
EXPRESSION_MAX = 100_000
"""Code points that one expression may have (cel-go's parser)."""

_DIGEST = "|".join(f"{name}:[a-f0-9]{{{length}}}" for name, length in DIGEST_LENGTHS.items())
_PINNED = rf"^[^@\s]+@(?:{_DIGEST})$"
_PODS = """\
[dyn(object), dyn(oldObject)].map(o,
  o == null ? {} :
  o.kind == "Pod" ? o.spec :
  o.kind == "CronJob" ? o.spec.jobTemplate.spec.template.spec :
  o.kind == "PodTemplate" ? (has(o.template) && has(o.template.spec) ? o.template.spec : {}) :
  has(o.spec.template) && has(o.spec.template.spec) ? o.spec.template.spec : {})
"""
_ITEMS = "(has(p.{key}) && p.{key} != null ? p.{key} : [])"
_LISTS = ("initContainers", "containers", "ephemeralContainers")
_IMAGES = """\
variables.pods.map(p,
  (({containers})
      .filter(c, has(c.image) && c.image != "").map(c, string(c.image)) +
    {volumes}
      .filter(v, has(v.image) && has(v.image.reference) && v.image.reference != "")
      .map(v, string(v.image.reference)))
    .map(i, i.matches(r"^(?:localhost|[^/]*[.:A-Z][^/]*)/") ? i : "docker.io/" + i)
    .map(i, i.startsWith("index.docker.io/") ? i.substring(6) : i)
    .map(i, i.matches(r"^docker\\.io/[^/]*$") ? "docker.io/library/" + i.substring(10) : i)
    .map(i, i.matches("@|:[^/]*$") ? i : i + ":latest"))
"""
_ADDED = "variables.images[0].filter(i, !(i in variables.images[1]))\n"
_SAYS = {
    "UF001": ("floating tag", "replace the tag by its digest"),
    "UF002": ("no digest", "add the digest (name@sha256:...)"),
    "UF003": ("floating tag beside a digest", "drop the tag or name a fixed one"),
}
_EXCUSED = """\
!variables.exceptions.exists(e, "{code}" in e.codes &&
    (has(e.images) ? i.split("@")[0] in e.images : e.matching.exists(m, i.matches(m))))"""
_NAMES = {"UF001": "floating", "UF002": "undigested", "UF003": "beside"}


class Exemption(NamedTuple):
    """What an exception lets through: some images, or those that a regular expression matches, for some rules.

    Images are normalised references, with any digest; without `namespaces` it holds in all of them. `note` says who,
    until when and why.
    """

    note: str
    codes: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    matching: tuple[str, ...] = ()


class Rule(NamedTuple):
    """One validation: what must hold, and what is said where it does not, as a text and as an expression."""

    expression: str
    message: str
    message_expression: str


class Rules(NamedTuple):
    """Variables by name, in the order in which they build on each other, and the validations."""

    variables: tuple[tuple[str, str], ...]
    validations: tuple[Rule, ...]


def rules(floating_tags: Sequence[str], exemptions: Sequence[Exemption], any_tag_in: Iterable[str]) -> Rules:
    """The policy. `floating_tags` are globs; in the namespaces `any_tag_in` a floating tag beside a digest is fine."""
    tags = "|".join(re2(glob).replace(".*", "[^/]*") for glob in floating_tags)
    breaks = _breaking(tags)
    spared = tuple(any_tag_in)
    variables = [("pods", _PODS), ("images", _images()), ("added", _ADDED)]
    if exemptions:
        variables.append(("exceptions", _exceptions(exemptions)))
    validations = []
    for code, breaking in breaks.items():
        name = _NAMES[code]
        excused = (_EXCUSED.format(code=code),) if any(code in one.codes for one in exemptions) else ()
        conditions = " &&\n  ".join((*breaking, *excused))
        variables.append((name, f"variables.added.filter(i,\n  {conditions})\n"))
        validations.append(_rule(code, name, spared if code == "UF003" else ()))
    return Rules(tuple(variables), tuple(validations))


def of_glob(glob: str) -> str:
    """The regular expression of the normalised references that an exception's image glob covers.

    As `codemod.config.spellings` has it, a glob may leave out Docker Hub's prefixes, an implied `:latest` and a digest.
    """
    return rf"^(?:docker\.io/(?:library/)?)?(?:{re2(glob)})(?::latest)?(?:@[^@]*)?$"


def text(value: str) -> str:
    """A CEL string, raw where that reads better."""
    is_raw = "\\" in value and value.isprintable() and '"' not in value
    return f'r"{value}"' if is_raw else json.dumps(value, ensure_ascii=False)


def _images() -> str:
    containers = " +\n    ".join(_ITEMS.format(key=key) for key in _LISTS)
    return _IMAGES.format(containers=containers, volumes=_ITEMS.format(key="volumes"))


def _exceptions(exemptions: Sequence[Exemption]) -> str:
    """A list of maps of lists, none of them empty, so that all are of one type; each below its note."""
    lines = ["[\n"]
    for note, *values in exemptions:
        keyed = zip(("codes", "namespaces", "images", "matching"), values, strict=True)
        fields = (f'"{key}": [{", ".join(map(text, value))}]' for key, value in keyed if value)
        lines.append(f"  // {note}\n  {{{', '.join(fields)}}},\n")
    lines.append("].filter(e, !has(e.namespaces) || object.metadata.namespace in e.namespaces)\n")
    return "".join(lines)


def _breaking(tags: str) -> dict[str, tuple[str, ...]]:
    """For each code the conditions under which an image breaks the rule; `tags` is an expression of floating ones."""
    pinned = f"i.matches({text(_PINNED)})"
    if not tags:
        return {"UF002": (f"!{pinned}",)}
    bare, beside = (f"i.matches({text(f':(?:{tags}){end}')})" for end in "$@")
    return {"UF001": (f"!{pinned}", bare), "UF002": (f"!{pinned}", f"!{bare}"), "UF003": (pinned, beside)}


def _rule(code: str, name: str, spared: Sequence[str]) -> Rule:
    what, mend = _SAYS[code]
    else_in = f"object.metadata.namespace in {json.dumps(list(spared))} || " if spared else ""
    return Rule(
        f"{else_in}variables.{name}.size() == 0",
        f"{code} {what}: {mend}",
        f'"{code} {what}: " + variables.{name}.join(", ") + "; {mend}"',
    )
