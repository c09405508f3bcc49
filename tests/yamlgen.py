"""YAML files of all styles for the property tests, written by hand-made emitters (no dumper has so many habits).

A `Fabric` draws everything from one `Random`, so that hypothesis can steer and shrink it; `planted` names what was
hidden in the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import yaml as pyyaml
from hypothesis import strategies as st

BOM = "\ufeff"
FLOATING = ("main", "dev", "latest", "nightly", "canary")
FIXED = ("v1.2.3", "2024.06", "sha-0a1b2c3", "1.27-alpine")
WORDS = ("port", "größe", "enabled", "zone", "名前", "note", "level", "x-y", "a.b/c", "emoji😀", "list")
VALUES = (
    "8080",
    "true",
    "plain words",
    "it's",
    'say "hi"',
    "# no comment",
    "ünïcode 😀",
    "null",
    "",
    "a: b",
    "- dash",
    "{braces}",
    "trailing ",
    " leading",
    "tab\there",
    "http://example.com/a:main",
    "back\\slash",
    "0755",
    "1.10",
    "@at",
    "*star",
    "&amp",
    "ghcr.io/acme/prose is: not an image",
    "two\nlines",
    "three\n\nlines\n",
    "  indented\nless\n",
    "key: value\nother: [1, 2]\n",
)
COMMENTS = ("# image: ghcr.io/acme/old:main", "# tag: dev", "#", "# größe 😀", '# "quote', "# it's: {a: [b", "#---")


@dataclass(frozen=True)
class Planted:
    """One image that was hidden: its repository as written, its tag and its digest."""

    repository: str
    tag: str | None
    digest: str | None

    @property
    def floats(self) -> bool:
        return self.digest is None and (self.tag is None or self.tag in FLOATING)

    @property
    def whole(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


@dataclass
class Text:
    """A scalar; `anchor` names it."""

    value: str
    anchor: str | None = None


@dataclass
class Alias:
    name: str


@dataclass
class Table:
    entries: list[tuple[str, Tree]] = field(default_factory=list)
    anchor: str | None = None


@dataclass
class Items:
    items: list[Tree] = field(default_factory=list)


Tree = Text | Alias | Table | Items


def digest_of(name: str) -> str:
    """A digest that depends on the name alone."""
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


class Fabric:
    """Draws trees and writes them down."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.planted: list[Planted] = []
        self.names = 0

    def often(self, one_in: int = 2) -> bool:
        return self.random.randrange(one_in) == 0

    def pick(self, choices: tuple[str, ...]) -> str:
        return choices[self.random.randrange(len(choices))]

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    # What is in the file ------------------------------------------------------------------------------------------

    def plant(self) -> Planted:
        name = self.name("app")
        repository = self.pick((f"ghcr.io/acme/{name}", f"registry.example.com:5000/team/{name}", f"acme/{name}"))
        kind = self.random.randrange(8)
        tag: str | None = self.pick(FLOATING)
        if kind == 0:
            tag = None
        elif kind == 1:
            tag = self.pick(FIXED)
        digest = digest_of(name) if kind == 2 else None
        if digest is not None:
            tag = self.pick(FIXED) if self.often() else None
        found = Planted(repository, tag, digest)
        self.planted.append(found)
        return found

    def container(self) -> Table:
        image = self.plant()
        entries: list[tuple[str, Tree]] = [("name", Text("web")), ("image", Text(image.whole))]
        if self.often():
            policy = self.pick(("Always", "Always", "IfNotPresent", "Never"))
            entries.insert(self.random.randrange(3), ("imagePullPolicy", Text(policy)))
        if self.often(3):
            entries.append(("command", self.scalars()))
        return Table(entries)

    def values_map(self) -> Table:
        image = self.plant()
        repository: list[tuple[str, Tree]] = [("repository", Text(image.repository))]
        host, slash, rest = image.repository.partition("/")
        if self.often(4) and "." in host and slash:
            repository = [("registry", Text(host)), ("repository", Text(rest))]
        entries = list(repository)
        if image.tag is not None:
            entries.append(("tag", Text(image.tag)))
        if image.digest is not None:
            entries.append(("digest", Text(image.digest)))
        elif self.often(5):
            entries.insert(self.random.randrange(len(entries) + 1), ("digest", Text("")))
        if self.often():
            entries.insert(
                self.random.randrange(len(entries) + 1), ("pullPolicy", Text(self.pick(("Always", "IfNotPresent"))))
            )
        return Table(entries)

    def flat(self) -> list[tuple[str, Tree]]:
        image, prefix = self.plant(), self.name("svc")
        if image.digest is None and image.tag is None:  # what runs then is for the chart to say
            self.planted[-1] = image = Planted(image.repository, "main", None)
        style = self.pick(("Image{}", "_image_{}"))
        names = ("Repository", "Tag") if style[0] == "I" else ("repository", "tag")
        parts: list[tuple[str, Tree]] = [(prefix + style.format(names[0]), Text(image.repository))]
        if image.tag is not None and image.digest is None:
            parts.append((prefix + style.format(names[1]), Text(image.tag)))
        return parts

    def scalars(self) -> Items:
        return Items([Text(self.pick(VALUES)) for _ in range(self.random.randrange(1, 4))])

    def tree(self, depth: int) -> Table:
        """A map with images, noise and texts that hold such maps."""
        table = Table()
        for _ in range(self.random.randrange(1, 4)):
            table.entries += self.entries(depth)
        return table

    def entries(self, depth: int) -> list[tuple[str, Tree]]:
        kind = self.random.randrange(12 if depth else 9)
        if kind == 0:
            return [
                (
                    self.name("c"),
                    Table([("containers", Items([self.container() for _ in range(self.random.randrange(1, 3))]))]),
                )
            ]
        if kind == 1:
            return [(self.name("v"), Table([("image", self.values_map())]))]
        if kind == 2:
            return self.flat()
        if kind == 3:
            variable = Table([("name", Text(f"RELATED_IMAGE_{self.name('X')}")), ("value", Text(self.spelled_out()))])
            return [(self.name("e"), Table([("env", Items([variable]))]))]
        if kind == 4:
            return [
                (
                    self.name("l"),
                    Table([("images", Items([Text(self.spelled_out()) for _ in range(self.random.randrange(1, 3))]))]),
                )
            ]
        if kind == 5:
            return [(self.name("s"), self.container())]
        if kind == 6:
            return self.anchored()
        if kind < 9:
            return [(self.name(self.pick(WORDS)), Text(self.pick(VALUES)) if self.often() else self.scalars())]
        if kind == 9:
            return [(self.name("m"), self.tree(depth - 1))]
        return [(self.name("manifest"), Text(self.embedded(depth - 1)))]

    def spelled_out(self) -> str:
        """Where a bare word is no image: with a tag, a digest, or a registry's host."""
        image = self.plant()
        if "." not in image.whole.partition("/")[0] and image.whole == image.repository:
            self.planted[-1] = image = Planted(image.repository, "main", None)
        return image.whole

    def anchored(self) -> list[tuple[str, Tree]]:
        name = self.name("anchor")
        kind = self.random.randrange(4)
        if kind == 0:
            whole = self.plant().whole
            first = Table([("name", Text("a")), ("image", Text(whole, name)), ("ports", Items([]))])
            return [(self.name("k"), first), (self.name("k"), Table([("image", Alias(name)), ("ports", Items([]))]))]
        if kind == 1:
            default = self.values_map()
            default.anchor = name
            return [(self.name("k"), Table([("image", default)])), (self.name("k"), Table([("image", Alias(name))]))]
        if kind == 2:
            default = self.values_map()
            default.anchor = name
            merging = Table([("<<", Alias(name)), ("pullPolicy", Text("Always"))])
            return [(self.name("k"), Table([("image", default)])), (self.name("k"), Table([("image", merging)]))]
        one, two = (Planted(f"ghcr.io/acme/{self.name('app')}", "main", None) for _ in range(2))
        self.planted += [one, two]
        first = Table([("repository", Text(one.repository)), ("tag", Text("main", name))])
        second = Table([("repository", Text(two.repository)), ("tag", Alias(name))])
        return [(self.name("k"), Table([("image", first)])), (self.name("k"), Table([("image", second)]))]

    def embedded(self, depth: int) -> str:
        """The text of a document or two, in YAML or JSON."""
        table = self.object(depth)
        if self.often(3) and not _has_anchors(table):
            indent = (None, 2, "\t")[self.random.randrange(3)]
            return json.dumps(plain(table), ensure_ascii=self.often(), indent=indent) + ("\n" if self.often() else "")
        text = "\n".join(self.block(table)) + "\n"
        if self.often(4):
            text += "---\n" + "\n".join(self.block(self.object(0))) + "\n"
        return text

    def object(self, depth: int) -> Table:
        head: list[tuple[str, Tree]] = [("apiVersion", Text("apps/v1")), ("kind", Text("Deployment"))]
        table = self.tree(depth)
        return Table(head + table.entries) if self.often() or len(table.entries) < 2 else table

    # How it is written --------------------------------------------------------------------------------------------

    def block(self, table: Table) -> list[str]:
        """The lines of a block mapping at column 0."""
        lines: list[str] = []
        for key, value in table.entries:
            if self.often(6):
                lines.append(self.pick(("", *COMMENTS)) if lines else "")
            spelled = self.key(key) + (" " if self.often(12) else "")
            lines += self.after(f"{spelled}:", value)
        return lines

    def after(self, head: str, value: Tree) -> list[str]:
        """`head` (a key with its colon, or a dash) followed by a value, in a collection at column 0."""
        if isinstance(value, Alias):
            return [self.comment(f"{head} *{value.name}")]
        anchor = f" &{value.anchor}" if isinstance(value, (Text, Table)) and value.anchor else ""
        if isinstance(value, Text):
            return self.scalar(head + anchor, value.value)
        if isinstance(value, Table) and not value.entries:
            return [self.comment(f"{head}{anchor} {{}}")]
        if isinstance(value, Items) and not value.items:
            return [self.comment(f"{head} []")]
        if self.often(4) and _fits_flow(value):
            first, *rest = self.flow(value).split("\n")
            return [f"{head}{anchor} {first}", *rest]
        if isinstance(value, Items):
            least = 0 if head.endswith(":") else 1
            return [self.comment(head), *_indent(self.sequence(value), self.random.randrange(least, 4))]
        return [self.comment(head + anchor), *_indent(self.block(value), self.random.randrange(1, 6))]

    def sequence(self, items: Items) -> list[str]:
        lines: list[str] = []
        for item in items.items:
            if isinstance(item, Table) and item.entries and not item.anchor and self.often():
                width = self.random.randrange(1, 4)
                first, *rest = self.block(item)
                while not first.strip():
                    first, *rest = rest
                lines += [f"-{' ' * width}{first}", *_indent(rest, 1 + width)]
            else:
                lines += self.after("-", item)
            if self.often(8):
                lines.append(self.pick(COMMENTS))
        return lines

    def comment(self, line: str) -> str:
        return (
            f"{line} {self.pick(COMMENTS)}"
            if self.often(6)
            else line + " " * (self.random.randrange(3) if self.often(8) else 0)
        )

    def key(self, key: str) -> str:
        if key != "<<" and self.often(6):
            return json.dumps(key, ensure_ascii=False) if self.often() else f"'{key}'"
        return key

    def scalar(self, head: str, value: str) -> list[str]:
        """One of the spellings of a value; it is tried out, so that an odd value falls back to double quotes."""
        styles: list[Callable[[str, str], list[str]]] = [
            _plain,
            _plain,
            _single,
            self._double,
            self._literal,
            self._folded,
        ]
        start = self.random.randrange(len(styles))
        for style in (styles[start], self._literal, self._double):
            lines = style(head, value)
            if _says(lines, head, value):
                break
        else:
            lines = [f"{head} {json.dumps(value)}"]
        if not lines[0].rstrip().endswith(("|", ">")) and len(lines) == 1:
            lines[0] = self.comment(lines[0])
        return lines

    def _double(self, head: str, value: str) -> list[str]:
        out: list[str] = []
        for character in value:
            if (
                character.isalpha() and "mage" in value.lower()
            ):  # escaped key words, which hide what is meant, are no case
                out.append(character)
            elif self.often(30):
                code = ord(character)
                out.append(f"\\x{code:02x}" if code < 256 else f"\\U{code:08X}")
            elif character == "\n" and self.often(4):
                out.append("\\n\\\n ")
            elif character == "/" and self.often(4):
                out.append("\\/")
            elif self.often(40):
                out.append(
                    "\\\n  " + ("\\" if character == " " else "") + json.dumps(character, ensure_ascii=False)[1:-1]
                )
            else:
                out.append(json.dumps(character, ensure_ascii=False)[1:-1])
        return f'{head} "{"".join(out)}"'.split("\n")

    def _literal(self, head: str, value: str) -> list[str]:
        header, body, width = self._chomped(value)
        return [f"{head} |{header}", *_indent(body, width, blank=self.often(4))]

    def _folded(self, head: str, value: str) -> list[str]:
        if (
            "\\\n" in value
        ):  # a word over two folded lines cannot be replaced alone: its whole file is left, `unsafe-edit`
            return self._literal(head, value)
        header, body, width = self._chomped(value)
        lines: list[str] = []
        for line in body:
            if lines and line and lines[-1] and line[0] not in " \t" and lines[-1][0] not in " \t":
                lines.append("")
            lines.append(line)
        return [f"{head} >{header}", *_indent(lines, width)]

    def _chomped(self, value: str) -> tuple[str, list[str], int]:
        text = value.rstrip("\n")
        breaks = len(value) - len(text)
        chomp = "-" if breaks == 0 else "+" if breaks > 1 or self.often(4) else ""
        body = text.split("\n") + [""] * max(breaks - 1, 0)
        width = self.random.randrange(1, 5)
        explicit = str(width) if text[:1] in (" ", "\n") or self.often(5) else ""
        header = chomp + explicit if self.often() else explicit + chomp
        return header + (" # comment" if self.often(8) else ""), body, width

    def flow(self, tree: Tree, depth: int = 0) -> str:
        """The same in flow style; breaks are followed by enough blanks for any block around."""
        gap = (
            " "
            if not self.often(6)
            else self.pick(("  ", "\n       ", "\n     # image: a:main\n       "))
            if depth < 3
            else ""
        )
        if isinstance(tree, Alias):
            return f"*{tree.name} "
        if isinstance(tree, Text):
            anchor = f"&{tree.anchor} " if tree.anchor else ""
            for spelled in (tree.value, f"'{tree.value}'") if self.often() and "\t" not in tree.value else ():
                if _flow_says(spelled, tree.value):
                    return anchor + spelled
            return anchor + json.dumps(tree.value, ensure_ascii=self.often())
        if isinstance(tree, Items):
            inner = f",{gap}".join(self.flow(item, depth + 1) for item in tree.items)
            return f"[{inner}]"
        anchor = f"&{tree.anchor} " if tree.anchor and depth else ""
        parts = [f"{self.key(key)}: {self.flow(value, depth + 1)}" for key, value in tree.entries]
        return (
            anchor
            + "{"
            + ("\n       " if self.often(9) else "")
            + f",{gap}".join(parts)
            + ("," if self.often(9) else "")
            + "}"
        )

    def file(self) -> bytes:
        """A whole file: documents, markers, line endings, a byte order mark, a last line break or none."""
        if self.often(8):
            return self.json_file()
        pieces: list[str] = ["# größe: 😀\n"] if self.often(5) else []
        if self.often(3):
            pieces.append("%YAML 1.2\n---\n" if self.often(6) else self.pick(("---\n", "--- # first\n")))
        for number in range(self.random.randrange(1, 4)):
            if number:
                pieces.append(
                    self.pick(("---\n", "--- \n", "...\n---\n", "---  # next\n", "# between\n---\n", "...\n# behind\n"))
                )
            pieces.append("\n".join(self.block(self.object(3))) + "\n")
        text = "".join(pieces)
        return self.finished(text)

    def json_file(self) -> bytes:
        table = self.object(2)
        while _has_anchors(table):
            self.planted.clear()
            table = self.object(2)
        indent = (None, 2, "\t")[self.random.randrange(3)]
        return self.finished(json.dumps(plain(table), ensure_ascii=self.often(), indent=indent) + "\n")

    def finished(self, text: str) -> bytes:
        ending = self.random.randrange(8)
        if ending == 1:
            text = text.replace("\n", "\r\n")
        elif ending == 2:
            text = re.sub("\n", lambda _: "\r\n" if self.often() else "\n", text)
        elif ending == 3 and self.often(3):
            text = text.replace("\n", "\r")
        if self.often(4) and not text.rstrip().endswith(("|", ">", "+", "...")):
            text = text.rstrip("\r\n")
        return ((BOM if self.often(6) else "") + text).encode()


