"""Examples in documentation: reported, and rewritten on request to a form with a placeholder."""

from __future__ import annotations

from textwrap import dedent

import pytest

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.registry import select
from codemod.testing import TODAY, check_leaves_alone, check_rewrites, plan_of

ALL = registry.load()
ASKED = select(ALL, ["docs"], [])
PAGE = "docs/install.md"


def fenced(text: str, word: str = "yaml") -> str:
    return f"# Install\n\n```{word}\n{dedent(text)}```\n\nDone.\n"


def found(text: str, path: str = PAGE, config: Config | None = None) -> list[tuple[int, int, str]]:
    """Line, column and reason of whatever is reported of a page by a plain run, which changes nothing."""
    plan = plan_of(ALL, {path: text.encode()}, config=config)
    assert not plan.files
    assert {left.site.surface for left in plan.left} <= {"docs"}
    return [(left.site.line, left.site.column, left.code) for left in plan.left]


def rewritten(before: str, after: str, word: str = "yaml", path: str = PAGE) -> None:
    check_rewrites(ASKED, fenced(before, word), fenced(after, word), path=path)


LEFT_ALONE = {
    "a fixed tag": fenced("image: ghcr.io/acme/web:v1.2.3\n"),
    "a name without a tag": fenced("image: nginx\n"),
    "a digest": fenced(f"image: acme/web@sha256:{'0' * 64}\n"),
    "a placeholder as people write it": fenced("image: ghcr.io/acme/web@sha256:<digest>\n"),
    "our placeholder": fenced("image:\n  repository: ghcr.io/acme/web\n  digest: sha256:YOUR_DIGEST\n"),
    "a tag beside a digest that is only hinted at": fenced(
        "image:\n  repository: acme/web\n  tag: latest\n  digest: sha256:ec0119...\n"
    ),
    "prose": "Set `image.tag` to `dev`, or use ghcr.io/acme/web:dev and restart.\n",
    "a table": "| key | value |\n| --- | --- |\n| image | `ghcr.io/acme/web:dev` |\n",
    "a diff": fenced("-image: ghcr.io/acme/web:dev\n+image: ghcr.io/acme/web:v1\n", "diff"),
    "a language nobody reads": fenced('image = "ghcr.io/acme/web:dev"\n', "toml"),
    "output of a command": fenced("$ docker pull nginx\nlatest: Pulling\nStatus: acme/web:latest\n", "console"),
    "output that names no command": fenced("Applied revision: latest@sha256:f94b6833\n", ""),
    "what is built": fenced("docker build -t ghcr.io/acme/web:dev .\n", "sh"),
    "what is pushed": fenced("docker push ghcr.io/acme/web:dev\n", "sh"),
    "what another block builds": fenced("docker build -t web:dev .\n", "sh") + fenced("docker run web:dev\n", "sh"),
    "a tag of a build": fenced("export ACME_TAG=dev\nmake images\n", "sh"),
    "a branch": fenced("git:\n  url: https://example.com/web\n  tag: dev\n"),
    "a stage": fenced("FROM golang:1.25 AS dev\nFROM dev\n", "dockerfile"),
    "a computed name": fenced('image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'),
    "YAML that cannot be read": fenced("image: ghcr.io/acme/web:dev\n labels:x\n  - ]\n"),
    "a fence that never ends": "```\n",
    "a block in prose of the language": "```yaml\n```\n",
}


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_teaches_no_floating_tag_is_silent(text: str) -> None:
    check_leaves_alone(ALL, text, path=PAGE)
    check_leaves_alone(ASKED, text, path=PAGE)


def test_pages_of_vendored_charts_are_silent() -> None:
    page = fenced("image: ghcr.io/acme/web:dev\n")
    assert not found(page, "charts/third_party/redis/README.md")
    assert not plan_of(ASKED, {"charts/third_party/redis/README.md": page.encode()}).files


@pytest.mark.surface("docs", found="code blocks of Markdown", reported="floating tags (`docs`), no violations")
def test_a_floating_tag_is_reported_where_it_stands() -> None:
    text = fenced("image:\n  repository: ghcr.io/acme/web\n  tag: dev\n")
    assert found(text) == [(6, 8, "docs")]


