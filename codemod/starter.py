"""A configuration to start from: what a tree shows, and every other key in a comment. It changes nothing by itself.

A comment that says something begins with `# `, one that holds a key with `#`: without that it is configuration.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from codemod.config import ENVIRONMENT_FOLDERS, STRICT, Config
from codemod.patterns import on_use
from codemod.wording import plural, printable

_OVERLAYS = "overlays"
_COMMON = frozenset(
    (*STRICT, *"dev development local test testing qa uat int integration sandbox demo preview".split())
)
"""Names of overlays, and of value files, that are environments; others may be variants of any kind."""
_PLAIN = on_use(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset("true false yes no on off null y n".split())
_ARCH = on_use(rb"""kubernetes\.io/arch["']?\s*:\s*["']?(amd64|arm64|arm|386|ppc64le|s390x|riscv64)\b""")
_WIDTH = 110
_FOLDERS_MAX = 5
_HEAD = """\
# What unfloat cannot see by itself. Delete what you do not need: every key has a default.
# Keys that are commented out show the default, or an example.
"""
_ENVIRONMENTS = """\
# Environments in the order in which changes move on, and what the gate objects to in each:
# floating (forbid, report), digest (require, report), pull_policy (if-not-present, any),
# readable_tags (immutable-only, any). Add `globs` where no folder is called like the environment.
"""
_STACKS = """\
stacks:
  - name: "{env}-{name}"
    environment: "{env}"
    chart: "charts/{name}"
    layers: ["env/{env}/globals.yaml", "env/{env}/{name}.yaml"]
"""
_ALLOW = """\
allow:
  - path: env/local/**
    code: digest-unknown
    reason: built on the developer's machine
    owner: team-platform
    expires: 2030-12-31
"""


class Seen(Struct, frozen=True):
    """What a tree shows: environments with where they were found, vendored folders and architectures with counts."""

    environments: Mapping[str, str]
    vendored: Mapping[str, int]
    architectures: Mapping[str, int]


def seen(config: Config, paths: Iterable[str], releases: Iterable[str | None], texts: Iterable[bytes]) -> Seen:
    """What files (their paths and texts), and the environments of the releases that they declare, show."""
    listed = sorted(paths)
    return Seen(
        dict(_environments(config, listed, {name for name in releases if name})),
        dict(sorted(Counter(folder for path in listed if (folder := _vendored(config, path))).items())),
        dict(sorted(Counter(found for text in texts for found in _architectures(text)).items())),
    )


def starter(config: Config, seen: Seen) -> str:
    """The text of the configuration; `config` is the one that holds without it."""
    return "\n".join(
        (
            _HEAD,
            *_of_environments(seen),
            *_of_vendored(config, seen),
            *_of_platforms(seen),
            *(f"# {why}\n{_commented(example)}" for why, example in _others(config)),
        )
    )


def _environments(config: Config, paths: Iterable[str], releases: set[str]) -> Iterator[tuple[str, str]]:
    """In the order in which changes move on: what is not strict first, production last."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        name = config.environment_of(path)
        if name is not None:
            folders.setdefault(name, []).append(path)
    names = {name for name, own in folders.items() if _is_environment(name, own)} | releases
    for name in sorted(names, key=lambda name: (STRICT.index(name) if name in STRICT else -1, name)):
        if name.isprintable():
            yield name, printable(_found(name, folders.get(name, [])))


def is_usual(name: str) -> bool:
    """Whether environments are called so."""
    return name in _COMMON


def _is_environment(name: str, paths: Iterable[str]) -> bool:
    if is_usual(name):
        return True
    return any(
        f"/{folder}/{name}/" in f"/{path}" for path in paths for folder in ENVIRONMENT_FOLDERS if folder != _OVERLAYS
    )


def _found(name: str, paths: Sequence[str]) -> str:
    """`env/dev/, 12 files`; what only releases name has no files."""
    if not paths:
        return "named by releases"
    marks = (f"{path.split(f'/{name}/')[0]}/{name}/" if f"/{name}/" in path else "" for path in paths)
    folders = sorted(set(filter(None, marks)))
    where = ", ".join(folders[:_FOLDERS_MAX]) + (", …" if len(folders) > _FOLDERS_MAX else "")
    return f"{where}: {plural(len(paths), 'file')}"


def _vendored(config: Config, path: str) -> str:
    """The outermost folder of which everything is vendored, empty for what is not."""
    if not config.is_vendored(path):
        return ""
    parts = path.split("/")
    folders = ("/".join(parts[:end]) for end in range(1, len(parts)))
    return next((folder for folder in folders if config.is_vendored(f"{folder}/x/x")), "")


def _architectures(text: bytes) -> set[str]:
    return {found.decode() for found in _ARCH.findall(text)} if b"kubernetes.io/arch" in text else set()


def _of_environments(seen: Seen) -> Iterator[str]:
    if not seen.environments:
        yield (
            _ENVIRONMENTS
            + "#environments:\n#  production:\n#    globs: [clusters/production/**]\n#    digest: require\n"
        )
        return
    rows = (
        f"  {_scalar(name)}: # {where}\n    {'digest: require' if name in STRICT else 'floating: forbid'}\n"
        for name, where in seen.environments.items()
    )
    yield f"{_ENVIRONMENTS}environments:\n{''.join(rows)}"


def _of_vendored(config: Config, seen: Seen) -> Iterator[str]:
    head = "# Read and reported, never edited. The list replaces the default one.\n"
    text = _listed("vendored", config.vendored)
    if not seen.vendored:
        yield head + _commented(text)
        return
    found = [f"# - {printable(folder)}/: {plural(count, 'file')}\n" for folder, count in seen.vendored.items()]
    more = [f"# - and {len(found) - _FOLDERS_MAX:,} more folders\n"] if len(found) > _FOLDERS_MAX else []
    yield head + "# Found here:\n" + "".join((*found[:_FOLDERS_MAX], *more)) + text


def _of_platforms(seen: Seen) -> Iterator[str]:
    """A node that no manifest selects is known to the cluster alone, so this is never more than a proposal."""
    named = ", ".join(f"{name} ({plural(count, 'file')})" for name, count in seen.architectures.items())
    said = f"# Node selectors here name {named}; only the cluster knows the others.\n" if named else ""
    wanted = [f"linux/{name}" for name in seen.architectures] or ["linux/amd64", "linux/arm64"]
    yield f"# What the index behind every digest must offer: the platforms of all nodes.\n{said}" + _commented(
        _listed("platforms", wanted)
    )


def _others(config: Config) -> Iterator[tuple[str, str]]:
    """Every other key with one line on it: the default, or an example where there is none."""
    yield "Tags that move (globs). The list replaces the default one.", _listed("floating_tags", config.floating_tags)
    yield "The files to read, of those that Git tracks or does not ignore.", _listed("include", config.include)
    yield "Files not to read, whatever includes them.", _listed("exclude", ["docs/archive/**"])
    yield (
        "Test code and test data: read, never edited. The list replaces the default one.",
        _listed("tests", config.tests),
    )
    yield from _EXAMPLES
    yield "No exception may hold longer than so many days.", f"exception_days: {config.exception_days}\n"


_EXAMPLES = (
    (
        "Layerings of value files beside those that are found; the last layer wins.",
        _STACKS,
    ),
    (
        "The form in which an image takes its digest, by glob of values and templates: digest, tag-and-digest, ref.",
        'contract:\n  "charts/operators/**": tag-and-digest\n',
    ),
    (
        "How registries are reached, by host.",
        "registries:\n  docker.io: {mirror: mirror.example.com/dockerhub}\n  localhost:5000: {insecure: true}\n",
    ),
    (
        "The value that says when images of custom resources are pulled, for `--only fleet-pull-policy`.",
        "pull_policy_value: global.acme.imagePullPolicy\n",
    ),
    ("A comment behind a digest (`# main`) names the tag that it came from.", "channel_comments: false\n"),
    (
        "Images that need a pull secret, for `unfloat check --pull-secrets`.",
        'private: ["ghcr.io/acme/**"]\n',
    ),
    (
        "Where kinds of objects name images that unfloat does not know.",
        'custom_resources:\n  - kind: Web\n    group: acme.io\n    images: ["spec.plugins[*].package"]\n',
    ),
    (
        "Dated exceptions, their last day no further off than `exception_days`; `unfloat baseline` writes them.",
        _ALLOW,
    ),
)


def _listed(key: str, values: Sequence[str]) -> str:
    """A list on one line, or, where that gets too long, one item a line."""
    items = [_scalar(value) for value in values]
    line = f"{key}: [{', '.join(items)}]\n"
    return line if len(line) <= _WIDTH else f"{key}:\n" + "".join(f"  - {item}\n" for item in items)


def _scalar(text: str) -> str:
    """A text as YAML reads it as one."""
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _commented(text: str) -> str:
    return "".join(f"#{line}\n" for line in text.splitlines())
