"""Generated manifests: each module without a leading underscore is a target of `unfloat emit`, held as `target`.

The module's name is the target's, its docstring the documentation. Pure: facts in, documents out.
"""
