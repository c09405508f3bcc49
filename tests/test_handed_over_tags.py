"""Helpers that print nothing but a tag, and helpers that are given one by itself: both become digest-aware."""

from __future__ import annotations

import pytest
from test_helm_templates import PINNED, VALUES, after, chart, codes, planned

POD = "kind: Pod\nspec:\n  containers:\n  - image: {}\n"
IMAGE = '{{- define "web.image" -}}\n{{ .repository }}:{{ .tag }}\n{{- end -}}\n'
AWARE = IMAGE.replace(":{{ .tag }}", "{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}")
DICT = 'dict "repository" .Values.image.repository "tag" .Values.image.tag'
CALL = f'{{{{ include "web.image" ({DICT}) }}}}'
TAG = '{{- define "web.tag" -}}\n{{ .Values.image.tag | default .Chart.AppVersion }}\n{{- end -}}\n'
NAMED = '"{{ .Values.image.repository }}:{{ include `web.tag` . }}"'


def test_a_dictionary_hands_the_digest_over_to_a_helper_that_reads_it() -> None:
    plan = planned(chart(POD.format(CALL), _helpers=IMAGE))
    assert after(plan, "web/templates/_helpers.tpl") == AWARE
    handed = f'{{{{ include "web.image" ({DICT} "digest" .Values.image.digest) }}}}'
    assert after(plan, "web/templates/pod.yaml") == POD.format(handed)
    assert after(plan, "web/values.yaml") == PINNED
    assert not plan.left


def test_a_dictionary_over_lines_gets_a_line() -> None:
    call = CALL.replace('(dict "', '(dict\n      "').replace(' "tag"', '\n      "tag"').replace("tag)", "tag\n    )")
    plan = planned(chart(POD.format(call), _helpers=IMAGE))
    more = '"tag" .Values.image.tag\n      "digest" .Values.image.digest\n'
    assert more in (after(plan, "web/templates/pod.yaml") or "")


def test_a_helper_that_reads_digests_already_is_handed_one() -> None:
    plan = planned(chart(POD.format(CALL), _helpers=AWARE))
    assert "web/templates/_helpers.tpl" not in plan.files
    assert '"digest" .Values.image.digest' in (after(plan, "web/templates/pod.yaml") or "")


def test_every_call_hands_over_the_digest_of_its_own_image() -> None:
    other = CALL.replace("image.repository", "db.repository").replace("image.tag", "db.tag | default `x`")
    other = other.replace(".Values.db.tag | default `x`", "(.Values.db.tag | default `x`)")
    values = VALUES + "db:\n  repository: ghcr.io/acme/db\n  tag: dev\n"
    plan = planned(chart(POD.format(CALL) + f"  - image: {other}\n", values, _helpers=IMAGE))
    text = after(plan, "web/templates/pod.yaml") or ""
    assert '"digest" .Values.image.digest)' in text
    assert '"digest" .Values.db.digest)' in text
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2


def test_a_helper_in_which_both_branches_read_what_it_is_given_is_edited_in_both() -> None:
    image = "{{ .repository }}:{{ .tag }}"
    helper = IMAGE.replace(
        image, f"{{{{- if .registry }}}}{{{{ .registry }}}}/{image}{{{{ else }}}}{image}{{{{ end }}}}"
    )
    plan = planned(chart(POD.format(CALL), _helpers=helper))
    assert (after(plan, "web/templates/_helpers.tpl") or "").count("@{{ .digest }}") == 2


def test_a_helper_that_hands_on_what_it_is_handed_is_edited_too() -> None:
    outer = '{{- define "web.outer" -}}\n{{ include "web.image" (dict "repository" .name "tag" .tag) }}\n{{- end -}}\n'
    call = '{{ include "web.outer" (dict "name" .Values.image.repository "tag" .Values.image.tag) }}'
    other = '{{ include "web.outer" (dict "name" "x" "tag" .Values.version.tag) }}'
    template = POD.format(call) + f"metadata: {{annotations: {{v: '{other}'}}}}\n"
    plan = planned(chart(template, VALUES + "version: {tag: v1}\n", _helpers=IMAGE + outer))
    helpers, pod = after(plan, "web/templates/_helpers.tpl") or "", after(plan, "web/templates/pod.yaml") or ""
    assert helpers == AWARE + outer.replace('"tag" .tag', '"tag" .tag "digest" .digest')
    assert pod == template.replace(call, call.replace("image.tag)", 'image.tag "digest" .Values.image.digest)'))
    assert after(plan, "web/values.yaml") == PINNED + "version: {tag: v1}\n"


