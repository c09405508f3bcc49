"""How Helm merges values: files with files, what is given with a chart's own, a parent's with its subcharts'.

Value files are merged in order: maps key by key, anything else replaces, lists are never looked into (Helm's
`loader.MergeMaps`). The chart's own values are put below them, and those of a subchart below the section of its name,
where a null deletes; a parent's `global` goes into every subchart and wins there (`chart/common/util/coalesce.go`).
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Layer
from codemod.formats import yaml
from codemod.transform import Keys

GLOBAL = "global"


class Leaf(Struct, frozen=True):
    """A value that is no map, the layer that set it and its place there (None for what is written as a parameter).

    Of a list some of whose items a parameter sets (`hosts[0].name`), `below` is the list that has the others.
    """

    value: Plain
    layer: Layer
    node: yaml.Node | None = None
    below: Leaf | None = None


Values = dict[str, "Values | Leaf"]


def merged(low: Values, high: Values | Leaf) -> Values:
    """Value files: what is higher replaces, maps meet key by key, null is a value."""
    if isinstance(high, Leaf):
        return low
    found = dict(low)
    for key, value in high.items():
        below = found.get(key)
        found[key] = merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return found


def coalesce(given: Values, defaults: Values, children: Collection[str], *, is_top: bool) -> None:
    """Put a chart's own values below: what is given stays, null deletes, a map is never replaced by anything else.

    In the section of a subchart (`children`) nulls stay, to delete from the subchart's own values in their turn. Nulls
    among the defaults of a subchart are none.
    """
    for key, default in defaults.items():
        value = given.get(key)
        if value is None:
            if is_top or not _is_null(default):
                given[key] = default if is_top else _without_nulls(default)
        elif _is_null(value):
            del given[key]
        elif isinstance(value, dict) and isinstance(default, dict):
            keeps_nulls = key in children
            _put_below(value, default if is_top or keeps_nulls else _cleaned(default), keeps_nulls)


def _put_below(given: Values, defaults: Values, keeps_nulls: bool) -> None:
    for key, default in defaults.items():
        value = given.get(key)
        if value is None:
            given[key] = default
        elif _is_null(value) and not keeps_nulls and not _is_null(default):
            del given[key]
        elif isinstance(value, dict) and isinstance(default, dict):
            _put_below(value, default, keeps_nulls)


def take_globals(section: Values, parent: Values) -> None:
    """Put a parent's `global` into the section of a subchart, where it wins."""
    own, above = section.get(GLOBAL, {}), parent.get(GLOBAL, {})
    if not isinstance(own, dict) or not isinstance(above, dict):
        return
    shared = dict(own)
    for key, value in above.items():
        mine = own.get(key)
        if isinstance(value, dict) and isinstance(mine, dict):
            shared[key] = below = copied(value)
            _put_below(below, mine, keeps_nulls=True)
        elif mine is None or not (isinstance(value, dict) or isinstance(mine, dict)):
            shared[key] = copied(value) if isinstance(value, dict) else value
    section[GLOBAL] = shared


def section_of(values: Values, prefix: Keys) -> Values | None:
    """The values of a subchart, made if there are none; None where something else than a map stands there."""
    here = values
    for key in prefix:
        found = here.setdefault(str(key), {})
        if not isinstance(found, dict):
            return None
        here = found
    return here


def nested(prefix: Keys, values: Values | Leaf) -> Values | Leaf:
    """Values below the keys of a prefix."""
    found = values
    for key in reversed(prefix):
        found = {str(key): found}
    return found


def copied(values: Values) -> Values:
    """The maps anew, the leaves as they are."""
    return {key: copied(value) if isinstance(value, dict) else value for key, value in values.items()}


def _without_nulls(value: Values | Leaf) -> Values | Leaf:
    return value if isinstance(value, Leaf) else _cleaned(value)


def _cleaned(values: Values) -> Values:
    return {key: _without_nulls(below) for key, below in values.items() if not _is_null(below)}


def _is_null(value: Values | Leaf) -> bool:
    return isinstance(value, Leaf) and value.value is None
