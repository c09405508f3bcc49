"""The functions that charts' templates call: Sprig's (v3) and Helm's, on plain values.

What depends on time, chance, keys, the network or the environment is left out (`now`, `date`, `rand*`, `genCA`, `env`),
as are text/template's own functions and those that need the engine (`include`, `tpl`, `required`, `lookup`, `fail`).
Arguments stand in Sprig's order. A wrong argument, and whatever fails in Helm, is a TemplateError. `table` holds all
of them.
"""
