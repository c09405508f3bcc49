"""Which transforms there are: the modules of the `transforms` package and those that other distributions register.

A module without a leading underscore holds one, as `transform`. Other distributions name theirs in the entry-point
group `unfloat.transforms`; each value loads to a `Transform` or to a module that holds one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise

from codemod.errors import UnfloatError
from codemod.transform import Transform

GROUP = "unfloat.transforms"
PACKAGE = "transforms"
_METADATA = (".dist-info", ".egg-info")


def load() -> tuple[Transform, ...]:
    """All transforms, sorted by name.

    Raises `UnfloatError` for two of one name, and for a registered one that cannot be loaded.
    """
    found = sorted((*_own(), *_registered()), key=lambda transform: (transform.name, transform.module))
    for one, other in pairwise(found):
        if one.name == other.name:
            raise UnfloatError(
                f"two transforms are named {one.name!r}: {one.module} and {other.module}; rename or uninstall one"
            )
    return tuple(found)


def select(transforms: Sequence[Transform], only: Iterable[str], skip: Iterable[str]) -> tuple[Transform, ...]:
    """The transforms named by `only` (all, if it is empty) without those named by `skip`; `_` and `-` are the same.

    Those named by `only` also do what is done on request alone (`Transform.when_named`).

    Raises `UnfloatError` for a name that no transform has, for two of which one comes after the other, and where none
    is left: a gate that looks for nothing would be green.
    """
    names = [transform.name for transform in transforms]
    kept, dropped = ({_known(name, names) for name in given} for given in (only, skip))
    wanted = [transform for transform in transforms if transform.name not in dropped]
    if not any(transform.name in kept for transform in wanted) if kept else transforms and not wanted:
        raise UnfloatError("--only and --skip leave no transform; name fewer with --skip")
    if not kept:
        return tuple(wanted)
    for transform in wanted if len(kept) > 1 else ():
        earlier = next((name for name in transform.after if {name, transform.name} <= kept - dropped), None)
        if earlier is not None:
            both = f"--only {earlier} and --only {transform.name}"
            raise UnfloatError(f"{both} are two steps; run and roll out the first, then the second")
    kept |= {name for transform in wanted if transform.name in kept for name in transform.opened_by}
    return tuple(_asked(transform, wanted) for transform in wanted if transform.name in kept)


def _asked(transform: Transform, others: Iterable[Transform]) -> Transform:
    """A transform that does what it does on request; what it needs to read embedded texts is there, too."""
    asked = transform.named
    if asked is not transform:
        asked.readers = tuple(others)
    return asked


def _known(name: str, names: Sequence[str]) -> str:
    plain = name.strip().lower().replace("_", "-")
    if plain in names:
        return plain
    raise UnfloatError(unknown("transform", name, names))


def documentation(transform: Transform) -> str:
    """The docstring of the transform's module, without blank lines around; its first line says what it does."""
    from inspect import cleandoc

    return cleandoc(sys.modules[transform.module].__doc__ or "")


def unknown(kind: str, name: str, names: Sequence[str]) -> str:
    """What to say of a name that nothing has: the nearest one, and all there are."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower().replace("_", "-"), names, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"there is no {kind} {name!r}; {guess}there are: {', '.join(sorted(names)) or 'none'}"


def _own() -> Iterator[Transform]:
    """The transforms of the package that comes with unfloat."""
    package = import_module(PACKAGE)
    names = {name for folder in package.__path__ for name in _modules(folder)}
    for name in sorted(names):
        module = import_module(f"{PACKAGE}.{name}")
        yield _transform_of(module, f"{PACKAGE}.{name}")


def _modules(folder: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        name = entry.name.removesuffix(".py") if entry.is_file() else entry.name
        is_module = name != entry.name or os.path.isfile(os.path.join(entry.path, "__init__.py"))
        if is_module and not name.startswith("_"):
            yield name


def _registered() -> Iterator[Transform]:
    """The transforms of other distributions; what knows their metadata is only imported if there are any."""
    if not any(_mentions_us(folder) for folder in sys.path):
        return
    from importlib.metadata import entry_points

    for point in sorted(set(entry_points(group=GROUP)), key=lambda point: (point.name, point.value)):
        try:
            loaded = point.load()
        except Exception as error:  # whatever a stranger's module raises, the user needs its name
            raise UnfloatError(
                f"the transform {point.name!r} ({point.value}) cannot be loaded: {error!r}; mend or uninstall it"
            ) from error
        yield _transform_of(loaded, point.value)


def _transform_of(loaded: object, name: str) -> Transform:
    transform = getattr(loaded, "transform", loaded)
    if not isinstance(transform, Transform):
        raise UnfloatError(f"{name} holds no transform; it needs an attribute `transform` of type Transform")
    return transform


def _mentions_us(folder: str) -> bool:
    """Whether any distribution installed in a folder of `sys.path` names the group."""
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return False
    return any(
        GROUP.encode() in _bytes(os.path.join(folder, name, "entry_points.txt"))
        for name in names
        if name.endswith(_METADATA)
    )


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
