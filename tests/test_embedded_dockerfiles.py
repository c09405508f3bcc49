"""Dockerfiles that stand in strings of YAML, of programs and of scripts."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites, plan_of

TRANSFORMS = load()
DOCKERFILE = """# Of the web.
ARG GO=1.26

FROM ghcr.io/acme/base:main AS build
RUN make
FROM scratch
COPY --from=build /a /a
"""
PINNED = DOCKERFILE.replace(":main", "@<digest>")


def block(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


PLACES = {
    "a ConfigMap": ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  Dockerfile: |\n{}", block),
    "a raw literal of Go": ("a.go", "package a\n\nconst text = `{}`\n", str),
    "a literal of Go": ("a.go", 'package a\n\nvar text = "{}"\n', lambda text: text.replace("\n", "\\n")),
    "a literal of Python": ("a.py", 'TEXT = """{}"""\n', str),
    "a literal of TypeScript": ("a.ts", "export const text = `{}`;\n", str),
    "a here-document": ("a.sh", "cat > Dockerfile <<'EOF'\n{}EOF\n", str),
    "a text block of Jsonnet": ("a.jsonnet", "{{ text: |||\n{}  |||, }}\n", block),
}


@pytest.mark.surface("dockerfile", found="Dockerfiles in strings of YAML, Go, Python, TypeScript, Jsonnet and shell")
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_dockerfile_in_a_text_is_read_as_one(place: tuple[str, str, object]) -> None:
    path, frame, spell = place
    assert callable(spell)
    before, after = (frame.format(spell(text)) for text in (DOCKERFILE, PINNED))
    check_rewrites(TRANSFORMS, before, after, path=path)
    (entry,) = plan_of(TRANSFORMS, {path: before.encode()}).images
    assert (entry.site.surface, str(entry.reference)) == ("dockerfile", "ghcr.io/acme/base:main")


NONE = {
    "prose": "FROM the beginning it was\nclear.\n",
    "a query": "SELECT a\nFROM images\nWHERE tag = 'main'\n",
    "a query that begins so": "FROM images\nSELECT a\n",
    "a script": "docker build - <<E\nFROM alpine:edge\nRUN make\nE\n",
    "one line": "FROM ghcr.io/acme/base:main\n",
    "a mail": "FROM: a@acme.test\nUSER b\n",
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_is_no_dockerfile_stays(text: str) -> None:
    check_leaves_alone(TRANSFORMS, f"apiVersion: v1\nkind: ConfigMap\ndata:\n  text: |\n{block(text)}", path="a.yaml")
    check_leaves_alone(TRANSFORMS, f"package a\n\nconst text = `{text}`\n", path="a.go")


def test_a_base_that_a_template_names_is_reported() -> None:
    text = DOCKERFILE.replace("ghcr.io/acme/base:main", "{{ .Base }}")
    check_leaves_alone(TRANSFORMS, f"package a\n\nconst text = `{text}`\n", path="a.go", code="computed-reference")
    text = DOCKERFILE.replace("ghcr.io/acme/base:main", "golang:%s")
    check_leaves_alone(TRANSFORMS, f"package a\n\nconst text = `{text}`\n", path="a.go", code="computed-reference")
