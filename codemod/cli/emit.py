"""`unfloat emit`: manifests for the controllers that keep digests moving, and for those that require them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.emit._target import Emitted, Material, Target, Wish


_OWN = ("--repo", "--branch", "--project", "--namespace", "--action")


@click.command("emit")
@click.argument("target", metavar="[TARGET]", required=False)
@click.option(
    "--env",
    "environments",
    metavar="NAME",
    multiple=True,
    help="Only this environment. Repeatable, in promotion order.",
)
@click.option("--repo", metavar="URL", help="The Git repository to commit to.")
@click.option("--branch", metavar="NAME", help="The branch to commit to, if not the default one.")
@click.option("--project", metavar="NAME", help="The Kargo project.")
@click.option("--namespace", metavar="NAME", help="Argo CD's, where a manifest names none [default: argocd].")
@click.option(
    "--action",
    type=click.Choice(["deny", "warn", "audit"]),
    help="What an admission policy does [default: deny].",
)
@shared
def command(
    options: Options,
    target: str | None,
    environments: tuple[str, ...],
    repo: str | None,
    branch: str | None,
    project: str | None,
    namespace: str | None,
    action: str | None,
) -> None:
    """Write manifests with which controllers keep digests moving, or with which a cluster requires them.

    Without a TARGET: list what there is.
    """
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish, say
    from codemod.emit import _text
    from codemod.emit._target import Wish

    if target is None:
        emit(_listed())
        return
    chosen = _target(target)
    given = zip(_OWN, (repo, branch, project, namespace, action), strict=True)
    _refuse_idle(chosen, [option for option, value in given if value is not None])
    session = open_session(options)
    origin, names = _origin(session.root), (namespace or "argocd", action or "deny")
    wish = Wish(environments, repo, origin, branch, session.prefix, project, *names)
    emitted = chosen.write(_policy_material(session, wish) if chosen.is_policy else _material(session, wish))
    emit(_text.documents(emitted))
    complain_of(session.tree.failed)
    if not options.quiet:
        say(_text.omissions(emitted.omissions, all_places=options.verbose))
        say(_text.remarks(emitted.remarks, all_places=options.verbose))
        say(_summary(emitted, chosen))
    finish(session.tree.failed)


def _refuse_idle(target: Target, given: list[str]) -> None:
    """Raise where an option is given that means nothing to a target."""
    idle = [option for option in given if option not in target.takes]
    if idle:
        raise click.UsageError(f"{target.name} has no {' and no '.join(idle)}; it takes {', '.join(target.takes)}.")


def _material(session: Session, wish: Wish) -> Material:
    """What a controller that moves digests is to be told of."""
    from codemod.emit._held import held
    from codemod.emit._target import Material
    from codemod.moving.choice import known_environments

    facts = session.facts()
    found = session.pinned(facts)
    known_environments(found, facts, wish.environments)
    return Material(facts, held(found, facts, session.sources.lock), wish)


def _policy_material(session: Session, wish: Wish) -> Material:
    """What an admission policy is to be told of."""
    from codemod.emit._target import Material

    facts = session.facts()
    plan = session.plan(facts=facts)
    return Material(facts, (), wish, plan, session.exceptions(plan))


def _names() -> list[str]:
    from pkgutil import iter_modules

    from codemod import emit

    modules = [module.name for module in iter_modules(emit.__path__)]
    return sorted(name.replace("_", "-") for name in modules if name[0] != "_")


def _target(name: str) -> Target:
    """The target of a name. Raises `UnfloatError` where there is none."""
    from importlib import import_module

    from codemod import emit
    from codemod.emit._target import Target
    from codemod.errors import UnfloatError
    from codemod.registry import unknown

    if name not in _names():
        raise UnfloatError(unknown("target", name, _names()))
    found = import_module(f"{emit.__name__}.{name.replace('-', '_')}").target
    assert isinstance(found, Target)
    return found


def _listed() -> str:
    """Every target with the first line of its documentation."""
    targets = [_target(name) for name in _names()]
    width = max(len(target.name) for target in targets)
    return "".join(f"{target.name:<{width}}  {target.summary}\n" for target in targets)


def _origin(root: str) -> str | None:
    from codemod.cli._git import origin

    return origin(root)


def _summary(emitted: Emitted, target: Target) -> str:
    from collections import Counter

    from codemod.wording import plural

    kinds = Counter(str(one["kind"]) for one in emitted.objects)
    said = ", ".join(plural(count, kind) for kind, count in kinds.items()) or "Nothing to emit"
    if emitted.summary:
        return f"{emitted.summary}.\n"
    left = len({(one.pinned.path, one.pinned.at.start) for one in emitted.omissions})
    return f"{said} for {target.name}; {plural(left, 'digest')} left out.\n"