def plain(tree: Tree) -> object:
    """The tree as Python's own types; trees without aliases only."""
    if isinstance(tree, Text):
        return tree.value
    if isinstance(tree, Items):
        return [plain(item) for item in tree.items]
    assert isinstance(tree, Table)
    return {key: plain(value) for key, value in tree.entries}


def _has_anchors(tree: Tree) -> bool:
    if isinstance(tree, Alias):
        return True
    if isinstance(tree, Table):
        return any(_has_anchors(value) for _, value in tree.entries)
    return isinstance(tree, Items) and any(map(_has_anchors, tree.items))


def _fits_flow(tree: Tree) -> bool:
    """Short enough for flow style."""
    return len(repr(tree)) < 700


def _plain(head: str, value: str) -> list[str]:
    return [f"{head} {value}"] if "\t" not in value else _single(head, value)  # ruamel.yaml stops at tabs in plain text


def _single(head: str, value: str) -> list[str]:
    return (f"{head} '" + value.replace("'", "''").replace("\n", "\n\n  ") + "'").split("\n")


def _indent(lines: list[str], width: int, blank: bool = False) -> list[str]:
    return [" " * width + line if line or blank else line for line in lines]


def _says(lines: list[str], head: str, value: str) -> bool:
    """Whether the lines spell just this value, below the most awkward neighbours."""
    begin = "-" if head.startswith("-") else "k:"
    properties = re.sub(r"^(-|.*?:)( &\w+)?$", r"\2", head)
    text = "\n".join([begin + properties + lines[0][len(head) :], *lines[1:]]) + (
        "\n- e\n" if begin == "-" else "\ne: f\n"
    )
    try:
        found = pyyaml.load(text, Loader=pyyaml.CBaseLoader)
    except pyyaml.YAMLError:
        return False
    expected: object = [value, "e"] if begin == "-" else {"k": value, "e": "f"}
    return bool(found == expected)


