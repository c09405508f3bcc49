"""Image references in Jsonnet strings: what is pinned, what is reported, what is opened, what stays silent."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, check_rewrites
from transforms.embedded_yaml import transform as embedded_yaml
from transforms.image_references import transform as image_references
from transforms.jsonnet_strings import transform

ALL = [transform, embedded_yaml, image_references]
PATH = "lib/web.libsonnet"

REWRITES = {
    "a field": "{ image: 'web:dev' }",
    "a field in double quotes": '{ "image": "web:dev" } // "a/b"',
    "a hidden field": "{ _config+:: { baseImage:: 'web:dev' } }",
    "a variable": "local image = 'web:dev'; image",
    "a default of a parameter": "{ new(name, image='web:dev'):: {} }",
    "a field behind others": "{ mode: 'env', image: 'web:dev' }",
    "an object of images": "{ _images+:: base + { web: 'web:dev', api: 'nginx:dev' } }",
    "an object of images over lines": "{\n  images::\n    other + // more\n    {\n      web: 'web:dev',\n    },\n}",
    "a host alone": "container.new('web', 'ghcr.io/acme/web:dev')",
    "a slash and a floating tag": "['acme/web:dev', 'acme/api:dev']",
    "a verbatim string": "{ image: @'web:dev' }",
    "a text block": "{ a: |||\n    kind: Pod\n    image: web:dev # c\n  |||, b: 1 }",
    "a text block of many lines": "{\n  a: |||\n\n    kind: Pod\n    spec:\n      image: web:dev\n  |||,\n}",
    "an escaped manifest": "{ a: 'kind: Pod\\nimage: \\'web:dev\\'\\n' }",
}


@pytest.mark.parametrize("text", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("jsonnet", found="strings and text blocks")
@pytest.mark.surface("jsonnet", rewritten="fields, variables, defaults, manifests in text blocks")
def test_pins(text: str) -> None:
    check_rewrites(ALL, f"{text}\n", text.replace(":dev", "@<digest>") + "\n", path=PATH)


SILENT = {
    "a comment": "// image: 'ghcr.io/acme/web:dev'",
    "a comment of a shell": "# image: 'ghcr.io/acme/web:dev'",
    "a block comment": "/* image: 'ghcr.io/acme/web:dev' */",
    "another field beside": "{ image: image, mode: 'env:dev' }",
    "an object beside images": "{ _images:: { web: image }, modes: { env: 'env:dev' } }",
    "an object within images": "{ images: { logo: { mode: 'env:dev' } } }",
    "a pair": "{ mode: 'env:dev' }",
    "an import": "local k = import 'github.com/image/main:dev'; k",
    "an untagged name": "{ image: 'ghcr.io/acme/web' }",
    "a URL": "{ image: 'https://ghcr.io/acme/web:dev' }",
    "a port": "{ imageHost: 'localhost:5000' }",
    "prose": "{ description: 'the image ghcr.io/acme/web:dev' }",
    "a block of prose": "{ a: |||\n    Use the image\n    web:dev\n  ||| }",
    "a string that is not closed": "{ image: 'web:dev }",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
@pytest.mark.surface("jsonnet", left="comments, imports, texts that nothing marks")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(ALL, f"{text}\n", path=PATH)


COMPUTED = {
    "a +": "{ image: $._config.repo + ':dev' }",
    "a + behind": "{ image: 'ghcr.io/acme/web:' + $._config.version }",
    "a %": "{ image: '%s:dev' % repo }",
    "a % by name": "{ image: 'ghcr.io/acme/web:%(tag)s' % self }",
    "a tag": "{ image: image, tag: 'latest' }",
}


@pytest.mark.parametrize("text", COMPUTED.values(), ids=COMPUTED)
@pytest.mark.surface("jsonnet", reported="`+` and `%`, and tags that are set")
def test_reports(text: str) -> None:
    check_leaves_alone(ALL, f"{text}\n", path=PATH, code="computed-reference")
