"""Image references in Python string literals: what is pinned, what is reported, what is opened, what stays silent."""

from __future__ import annotations

import ast

import pytest

from codemod.formats import python
from codemod.source import Source, Span
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms.embedded_yaml import transform as embedded_yaml
from transforms.image_references import transform as image_references
from transforms.pull_policies import transform as pull_policies
from transforms.python_strings import transform

ALL = [transform, embedded_yaml, image_references, pull_policies]
PATH = "tools/images.py"
HEX = "a" * 64

REWRITES = {
    "a constant": ('RUNNER = "ghcr.io/acme/web:dev"', 'RUNNER = "ghcr.io/acme/web@<digest>"'),
    "single quotes and a comment": (
        "x = 'acme/web:dev'  # 'a/b:dev'",
        "x = 'acme/web@<digest>'  # 'a/b:dev'",
    ),
    "the default of a parameter": ('def f(image="web:dev"): ...', 'def f(image="web@<digest>"): ...'),
    "the default of a typed parameter": (
        'def f(*, image: str = "web:dev"): ...',
        'def f(*, image: str = "web@<digest>"): ...',
    ),
    "a keyword argument": ('run(name="a:b", image="web:dev")', 'run(name="a:b", image="web@<digest>")'),
    "an argument of a decorator": (
        '@step(base_image="web:dev")\ndef f(): ...',
        '@step(base_image="web@<digest>")\ndef f(): ...',
    ),
    "a value of a dict": (
        'x = {"mode": "env:dev", "image": "web:dev"}',
        'x = {"mode": "env:dev", "image": "web@<digest>"}',
    ),
    "an item that is set": ('x["image"] = "web:dev"', 'x["image"] = "web@<digest>"'),
    "an attribute": ('self.image = "web:dev"', 'self.image = "web@<digest>"'),
    "a field of a class": ('class A:\n    image: str = "web:dev"', 'class A:\n    image: str = "web@<digest>"'),
    "a default of the environment": (
        'x = os.environ.get("IMAGE", "web:dev")',
        'x = os.environ.get("IMAGE", "web@<digest>")',
    ),
    "an alternative": ('image = given or "web:dev"', 'image = given or "web@<digest>"'),
    "a value that is returned": (
        'def image():\n    return "web:dev"',
        'def image():\n    return "web@<digest>"',
    ),
    "an argument behind its option": (
        'run(["docker", "run", "--image", "web:dev"])',
        'run(["docker", "run", "--image", "web@<digest>"])',
    ),
    "an option with its value": ('run(["--image=web:dev"])', 'run(["--image=web@<digest>"])'),
    "a raw literal": ('x = r"acme/web:dev"', 'x = r"acme/web@<digest>"'),
    "bytes": ('x = b"acme/web:dev"', 'x = b"acme/web@<digest>"'),
    "a formatted literal without fields": ('x = f"acme/web:dev"', 'x = f"acme/web@<digest>"'),
    "adjacent literals": ('x = ("ghcr.io/acme"\n     "/web:dev")', 'x = ("ghcr.io/acme"\n     "/web@<digest>")'),
    "a constant in a formatted literal": (
        'x = f"{HUB}/web:dev"\nHUB = "ghcr.io/acme"',
        'x = f"{HUB}/web@<digest>"\nHUB = "ghcr.io/acme"',
    ),
    "a constant before a +": (
        'x = HUB + "/web:dev"\nHUB = "ghcr.io/acme"',
        'x = HUB + "/web@<digest>"\nHUB = "ghcr.io/acme"',
    ),
    "constants in a format": (
        'HUB = "ghcr.io/" + ORG\nORG = "acme"\nx = "{}/{name}:dev".format(HUB, name=ORG)',
        'HUB = "ghcr.io/" + ORG\nORG = "acme"\nx = "{}/{name}@<digest>".format(HUB, name=ORG)',
    ),
    "a constant behind a %": (
        'HUB = "ghcr.io/acme"\nx = "%s/web:dev" % HUB',
        'HUB = "ghcr.io/acme"\nx = "%s/web@<digest>" % HUB',
    ),
    "a piece of JSON": (
        'x = \'{"image_uri":"a/b:dev", \' + rest',
        'x = \'{"image_uri":"a/b@<digest>", \' + rest',
    ),
    "what an assertion expects": ('assertEqual("web:dev", x.image)', 'assertEqual("web@<digest>", x.image)'),
    "a comparison": ('assert image == "web:dev"', 'assert image == "web@<digest>"'),
    "names outside ASCII": ('ä = "ö"; image = "web:dev"', 'ä = "ö"; image = "web@<digest>"'),
}


