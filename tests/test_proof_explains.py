"""What a run pins is in the inventory afterwards, too: no image that helm then renders is unexplained."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import proving
import pytest

from codemod import registry
from codemod.outcome import Plan
from codemod.proof.images import unexplained
from codemod.testing import plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
IMAGE = "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
SHAPES = {
    "items of a list": ("images:\n  - {repository: ghcr.io/acme/a, tag: dev}\n", ".Values.images"),
    "a map without other keys": ("web:\n  repository: ghcr.io/acme/a\n  tag: dev\n", "list .Values.web"),
    "an anchored map": (
        "web: &web\n  repository: ghcr.io/acme/a\n  tag: dev\nimages:\n  - *web\n",
        "concat .Values.images (list .Values.web)",
    ),
    "merged maps": (
        (
            "base: &base {repository: ghcr.io/acme/a, tag: dev}\nweb:\n  <<: *base\n  repository: ghcr.io/acme/a\n"
            "images:\n  - {<<: *base, x: 1}\n"
        ),
        "concat .Values.images (list .Values.web .Values.base)",
    ),
    "an anchored tag": (
        "tag: &tag dev\nweb:\n  repository: ghcr.io/acme/a\n  tag: *tag\n",
        "list .Values.web",
    ),
}


def planned(files: dict[str, str]) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})


@pytest.mark.parametrize(("values", "images"), SHAPES.values(), ids=SHAPES)
def test_every_image_that_is_pinned_stays_in_the_inventory(tmp_path: Path, values: str, images: str) -> None:
    files = {
        "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "web/values.yaml": values,
        "web/templates/x.yaml": f'images:\n  {{{{- range {images} }}}}\n  - image: "{IMAGE}"\n  {{{{- end }}}}\n',
    }
    plan = planned(files)
    assert not plan.left
    done = {path: plan.files[path][1].decode() if path in plan.files else text for path, text in files.items()}
    proving.write(tmp_path, done)
    command = [proving.programs()[0], "template", "web", str(tmp_path / "web")]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rendered = dict.fromkeys(re.findall(r'image: "([^"]+)"', text), ("x",))
    assert rendered
    assert all("@sha256:" in image for image in rendered)
    assert unexplained(rendered, [str(entry.reference) for entry in planned(done).images]) == ()


def test_a_map_with_what_is_no_digest_or_belongs_to_a_source_is_no_image() -> None:
    texts = (
        "web:\n  repository: acme/web\n  digest: abc\n",
        f"git:\n  repository: acme/web\n  digest: {proving.DIGEST}\n",
        f"web:\n  repository: acme/web\n  branch: main\n  digest: {proving.DIGEST}\n",
        f"web:\n  repository: oci://ghcr.io/acme/web\n  digest: {proving.DIGEST}\n",
    )
    assert [entry for text in texts for entry in planned({"values.yaml": text}).images] == []
