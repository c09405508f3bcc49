"""The functions that charts' templates call: Sprig's (v3) and Helm's, on plain values.

What depends on time, chance, keys, the network or the environment is left out (`now`, `date`, `rand*`, `genCA`, `env`),
as are text/template's own functions and those that need the engine (`include`, `tpl`, `required`, `lookup`, `fail`).
Arguments stand in Sprig's order. A wrong argument, and whatever fails in Helm, is a TemplateError.
"""

from __future__ import annotations

from codemod.charts.functions import arithmetic, data, defaults, dicts, encoding, lists, paths, regexes, semver, text
from codemod.charts.functions.signature import checked
from codemod.charts.functions.values import Function

FUNCTIONS: dict[str, Function] = {
    name: function
    for module in (arithmetic, data, defaults, dicts, encoding, lists, paths, regexes, semver, text)
    for name, function in checked(module.FUNCTIONS).items()
}
"""All functions by the names that templates call them by."""
