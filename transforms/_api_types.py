"""The Go types that custom resources come from: which struct holds an image, and what kind a variable is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import go
from codemod.patterns import on_use
from codemod.source import Source
from transforms._definitions import POLICIES, POLICY, SAID

CORE = "k8s.io/api/core/v1"
_NAME = "ImagePullPolicy"
_DEPTH = 12
"""Structs in structs are followed this deep."""
_MODULE = on_use(rb"(?m)^(?:require[ \t]+|[ \t]*)k8s\.io/api[ \t]+v")


class Holder(Struct, frozen=True):
    """A struct with an image: the file and the struct, the kind, the way to it in JSON and in Go, and the field."""

    path: str
    struct: go.Struct
    kind: str
    keys: tuple[str, ...]
    names: tuple[str, ...]
    image: go.Field

    @property
    def policy(self) -> go.Field | None:
        """The field of its pull policy."""
        return next((field for field in self.struct.fields if field.json == POLICY), None)


def holders(folder: str, fleet: Fleet) -> tuple[Holder, ...]:
    """The structs of a package that hold the images of the repository's own definitions."""
    declared: dict[str, tuple[str, go.Struct]] = {}
    for path in fleet.tree.below(folder):
        source = fleet.tree.source(path) if path.endswith(".go") and path.rpartition("/")[0] == folder else None
        if source is not None and not path.endswith("_test.go"):
            declared.update({struct.name: (path, struct) for struct in go.structs(source)})
    return tuple(
        holder
        for name, (_, struct) in declared.items()
        if struct.is_object
        for holder in _below(name, name, (), (), declared, {field.keys for field in fleet.definitions.fields(name)}, ())
    )


def _below(
    kind: str,
    name: str,
    keys: tuple[str, ...],
    names: tuple[str, ...],
    declared: Mapping[str, tuple[str, go.Struct]],
    wanted: set[tuple[str, ...]],
    seen: tuple[str, ...],
) -> Iterator[Holder]:
    if name not in declared or name in seen or len(seen) > _DEPTH or not wanted:
        return
    path, struct = declared[name]
    for field in struct.fields:
        if field.json == "image" and field.name == "Image" and field.type in ("string", "*string") and keys in wanted:
            yield Holder(path, struct, kind, keys, names, field)
        elif field.type_name in declared:
            inner = keys if field.is_inline else (*keys, field.json)
            if any(way[: len(inner)] == inner for way in wanted):
                deeper = names if not field.name else (*names, field.name)
                yield from _below(kind, field.type_name, inner, deeper, declared, wanted, (*seen, name))


def addition(source: Source, holder: Holder, fleet: Fleet) -> tuple[Edit, ...]:
    """The edits that give a struct the field, with the type of Kubernetes where the module has it."""
    alias = go.imported_as(source, CORE)
    added = go.add_import(source, "corev1", CORE) if alias is None and _has_core(source.path, fleet) else None
    imports = (added,) if added is not None else ()
    alias = "corev1" if added is not None else alias
    kind = f"{alias}.PullPolicy" if alias is not None else "string"
    comments = (SAID, f"+kubebuilder:validation:Enum={';'.join(POLICIES)}", "+optional")
    declaration = f'{_NAME} {kind} `json:"{POLICY},omitempty"`'
    return (*imports, go.add_field(source, holder.image, comments, declaration))


def is_typed(source: Source, holder: Holder, fleet: Fleet) -> bool:
    """Whether the field is, or will be, of the type of Kubernetes rather than a string."""
    if holder.policy is not None:
        return holder.policy.type_name == "PullPolicy"
    return go.imported_as(source, CORE) is not None or (
        _has_core(source.path, fleet) and go.add_import(source, "corev1", CORE) is not None
    )


def _has_core(path: str, fleet: Fleet) -> bool:
    """Whether the module of a file requires the API of Kubernetes; where no module is in sight, it may."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        text = fleet.tree.text(f"{folder}/go.mod" if folder else "go.mod")
        if text is not None:
            return _MODULE.search(text) is not None
    return True
