"""The walls of the house: who may import whom, what may touch the disk, how big a room may grow."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("codemod", "transforms")

FOUNDATION = (
    "codemod",
    "codemod.errors",
    "codemod.globs",
    "codemod.edits",
    "codemod.reference",
    "codemod.patterns",
    "codemod.place",
    "codemod.wording",
)
KINDS = ("codemod.kinds", "codemod.kinds.*")
CONFIG = ("codemod.config", "codemod.customresources")
FORMATS = ("codemod.formats", "codemod.formats.*")
PROGRAMS = ("codemod.program", "codemod.syntax", "codemod.bindings")
CHARTS = ("codemod.charts", "codemod.charts.*")
FLEET = ("codemod.fleet", "codemod.fleet.*")
PROOF = ("codemod.proof", "codemod.proof.*")
MOVING = ("codemod.moving", "codemod.moving.*")
PULLS = ("codemod.pulls", "codemod.pulls.*")
ADMISSION = ("codemod.admission", "codemod.admission.*")
EMIT = ("codemod.emit", "codemod.emit.*")
DIGESTS = ("codemod.digests", "codemod.digests.*")
OCI = ("codemod.digests.oci", "codemod.digests.oci.*")
RECORDS = ("codemod.formats.records", "codemod.validate")
REPORTS = ("codemod.reports", "codemod.reports.*")
REPORTED = "outcome codes gate inventory remaining moving.*"
FACT_NAMES = ("transform", "unclear", "outcome", "code", "reasons", "reasons.*", "violations", "codes")
FACTS = tuple(f"codemod.{name}" for name in FACT_NAMES)
CORE = (*FOUNDATION, *KINDS, "codemod.source", "codemod.config", *FORMATS, *CHARTS, *FLEET, *DIGESTS, *FACTS)
ENGINE_NAMES = "engine scan sharing candidate shown policies decide settle undoing judge tokens chain explain".split()
ENGINE = tuple(f"codemod.{name}" for name in ENGINE_NAMES)
EVERYWHERE = frozenset({"msgspec"})
"""Records are msgspec structs in every room (docs/decisions/0006)."""
DISK = frozenset({"os", "pathlib", "subprocess", "shutil", "tempfile", "glob", "socket", "mmap", "fileinput"})


@dataclass(frozen=True)
class Room:
    """`modules` are patterns of module names; `ours` are those that they may import, `libraries` the third parties.

    `without` are the patterns of inner rooms.
    """

    name: str
    modules: tuple[str, ...]
    ours: tuple[str, ...]
    libraries: frozenset[str] = frozenset()
    disk: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Import:
    """One imported name of a module: `imported` is the module meant, `name` what is taken from it (or empty)."""

    module: str
    line: int
    imported: str
    name: str = ""

    def __str__(self) -> str:
        taken = f" ({self.name})" if self.name else ""
        return f"{self.module}:{self.line} imports {self.imported}{taken}"


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module = field(repr=False, compare=False)
    lines: int


ROOMS = (
    Room("foundation", FOUNDATION, FOUNDATION),
    Room("source", ("codemod.source",), FOUNDATION),
    Room("program", ("codemod.program",), (*FOUNDATION, "codemod.source")),
    Room("syntax", ("codemod.syntax",), (*FOUNDATION, "codemod.source"), frozenset({"tree_sitter"})),
    Room("bindings", ("codemod.bindings",), (*FOUNDATION, "codemod.source", *PROGRAMS)),
    Room("kinds", KINDS, ("codemod.patterns", *KINDS)),
    Room("config", CONFIG, (*FOUNDATION, *KINDS, *CONFIG)),
    Room("validate", ("codemod.validate",), FOUNDATION),
    Room("configfile", ("codemod.configfile",), (*FOUNDATION, *KINDS, *CONFIG, *RECORDS)),
    Room(
        "formats",
        FORMATS,
        (*FOUNDATION, "codemod.source", *PROGRAMS, "codemod.transform", *FORMATS),
        frozenset({"yaml"}),
    ),
    Room(
        "charts",
        CHARTS,
        (*FOUNDATION, "codemod.source", "codemod.transform", *FORMATS, *CHARTS),
        frozenset({"yaml"}),
    ),
    Room(
        "fleet",
        FLEET,
        (*FOUNDATION, "codemod.source", "codemod.config", "codemod.transform", *FORMATS, *CHARTS, *FLEET),
    ),
    Room(
        "proof",
        PROOF,
        (*FOUNDATION, "codemod.source", "codemod.outcome", "codemod.transform", *FORMATS, *CHARTS, *FLEET, *PROOF),
        frozenset({"yaml"}),
        disk=True,
    ),
    Room("digests", DIGESTS, (*FOUNDATION, "codemod.config", *RECORDS, *DIGESTS), without=OCI),
    Room(
        "oci",
        OCI,
        (*FOUNDATION, "codemod.config", "codemod.digests", *OCI),
        frozenset({"requests", "urllib3"}),
        disk=True,
    ),
    Room("facts", FACTS, (*FOUNDATION, "codemod.source", "codemod.config", *FACTS)),
    Room("exceptions", ("codemod.exceptions",), (*FOUNDATION, "codemod.source", "codemod.config", "codemod.outcome")),
    Room("engine", ENGINE, (*CORE, "codemod.exceptions", *ENGINE), frozenset({"ruamel"})),
    Room(
        "disk",
        ("codemod.discover", "codemod.listing", "codemod.writer"),
        (*FOUNDATION, "codemod.source", "codemod.config", "codemod.outcome", "codemod.listing"),
        frozenset({"pathspec"}),
        disk=True,
    ),
    Room("registry", ("codemod.registry",), (*FOUNDATION, "codemod.transform"), disk=True),
    Room("moving", MOVING, (*CORE, *ENGINE, *MOVING)),
    Room("emit", EMIT, (*CORE, "codemod.exceptions", *MOVING, *EMIT), frozenset({"yaml"})),
    Room("platforms", ("codemod.platforms",), (*CORE, "codemod.exceptions", "codemod.gate")),
    Room("pulls", PULLS, (*CORE, "codemod.exceptions", "codemod.gate", *PULLS)),
    Room("admission", ADMISSION, (*CORE, "codemod.exceptions", "codemod.gate", *ADMISSION)),
    Room(
        "rendered",
        ("codemod.rendered", "codemod.rendered.*"),
        (*CORE, *CONFIG, "codemod.exceptions", "codemod.gate", *PROOF, *PULLS, "codemod.rendered.*"),
    ),
    Room("gate", ("codemod.gate",), (*FOUNDATION, "codemod.config", "codemod.exceptions", *FACTS)),
    Room(
        "baseline",
        ("codemod.baseline",),
        (*FOUNDATION, "codemod.source", "codemod.config", "codemod.gate", "codemod.formats.yaml"),
    ),
    Room("starter", ("codemod.starter",), (*FOUNDATION, *CONFIG)),
    Room(
        "inventory",
        ("codemod.inventory", "codemod.remaining"),
        (*FOUNDATION, "codemod.config", "codemod.exceptions", "codemod.gate", *FACTS, "codemod.inventory"),
    ),
    Room(
        "reports",
        REPORTS,
        (
            *FOUNDATION,
            *(f"codemod.{name}" for name in "outcome codes gate inventory remaining moving.*".split()),
            *REPORTS,
        ),
    ),
    Room("testing", ("codemod.testing",), (*CORE, *ENGINE, "codemod.registry")),
    Room(
        "cli",
        ("codemod.cli", "codemod.cli.*", "codemod.__main__"),
        ("codemod", "codemod.*"),
        frozenset({"click", "git", "rich"}),
        disk=True,
    ),
    Room(
        "transforms",
        ("transforms", "transforms.*"),
        (
            *(*FOUNDATION, "codemod.source", "codemod.program", "codemod.transform", "codemod.testing"),
            *(*KINDS, *FORMATS, *FLEET, "codemod.unclear", "transforms", "transforms._*"),
        ),
    ),
)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the two packages."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            found.append(Module(name, path, ast.parse(text), len(text.splitlines())))
    return tuple(found)


def room_of(name: str) -> Room | None:
    return next((room for room in ROOMS if belongs_in(name, room)), None)


def belongs_in(name: str, room: Room) -> bool:
    return matches(name, room.modules) and not matches(name, room.without)


def walk_at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below, functions included, but not what stands under `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other
                yield from walk_at_run_time(other)
            continue
        yield child
        yield from walk_at_run_time(child)


def imports(module: Module, known: frozenset[str]) -> Iterator[Import]:
    """What a module imports, wherever the statement stands; `from package import module` means the module."""
    for node in walk_at_run_time(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(module.name, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in known:
                    yield Import(module.name, node.lineno, inner)
                else:
                    yield Import(module.name, node.lineno, base, alias.name)


def absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


@cache
def all_imports() -> tuple[Import, ...]:
    known = frozenset(module.name for module in modules())
    return tuple(found for module in modules() for found in imports(module, known))


def is_ours(found: Import) -> bool:
    return found.imported.partition(".")[0] in PACKAGES


def breaks_the_walls(found: Import) -> str | None:
    """Why an import is not allowed, None where it is."""
    room = room_of(found.module)
    if room is None:
        return f"{found.module} has no room in the table of this test"
    top = found.imported.partition(".")[0]
    if is_ours(found):
        if not matches(found.imported, room.ours) and found.imported != found.module:
            return f"{found}; {room.name} may not"
        return breaks_a_finer_rule(found, room)
    if top not in sys.stdlib_module_names:
        return None if top in room.libraries | EVERYWHERE else f"{found}; the library is not {room.name}'s"
    if top in DISK and not room.disk:
        return f"{found}; {room.name} never touches the disk"
    return None


def format_of(name: str) -> str:
    """`yaml` for `codemod.formats.yaml` and all below it, empty for other modules."""
    return name.split(".")[2] if matches(name, ("codemod.formats.?*",)) else ""


def breaks_a_finer_rule(found: Import, room: Room) -> str | None:
    if room.name == "formats" and format_of(found.imported) not in ("", format_of(found.module)):
        return f"{found}; formats never import each other"
    only = {"formats": ("Language",), "fleet": ("Keys", "View"), "charts": ("Keys",), "proof": ("Keys",)}.get(room.name)
    if only is not None and found.imported == "codemod.transform" and found.name not in only:
        return f"{found}; {room.name} takes only {' and '.join(only)} from there"
    if matches(found.imported, OCI) and room.name not in ("oci", "cli"):
        return f"{found}; only the command line asks registries"
    if matches(found.imported, ("codemod.cli", "codemod.cli.*")) and room.name != "cli":
        return f"{found}; nobody imports the command line"
    return None


def test_every_module_stands_in_exactly_one_room() -> None:
    for module in modules():
        assert len([room.name for room in ROOMS if belongs_in(module.name, room)]) == 1, module.name


def test_no_import_breaks_the_walls() -> None:
    assert [reason for found in all_imports() if (reason := breaks_the_walls(found))] == []


def test_only_the_command_line_uses_click_and_rich() -> None:
    users = {found.module for found in all_imports() if found.imported.partition(".")[0] in ("click", "rich")}
    assert {name for name in users if not matches(name, ("codemod.cli", "codemod.cli.*"))} == set()


@pytest.mark.parametrize(
    "found",
    [
        Import("codemod.engine", 1, "transforms.image_fields"),
        Import("codemod.decide", 1, "transforms"),
        Import("codemod.engine", 1, "click"),
        Import("codemod.engine", 1, "os"),
        Import("codemod.engine", 1, "pathlib"),
        Import("codemod.engine", 1, "subprocess"),
        Import("codemod.formats.yaml.reader", 1, "codemod.formats.go"),
        Import("codemod.formats.go", 1, "codemod.transform", "Transform"),
        Import("codemod.fleet.stacks", 1, "codemod.engine"),
        Import("codemod.digests.mapfile", 1, "codemod.fleet"),
        Import("codemod.digests.lock", 1, "codemod.digests.oci.source"),
        Import("codemod.digests.lock", 1, "requests"),
        Import("codemod.digests.oci.source", 1, "codemod.digests.lock"),
        Import("codemod.decide", 1, "codemod.digests.oci.source"),
        Import("codemod.discover", 1, "codemod.engine"),
        Import("codemod.reports.diff", 1, "codemod.engine"),
        Import("codemod.reports.json", 1, "codemod.cli"),
        Import("transforms.one", 1, "transforms.other"),
        Import("transforms.one", 1, "codemod.engine"),
        Import("transforms.one", 1, "codemod.discover"),
        Import("transforms.one", 1, "requests"),
        Import("codemod.reference", 1, "codemod.source"),
        Import("codemod.nobody_knows_this", 1, "re"),
    ],
    ids=str,
)
def test_these_imports_would_break_the_walls(found: Import) -> None:
    assert breaks_the_walls(found) is not None


@pytest.mark.parametrize(
    "found",
    [
        Import("codemod.engine", 1, "codemod.fleet"),
        Import("codemod.formats.yaml.reader", 1, "codemod.formats.yaml.nodes"),
        Import("codemod.formats.yaml.reader", 1, "yaml", "YAMLError"),
        Import("codemod.formats.go", 1, "codemod.transform", "Language"),
        Import("codemod.writer", 1, "os"),
        Import("transforms.one", 1, "codemod.formats.go"),
        Import("transforms.one", 1, "transforms._images", "pin"),
        Import("codemod.cli.check", 1, "codemod.engine"),
        Import("codemod.cli._registries", 1, "codemod.digests.oci.source"),
        Import("codemod.digests.oci.transport", 1, "requests"),
    ],
    ids=str,
)
def test_these_imports_are_what_the_rooms_are_for(found: Import) -> None:
    assert breaks_the_walls(found) is None


def test_imports_inside_functions_are_seen_and_those_for_types_are_not() -> None:
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import one\n"
        "def f():\n    from . import two\n    from .three import g\n"
    )
    module = Module("codemod.room.inner", Path("inner.py"), ast.parse(text), 6)
    found = {(found.imported, found.name) for found in imports(module, frozenset({"codemod.room.two"}))}
    assert found == {("typing", "TYPE_CHECKING"), ("codemod.room.two", ""), ("codemod.room.three", "g")}


@pytest.mark.parametrize("call", ["open", "print", "input", "exec", "eval"])
def test_rooms_without_a_disk_neither_open_nor_print(call: str) -> None:
    offenders = []
    for module in modules():
        room = room_of(module.name)
        for node in ast.walk(module.tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call
            if called and room is not None and not room.disk:
                offenders.append(f"{module.name}:{getattr(node, 'lineno', 0)}")
    assert offenders == []


def test_modules_keep_their_budgets() -> None:
    budget = {"transforms": 150, "codemod": 250}
    over = {module.name: module.lines for module in modules() if module.lines > budget[module.name.partition(".")[0]]}
    assert over == {}


def test_no_function_is_longer_than_a_screen() -> None:
    over = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 60:
                    over[f"{module.name}.{node.name}"] = length
    assert over == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [module.name for module in modules() if module.lines and ast.get_docstring(module.tree) is None]
    assert silent == []


HEAVY = (
    *(
        "requests",
        "urllib3",
        "rich",
        "ruamel",
        "git",
        "hypothesis",
        "tree_sitter",
        "json",
        "tomllib",
        "difflib",
        "subprocess",
        "http",
        "ssl",
        "asyncio",
    ),
    *("multiprocessing", "concurrent.futures", "importlib.metadata", "urllib.request", "sqlite3"),
)


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import sys, codemod.cli; print('\\n'.join(sys.modules))"],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "click" in loaded
    assert [name for name in HEAVY if name in loaded] == []
