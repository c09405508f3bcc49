"""What `unfloat check` looks for only where it is asked to: one entry for each option."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

if TYPE_CHECKING:
    from codemod.cli._running import Programs
    from codemod.cli._session import Session
    from codemod.config import Config
    from codemod.exceptions import Exceptions
    from codemod.fleet import Fleet
    from codemod.gate import Violation
    from codemod.outcome import Plan


class Case(Struct, frozen=True):
    """What a look may look at: the opened tree, what its files say together, and what was found there already.

    `is_touched` says in which files violations will be shown; `programs` are the helm and the kustomize that the user
    named.
    """

    session: Session
    facts: Fleet
    plan: Plan
    exceptions: Exceptions
    found: tuple[Violation, ...]
    is_touched: Callable[[str], bool] = lambda path: True
    programs: Programs = (None, None)


class Found(Struct, frozen=True):
    """Violations, those that are excused aside, and lines for standard error on what could not be looked at."""

    violations: tuple[Violation, ...]
    remarks: tuple[str, ...] = ()


class Look(Struct, frozen=True):
    """An option of `check`, and what it adds."""

    option: str
    help: str
    codes: frozenset[str]
    """The codes that nothing else finds."""
    find: Callable[[Case], Found]
    needs: Callable[[Config], None] = lambda config: None
    """Raises `UnfloatError` where the configuration lacks what it works with."""
    may_find: Callable[[Fleet], bool] = lambda facts: True
    """Whether it could find anything at all; if so, and it is not asked for, no exception for any code is useless."""
    names_all: bool = False
    """Whether it asks for images that do not float."""
    remarks: bool = False
    """Whether it asks for what transforms remark."""

    @property
    def name(self) -> str:
        """Its parameter."""
        return self.option.removeprefix("--").replace("-", "_")


class Asked(Struct, frozen=True):
    """The looks that the user asked for, and the helm and the kustomize that were named."""

    looks: tuple[Look, ...] = ()
    programs: Programs = (None, None)

    @property
    def remarks(self) -> bool:
        """Whether one of them asks for what transforms remark."""
        return any(look.remarks for look in self.looks)

    def check(self, config: Config) -> None:
        """Raise `UnfloatError` where the configuration lacks what one of them works with."""
        for look in self.looks:
            look.needs(config)


def offered(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: a flag for each look, and the programs; the command receives them by name."""
    text = "The kustomize or kubectl for it [default: the one on PATH]."
    command = click.option("--kustomize", metavar="FILE", help=text)(command)
    text = "The helm for --rendered [default: the one on PATH]."
    command = click.option("--helm", metavar="FILE", help=text)(command)
    for look in reversed(LOOKS):
        command = click.option(look.option, look.name, is_flag=True, help=look.help)(command)
    return command


def asked(given: Mapping[str, Any]) -> Asked:
    """What the options that were offered say. Raises `click.UsageError`."""
    programs = given["helm"], given["kustomize"]
    if any(programs) and not given["rendered"]:
        raise click.UsageError("--helm and --kustomize are for --rendered.")
    return Asked(tuple(look for look in LOOKS if given[look.name]), programs)


def is_unseen(code: str, facts: Fleet, asked: Collection[Look]) -> bool:
    """Whether a code (`*` for any) was not looked for wherever it could be."""
    others = [look for look in LOOKS if look not in asked]
    return any(look.may_find(facts) if code == "*" else code in look.codes for look in others)


def _pull_secrets(case: Case) -> Found:
    from codemod.pulls.judge import judge

    missing = judge(case.facts, case.plan.images, case.session.config, case.exceptions)
    return Found(missing.violations, _unread(missing.unread))


def _rendered(case: Case) -> Found:
    from codemod.cli._showing import rendered
    from codemod.rendered.judge import judge

    plain = ((one.path, one.line, one.column, one.code) for one in case.found)
    shown = rendered(case.session, case.facts, case.programs, case.is_touched)
    verdict = judge(case.facts, shown, case.plan, case.exceptions, plain)
    return Found(verdict.violations, (*_unrendered(verdict.unread), *_unclear(verdict.unclear)))


def _unrendered(reasons: Mapping[str, int]) -> Iterator[str]:
    """How many stacks could not be rendered, and why, the most frequent reasons first."""
    from codemod.wording import plural, printable

    if reasons:
        yield f"{plural(sum(reasons.values()), 'stack')} could not be rendered, and so not checked as rendered:"
        digits = max(len(f"{count:,}") for count in reasons.values())
        for reason, count in list(reasons.items())[:REASONS_MAX]:
            yield f"  {count:>{digits},}  {printable(reason)}"
        if len(reasons) > REASONS_MAX:
            yield f"  and {plural(len(reasons) - REASONS_MAX, 'other reason')}"


def _unclear(images: Sequence[str]) -> Iterator[str]:
    """What stands where an image is wanted and cannot be one: mostly variables that a controller fills in."""
    from codemod.wording import plural, printable

    if images:
        texts = plural(len(images), "rendered text")
        yield printable(f"No references, and so not judged: {texts}, such as `{images[0]}`.")


def _unread(names: Sequence[str]) -> tuple[str, ...]:
    """How many releases could not be checked for pull secrets, since they cannot be rendered here."""
    from codemod.wording import plural

    said = f"{plural(len(names), 'release')} could not be rendered in full, and so not be checked for pull secrets."
    return (said,) if names else ()


def _know_private(config: Config) -> None:
    """Raise `UnfloatError` where nothing says which images are private."""
    if not config.private:
        from codemod.errors import UnfloatError

        example = "private: [ghcr.io/acme/**]"
        raise UnfloatError(f"nothing says which images are private; list them in .unfloat.yaml, such as `{example}`")


def _admission(case: Case) -> Found:
    from codemod.admission.judge import judge
    from codemod.fleet.namespaces import Namespaces

    namespaces = Namespaces(case.facts)
    judged = judge(case.facts, case.plan.images, case.exceptions, namespaces.strict, namespaces.lenient)
    return Found(judged.violations, tuple(_not_judged(judged.rules, judged.knows_strict)))


def _has_policies(facts: Fleet) -> bool:
    from codemod.admission.objects import is_known

    return is_known(facts)


def _not_judged(rules: int, knows_strict: bool) -> Iterator[str]:
    """What was not there to be judged."""
    if not rules:
        yield "No admission policy about images was found."
    elif not knows_strict:
        said = "Nothing says in which namespaces strict environments run"
        mend = "`namespaces:` of an environment can"
        yield f"{said} ({mend}), so where admission policies hold and enforce (UF020, UF024) was not judged."


REASONS_MAX = 10
"""Reasons that are listed why something could not be rendered; the others are counted."""


LOOKS = (
    Look(
        "--pull-secrets",
        "Private images (`private:`) whose pods cannot pull them, too.",
        frozenset({"UF010"}),
        _pull_secrets,
        needs=_know_private,
        may_find=lambda facts: bool(facts.config.private),
        names_all=True,
    ),
    Look(
        "--admission",
        "The admission policies that are there already (Kyverno, Gatekeeper, CEL), too.",
        frozenset({"UF020", "UF021", "UF022", "UF023", "UF024"}),
        _admission,
        may_find=_has_policies,
        names_all=True,
    ),
    Look(
        "--rendered",
        "What helm and kustomize render: every image pinned, every pull policy said.",
        frozenset({"UF015"}),
        _rendered,
        may_find=lambda facts: False,
        names_all=True,
        remarks=True,
    ),
)