def _flow_says(spelled: str, value: str) -> bool:
    try:
        return bool(pyyaml.load(f"[{spelled}, e]", Loader=pyyaml.CBaseLoader) == [value, "e"])
    except pyyaml.YAMLError:
        return False


@dataclass(frozen=True)
class File:
    """A generated file and what is hidden in it."""

    data: bytes
    planted: tuple[Planted, ...]


@st.composite
def files(draw: st.DrawFn) -> File:
    """Files of all styles with images in all the usual shapes."""
    fabric = Fabric(draw(st.randoms(use_true_random=False)))
    data = fabric.file()
    return File(data, tuple(fabric.planted))


LOOKALIKES: tuple[tuple[str, str], ...] = (
    ("description", "Runs `image: ghcr.io/acme/web:main` with tag: latest"),
    ("imageUrl", "https://example.com/pictures/cat:latest"),
    ("logoImage", "assets/logo.png"),
    ("backgroundImage", "cdn.example.com/wall:main"),
    ("ami", "ami-0123456789abcdef0"),
    ("runs-on", "ubuntu-latest"),
    ("machine_image", "ubuntu-2204:current"),
    ("git", '{"url": "https://github.com/acme/app.git", "tag": "main"}'),
    ("source", '{"repoURL": "https://github.com/acme/app", "chart": "web", "tag": "latest"}'),
    ("image", '"https://example.com/cat.png"'),
    ("image", '"./pictures/dog.jpg"'),
    ("image", '{"src": "cat.png", "alt": "tag: main"}'),
    ("tags", '["main", "latest", "dev"]'),
    ("versions", '{"latest": "1.2.3", "main": "ghcr.io/acme/web:main"}'),
    ("pullPolicy", '{"enum": ["Always", "IfNotPresent", "Never"]}'),
    ("policy", "Always"),
    ("restartPolicy", "Always"),
    ("note", '"text\\nimage is ghcr.io/acme/web:main\\nand more"'),
    ("branch", "main"),
    ("tag", "latest"),
    ("command", '["docker", "pull", "ghcr.io/acme/web:main"]'),
    ("icon", '{"image": "acme/icon:latest"}'),
    ("disk", '{"image": "projects/debian-cloud/global/images/family:latest"}'),
)
"""Keys with values, as YAML spells them, that hold no image of a container."""

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: apps.example.com
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            image:
              description: "Defaults to ghcr.io/acme/app:latest"
              default: ghcr.io/acme/app:latest
              type: string
            imagePullPolicy:
              default: Always
              enum: [Always, IfNotPresent]
            spec:
              image: ghcr.io/acme/app:main
              imagePullPolicy: Always
