"""Two renderings: what a migration may change, and that nothing else passes."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from codemod.proof.compare import ABSENT, Comparison, compare
from codemod.proof.objects import Object, hashless, load, pairs, parse

DIGEST, OTHER = "sha256:" + "5e" * 32, "sha256:" + "0f" * 32
PLANNED = {"ghcr.io/acme/web:dev": DIGEST, "docker.io/library/busybox:latest": DIGEST}


def objects(text: str) -> list[Object]:
    found = parse(text)
    assert found is not None
    return found


def pod(**container: Any) -> str:
    return json.dumps(item("Pod", "web", spec={"containers": [{"name": "app", **container}]}))


def item(kind: str, name: str, version: str = "v1", **rest: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **rest}


def config_map(name: str = "settings", **data: str) -> str:
    return json.dumps(item("ConfigMap", name, data=data))


def compared(before: str, after: str, planned: dict[str, str] | None = None) -> Comparison:
    return compare(objects(before), objects(after), planned)


def kinds(found: Comparison) -> list[str]:
    return [change.allowed for change in found.allowed]


def places(found: Comparison) -> list[str]:
    return [f"{change.object} {change.path}".strip() for change in found.differences]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web@{DIGEST}", id="a tag becomes a digest"),
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web:dev@{DIGEST}", id="a digest stands behind the tag"),
        pytest.param("busybox", f"docker.io/library/busybox@{DIGEST}", id="the name is spelled out"),
        pytest.param(f"ghcr.io/acme/web:dev@{DIGEST}", f"ghcr.io/acme/web@{DIGEST}", id="a floating tag goes"),
    ],
)
def test_an_image_may_gain_its_digest(before: str, after: str) -> None:
    found = compared(pod(image=before), pod(image=after), PLANNED)
    assert (kinds(found), places(found)) == (["image"], [])
    assert found.allowed[0].path == "spec.containers[app].image"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/api@{DIGEST}", id="another repository"),
        pytest.param("ghcr.io/acme/web:dev", f"quay.io/acme/web@{DIGEST}", id="another registry"),
        pytest.param("ghcr.io/acme/web:dev", "ghcr.io/acme/web:main", id="another tag"),
        pytest.param("ghcr.io/acme/web:dev", "ghcr.io/acme/web", id="the tag is lost"),
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web:main@{DIGEST}", id="another tag with a digest"),
        pytest.param(f"ghcr.io/acme/web@{DIGEST}", "ghcr.io/acme/web:dev", id="the digest is lost"),
        pytest.param(f"ghcr.io/acme/web@{DIGEST}", f"ghcr.io/acme/web@{OTHER}", id="another digest"),
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web@{DIGEST[:-1]}", id="a digest that is too short"),
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web@{DIGEST}@{DIGEST}", id="two digests"),
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web:@{DIGEST}", id="an empty tag"),
        pytest.param("ghcr.io/acme/web:dev", f"ghcr.io/acme/web:{DIGEST}", id="the digest in the tag's place"),
        pytest.param("ghcr.io/acme/web:dev", "", id="nothing"),
        pytest.param("ghcr.io/acme/web:dev", None, id="null"),
    ],
)
def test_nothing_else_may_happen_to_an_image(before: str, after: str | None) -> None:
    found = compared(pod(image=before), pod(image=after))
    assert (kinds(found), places(found)) == ([], ["Pod/web spec.containers[app].image"])
    assert (found.differences[0].before, found.differences[0].after) == (before, after)


def test_a_digest_that_was_not_planned_for_the_image_differs() -> None:
    before = pod(image="ghcr.io/acme/web:dev")
    assert places(compared(before, pod(image=f"ghcr.io/acme/web@{OTHER}"), PLANNED)) != []
    assert places(compared(before, pod(image=f"ghcr.io/acme/web@{OTHER}"), {})) != []
    assert places(compared(before, pod(image=f"ghcr.io/acme/web@{OTHER}"))) == []


def test_the_pull_policy_of_a_pinned_image_may_calm_down() -> None:
    before = pod(image="ghcr.io/acme/web:dev", imagePullPolicy="Always")
    after = pod(image=f"ghcr.io/acme/web@{DIGEST}", imagePullPolicy="IfNotPresent")
    assert sorted(kinds(compared(before, after))) == ["image", "pull-policy"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Always", "Never", id="never"),
        pytest.param("IfNotPresent", "Always", id="the other way"),
        pytest.param("Never", "IfNotPresent", id="from never"),
    ],
)
def test_no_other_pull_policy_may_come(before: str, after: str) -> None:
    image = f"ghcr.io/acme/web@{DIGEST}"
    found = compared(pod(image=image, imagePullPolicy=before), pod(image=image, imagePullPolicy=after))
    assert places(found) == ["Pod/web spec.containers[app].imagePullPolicy"]


def test_the_pull_policy_of_an_image_that_still_floats_differs() -> None:
    before = pod(image="ghcr.io/acme/web:dev", imagePullPolicy="Always")
    after = pod(image="ghcr.io/acme/web:dev", imagePullPolicy="IfNotPresent")
    assert places(compared(before, after)) == ["Pod/web spec.containers[app].imagePullPolicy"]


def test_a_pull_policy_may_be_said_where_none_was_if_the_image_is_pinned() -> None:
    images = f"ghcr.io/acme/web@{DIGEST}", "ghcr.io/acme/web:dev"
    found = [compared(pod(image=image), pod(image=image, imagePullPolicy="IfNotPresent")) for image in images]
    assert kinds(found[0]) == ["pull-policy"]
    assert places(found[1]) == ["Pod/web spec.containers[app].imagePullPolicy"]
    always = compared(pod(image=images[0]), pod(image=images[0], imagePullPolicy="Always"))
    assert places(always) == ["Pod/web spec.containers[app].imagePullPolicy"]


def test_a_pull_policy_in_an_environment_variable_or_a_flag_may_calm_down() -> None:
    before = pod(env=[{"name": "PROXY_PULL_POLICY", "value": "Always"}], args=["--image-pull-policy=Always"])
    after = pod(env=[{"name": "PROXY_PULL_POLICY", "value": "IfNotPresent"}], args=["--image-pull-policy=IfNotPresent"])
    assert places(compared(before, after)) == []


def test_an_environment_variable_of_another_name_may_not() -> None:
    before, after = (pod(env=[{"name": "MODE", "value": value}]) for value in ("Always", "IfNotPresent"))
    assert places(compared(before, after)) == ["Pod/web spec.containers[app].env[MODE].value"]


def test_an_image_within_a_command_line_may_gain_its_digest() -> None:
    before = pod(args=["--sidecar=ghcr.io/acme/web:dev,busybox", "--verbose"])
    after = pod(args=[f"--sidecar=ghcr.io/acme/web@{DIGEST},busybox@{DIGEST}", "--verbose"])
    assert kinds(compared(before, after, PLANNED)) == ["image"]
    other = pod(args=[f"--sidecar=ghcr.io/acme/web@{DIGEST},alpine", "--verbose"])
    assert places(compared(before, other, PLANNED)) == ["Pod/web spec.containers[app].args[0]"]


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        pytest.param({"tty": True}, {"tty": 1}, "tty", id="true is not one"),
        pytest.param({"port": 80}, {"port": "80"}, "port", id="a number is not its text"),
        pytest.param({"env": []}, {}, "env", id="an empty list is not nothing"),
        pytest.param({"env": None}, {}, "env", id="null is not nothing"),
        pytest.param({"args": ["a", "b"]}, {"args": ["b", "a"]}, "args[0]", id="the order of a list counts"),
        pytest.param({"args": ["a"]}, {"args": ["a", "b"]}, "args[1]", id="one more item"),
        pytest.param(
            {"env": [{"name": "A"}, {"name": "B"}]}, {"env": [{"name": "B"}]}, "env[A]", id="one named item less"
        ),
    ],
)
def test_small_differences_are_seen(before: dict[str, Any], after: dict[str, Any], path: str) -> None:
    assert f"Pod/web spec.containers[app].{path}" in places(compared(pod(**before), pod(**after)))


def test_quotes_comments_and_the_order_of_keys_and_objects_do_not_count() -> None:
    before = "a: 1\nkind: A\nmetadata: {name: x}\n---\nkind: B # first\nmetadata: {name: y}\n"
    after = "kind: 'B'\nmetadata: {name: y}\n---\n---\nmetadata: {name: \"x\"}\nkind: A\na: 1\n"
    assert compared(before, after) == Comparison()


def test_an_object_that_is_gone_differs_and_so_does_a_new_one() -> None:
    one, other = json.dumps(item("Service", "a")), json.dumps(item("Secret", "b"))
    found = compared(one, other)
    assert places(found) == ["Service/a", "Secret/b"]
    assert (found.differences[0].before, found.differences[0].after) == ("a Service", ABSENT)


def test_objects_of_one_name_in_two_namespaces_are_two() -> None:
    before, after = (
        "\n---\n".join(json.dumps({"kind": "Pod", "metadata": {"name": "a", "namespace": n}, "x": x}) for n, x in sides)
        for sides in ((("one", 1), ("two", 2)), (("two", 2), ("one", 1)))
    )
    assert compared(before, after) == Comparison()


def test_duplicates_are_matched_in_their_order() -> None:
    before = "\n---\n".join(json.dumps(item("Pod", "a", x=x)) for x in (1, 2))
    after = "\n---\n".join(json.dumps(item("Pod", "a", x=x)) for x in (1, 3))
    assert [(change.before, change.after) for change in compared(before, after).differences] == [(2, 3)]


def test_the_items_of_a_list_are_objects_of_their_own() -> None:
    single = json.dumps(item("Pod", "a"))
    assert compared(json.dumps({"kind": "List", "items": [item("Pod", "a")]}), single) == Comparison()


def test_a_document_in_a_string_is_compared_as_a_document() -> None:
    before = config_map(config="# dev\nimage: ghcr.io/acme/web:dev\nimagePullPolicy: Always\nlevel: debug\n")
    after = config_map(config=f"image: ghcr.io/acme/web@{DIGEST}\nimagePullPolicy: IfNotPresent\nlevel: info\n")
    found = compared(before, after, PLANNED)
    assert sorted(kinds(found)) == ["image", "pull-policy"]
    assert places(found) == ["ConfigMap/settings data.config.level"]


def test_a_script_in_a_string_is_compared_line_by_line() -> None:
    before = config_map(script="set -e\ndocker run ghcr.io/acme/web:dev\necho one\n")
    after = config_map(script=f"set -e\ndocker run ghcr.io/acme/web@{DIGEST}\necho two\n")
    found = compared(before, after)
    assert kinds(found) == ["image"]
    assert places(found) == ["ConfigMap/settings data.script line 3"]


def test_line_ends_of_a_plain_text_count() -> None:
    assert places(compared(config_map(motd="one\ntwo\n"), config_map(motd="one\ntwo"))) != []


def test_the_tag_of_values_may_become_a_digest_in_a_release() -> None:
    before = json.dumps(item("HelmRelease", "a", spec={"values": {"image": {"tag": "dev"}, "tag": "dev"}}))
    after = json.dumps(item("HelmRelease", "a", spec={"values": {"image": {"digest": DIGEST}, "tag": "dev"}}))
    assert places(compared(before, after, PLANNED)) == []
    assert len(places(compared(before, after.replace(DIGEST, OTHER), PLANNED))) == 2


def test_the_tag_of_an_image_that_names_its_repository_may_become_a_digest() -> None:
    before = config_map(app="image: {repository: ghcr.io/acme/web, tag: dev}\n#\n")
    after = config_map(app=f"image: {{repository: ghcr.io/acme/web, digest: '{DIGEST}'}}\n#\n")
    assert places(compared(before, after, PLANNED)) == []


def test_the_tag_of_something_else_may_not() -> None:
    before = json.dumps(item("Widget", "a", spec={"tag": "dev"}))
    after = json.dumps(item("Widget", "a", spec={"digest": DIGEST}))
    assert places(compared(before, after)) == ["Widget/a spec.tag", "Widget/a spec.digest"]


def workload(image: str, **annotations: str) -> str:
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [{"image": image}]}}
    return json.dumps(item("Deployment", "web", spec={"template": template}))


def test_a_checksum_may_change_where_an_image_did() -> None:
    before = workload("busybox", **{"checksum/config": "a", "rolled-by": "1" * 64})
    after = workload(f"busybox@{DIGEST}", **{"checksum/config": "b", "rolled-by": "2" * 64})
    assert sorted(kinds(compared(before, after))) == ["checksum", "checksum", "image"]


def test_a_checksum_may_not_change_alone() -> None:
    before, after = workload("busybox", **{"checksum/config": "a"}), workload("busybox", **{"checksum/config": "b"})
    assert places(compared(before, after)) == ["Deployment/web spec.template.metadata.annotations[checksum/config]"]


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        pytest.param("version", "dev", "sha256", id="a version label"),
        pytest.param("commit", "1" * 64, "2" * 40, id="hashes of two lengths"),
        pytest.param("commit", "1" * 12, "2" * 12, id="a part of a hash that nothing calls one"),
    ],
)
def test_other_annotations_may_not_change(key: str, before: str, after: str) -> None:
    found = compared(workload("busybox", **{key: before}), workload(f"busybox@{DIGEST}", **{key: after}))
    assert places(found) == [f"Deployment/web spec.template.metadata.annotations.{key}"]


def mounting(name: str) -> str:
    return json.dumps(item("Pod", "web", spec={"volumes": [{"configMap": {"name": name}}]}))


def test_a_generated_name_may_change_with_its_content() -> None:
    names = ("app-5t8b2k9hg6", "app-7c2d4f6h8k")
    before = f"{config_map(names[0], image='busybox')}\n---\n{mounting(names[0])}"
    after = f"{config_map(names[1], image=f'busybox@{DIGEST}')}\n---\n{mounting(names[1])}"
    found = compared(before, after)
    assert (sorted(kinds(found)), places(found)) == (["image", "name", "name"], [])


def test_a_name_that_somebody_chose_may_not() -> None:
    assert places(compared(config_map("app-one"), config_map("app-two"))) == ["ConfigMap/app-one metadata.name"]
    assert hashless("app-one") is None


def test_places_that_are_known_to_be_restless_can_be_left_out() -> None:
    found = compared(config_map(key="one", other="a"), config_map(key="two", other="b"))
    left = found.without([("ConfigMap/settings", "data.key")])
    assert places(left) == ["ConfigMap/settings data.other"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: [", id="a text that is no YAML"),
        pytest.param("a: {{ .Values.x }}", id="a template"),
        pytest.param("- a\n", id="a list"),
        pytest.param("word", id="a word"),
        pytest.param("[" * 5000, id="a text nested too deeply"),
        pytest.param("a: " + "9" * 5000, id="a number that is too long"),
    ],
)
def test_what_is_no_list_of_objects_is_none(text: str) -> None:
    assert parse(text) is None


def test_dates_and_a_bare_equals_sign_are_texts() -> None:
    assert load("a: 2024-01-01\nb: =\n") == [{"a": "2024-01-01", "b": "="}]


def test_random_names_are_paired_where_there_are_as_many() -> None:
    one, other = ([Object(item("Job", name))] for name in ("a-x1", "a-y2"))
    assert list(pairs(one, other)) == [(one[0], other[0])]
    assert list(pairs(one, other * 2)) == [(one[0], None), (None, other[0]), (None, other[0])]


def secret(text: str) -> str:
    return json.dumps(item("Secret", "s", data={"config": b64encode(text.encode()).decode(), "key": "!"}))


def test_what_a_secret_says_is_compared_and_not_its_base64() -> None:
    assert kinds(compared(secret("image: busybox\n#\n"), secret(f"image: busybox@{DIGEST}\n#\n"))) == ["image"]
    found = compared(secret("image: busybox\na: 1\n"), secret("image: busybox\na: 2\n"))
    assert places(found) == ["Secret/s data.config.a"]


def test_the_base64_of_no_text_is_compared_as_it_is() -> None:
    one, other = (json.dumps(item("Secret", "s", data={"k": value})) for value in ("/w==", "/v=="))
    assert [(change.before, change.after) for change in compared(one, other).differences] == [("/w==", "/v==")]


@pytest.mark.parametrize(
    ("before", "after", "differ"),
    [
        pytest.param({"repository": "ghcr.io/acme/web", "tag": "dev"}, {"tag": f"dev@{DIGEST}"}, 0, id="in the tag"),
        pytest.param(
            {"registry": "ghcr.io", "repository": "acme/web", "tag": "dev"}, {"digest": DIGEST, "tag": ""}, 0, id="both"
        ),
        pytest.param({"repository": "ghcr.io/acme/web", "tag": "dev"}, {"digest": OTHER}, 1, id="another digest"),
        pytest.param({"repository": "ghcr.io/acme/web", "tag": "dev"}, {"tag": f"main@{DIGEST}"}, 1, id="another tag"),
        pytest.param({"repository": "ghcr.io/acme/web", "tag": "dev"}, {"digest": "sha256:1"}, 1, id="no digest"),
        pytest.param({"repository": "ghcr.io/acme/web", "digest": OTHER}, {"digest": DIGEST}, 1, id="a changed digest"),
        pytest.param({"proxyTag": "dev", "tag": "dev"}, {"proxyDigest": DIGEST, "proxyTag": None}, 0, id="a stem"),
    ],
)
def test_images_in_values_gain_their_digest_under_a_key(
    before: dict[str, Any], after: dict[str, Any], differ: int
) -> None:
    one, other = (json.dumps(item("HelmRelease", "a", spec={"values": side})) for side in (before, before | after))
    assert len(compared(one, other, PLANNED).differences) == differ


def test_the_images_of_a_flux_kustomization_gain_their_digest_in_the_place_of_their_tag() -> None:
    before = json.dumps(item("Kustomization", "a", spec={"images": [{"name": "ghcr.io/acme/web", "newTag": "dev"}]}))
    after = json.dumps(item("Kustomization", "a", spec={"images": [{"name": "ghcr.io/acme/web", "digest": DIGEST}]}))
    assert sorted(kinds(compared(before, after, PLANNED))) == ["image", "image"]


def test_a_policy_may_calm_down_where_the_digest_has_a_key_of_its_own() -> None:
    image = {"image": "ghcr.io/acme/web", "digest": DIGEST}
    before, after = (pod(**image, pullPolicy=policy) for policy in ("Always", "IfNotPresent"))
    assert kinds(compared(before, after)) == ["pull-policy"]


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        pytest.param(
            {"labels": {"version": "dev"}}, {"labels": {"version": f"dev@{DIGEST}"}}, "labels.version", id="a label"
        ),
        pytest.param(
            {"env": [{"name": "VERSION", "value": "dev"}]},
            {"env": [{"name": "VERSION", "value": f"dev@{DIGEST}"}]},
            "env[VERSION].value",
            id="a word that nothing calls an image",
        ),
        pytest.param(
            {"args": ["--version=dev"]}, {"args": [f"--version=dev@{DIGEST}"]}, "args[0]", id="a word on a command line"
        ),
    ],
)
def test_a_tag_that_is_no_image_may_not_gain_a_digest(before: dict[str, Any], after: dict[str, Any], path: str) -> None:
    for planned in (None, PLANNED):
        assert places(compared(pod(**before), pod(**after), planned)) == [f"Pod/web spec.containers[app].{path}"]


def test_an_image_in_an_environment_variable_may_gain_its_digest() -> None:
    before, after = (pod(env=[{"name": "PROXY_IMAGE", "value": v}]) for v in ("busybox", f"busybox@{DIGEST}"))
    assert kinds(compared(before, after)) == ["image"]


def test_a_policy_above_an_image_that_still_floats_differs() -> None:
    before, after = (
        json.dumps(item("Agent", "a", spec={"imagePullPolicy": policy, "proxies": [{"image": "ghcr.io/acme/web:dev"}]}))
        for policy in ("Always", "IfNotPresent")
    )
    assert places(compared(before, after)) == ["Agent/a spec.imagePullPolicy"]


def test_a_line_end_that_goes_with_a_digest_is_seen() -> None:
    before, after = config_map(run="x\npull acme/web:dev\n"), config_map(run=f"x\npull acme/web@{DIGEST}")
    assert places(compared(before, after)) == ["ConfigMap/settings data.run"]


def test_a_config_map_that_releases_take_values_from_holds_values_at_their_key() -> None:
    before, after = (
        config_map(**{"models.yaml": f"image: {{{text}}}\n#\n"}) for text in ("tag: dev", f"digest: '{DIGEST}'")
    )
    assert len(compared(before, after).differences) == 2
    assert compare(objects(before), objects(after), None, {"models.yaml"}).differences == ()


def certificate(*lines: str) -> str:
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""))


@pytest.mark.parametrize(
    ("before", "after"),
    [(("AAAA", "BBBB"), ("AAAA", "CCCC")), (("AAAA", "BBBB"), ("DDDD", "CCCC")), (("AAAA", "BBBB"), ("AAAA",))],
)
def test_a_certificate_differs_as_a_whole_wherever_its_lines_do(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    found = compared(config_map(ca=certificate(*before)), config_map(ca=certificate(*after)))
    assert places(found) == ["ConfigMap/settings data.ca line 1"]


def test_the_lines_around_a_certificate_are_compared_one_by_one() -> None:
    text = config_map(all=f"{certificate('AAAA', 'BBBB')}user: a\nimage: x\n")
    other = config_map(all=f"{certificate('CCCC', 'BBBB')}user: a\nimage: y\n")
    assert places(compared(text, other)) == ["ConfigMap/settings data.all line 1", "ConfigMap/settings data.all line 3"]
