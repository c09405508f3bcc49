"""Image references in TypeScript and JavaScript: what is pinned, reported and opened, and what stays silent."""

from __future__ import annotations

import pytest

from codemod import syntax
from codemod.source import Source
from codemod.testing import check_leaves_alone, check_rewrites
from transforms.embedded_yaml import transform as embedded_yaml
from transforms.image_references import transform as image_references
from transforms.typescript_strings import transform

ALL = [transform, embedded_yaml, image_references]
PATH = "infra/main.ts"

REWRITES = {
    "a constant": 'const IMAGE = "ghcr.io/acme/web:dev"; // "a/b"',
    "single quotes": "const x = 'acme/web:dev';",
    "a template without holes": "export const x: string = `acme/web:dev`;",
    "a property": 'new k8s.Deployment("web", { mode: "env", spec: { image: "web:dev" } });',
    "a property with a quoted name": "const x = {'image': 'web:dev'};",
    "a default of a parameter": 'function f(image = "web:dev") {}',
    "a default of a typed parameter": 'const f = (image: string = "web:dev") => image;',
    "a default of a destructured property": 'const { image = "web:dev" } = props;',
    "a field of a class": 'class A { private readonly image = "web:dev"; }',
    "an alternative": 'const image = process.env.IMAGE ?? "web:dev";',
    "a choice": 'spec.image = isTest ? "web:dev" : "acme/api:dev";',
    "an argument behind its name": 'const x = getEnv("WEB_IMAGE", "web:dev");',
    "an argument of a constructor": 'const x = new ContainerImage("web:dev");',
    "a value that is returned": 'function image() { return "web:dev"; }',
    "a member of an enumeration": 'enum Images { Web = "ghcr.io/acme/web:dev" }',
    "a comparison": 'if (image === "web:dev") {}',
    "an option": 'run(["--image", "web:dev"]);',
    "a known constant in a template": 'const HUB = "ghcr.io/acme";\nconst x = `${HUB}/web:dev`;',
    "a known constant before a +": 'const x = HUB + "/web:dev";\nconst HUB = "ghcr.io/acme";',
    "a manifest": "const x = `kind: Pod\nname: ${name}\nimage: web:dev\n`;",
    "an escaped manifest": 'const x = "kind: Pod\\nimage: \\"web:dev\\"\\n";',
    "JSON": 'const x = \'{"image": "acme/web:dev"}\';',
}


@pytest.mark.parametrize("path", [PATH, "infra/main.js", "infra/main.tsx"])
@pytest.mark.parametrize("text", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("typescript", found="string literals of TypeScript and JavaScript")
@pytest.mark.surface("typescript", rewritten="constants, properties, defaults, arguments, manifests")
def test_pins(text: str, path: str) -> None:
    if path.endswith("js"):
        text = text.replace(": string", "").replace("private readonly ", "").replace("enum Images { Web =", "f({ Web:")
        text = text.replace('web:dev" }', 'web:dev" });') if "Web:" in text else text
    after = text.replace(":dev", "@<digest>")
    check_rewrites(ALL, f"{text}\n", f"{after}\n", path=path)
    edited = Source(path, after.replace("<digest>", "sha256:" + "a" * 64).encode(), "typescript")
    dialect = "language_typescript" if path.endswith("ts") else "language_tsx"
    assert syntax.root(edited, "tree_sitter_typescript", dialect) is not None


SILENT = {
    "a comment": '// const image = "ghcr.io/acme/web:dev";',
    "an import": 'import x from "acme/web:dev";',
    "a module of the platform": 'import image from "node:fs";',
    "a type": 'type Image = "acme/web:dev";',
    "another property": 'const x = { image, mode: "env:dev" };',
    "a key": 'const x = { "env:dev": image };',
    "a key behind a host": 'const images = { "acme.io/label-values:latest": 1 };',
    "a subscript": 'const image = images["env:dev"];',
    "a URL": 'const image = "https://ghcr.io/acme/web:dev";',
    "a picture": 'const image = "assets:logo.png";',
    "data": 'const image = "data:image/png;base64,AAAA";',
    "a port": 'const imageHost = "localhost:5000";',
    "a style": 'const x = { backgroundImage: "linear-gradient(a:b)" };',
    "an untagged name": 'const image = "ghcr.io/acme/web";',
    "prose": 'const help = "the image, e.g. ghcr.io/acme/web:dev";',
    "a template of a message": "log(`image: ${name}:${tag}`);",
    "a template of an address": "const url = `${host}:${port}`;",
    "a floating word": 'const stage = "dev"; // image',
    "a tag of npm": 'const npmTag = "latest"; // image',
    "a directive": '"use image:dev";',
    "a line that no person writes": f'const image = "web:dev";{"x();" * 2000}',
    "a broken place": 'f(image, "ghcr.io/acme/web:dev"',
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
@pytest.mark.surface("typescript", left="comments, imports, types, npm tags, minified lines")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(ALL, f"{text}\n", path=PATH)


COMPUTED = {
    "a hole in the name": "const x = `ghcr.io/acme/${name}:dev`;",
    "a hole in the tag": "const x = `ghcr.io/acme/web:${tag}`;",
    "holes only": "const image = `${repo}:${tag}`;",
    "a +": 'const image = repo + ":dev";',
    "a + within": 'const image = hub + "/web:" + tag;',
    "a tag of its own": 'const x = { image, tag: "latest" };',
    "a variable": 'let HUB = "a.io/b";\nconst x = `${HUB}/web:dev`;',
    "a constant that is declared twice": "const HUB = 'a.io';\n{ const HUB = 'b.io'; f(`${HUB}/web:dev`); }",
    "a hole in a manifest": "const x = `kind: Pod\nimage: ${repo}:dev\n`;",
}


@pytest.mark.parametrize("text", COMPUTED.values(), ids=COMPUTED)
@pytest.mark.surface("typescript", reported="template literals and `+`, and tags that the program forces")
def test_reports(text: str) -> None:
    check_leaves_alone(ALL, f"{text}\n", path=PATH, code="computed-reference")


def test_lines_of_a_manifest_with_holes_are_pinned() -> None:
    text = "const x = `\nspec:\n  image: acme/web:dev\n${more}\n    - image: 'acme/api:dev'\n`;\n"
    check_rewrites(ALL, text, text.replace(":dev", "@<digest>"), path=PATH)
