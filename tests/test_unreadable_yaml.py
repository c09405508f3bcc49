"""YAML that cannot be read: silent where no image is at stake, reported where one is, edited nowhere."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, plan_of
from transforms import embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml

YAML = [module.transform for module in (embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml)]

SILENT = {
    "what can be read": "a: [1, 2]\n",
    "what names no image": "a: [1, 2\nb: 3\n",
    "an empty file": "",
    "blank lines": "\n\n",
    "a byte order mark alone": "\ufeff",
    "a schema that cannot be read": "kind: CustomResourceDefinition\nspec: [\nimage: a\n",
    "a comment with tabs": "# image:\t[\na: 1\n",
    "a template whose actions can be masked": "{{- if .Values.a }}\ntag: {{ .Values.x }}\n{{- end }}\n",
    "a document of one word": "image\n",
    "two tags of one key, the last of which counts": "replicas: 1\nreplicas: 2\nimage: ''\n",
}

UNPARSABLE = {
    "an open bracket": ("image: ghcr.io/acme/web:main\nports: [80\nname: web\n", 3),
    "a tab for indentation": ("web:\n\timage: ghcr.io/acme/web:main\n", 2),
    "an open quote": ('image: "ghcr.io/acme/web:main\nname: web\n', 2),
    "a wrong indentation": ("web:\n  image: ghcr.io/acme/web:main\n name: web\n", 3),
    "two values of one key": ("image: ghcr.io/acme/web:main: x\n", 1),
    "an alias of nothing that is a key": ("image: ghcr.io/acme/web:main\n: : :\n&a &b c\n", 2),
    "a marker of a merge that nobody resolved": (
        "<<<<<<< HEAD\nimage: ghcr.io/acme/web:main\n=======\nimage: ghcr.io/acme/web:dev\n>>>>>>> x\n",
        2,
    ),
    "JSON with a missing comma": ('{"image": "ghcr.io/acme/web:main"\n "tag": "x"}\n', 2),
    "a template that breaks the structure": (
        "image: ghcr.io/acme/web:main\n{{ range }}\n  - a\n {{ end }}\n b: [\n",
        5,
    ),
    "an unprintable character": ("image: ghcr.io/acme/web:main\nname: \x07\n", 2),
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_says_nothing(text: str) -> None:
    check_leaves_alone(YAML, text)


@pytest.mark.parametrize(("text", "line"), UNPARSABLE.values(), ids=UNPARSABLE)
def test_reports_where_reading_stopped(text: str, line: int) -> None:
    plan = check_leaves_alone(YAML, text, code="unparsable")
    assert [(entry.site.line, bool(entry.message)) for entry in plan.left] == [(line, True)]


def test_reports_text_of_another_encoding() -> None:
    plan = plan_of(YAML, {"a.yaml": b"image: ghcr.io/acme/web:main\nname: \xe4\n"})
    assert (plan.files, [(entry.code, entry.site.line) for entry in plan.left]) == ({}, [("unparsable", 2)])


def test_the_other_documents_of_a_file_are_pinned_all_the_same() -> None:
    text = "image: ghcr.io/acme/a:main\n---\nimage: [\n---\nimage: ghcr.io/acme/b:main\n"
    plan = plan_of(YAML, {"a.yaml": text.encode()})
    assert [change.site.line for change in plan.changed] == [1, 5]
    assert [(entry.code, entry.site.line) for entry in plan.left] == [("unparsable", 4)]


def test_a_vendored_file_is_reported_as_such() -> None:
    check_leaves_alone(YAML, "image: [\n", path="vendor/a.yaml", code="vendored")
