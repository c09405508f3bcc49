"""Whole references that Helm templates and helpers spell themselves."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, check_rewrites
from transforms.template_literals import transform

HELPER = "charts/web/templates/_helpers.tpl"
TEMPLATE = "charts/web/templates/pod.yaml"

LEFT = {
    "a pinned literal": f'{{{{ default "ghcr.io/acme/init@sha256:{64 * "a"}" .Values.init }}}}\n',
    "a name alone": '{{ default "ghcr.io/acme/init" .Values.repository }}\n',
    "a default that is no tag": '{{ default "dev" .Values.environment }}\n',
    "a tag from the values": '{{ printf "%s:%s" .repository .tag }}\n',
    "a text with a colon": '{{ fail "set image: or tag:latest" }}\n',
    "a key and a value": '{{ include "web.label" "component:main" }}\n',
    "a port": '{{ printf "%s:8080" .host }}\n',
    "a comment": '{{/* default "ghcr.io/acme/init:dev" */}}\n{{ .x }}\n',
    "a URL": '{{ default "https://ghcr.io/acme/init:dev" .x }}\n',
    "prose": "# ghcr.io/acme/init:dev\n{{ .x }}\n",
    "an expression": 'image: "{{ .repository }}:{{ .tag }}"\n',
    "a text in a helper": '{{ define "web.note" }}see ghcr.io/acme/init:dev{{ end }}\n',
    "a tail of another helper": '{{ define "web.url" }}{{ .host }}:main{{ end }}\n',
}


@pytest.mark.surface("helm-template", left="comments, names without a tag, literals for something else")
@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_no_whole_floating_reference_stays(text: str) -> None:
    check_leaves_alone(transform, text, path=HELPER)


def test_templates_outside_a_chart_and_notes_stay() -> None:
    check_leaves_alone(transform, '{{ default "ghcr.io/acme/init:dev" .x }}\n', path="values.yaml")


REWRITTEN = {
    "a default": '{{ default "ghcr.io/acme/init:dev" .Values.init }}\n',
    "a default behind a pipe": '{{ .Values.init | default "ghcr.io/acme/init:dev" | quote }}\n',
    "a default in backquotes": "{{ .Values.init | default `ghcr.io/acme/init:dev` }}\n",
    "a variable": '{{- $image := "ghcr.io/acme/init:dev" -}}\n',
    "an argument": '{{ include "web.container" (dict "image" "ghcr.io/acme/init:dev" "root" $) }}\n',
    "a helper": '{{- define "web.init" -}}ghcr.io/acme/init:dev{{- end }}\n',
    "a helper of several lines": '{{- define "web.init" }}\n{{/* the image */}}\nghcr.io/acme/init:dev\n{{ end }}\n',
}


@pytest.mark.surface("helm-template", rewritten="whole references in literals, helpers and defaults")
@pytest.mark.parametrize("path", [HELPER, TEMPLATE])
@pytest.mark.parametrize("text", REWRITTEN.values(), ids=REWRITTEN)
def test_a_whole_reference_is_pinned(text: str, path: str) -> None:
    check_rewrites(transform, text, text.replace(":dev", "@<digest>"), path=path)


@pytest.mark.parametrize("line", ["image: {}", '- image: "{}"', "initImage: '{}' # CI", "  image:  {}"])
def test_an_image_line_of_a_helper_is_pinned(line: str) -> None:
    text = '{{- define "web.pod" }}\n' + line.format("ghcr.io/acme/init:dev") + "\nname: {{ .name }}\n{{ end }}\n"
    check_rewrites(transform, text, text.replace(":dev", "@<digest>"), path=HELPER)


def test_a_bare_name_is_one_where_the_line_speaks_of_an_image() -> None:
    text = '{{ .Values.image | default "busybox:latest" }}\n'
    check_rewrites(transform, text, text.replace(":latest", "@<digest>"), path=HELPER)


@pytest.mark.surface("helm-template", reported="a floating tag that a template puts behind a name")
@pytest.mark.parametrize(
    "text",
    [
        '{{ define "web.image" }}{{ printf "%s:dev" .Values.image.repository }}{{ end }}\n',
        '{{ define "web.image" }}{{ printf "ghcr.io/acme/%s:dev" .name }}{{ end }}\n',
        '{{ $tag := default "dev" .Values.image.tag }}\n',
        '{{ $tag := .Values.image.tag | default "dev" }}\n',
        '{{ define "web.image" }}{{ .repository }}:dev{{ end }}\n',
    ],
)
def test_a_floating_tag_that_is_a_part_is_reported(text: str) -> None:
    check_leaves_alone(transform, text, path=HELPER, code="computed-reference")


def test_a_fixed_tag_is_reported_and_pinned_on_request() -> None:
    text = '{{ default "ghcr.io/acme/init:v1.2.3" .Values.init }}\n'
    check_leaves_alone(transform, text, path=HELPER, code="tag-only")
    check_rewrites(transform, text, text.replace("v1.2.3", "v1.2.3@<digest>"), path=HELPER, pin_all=True)


@pytest.mark.parametrize(
    "text",
    [
        '{{ if eq .Values.init "ghcr.io/acme/init:dev" }}x{{ end }}\n',
        '{{ .Values.init | trimPrefix "docker.io/acme/init:dev" }}\n',
        '{{ index (splitList ":" "ghcr.io/acme/init:dev") 1 }}\n',
        '{{ fail "ghcr.io/acme/init:dev" }}\n',
    ],
)
def test_what_a_value_is_compared_with_or_cut_by_is_reported(text: str) -> None:
    check_leaves_alone(transform, text, path=HELPER, code="purpose-unknown")