"""


@st.composite
def lookalikes(draw: st.DrawFn) -> bytes:
    """Files with image words, floating words and references everywhere but where an image is named."""
    chosen = draw(st.lists(st.sampled_from(LOOKALIKES), min_size=1, max_size=8, unique_by=lambda pair: pair[0]))
    depth = draw(st.integers(0, 3))
    text = "".join(f"{'  ' * step}level{step}:\n" for step in range(depth))
    text += "".join(f"{'  ' * depth}{key}: {_spelled(value)} # image: a/b:main\n" for key, value in chosen)
    pieces = [text] + ([CRD] if draw(st.booleans()) else [])
    whole = "---\n".join(draw(st.permutations(pieces)))
    return whole.replace("\n", draw(st.sampled_from(("\n", "\r\n")))).encode()


def _spelled(value: str) -> str:
    return value if value[0] in '{["' else json.dumps(value)


@st.composite
def embeddings(draw: st.DrawFn) -> tuple[bytes, int]:
    """A file whose key `k` holds, some texts deep (the number says how many), a map with an image, and neighbours."""
    fabric = Fabric(draw(st.randoms(use_true_random=False)))
    depth = draw(st.integers(1, 3))
    text = (
        "\n".join(fabric.block(Table([("a", Text("x: y")), ("image", Text("acme/app:main")), ("z", Text("é"))]))) + "\n"
    )
    for _ in range(depth):
        if fabric.often(5):
            text = json.dumps({"a": "é", "k": text, "z": "😀"}, ensure_ascii=False) + "\n"
        else:
            text = "\n".join(fabric.block(Table([("a", Text("1")), ("k", Text(text)), ("z", Text("say 'hi'"))]))) + "\n"
    return fabric.finished(text), depth


@st.composite
def mappings(draw: st.DrawFn) -> bytes:
    """A file whose key `m` holds a mapping of scalars, or a list of one, with comments `#c` and neighbours around."""
    fabric = Fabric(draw(st.randoms(use_true_random=False)))
    table = Table()
    for name in ("a", "tag", "größe", "digest-x")[: fabric.random.randrange(2, 5)]:
        value = fabric.pick(("v1", "", "ünï", "x: y", "it's", "two\nlines\n", "main"))
        table.entries.append((name, Text(value)))
    tree: Tree = Items([table]) if fabric.often(3) else table
    lines = fabric.after("m:", tree) + fabric.after("z:", Text("end"))
    text = "\n".join(line.replace("#", "#c") for line in lines) + "\n"
    if fabric.often(3):
        text = re.sub(r"(?m)^(\s*(?:- )?(?:tag|a)): .*''$", r"\1:", text)
    return fabric.finished(text.rsplit("z:", 1)[0] if fabric.often() else text)