def test_a_helper_that_is_not_called_for_the_image_stays_beside_one_that_reads_digests() -> None:
    unused = IMAGE.replace("web.image", "web.unused")
    plan = planned(chart(POD.format(CALL), _helpers=AWARE + unused))
    assert list(plan.files) == ["web/templates/pod.yaml", "web/values.yaml"]


def test_a_dictionary_for_a_label_stays() -> None:
    label = '{{- define "web.label" -}}\nv{{ .tag }}\n{{- end -}}\n'
    call = CALL.replace("web.image", "web.label")
    template = POD.format('"{{ .Values.image.repository }}:{{ .Values.image.tag }}"')
    plan = planned(chart(f"{template}metadata: {{labels: {{v: '{call}'}}}}\n", _helpers=label))
    assert call in (after(plan, "web/templates/pod.yaml") or "")
    assert "web/templates/_helpers.tpl" not in plan.files


def test_a_helper_of_a_vendored_library_is_handed_nothing() -> None:
    files = chart(POD.format(CALL), folder="charts/web") | {
        "charts/web/charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
        "charts/web/charts/lib/templates/_helpers.tpl": IMAGE,
    }
    plan = planned(files)
    assert not plan.files
    assert codes(plan) == [("charts/web/values.yaml", "chart-ignores-digest")]


def test_what_stands_in_front_of_a_helper_that_prints_the_tag_becomes_digest_aware() -> None:
    plan = planned(chart(POD.format(NAMED), _helpers=TAG))
    aware = "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ include `web.tag` . }}{{ end }}"
    assert after(plan, "web/templates/pod.yaml") == POD.format(NAMED.replace(":{{ include `web.tag` . }}", aware))
    assert "web/templates/_helpers.tpl" not in plan.files
    assert after(plan, "web/values.yaml") == PINNED


@pytest.mark.parametrize(
    ("call", "digest"),
    [
        ("{{ include `web.tag` $ }}", "$.Values.image.digest"),
        ("{{ include `own.tag` .Values.image }}", ".Values.image.digest"),
        ("{{ with .Values.image }}{{ include `own.tag` . }}{{ end }}", None),
        ('{{ include "web.tag" . | quote }}', None),
    ],
)
def test_the_digest_is_that_of_what_the_helper_is_given(call: str, digest: str | None) -> None:
    own = TAG.replace("web.tag", "own.tag").replace(".Values.image.tag | default .Chart.AppVersion", ".tag")
    plan = planned(chart(POD.format(f"'ghcr.io/acme/web:{call}'"), _helpers=TAG + own))
    text = after(plan, "web/templates/pod.yaml")
    assert text is None if digest is None else f"{{{{ if {digest} }}}}@{{{{ {digest} }}}}" in (text or "")


def test_a_call_of_it_inside_printf_is_the_tag() -> None:
    call = "{{ printf `%s:%s` .Values.image.repository (include `web.tag` .) }}"
    plan = planned(chart(POD.format(call), _helpers=TAG))
    assert "{{ printf `%s@%s` .Values.image.repository .Values.image.digest }}" in (
        after(plan, "web/templates/pod.yaml") or ""
    )


@pytest.mark.parametrize(
    "helper",
    [
        TAG.replace("\n{{ .V", "\nv{{ .V"),
        TAG.replace("{{ .Values.image.tag", "{{ .Values.image.digest | default .Values.image.tag"),
        TAG.replace("{{ .Values.image.tag", "{{ .Values.image.tag | default .Values.other.tag"),
    ],
    ids=["one that prints more", "one that knows of digests", "one that may print another tag"],
)
def test_another_helper_is_no_tag(helper: str) -> None:
    assert (
        "web/templates/pod.yaml" not in planned(chart(POD.format(NAMED), VALUES + "other: {}\n", _helpers=helper)).files
    )
