"""Reading the configuration: the bytes of `.unfloat.yaml` (or of `pyproject.toml`) to a checked `Config`.

The shape is `codemod.config`'s; this module adds what a shape cannot say (globs compile, captures are bound) and the
place of every fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from codemod.config import Config, StackSpec
from codemod.customresources import CustomResource
from codemod.errors import InputError
from codemod.globs import pattern
from codemod.kinds import steps
from codemod.patterns import on_use
from codemod.reference import DOMAIN_PATTERN, PATH_PATTERN, is_tag

if TYPE_CHECKING:
    from codemod.formats.records import Keys, Record

NAMES = (".unfloat.yaml", ".unfloat.yml", "pyproject.toml")
"""The files at the root that may hold the configuration."""

TOML_TABLE = ("tool", "unfloat")
_CAPTURE = on_use(r"\{([^{}]*)\}")
_CAPTURE_NAME = on_use(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST = on_use(DOMAIN_PATTERN)
_MIRROR = on_use(rf"{DOMAIN_PATTERN}(?:/{PATH_PATTERN})?")

Fault = tuple["Keys", str, str]
"""Where, what, and the mend."""


def load(files: Mapping[str, bytes]) -> Config:
    """The configuration of a root: `files` maps the display paths of those of `NAMES` that exist to their bytes.

    Defaults where none holds one. Raises `InputError` for faults, and where two files hold one.
    """
    records = [record for path, data in files.items() if (record := _record(path, data)) is not None]
    if len(records) > 1:
        mend = f"keep one of them, {records[1].path} holds one too"
        raise InputError(records[0].path, "the configuration stands in two files", mend)
    return _config(records[0]) if records else Config()


def load_file(path: str, data: bytes) -> Config:
    """The configuration in one named file (`--config`): TOML by its suffix, else YAML. Raises `InputError`."""
    record = _record(path, data)
    if record is None:
        raise InputError(path, "no table [tool.unfloat]", "add one, or name a YAML file")
    return _config(record)


def holder(files: Mapping[str, bytes]) -> str | None:
    """Which of some files holds the configuration, or would; they are as for `load`."""
    return next((path for path, data in files.items() if _record(path, data) is not None), None)


def places(path: str, data: bytes, key: str) -> list[tuple[str, int]]:
    """Where the items of a list of a sound configuration stand: path and 1-based line (1 where that is not known)."""
    record = _record(path, data)
    items = record.value.get(key, ()) if record is not None and record.value is not None else ()
    return [(path, record.line((key, index)) or 1) for index in range(len(items))] if record is not None else []


def schema() -> dict[str, Any]:
    """The JSON Schema of `.unfloat.yaml`, in plain JSON values."""
    import msgspec

    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "unfloat configuration"}
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(head | msgspec.json.schema(Config)))
    return found


def _record(path: str, data: bytes) -> Record | None:
    """What a file holds; None for a TOML file without the table (not parsed where its name does not occur)."""
    from codemod.formats.records import read, read_toml

    if not path.endswith(".toml"):
        return read(path, data)
    return read_toml(path, data, TOML_TABLE) if TOML_TABLE[-1].encode() in data else None


def _config(record: Record) -> Config:
    if record.value is None:
        return Config()
    from codemod.validate import convert

    config = convert(record, Config)
    for keys, problem, mend in _faults(config, record.value):
        raise record.error(keys, problem, mend)
    return config


def _faults(config: Config, given: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the values; only those that the file gives are looked at, the defaults are sound."""
    for name in ("include", "exclude", "vendored", "tests"):
        if name in given:
            yield from _glob_faults((name,), getattr(config, name))
    for name, environment in config.environments.items():
        yield from _glob_faults(("environments", name, "globs"), environment.globs)
    for glob in config.contract:
        yield from _path_faults(("contract", glob), glob)
    if "floating_tags" in given:
        for index, tag in enumerate(config.floating_tags):
            yield from _tag_faults(("floating_tags", index), tag)
    for index, glob in enumerate(config.private):
        yield from _compile_faults(("private", index), glob)
    for index, stack in enumerate(config.stacks):
        yield from _stack_faults(("stacks", index), stack)
    for host, registry in config.registries.items():
        yield from _host_faults(host, registry.mirror)
    for index, row in enumerate(config.custom_resources):
        yield from _custom_faults(("custom_resources", index), row)
    for index, allowance in enumerate(config.allow):
        yield from _path_faults(("allow", index, "path"), allowance.path)
        yield from _compile_faults(("allow", index, "image"), allowance.image)