def test_a_reference_is_reported_where_it_stands() -> None:
    assert found(fenced("containers:\n  - image: ghcr.io/acme/web:main\n")) == [(5, 12, "docs")]


def test_a_tag_whose_repository_the_page_does_not_show_is_reported() -> None:
    assert found(fenced("web:\n  image:\n    tag: latest\n")) == [(6, 10, "docs")]


def test_a_tag_that_helm_is_told_is_reported_and_stays() -> None:
    text = fenced("helm install web ./web --set image.tag=dev\n", "sh")
    assert found(text) == [(4, 40, "docs")]
    check_leaves_alone(ASKED, text, path=PAGE, code="docs")


def test_tags_that_a_configuration_says_float_are_reported() -> None:
    config = Config(floating_tags=("trunk-*",))
    assert found(fenced("image: acme/web:trunk-7\n"), config=config) == [(4, 8, "docs")]
    assert not found(fenced("image: acme/web:dev\n"), config=config)


def test_the_inventory_lists_examples_and_the_gate_passes_them() -> None:
    plan: Plan = plan_of(ALL, {PAGE: fenced("image: ghcr.io/acme/web:dev\n").encode()})
    (entry,) = plan.images
    assert (str(entry.reference), entry.status, entry.reason) == ("ghcr.io/acme/web:dev", "floating", "docs")
    assert not violations(plan, Config(), Exceptions(Config(), TODAY))


def test_pull_policies_of_examples_are_not_reported() -> None:
    assert len(found(fenced("image: acme/web:dev\nimagePullPolicy: Always\n"))) == 1


@pytest.mark.surface("docs", rewritten="on request: a placeholder digest, `sha256:YOUR_DIGEST`")
def test_an_example_in_parts_shows_the_digest_form() -> None:
    rewritten(
        """\
        image:
          repository: ghcr.io/acme/web
          tag: "dev" # moved by CI
        """,
        """\
        image:
          repository: ghcr.io/acme/web
          digest: "sha256:YOUR_DIGEST" # moved by CI
        """,
    )


def test_an_example_without_repository_shows_the_digest_form() -> None:
    rewritten("image:\n  tag: latest\n", "image:\n  digest: sha256:YOUR_DIGEST\n")
    rewritten("image: {tag: latest}\n", "image: {digest: sha256:YOUR_DIGEST}\n")


def test_an_empty_digest_of_an_example_is_filled() -> None:
    rewritten(
        "image:\n  repository: acme/web\n  tag: dev\n  digest: ''\n",
        "image:\n  repository: acme/web\n  digest: 'sha256:YOUR_DIGEST'\n",
    )


def test_a_kustomization_shows_the_digest_form() -> None:
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n  - name: acme/web\n"
    rewritten(f"{head}    newTag: dev\n", f"{head}    digest: sha256:YOUR_DIGEST\n")


SHOWN = {
    "json": ('{"image": "acme/web:dev"}\n', '{"image": "acme/web@sha256:YOUR_DIGEST"}\n'),
    "sh": ("docker run --rm acme/web:dev\n", "docker run --rm acme/web@sha256:YOUR_DIGEST\n"),
    "Dockerfile": ("FROM acme/web:dev\n", "FROM acme/web@sha256:YOUR_DIGEST\n"),
    "hcl": ('image = "acme/web:dev"\n', 'image = "acme/web@sha256:YOUR_DIGEST"\n'),
    "go": ('image := "acme/web:dev"\n', 'image := "acme/web@sha256:YOUR_DIGEST"\n'),
    "python": ('image = "acme/web:dev"\n', 'image = "acme/web@sha256:YOUR_DIGEST"\n'),
    '{.yaml title="x"}': ("image: acme/web:dev\n", "image: acme/web@sha256:YOUR_DIGEST\n"),
    "": ("docker run acme/web:dev\n", "docker run acme/web@sha256:YOUR_DIGEST\n"),
    "text": ("containers:\n- image: acme/web:dev\n", "containers:\n- image: acme/web@sha256:YOUR_DIGEST\n"),
    "bash": ("- image: acme/web:dev\n", "- image: acme/web@sha256:YOUR_DIGEST\n"),
    "shell": ("FROM acme/web:dev\nRUN true\n", "FROM acme/web@sha256:YOUR_DIGEST\nRUN true\n"),
}


