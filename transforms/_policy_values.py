"""The one value of a fleet that says when the images of its custom resources are pulled, and lookups made plain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.fleet.merge import Leaf, Values
from codemod.patterns import on_use
from codemod.transform import Keys, View

_KEY = on_use(r"(?:.*I|i)magePullPolicy|pullPolicy")
_WORD = on_use(r"[A-Za-z_]\w*")
_DIG = on_use(r"\bdig((?:\s+\"\w+\")+)\s+\"([\w.-]*)\"\s+(\$?\.Values(?:\.\w+)*?)(\.AsMap)?(?=[\s)|}])")
_GET = on_use(r"\bget\s+(\$?\.Values)\s+\"(\w+)\"")


def configured(fleet: Fleet) -> Keys | None:
    """The keys that `.unfloat.yaml` names (`pull_policy_value`)."""
    return tuple(fleet.config.pull_policy_value.split(".")) if fleet.config.pull_policy_value else None


def policy_value(fleet: Fleet, views: tuple[View, ...]) -> tuple[Keys | None, str]:
    """The keys of the value in every release that reads a text; None, and why, where it is none or not the only one."""
    stacks = {view.stack for view in views}
    known = [set(_policies(fleet.values(stack).get("global"), ("global",))) for stack in sorted(stacks)]
    common = set.intersection(*known) if known else set()
    if (named := configured(fleet)) is not None:
        return (
            (named, "") if named in common else (None, f"{fleet.config.pull_policy_value} is not set in every release")
        )
    if len(common) > 1:
        said = ", ".join(".".join(map(str, keys)) for keys in sorted(common))
        return None, f"name one of {said} as `pull_policy_value`"
    return (next(iter(common)), "") if common else (None, "no value below `global` says it in every release")


def _policies(values: Values | Leaf | None, keys: Keys) -> Iterator[Keys]:
    """The ways to the pull policies below a map."""
    for key, value in values.items() if isinstance(values, dict) else ():
        if not _WORD.fullmatch(key):
            continue
        if not isinstance(value, Leaf):
            yield from _policies(value, (*keys, key))
        elif _KEY.fullmatch(key) and isinstance(value.value, str) and value.value:
            yield (*keys, key)


def lookups(text: str) -> Iterator[tuple[re.Match[str], Keys, str | None, str]]:
    """The `dig` and `get` on the values: where, the keys, the default (None for `get`), and the plain lookup."""
    for match in _DIG.finditer(text):
        above = tuple(match[3].lstrip("$").split(".")[2:])
        keys = (*above, *re.findall(r"\"(\w+)\"", match[1]))
        if not above or match[4]:
            yield match, keys, match[2], f"{match[3]}{''.join(f'.{key}' for key in keys[len(above) :])}"
    for match in _GET.finditer(text):
        yield match, (match[2],), None, f"{match[1]}.{match[2]}"


def is_same(fleet: Fleet, views: tuple[View, ...], keys: Keys, default: str | None) -> bool:
    """Whether a plain lookup gives in every release what `dig` would: all maps on the way are there, no value is empty.

    What `get` would give is the same where the value is there.
    """
    return bool(views) and all(_is_plain(fleet.values(view.stack), keys, default) for view in views)


def _is_plain(values: Values, keys: Keys, default: str | None) -> bool:
    here: Values | Leaf = values
    for key in keys[:-1]:
        found = here.get(str(key)) if isinstance(here, dict) else None
        if not isinstance(found, dict):
            return False
        here = found
    last = here.get(str(keys[-1])) if isinstance(here, dict) else None
    if last is None:
        return default is not None
    is_said = isinstance(last.value, str) and bool(last.value) if isinstance(last, Leaf) else bool(last)
    return is_said or default is None
