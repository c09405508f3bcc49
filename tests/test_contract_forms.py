"""`contract:` of the configuration: the form in which an image takes its digest, in values and in templates."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.config import Config
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
PRINTED = 'kind: Pod\nimage: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
CALLED = 'kind: Pod\nimage: {{ printf "%s:%s" .Values.image.repository .Values.image.tag | quote }}\n'
AWARE = 'kind: Pod\nimage: "{{ .Values.image.repository }}@{{ .Values.image.digest }}"\n'
VALUES = "image:\n  repository: ghcr.io/acme/web\n  tag: main # trunk\n"
MAIN, FIXED = digest_of("ghcr.io/acme/web:main"), digest_of("ghcr.io/acme/web:v1.2.3")


def migrated(files: dict[str, str], contract: dict[str, str], *, pin_all: bool = False) -> dict[str, str]:
    """The files after a run; a second run must find nothing to change in them, and nothing unpinned."""
    data = {path: text.encode() for path, text in files.items()}
    plan = planned(data, contract, pin_all)
    after = {path: plan.files.get(path, (text, text))[1] for path, text in data.items()}
    again = planned(after, contract, pin_all)
    assert not again.files
    assert not again.left
    return {path: text.decode() for path, text in after.items()}


def planned(data: dict[str, bytes], contract: dict[str, str], pin_all: bool = False) -> Plan:
    config = Config(contract=contract)  # type: ignore[arg-type]
    return plan_of(registry.load(), data, config=config, pin_all=pin_all)


def chart(template: str, values: str = VALUES) -> dict[str, str]:
    return {"web/Chart.yaml": CHART, "web/templates/pod.yaml": template, "web/values.yaml": values}


def test_without_a_contract_the_digest_takes_the_place_of_the_tag() -> None:
    after = migrated(chart(PRINTED), {})
    assert after["web/values.yaml"] == VALUES.replace("tag: main", f"digest: {MAIN}")


def test_a_contract_of_other_files_counts_for_nothing() -> None:
    assert migrated(chart(PRINTED), {"other/**": "ref"}) == migrated(chart(PRINTED), {})


def test_a_ref_is_one_knob_that_wins_over_everything() -> None:
    after = migrated(chart(PRINTED), {"web/**": "ref"})
    assert after["web/values.yaml"] == VALUES.replace("tag: main", f"ref: ghcr.io/acme/web@{MAIN}")
    assert after["web/templates/pod.yaml"] == (
        'kind: Pod\nimage: "{{ if .Values.image.ref }}{{ .Values.image.ref }}{{ else }}'
        '{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ end }}"\n'
    )


def test_a_ref_takes_the_place_of_a_call() -> None:
    after = migrated(chart(CALLED), {"**": "ref"})
    assert after["web/templates/pod.yaml"] == (
        "kind: Pod\nimage: {{ if .Values.image.ref }}{{ .Values.image.ref | quote }}{{ else }}"
        '{{ printf "%s:%s" .Values.image.repository .Values.image.tag | quote }}{{ end }}\n'
    )


def test_a_ref_holds_a_fixed_tag_in_front_of_the_digest() -> None:
    values = VALUES.replace("main # trunk", "v1.2.3")
    after = migrated(chart(PRINTED, values), {"**": "ref"}, pin_all=True)
    assert after["web/values.yaml"] == values.replace("tag: v1.2.3", f"ref: ghcr.io/acme/web:v1.2.3@{FIXED}")


def test_a_chart_that_takes_digests_already_keeps_to_them() -> None:
    aware = (
        'kind: Pod\nimage: "{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}'
        '{{ else }}:{{ .Values.image.tag }}{{ end }}"\n'
    )
    after = migrated(chart(aware), {"**": "ref"})
    assert after["web/templates/pod.yaml"] == aware
    assert after["web/values.yaml"] == VALUES.replace("tag: main", f"digest: {MAIN}")


def test_a_tag_stays_in_front_of_the_digest() -> None:
    values = VALUES.replace("main # trunk", "v1.2.3")
    after = migrated(chart(PRINTED, values), {"**": "tag-and-digest"}, pin_all=True)
    assert after["web/values.yaml"] == values + f"  digest: {FIXED}\n"
    assert after["web/templates/pod.yaml"] == (
        'kind: Pod\nimage: "{{ .Values.image.repository }}{{ if .Values.image.digest }}'
        "{{ if .Values.image.tag }}:{{ .Values.image.tag }}{{ end }}@{{ .Values.image.digest }}"
        '{{ else }}:{{ .Values.image.tag }}{{ end }}"\n'
    )


def test_a_branch_that_asks_for_the_tag_is_followed_by_the_digest() -> None:
    template = (
        "kind: Pod\nimage: {{ .Values.image.repository }}{{ if .Values.image.tag }}:{{ .Values.image.tag }}{{ end }}\n"
    )
    after = migrated(chart(template), {"**": "tag-and-digest"})
    assert after["web/templates/pod.yaml"] == (
        template.rstrip() + "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ end }}\n"
    )
    by_ref = migrated(chart(template), {"**": "ref"})["web/templates/pod.yaml"]
    assert by_ref.startswith("kind: Pod\nimage: {{ if .Values.image.ref }}{{ .Values.image.ref }}{{ else }}{{ .Values.")


@pytest.mark.parametrize("contract", ["digest", "tag-and-digest"])
def test_a_floating_tag_never_stays_beside_a_digest(contract: str) -> None:
    after = migrated(chart(PRINTED), {"**": contract})
    assert after["web/values.yaml"] == VALUES.replace("tag: main", f"digest: {MAIN}")


def test_with_a_digest_contract_fixed_tags_go_too() -> None:
    values = VALUES.replace("main # trunk", "v1.2.3 # stable")
    after = migrated(chart(PRINTED, values), {"**": "digest"}, pin_all=True)
    assert after["web/values.yaml"] == values.replace("tag: v1.2.3", f"digest: {FIXED}")


def test_values_whose_chart_is_elsewhere_are_believed() -> None:
    after = migrated({"apps/web.yaml": VALUES}, {"apps/**": "ref"})
    assert after["apps/web.yaml"] == VALUES.replace("tag: main", f"ref: ghcr.io/acme/web@{MAIN}")


def test_another_spelling_of_the_keys_has_its_own_knob() -> None:
    values = "imageRepository: ghcr.io/acme/web\nimageTag: main\n"
    template = "kind: Pod\nimage: {{ .Values.imageRepository }}:{{ .Values.imageTag }}\n"
    after = migrated(chart(template, values), {"**": "ref"})
    assert after["web/values.yaml"] == values.replace("imageTag: main", f"imageRef: ghcr.io/acme/web@{MAIN}")
    assert "{{ if .Values.imageRef }}{{ .Values.imageRef }}{{ else }}" in after["web/templates/pod.yaml"]


def test_a_tag_that_is_a_label_too_stays_above_the_ref() -> None:
    template = PRINTED + "labels:\n  version: {{ .Values.image.tag }}\n"
    plan = planned({path: text.encode() for path, text in chart(template).items()}, {"**": "ref"})
    after = plan.files["web/values.yaml"][1].decode()
    assert after == VALUES + f"  ref: ghcr.io/acme/web@{MAIN}\n"
    assert [entry.code for entry in plan.left] == ["tag-kept-for-label"]


def test_a_ref_is_offered_wherever_a_chart_lists_what_it_takes() -> None:
    schema = '{"properties": {"image": {"additionalProperties": false, "properties": {"tag": {"type": "string"}}}}}\n'
    listed = 'image:\n  repository: ghcr.io/acme/web\n  # -- Image tag\n  tag: ""\n'
    files = {
        **chart(PRINTED, listed),
        "web/values-dev.yaml": "image:\n  tag: main\n",
        "web/values.schema.json": schema.replace('"tag"', '"repository": {}, "tag"'),
        "web/README.md": '| Key | Default | Description |\n|---|---|---|\n| image.tag | `""` | Image tag |\n',
    }
    plan = planned({path: text.encode() for path, text in files.items()}, {"**": "ref"})
    after = {path: new.decode() for path, (_, new) in plan.files.items()}
    words = "Whole image reference; takes precedence over repository and tag"
    assert after["web/values-dev.yaml"] == f"image:\n  ref: ghcr.io/acme/web@{MAIN}\n"
    assert after["web/values.yaml"].endswith(f'  tag: ""\n  # -- {words}\n  ref: ""\n')
    assert '"tag": {"type": "string"}, "ref": {"type": "string"}' in after["web/values.schema.json"]
    assert after["web/README.md"].endswith(f'| image.ref | `""` | {words} |\n')
    assert not any("digest:" in text or '"digest"' in text for text in after.values())