@pytest.mark.parametrize("word", SHOWN)
def test_examples_are_rewritten_in_every_language(word: str) -> None:
    rewritten(*SHOWN[word], word)


PLACES = {
    "a list": "- Do\n\n      ```yaml\n      image: acme/web:dev\n      ```\n",
    "a quotation": "> ```yaml\n> image: acme/web:dev\n> ```\n",
    "tildes": "~~~yaml\nimage: acme/web:dev\n~~~\n",
    "a longer fence": "````yaml\nimage: acme/web:dev\n# ```\n````\n",
    "a tab of its own": "\t```yaml\n\timage: acme/web:dev\n\t```\n",
    "two blocks": "```yaml\nkind: List\n```\n```yaml\nimage: acme/web:dev\n```\n",
    "what is left out": "```yaml\na: 1\n...\nimage: acme/web:dev\n...\nb: 2\n```\n",
    "what is left out by one character": "```yaml\na:\n  b: 1\n  …\nimage: acme/web:dev\n```\n",
    "a shortcode": "```yaml\n{{< include >}}\nimage: acme/web:dev\n```\n",
    "a prompt": "```console\n$ docker run \\\n>   acme/web:dev\nacme/web:dev says hello\n```\n".replace(
        " says", ": says"
    ),
    "a here-document": "```sh\n$ kubectl apply -f - <<EOF\nkind: Pod\nimage: acme/web:dev\nEOF\npod created\n```\n",
    "a string in YAML": "```yaml\nmanifests: |\n  kind: Pod\n  image: acme/web:dev\n```\n",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES.keys())
def test_examples_are_found_in(text: str) -> None:
    after = text.replace("acme/web:dev", "acme/web@sha256:YOUR_DIGEST", 1)
    check_rewrites(ASKED, text, after, path="guide.mdx")


def test_restructured_text_is_read() -> None:
    text = "Install\n=======\n\n.. code-block:: yaml\n   :linenos:\n\n   spec:\n     image: acme/web:dev\n\nWait.\n"
    check_rewrites(ASKED, text, text.replace(":dev", "@sha256:YOUR_DIGEST"), path="docs/install.rst")
    check_leaves_alone(ASKED, text.replace(" yaml", " text").replace("image:", "name:"), path="docs/install.rst")


def test_asciidoc_is_read() -> None:
    text = "= Install\n\n[source,yaml]\n.pod.yaml\n----\nimage: acme/web:dev <1>\nname: web\n----\n<1> acme/web:dev\n"
    after = text.replace(":dev <1>", "@sha256:YOUR_DIGEST <1>")
    check_rewrites(ASKED, text, after, path="docs/install.adoc")
    check_leaves_alone(ASKED, "[source,yaml]\n\nimage: acme/web:dev\n", path="docs/install.adoc")


def test_a_line_that_is_added_begins_like_its_block() -> None:
    text = "> ```yaml\n> image:\n>   repository: acme/web\n>   tag: &tag v1\n>   digest: ''\n> ```\n"
    check_leaves_alone(ASKED, text, path=PAGE)


def test_readmes_of_charts_are_not_reported_twice() -> None:
    page = "| key | default |\n| --- | --- |\n| image.tag | `dev` |\n\n" + fenced("image:\n  tag: dev\n")
    assert len(found(page, "charts/web/README.md")) == 1


def test_examples_are_read_by_transforms_that_the_user_did_not_choose() -> None:
    page = fenced("image: acme/web:dev\n").encode()
    assert not plan_of(select(ALL, ["image-maps"], []), {"values.yaml": page}).left
    assert plan_of(select(ALL, ["docs"], []), {PAGE: page}).files
    assert not plan_of(select(ALL, ["docs"], ["image-references"]), {PAGE: page}).files
