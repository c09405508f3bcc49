"""All functions by the names that templates call them by; imported only where a template is executed."""

from __future__ import annotations

from codemod.charts.functions import arithmetic, data, defaults, dicts, encoding, lists, paths, regexes, semver, text
from codemod.charts.functions.signature import checked
from codemod.charts.functions.values import Function

FUNCTIONS: dict[str, Function] = {
    name: function
    for module in (arithmetic, data, defaults, dicts, encoding, lists, paths, regexes, semver, text)
    for name, function in checked(module.FUNCTIONS).items()
}
