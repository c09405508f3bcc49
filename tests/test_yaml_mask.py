"""Hiding template actions: the same length, the same lines, and YAML where there was a template."""

from __future__ import annotations

import time

import pytest

from codemod.formats import yaml
from codemod.formats.yaml.mask import mask
from codemod.source import Source

BLANK = {
    "an action alone on its line": ("{{ if .x }}\na: b\n", "           \na: b\n"),
    "an indented action": ("a:\n  {{- range .x }}\n  - b\n", "a:\n                 \n  - b\n"),
    "a comment": ("{{/* x: y */}}\na: b\n", "              \na: b\n"),
    "an action over lines": ("{{- if or\n  .x\n  .y }}\na: b\n", "         \n    \n       \na: b\n"),
    "a block behind a key": ("a: {{- toYaml .x | nindent 2 }}\nb: c\n", "a:                             \nb: c\n"),
    "a condition behind a key": ("a: {{ if .x }}\n  b: c\n{{ end }}\n", "a:            \n  b: c\n         \n"),
    "a block behind a dash": ("- {{ include \"x\" . | nindent 2 }}\n", "-                                \n"),
    "an assignment behind a key": ("a: {{- $b := .b }}\n", "a:                \n"),
    "a block behind an assignment": ("a: {{ $b := .b }}{{ toYaml $b | nindent 2 }}\n", f"a: {41 * ' '}\n"),
    "two actions on a line": ("{{ if .x }} {{ end }}\n", "                     \n"),
    "CRLF": ("{{ if .x }}\r\na: b\r\n", "           \r\na: b\r\n"),
    "a branch with a block in it": ("a: {{ if .x }}{{ toYaml .x | nindent 2 }}{{ end }}\n", f"a: {47 * ' '}\n"),
    "at the end, no line break": ("a: b\n{{ end }}", "a: b\n         "),
}  # fmt: skip
WORD = {
    "a value": ("a: {{ .x }}\n", "a: xxxxxxxx\n"),
    "a part of a value": ("a: b/{{ .x }}:c\n", "a: b/xxxxxxxx:c\n"),
    "two parts": ("a: {{ .x }}:{{ .y }}\n", "a: xxxxxxxx:xxxxxxxx\n"),
    "in front of a comment": ("a: {{ .x }} # b\n", "a: xxxxxxxx # b\n"),
    "in quotes": ("a: \"{{ .x }}\"\n", "a: \"xxxxxxxx\"\n"),
    "a key": ("{{ .x }}: b\n", "xxxxxxxx: b\n"),
    "in a flow": ("a: [{{ .x }}, b]\n", "a: [xxxxxxxx, b]\n"),
    "Jinja": ("a: {% x %}y\n", "a: xxxxxxxy\n"),
    "a branch behind a colon": ("a: b:{{ .x }}{{ end }}\n", f"a: b:{17 * 'x'}\n"),
    "a branch that is closed": ("a: {{ if .x }}{{ .x }}{{ else }}{{ .y }}{{ end }}\n", f"a: {46 * 'x'}\n"),
    "a value behind assignments": ("a: {{ $b := .b }}{{/* c */}}{{ print $b }}\n", f"a: {39 * 'x'}\n"),
    "a value over lines": ("a: {{ .x\n  | quote }}\n", "a: xxxxx\n            \n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*BLANK.values(), *WORD.values()], ids=[*BLANK, *WORD])
def test_actions_become_blanks_or_words_of_the_same_length(text: str, expected: str) -> None:
    masked, spans = mask(text.encode())
    assert masked.decode() == expected
    assert len(masked) == len(text.encode())
    for start, end in spans:
        assert text.encode()[start : start + 2] in (b"{{", b"{%")
        assert text.encode()[end - 2 : end] in (b"}}", b"%}")


@pytest.mark.parametrize("text", ["a: b\n", "a: {b: {c: d} }\n", "a: {{ b\n", "a: }} b\n", "{%\n", "", "a: {b}\n"])
def test_text_without_a_whole_action_stays(text: str) -> None:
    assert mask(text.encode()) == (text.encode(), ())


def test_what_stands_outside_the_actions_stays() -> None:
    text = "é: {{ .é }} # {{ é }}\n{{- if x }}\n😀: [{{ y }}, z]\n".encode()
    masked, spans = mask(text)
    kept = bytearray(masked)
    for start, end in spans:
        assert masked[start:end].strip(b"x \n") == b""
        kept[start:end] = text[start:end]
    assert bytes(kept) == text


def test_an_opening_inside_an_action_opens_nothing() -> None:
    assert mask(b'a: {{ "{{" }} b\n')[1] == ((3, 13),)


def test_an_unclosed_kind_does_not_hide_the_other() -> None:
    assert mask(b"a: {% b {{ .x }} c\n")[1] == ((8, 16),)
    assert mask(b"a: {% x %} b {{ .y\n")[1] == ((3, 10),)


def test_verbs_of_format_strings_are_masked_where_they_are_asked_for() -> None:
    assert mask(b"a: %s/%[1]s:%-5.2f\n", printf=True)[0] == b"a: xx/xxxxx:xxxxxx\n"
    assert mask(b"a: %s\n") == (b"a: %s\n", ())


@pytest.mark.parametrize(
    "text",
    [b"a: {{ " * 50_000, b"{% " * 50_000, b"{{{%" * 50_000, b"{{ x }} " * 20_000, (b"{{ x }}" + b" " * 9_999) * 50],
)
def test_masking_takes_no_time(text: bytes) -> None:
    began = time.process_time()
    masked, _ = mask(text)
    assert len(masked) == len(text)
    assert time.process_time() - began < 2


CHART = """\
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
  {{- with .Values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: [{{ .Values.a }}, "--b={{ .Values.b }}"]
        {{- range .Values.sidecars }}
        - name: {{ .name }}
          image: ghcr.io/acme/sidecar:main # {{ .x }}
          imagePullPolicy: Always
        {{- end }}
{{- end }}
---
a: b
"""


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_real_template_is_read_and_only_what_holds_an_action_is_templated(line_break: str) -> None:
    data = CHART.replace("\n", line_break).encode()
    chart, other = yaml.documents(Source("templates/app.yaml", data, "yaml"))
    assert (chart.problem, other.problem, other.masks) == (None, None, ())
    assert len(chart.masks) == CHART.count("{{")
    for scalar in yaml.scalars(chart.root):
        written = data[scalar.start : scalar.end]
        assert scalar.templated == (b"{{" in written), written
        if not scalar.templated and not scalar.style:
            assert written.decode() == scalar.value
    texts = [data[scalar.start : scalar.end] for scalar in yaml.scalars(chart.root)]
    assert b"ghcr.io/acme/sidecar:main" in texts
    assert b"Always" in texts
