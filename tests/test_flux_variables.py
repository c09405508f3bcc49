"""Variables that Flux fills in: `postBuild` of Kustomizations."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.fleet.envsubst import Use, filled, uses
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.testing import TODAY, digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: web\n      image: {}\n"


def flux(post_build: str, name: str = "web", more: str = "") -> str:
    """A Kustomization of Flux; `post_build` is indented below `postBuild:`."""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./apps\n{more}  postBuild:\n{post_build}"
    )


def setting(*lines: str) -> str:
    return flux("    substitute:\n" + "".join(f"      {line}\n" for line in lines))


def config_map(line: str, more: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: vars{more}}}\ndata:\n  {line}\n"


def planned(ks: str, *images: str, **more: str) -> Plan:
    pods = {f"apps/pod{number}.yaml": POD.format(image) for number, image in enumerate(images)}
    files = {"ks.yaml": ks, **pods, **{f"{name}.yaml": text for name, text in more.items()}}
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})


def after(plan: Plan, path: str = "ks.yaml") -> str:
    return plan.files[path][1].decode() if path in plan.files else ""


def codes(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.site.path, entry.code) for entry in plan.left]


WEB = "ghcr.io/acme/web:main"
PINNED = f"ghcr.io/acme/web@{digest_of(WEB)}"


@pytest.mark.surface("flux", rewritten="a variable of `substitute` that images are made of as a whole")
@pytest.mark.parametrize("image", ["${web}", '"${web}"', "${web:=ghcr.io/acme/other@sha256:" + 64 * "a" + "}"])
def test_a_variable_that_is_an_image_is_pinned_where_it_is_set(image: str) -> None:
    plan = planned(setting(f"web: {WEB} # CI"), image)
    assert after(plan) == setting(f"web: {PINNED} # CI")
    assert not plan.left


@pytest.mark.surface("flux", rewritten="a variable of a ConfigMap that `substituteFrom` names")
def test_a_variable_of_a_config_map_is_pinned_there() -> None:
    maps = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata:\n  web: " + WEB + "\n"
    )
    plan = planned(flux("    substituteFrom: [{kind: ConfigMap, name: vars}]\n"), "${web}", vars=maps)
    assert after(plan, "vars.yaml") == maps.replace(WEB, PINNED)


def test_what_one_of_two_kustomizations_takes_for_a_part_stays_for_both() -> None:
    source = "    substituteFrom: [{kind: ConfigMap, name: vars}]\n"
    both = flux(source) + "---\n" + flux(source, "other").replace("./apps", "./others")
    files = {"ks.yaml": both, "vars.yaml": config_map(f"web: {WEB}")}
    for folder, image in (("apps", "${web}-debug"), ("others", "${web}")):
        files |= {f"{folder}/pod.yaml": POD.format(image)}
    plan = plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})
    assert not plan.files
    assert ("vars.yaml", "computed-reference") in codes(plan)


@pytest.mark.surface("flux", reported="a tag in a variable, with the images that it makes")
def test_a_tag_in_a_variable_is_reported_with_the_image_that_it_makes() -> None:
    plan = planned(setting("web_tag: main"), "ghcr.io/acme/web:${web_tag}")
    assert not plan.files
    assert codes(plan) == [("apps/pod0.yaml", "computed-reference"), ("ks.yaml", "computed-reference")]
    assert {entry.image for entry in plan.left} == {WEB}


def test_the_pair_of_a_name_and_a_tag_in_variables_keeps_its_keys() -> None:
    plan = planned(setting("web_repository: ghcr.io/acme/web", "web_tag: main"), "${web_repository}:${web_tag}")
    assert not plan.files
    assert {entry.image for entry in plan.left if entry.code == "computed-reference"} == {WEB}


def test_a_name_that_is_a_part_of_images_stays() -> None:
    plan = planned(setting("web_image: ghcr.io/acme/web"), "${web_image}:v1.2.3")
    assert not plan.files
    assert [code for _, code in codes(plan)] == ["computed-reference"]


def test_a_reference_that_is_also_a_part_stays() -> None:
    plan = planned(setting(f"web: {WEB}"), "${web}", "${web}-debug")
    assert not plan.files
    assert ("ks.yaml", "computed-reference") in codes(plan)


@pytest.mark.parametrize(
    "more", ["title: ${web}", "title: runs ${web}", "args: ['--image=${web}']", "labels: {v: '${web}'}"]
)
def test_a_reference_that_stands_elsewhere_too_stays_and_floats(more: str) -> None:
    plan = planned(setting(f"web: {WEB}"), f"${{web}}\n      command: [run]\n      {more}")
    assert not plan.files
    assert codes(plan) == [("ks.yaml", "purpose-unknown")]
    assert [(entry.site.path, str(entry.reference), entry.status) for entry in plan.images] == [
        ("ks.yaml", WEB, "floating")
    ]
    config = Config()
    assert [one.code for one in violations(plan, config, Exceptions(config, TODAY))] == ["UF001"]


@pytest.mark.surface("flux", left="variables that no image takes")
@pytest.mark.parametrize("line", ["domain: acme.test", "branch: main", "web_repository: ghcr.io/acme/web", "n: 1"])
def test_a_variable_that_no_image_takes_stays(line: str) -> None:
    plan = planned(setting(line), PINNED)
    assert not plan.files
    assert not plan.left


def test_a_reference_that_nothing_takes_is_reported_unless_it_is_called_an_image() -> None:
    assert codes(planned(setting(f"web: {WEB}"))) == [("ks.yaml", "purpose-unknown")]
    assert after(planned(setting(f"web_image: {WEB}"))) == setting(f"web_image: {PINNED}")


@pytest.mark.parametrize(
    ("post_build", "comes_to"),
    [
        ("    substitute: {tag: main}\n", WEB),
        ("    substitute: {other: x}\n", "ghcr.io/acme/web:edge"),
        ("    substituteFrom: [{kind: Secret, name: elsewhere}]\n", None),
        ("    substituteFrom: [{kind: Secret, name: elsewhere}]\n    substitute: {tag: main}\n", WEB),
    ],
)
def test_what_images_come_to_is_shown_where_the_repository_says(post_build: str, comes_to: str | None) -> None:
    plan = planned(flux(post_build), "ghcr.io/acme/web:${tag:=edge}")
    (entry,) = [entry for entry in plan.left if entry.site.path == "apps/pod0.yaml"]
    assert (entry.code, entry.image) == ("computed-reference", comes_to)


def test_a_secret_that_is_not_here_may_set_anything() -> None:
    maps = config_map(f"web: {WEB}")
    sources = "    substituteFrom: [{kind: ConfigMap, name: vars}, {kind: Secret, name: elsewhere}]\n"
    plan = planned(flux(sources), "${web}", vars=maps)
    assert ("apps/pod0.yaml", "computed-reference") in codes(plan)


def test_an_object_that_flux_shall_not_fill_in_takes_no_variable() -> None:
    off = "\n---\nkind: Pod\nmetadata:\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n"
    assert list(uses("a.yaml", f"image: ${{a}}{off}image: ${{b}}\n")) == [("a", Use("a.yaml", "image", "${a}"))]


def test_comments_and_escaped_dollars_take_no_variable() -> None:
    assert not list(uses("a.yaml", "# image: ${a}\nimage: $${a}\nimage: x # ${a}\n"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("${a}", "1"),
        ("x:${a}", "x:1"),
        ("${none}", ""),
        ("${none:=2}", "2"),
        ("${none=2}", "2"),
        ("${none:-2}", "2"),
        ("${a:=2}", "1"),
        ("${unknown}", None),
        ("${a%:*}", None),
        ("${a/x/y}", None),
        ("$${a}", None),
        ("$a", "$a"),
    ],
)
def test_variables_are_filled_in_as_flux_does(text: str, wanted: str | None) -> None:
    assert filled(text, {"a": "1", "none": ""}.get) == wanted