@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("python", rewritten="constants, defaults, arguments, dict values, f-strings of constants")
def test_pins(before: str, after: str) -> None:
    check_rewrites(transform, f"{before}\n", f"{after}\n", path=PATH)
    ast.parse(after.replace("<digest>", f"sha256:{HEX}"))


SILENT = {
    "what another flag of a container's command sets": 'container.args = ["--config=env:CONFIG"]',
    "a docstring": '"""Runs ghcr.io/acme/web:dev."""',
    "a docstring that is a reference": 'def f():\n    "ghcr.io/acme/web:dev"',
    "a comment": 'x = 1  # "ghcr.io/acme/web:dev"',
    "another keyword": 'run(image=image, mode="env:dev")',
    "a piece of other JSON": 'x = \'{"mode":"a/b:dev", "image": \' + rest',
    "another expectation": 'assertEqual("env:dev", mode)  # image',
    "another key": 'x = {"image": image, "mode": "env:dev"}',
    "a key": 'x = {"env:dev": image}',
    "a key behind a host": 'tags = {"acme.io/label-values:latest": "1 0"}  # image',
    "a subscript": 'image = images["env:dev"]',
    "a URL": 'image = "https://ghcr.io/acme/web:dev"',
    "a pair without a word": 'x = "env:dev"',
    "a port": 'image_host = "localhost:5000"',
    "a time": 'image_time = "12:30"',
    "an untagged name": 'image = "ghcr.io/acme/web"',
    "prose": 'help = "the image, e.g. ghcr.io/acme/web:dev"',
    "a line of a source file": 'image = "pkg/file.py:12"',
    "an argument for the parser": 'parser.add_argument("--mode", default="env:dev", help="of the image")',
    "a format string of a message": 'print(f"image: {name}:{tag}")',
    "a format of a port": 'url = f"{host}:{port}"',
    "a dict's format": 'x = f"{a}:{b}"',
    "a slice": "x = image[1:tag]",
    "a strftime": 'x = "%H:%M"  # of the image',
    "an entry point": 'entry = "pkg.mod:main"  # image',
    "a floating word": 'stage = "dev"  # image',
    "a tag of Git": 'git_tag = "main"  # image',
    "a broken place": 'run(image="ghcr.io/acme/web:dev"',
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
@pytest.mark.surface("python", left="docstrings, comments, format strings, texts that nothing marks")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(transform, f"{text}\n", path=PATH)


COMPUTED = {
    "a field in the name": ('x = f"ghcr.io/acme/{name}:dev"', "ghcr.io/acme/{name}:dev"),
    "a field in the tag": ('x = f"ghcr.io/acme/web:{tag}"', "ghcr.io/acme/web:{tag}"),
    "fields only": ('image = f"{repo}:{tag}"', "{repo}:{tag}"),
    "a %": ('x = "ghcr.io/acme/%s:dev" % name', "ghcr.io/acme/%s:dev"),
    "a % of many": ('image = "%s/%s:latest" % (hub, name)', "%s/%s:latest"),
    "a call of format": ('x = "ghcr.io/acme/{}:dev".format(name)', "ghcr.io/acme/{}:dev"),
    "a call of format by name": ('x = "{hub}/web:{tag}".format(hub=image_hub, tag=tag)', "{hub}/web:{tag}"),
    "a +": ('image = repo + ":dev"', ":dev"),
    "a + within": ('image = hub + "/web:" + tag', "/web:"),
    "a template": ('x = "ghcr.io/acme/{{ name }}:dev"', "ghcr.io/acme/{{ name }}:dev"),
    "a tag of its own": ('image_tag = "latest"', "latest"),
    "a default tag": ('def f(image, tag="dev"): ...', "dev"),
    "a constant that is set twice": ('HUB = "a.io"\nHUB = "b.io"\nx = f"{HUB}/web:dev"', "{HUB}/web:dev"),
    "a local name": ('def f(hub):\n    return f"{hub}/acme/web:dev"', "{hub}/acme/web:dev"),
}


@pytest.mark.parametrize(("text", "left"), COMPUTED.values(), ids=COMPUTED)
@pytest.mark.surface("python", reported="`+`, `%`, `format`, f-strings, and tags that the program forces")
def test_reports(text: str, left: str) -> None:
    plan = check_leaves_alone(transform, f"{text}\n", path=PATH, code="computed-reference")
    assert left in [entry.text for entry in plan.left]


MANIFEST = "kind: Pod\nspec:\n  containers:\n  - image: ghcr.io/acme/web:dev\n    imagePullPolicy: Always\n"
DONE = MANIFEST.replace(":dev", "@<digest>").replace("Always", "IfNotPresent")
OPENS = {
    "a long literal": ('x = """{}"""', lambda text: text),
    "a long literal in single quotes": ("x = '''\\\n{}'''", lambda text: text),
    "a raw long literal": ('x = r"""{}"""', lambda text: text),
    "an escaped literal": ('x = "{}"', lambda text: text.replace("\n", "\\n")),
    "bytes": ('x = b"""{}"""', lambda text: text),
    "a formatted literal": ('x = f"""name: {{name}}\n{}"""', lambda text: text),
    "a text that is formatted": ('x = """name: {{name}}\n{}""".format(name=1)', lambda text: text),
    "JSON": (
        "x = '{}'",
        lambda text: '{"image": "acme/web:dev"}' if "dev" in text else '{"image": "acme/web@<digest>"}',
    ),
}


@pytest.mark.parametrize(("frame", "spelled"), OPENS.values(), ids=OPENS)
def test_edits_manifests_in(frame: str, spelled: object) -> None:
    assert callable(spelled)
    before, after = (
        frame.replace("{}", spelled(text)).replace("{{", "{").replace("}}", "}") for text in (MANIFEST, DONE)
    )
    check_rewrites(ALL, f"{before}\n", f"{after}\n", path=PATH)


HOLES = {
    "a field in a manifest": 'x = f"""kind: Pod\nimage: {repo}:dev\n"""',
    "a field in a name": 'x = f"""kind: Pod\nimage: ghcr.io/acme/{name}:dev\n"""',
    "a field of format": 'x = """kind: Pod\nimage: ghcr.io/acme/{name}:dev\n""".format(name=name)',
    "a verb": 'x = """kind: Pod\nimage: ghcr.io/acme/%s:dev\n""" % name',
}


@pytest.mark.parametrize("text", HOLES.values(), ids=HOLES)
def test_reports_holes_in_manifests(text: str) -> None:
    check_leaves_alone(ALL, f"{text}\n", path=PATH, code="computed-reference")


SAID = {
    "escapes": (r'"a\n\t\x41\101B\\\"\N{BULLET}"', 'a\n\tAAB\\"•'),
    "an unknown escape": (r'"\d"', r"\d"),
    "a raw literal": (r'r"\n"', r"\n"),
    "a broken line": ('"a\\\nb"', "ab"),
    "doubled braces and a field": ('f"{{{x}}}"', "{%s}"),
    "bytes": (r'b"\xc3\xa4"', "ä"),
}


@pytest.mark.parametrize(("code", "said"), SAID.values(), ids=SAID)
def test_what_a_literal_says(code: str, said: str) -> None:
    source = Source(PATH, f"x = {code}\n".encode(), "python")
    (node,) = python.strings(source)
    text = python.nested(source, node, "yaml", "python")
    assert text is not None
    assert text.data.decode() == said
    assert text.in_file(Span(0, len(text.data))) == Span(
        4 + len(code) - len(code.lstrip("rfb")) + 1, 4 + len(code.encode()) - 1
    )


@pytest.mark.parametrize(
    ("code", "text", "spelled"),
    [
        ('"x"', b'a"\\\n', b'a\\"\\\\\\n'),
        ("'x'", b'"', b'"'),
        ('"""x"""', b"a\nb", b"a\nb"),
        ('r"x"', b"a\n", None),
        ('f"x"', b"{a}", b"{{a}}"),
    ],
)
def test_new_text_is_spelled_as_its_literal_spells(code: str, text: bytes, spelled: bytes | None) -> None:
    source = Source(PATH, f"x = {code}\n".encode(), "python")
    (node,) = python.strings(source)
    inside = python.nested(source, node, "yaml", "python")
    assert inside is not None
    assert inside.quoting is not None
    assert inside.quoting.encode(text) == spelled


@pytest.mark.surface("python", found="string literals, constants of the module known")
def test_a_resolved_reference_is_an_image_of_the_inventory() -> None:
    plan = plan_of(transform, {PATH: b'TAG = "dev"\nIMAGE = f"ghcr.io/acme/web:{TAG}"\n'})
    assert [(str(entry.reference), entry.reason) for entry in plan.images] == [
        ("ghcr.io/acme/web:dev", "computed-reference")
    ]