def _glob_faults(keys: Keys, globs: Iterable[str]) -> Iterator[Fault]:
    for index, glob in enumerate(globs):
        yield from _path_faults((*keys, index), glob)


def _path_faults(keys: Keys, glob: str) -> Iterator[Fault]:
    """Globs over paths: relative to the root, never of folders."""
    yield from _compile_faults(keys, glob)
    yield from _relative_faults(keys, glob)
    if glob.endswith("/"):
        yield keys, f"`{glob}` matches no file", f"write `{glob}**` for all files of the folder"


def _compile_faults(keys: Keys, glob: str) -> Iterator[Fault]:
    if not glob:
        from codemod.validate import dotted

        yield keys, f"`{dotted(keys)}` is blank", "write a glob such as `env/dev/**`"
    try:
        pattern(glob)
    except ValueError as error:
        yield keys, f"`{glob}` is no glob: {error}", "correct it"


def _relative_faults(keys: Keys, path: str) -> Iterator[Fault]:
    parts = path.split("/")
    if (len(parts) > 1 and parts[0] in ("", ".", "$values")) or ".." in parts:
        yield keys, f"`{path}` never matches", "write it relative to the root, without `/`, `./`, `../` or `$values/`"


def _tag_faults(keys: Keys, tag: str) -> Iterator[Fault]:
    yield from _compile_faults(keys, tag)
    if not is_tag(re.sub(r"\[[^]]*\]|[*?{},]", "x", tag)):
        yield keys, f"`{tag}` can be no tag", "write the tag alone, a glob such as `pr-*` is fine"


def _stack_faults(keys: Keys, stack: StackSpec) -> Iterator[Fault]:
    """Layers are relative paths; captures are well named, and what else uses one finds it in a layer."""
    bound: set[str] = set()
    for index, layer in enumerate(stack.layers):
        at = (*keys, "layers", index)
        yield from _capture_faults(at, layer)
        yield from _relative_faults(at, layer)
        if not layer or "*" in layer or "?" in layer:
            yield at, f"`{layer}` is no layer", "write the path of a value file, `{env}` for a part that varies"
        bound.update(_CAPTURE.findall(layer))
    for name in ("name", "environment", "chart"):
        text = getattr(stack, name) or ""
        yield from _capture_faults((*keys, name), text)
        for capture in _CAPTURE.findall(text):
            if capture not in bound:
                yield (*keys, name), f"no layer has the capture `{{{capture}}}`", "use it in a layer or write the value"


def _capture_faults(keys: Keys, text: str) -> Iterator[Fault]:
    for name in _CAPTURE.findall(text):
        if not _CAPTURE_NAME.fullmatch(name):
            yield keys, f"`{{{name}}}` is no capture", "name it with letters, digits and `_`, such as `{env}`"
    rest = _CAPTURE.sub("", text)
    if "{" in rest or "}" in rest:
        yield keys, f"the braces of `{text}` do not pair", "write captures as `{env}`"


def _custom_faults(keys: Keys, row: CustomResource) -> Iterator[Fault]:
    """Paths that can be read, and rows that say something."""
    lists = {"images": row.images, "names": row.names, "left": row.left}
    paths: list[tuple[Keys, str]] = [((name, at), path) for name in lists for at, path in enumerate(lists[name])]
    paths += [(("parts", at, "at"), part.at) for at, part in enumerate(row.parts)]
    for place, path in paths:
        try:
            steps(path)
        except ValueError as error:
            yield (*keys, *place), str(error), "write it like `spec.plugins[*].image`, from the root of the object"
    if not paths:
        yield keys, f"nothing is said about `{row.kind}`", "list `images`, `names`, `parts` or `left`"
    for at, part in enumerate(row.parts):
        if part.digest in part.repository.split("/"):
            mend = "list the path of the repository under `images`"
            yield (*keys, "parts", at, "digest"), "the repository's own key can take no digest", mend


def _host_faults(host: str, mirror: str | None) -> Iterator[Fault]:
    if not _HOST.fullmatch(host):
        yield ("registries", host), f"`{host}` is no registry", "write host and port alone, such as `ghcr.io`"
    if mirror is not None and not _MIRROR.fullmatch(mirror):
        mend = "write host and path without a scheme, such as `mirror.example.com/dockerhub`"
        yield ("registries", host, "mirror"), f"`{mirror}` is no mirror", mend
