"""The configuration: what files mean, what is wrong with them and where, and what the engine may ask."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from codemod import configfile
from codemod.config import (
    ENVIRONMENT_FOLDERS,
    FLOATING_TAGS,
    VENDORED,
    Allowance,
    Config,
    Environment,
    Registry,
    StackSpec,
)
from codemod.configfile import load, load_file
from codemod.customresources import CustomResource, ImageParts
from codemod.errors import InputError
from codemod.exceptions import Exceptions
from codemod.formats import records
from codemod.validate import convert

ROOT = Path(__file__).parents[1]
TODAY = datetime.date(2026, 6, 30)


def config(text: str) -> Config:
    return load_file(".unfloat.yaml", text.encode())


def fault(text: str, path: str = ".unfloat.yaml") -> str:
    with pytest.raises(InputError) as caught:
        load_file(path, text.encode())
    message = str(caught.value)
    assert "\n" not in message
    return message


WHOLE = """\
floating_tags: [dev, "pr-*", latest]
include: ["**/*.yaml"]
exclude: ["docs/**"]
vendored: ["upstream/**"]
tests: ["e2e/**"]
environments:
  production: {globs: ["env/production/**"], digest: require}
  dev: {floating: report}
stacks:
  - layers: ["base/globals.yaml", "env/{env}/{name}.yaml"]
    name: "{env}-{name}"
    environment: "{env}"
    chart: "charts/{name}"
contract:
  "charts/operators/**": tag-and-digest
platforms: [linux/amd64, linux/arm64/v8]
registries:
  localhost:5000: {insecure: true}
  docker.io: {mirror: mirror.example.com/dockerhub, ca_file: ca.pem}
custom_resources:
  - kind: Web
    group: acme.io
    images: ["spec.plugins[*].image"]
    names: [spec.server.image]
    left: [spec.build]
    parts:
      - {at: spec.runtime, digest: digest}
      - {at: spec, repository: host/name, tag: version}
allow:
  - path: "env/dev/**"
    image: ghcr.io/acme/*
    code: digest-unknown
    reason: not built yet
    owner: team-web
    expires: 2026-12-31
"""


def test_every_key_is_read() -> None:
    assert config(WHOLE) == Config(
        floating_tags=("dev", "pr-*", "latest"),
        include=("**/*.yaml",),
        exclude=("docs/**",),
        vendored=("upstream/**",),
        tests=("e2e/**",),
        environments={
            "production": Environment(globs=("env/production/**",), digest="require"),
            "dev": Environment(floating="report"),
        },
        stacks=(
            StackSpec(
                layers=("base/globals.yaml", "env/{env}/{name}.yaml"),
                name="{env}-{name}",
                environment="{env}",
                chart="charts/{name}",
            ),
        ),
        contract={"charts/operators/**": "tag-and-digest"},
        platforms=("linux/amd64", "linux/arm64/v8"),
        registries={
            "localhost:5000": Registry(insecure=True),
            "docker.io": Registry(mirror="mirror.example.com/dockerhub", ca_file="ca.pem"),
        },
        custom_resources=(
            CustomResource(
                kind="Web",
                group="acme.io",
                images=("spec.plugins[*].image",),
                names=("spec.server.image",),
                left=("spec.build",),
                parts=(
                    ImageParts(at="spec.runtime", digest="digest"),
                    ImageParts(at="spec", repository="host/name", tag="version"),
                ),
            ),
        ),
        allow=(
            Allowance(
                path="env/dev/**",
                image="ghcr.io/acme/*",
                code="digest-unknown",
                reason="not built yet",
                owner="team-web",
                expires=datetime.date(2026, 12, 31),
            ),
        ),
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "---\n", "~"])
def test_an_empty_file_means_the_defaults(text: str) -> None:
    assert config(text) == Config()
    assert load({}) == Config()


def test_the_defaults_are_those_of_the_contract() -> None:
    defaults = Config()
    assert defaults.floating_tags == FLOATING_TAGS
    assert defaults.vendored == VENDORED
    assert all(defaults.floats(tag) for tag in (None, "dev", "main", "latest", "nightly", "dev-placeholder"))
    assert not any(defaults.floats(tag) for tag in ("1.2.3", "dev-1", "v1", "Main", "deadbeef"))


def test_pyproject_says_the_same_as_the_yaml_file() -> None:
    text = """
[project]
name = "x"

[tool.unfloat]
floating_tags = ["dev"]
environments.dev.floating = "report"

[[tool.unfloat.allow]]
path = "**"
code = "*"
reason = "r"
owner = "o"
expires = 2026-12-31
"""
    same = (
        "floating_tags: [dev]\nenvironments: {dev: {floating: report}}\n"
        "allow: [{path: '**', code: '*', reason: r, owner: o, expires: 2026-12-31}]"
    )
    assert load({"pyproject.toml": text.encode()}) == config(same)


def test_a_pyproject_without_the_table_says_nothing() -> None:
    assert load({"pyproject.toml": b"[project]\nname = 'unfloat'\n"}) == Config()
    assert load({"pyproject.toml": b"this is [ no TOML"}) == Config()
    assert load({"pyproject.toml": b"[tool.ruff]\n", ".unfloat.yml": b"platforms: [linux/amd64]"}).platforms


def test_a_named_toml_file_must_have_the_table() -> None:
    assert fault("[tool.ruff]\n", "conf/x.toml") == "conf/x.toml: no table [tool.unfloat]; add one, or name a YAML file"


@pytest.mark.parametrize("other", [".unfloat.yml", "pyproject.toml"])
def test_two_configurations_are_an_error_that_names_both(other: str) -> None:
    with pytest.raises(InputError) as caught:
        load({".unfloat.yaml": b"", other: b"[tool.unfloat]\n" if other.endswith("toml") else b""})
    assert ".unfloat.yaml" in str(caught.value)
    assert other in str(caught.value)


ALLOW = "allow:\n  - path: '**'\n    reason: r\n    owner: o\n    expires: 2026-12-31\n    code: '*'\n"
CUSTOM = "custom_resources:\n  - kind: Web\n"

FAULTS = [
    ("# x\nflaoting_tags: [a]", "2: unknown key `flaoting_tags`; did you mean `floating_tags`?"),
    ("zzz: 1", "1: unknown key `zzz`; write one of `floating_tags`, `include`, "),
    (ALLOW + "    until: 1\n", "7: unknown key `until` in `allow[0]`; write one of `path`, "),
    ("environments:\n  a: {}\n  b:\n    glob: x", "4: unknown key `glob` in `environments.b`; did you mean `globs`?"),
    ("environments:\n  a: {}\n  b:\n    globs: x", "4: `environments.b.globs` is text, not a list; "),
    ("environments:\n  a:", "2: `environments.a` is empty, not a map; give it a value or leave the key out"),
    ("environments:\n  a:\n    digest: must", "3: `environments.a.digest` is `must`; write one of `report`, `require`"),
    ("registries:\n  a: {}\n  b: {insecure: yes}", "3: `registries.b.insecure` is text, not true or false; "),
    ("contract:\n  a: digest\n  b: tag", "3: `contract.b` is `tag`; write one of `digest`, `ref`, `tag-and-digest`"),
    ("platforms: linux/amd64", "1: `platforms` is text, not a list; write a list, `[a, b]`"),
    ("\nplatforms:\n", "2: `platforms` is empty, not a list; give it a value or leave the key out"),
    ("platforms: [amd64]", "1: `platforms[0]` is `amd64`; write it like `linux/amd64`"),
    ("- a", "1: the file is a list, not a map; write a map, `key: value`"),
    ("text", "1: the file is text, not a map; "),
    ("floating_tags:\n  - dev\n  - 1.10", "3: `floating_tags[1]` is a number, not text; put it in quotes"),
    ("floating_tags: [7]", "1: `floating_tags[0]` is a whole number, not text; put it in quotes"),
    ("floating_tags: ['web:dev']", "1: `web:dev` can be no tag; write the tag alone, "),
    ("floating_tags: ['']", "1: `floating_tags[0]` is blank; "),
    ("include:\n  - a\n  - 'b{'", "3: `b{` is no glob: `{` has no `}` after it; correct it"),
    ("exclude: ['[a']", "1: `[a` is no glob: `[` has no `]` after it; "),
    ("vendored: [/vendor/**]", "1: `/vendor/**` never matches; write it relative to the root, "),
    ("vendored: [./vendor/**]", "1: `./vendor/**` never matches; "),
    ("vendored: [../x]", "1: `../x` never matches; "),
    ("vendored: [vendor/]", "1: `vendor/` matches no file; write `vendor/**` for all files of the folder"),
    ("include: ['']", "1: `include[0]` is blank; "),
    ("environments: {a: {globs: ['a}']}}", "1: `a}` is no glob: `}` has no `{` before it; "),
    ("contract:\n  'x{': ref", "2: `x{` is no glob: "),
    ("stacks:\n  - name: x", "2: `stacks[0]` has no `layers`; add it"),
    ("stacks:\n  - layers: []", "2: `stacks[0].layers` is empty; list at least one"),
    ("stacks:\n  - layers: a.yaml", "2: `stacks[0].layers` is text, not a list; "),
    ("stacks:\n  - layers:\n      - a\n      - 'env/{e-v}.yaml'", "4: `{e-v}` is no capture; name it with letters, "),
    ("stacks:\n  - layers: ['{}.yaml']", "2: `{}` is no capture; "),
    ("stacks:\n  - layers: ['{{env}}.yaml']", "2: the braces of `{{env}}.yaml` do not pair; write captures as `{env}`"),
    ("stacks:\n  - layers: ['{env.yaml']", "2: the braces of `{env.yaml` do not pair; "),
    ("stacks:\n  - layers: ['$values/env/{env}.yaml']", "2: `$values/env/{env}.yaml` never matches; "),
    ("stacks:\n  - layers: ['env/*.yaml']", "2: `env/*.yaml` is no layer; "),
    ("stacks:\n  - layers: ['']", "2: `` is no layer; "),
    ("stacks:\n  - layers: ['{env}']\n    chart: '{name}'", "3: no layer has the capture `{name}`; "),
    ("registries:\n  https://ghcr.io: {}", "2: `https://ghcr.io` is no registry; write host and port alone, "),
    ("registries:\n  a:\n    mirror: https://x", "3: `https://x` is no mirror; "),
    (ALLOW.replace("    owner: o\n", ""), "2: `allow[0]` has no `owner`; add it"),
    (ALLOW.replace("    code: '*'\n", ""), "2: `allow[0]` has no `code`; add it"),
    ("exception_days: 0\n", "1: `exception_days`: Expected `int` >= 1; "),
    (ALLOW.replace("owner: o", "owner: ' '"), "4: `allow[0].owner` is blank; write it like `team-platform`"),
    (ALLOW.replace("reason: r", "reason: ''"), "3: `allow[0].reason` is blank; "),
    (ALLOW.replace("reason: r", "reason:"), "3: `allow[0].reason` is empty, not text; "),
    (ALLOW.replace("2026-12-31", "soon"), "5: `allow[0].expires` is `soon`; write it like `2026-12-31`"),
    (ALLOW.replace("2026-12-31", "2026-02-30"), "5: `allow[0].expires` is `2026-02-30`; write it like `2026-12-31`"),
    (ALLOW.replace("2026-12-31", "2026"), "5: `allow[0].expires` is `2026`; write it like `2026-12-31`"),
    (ALLOW.replace("2026-12-31", "2026-12-31T00:00:00Z"), "5: `allow[0].expires` is `2026-12-31T00:00:00Z`; "),
    (ALLOW.replace("'*'", "Digest_Unknown"), "6: `allow[0].code` is `Digest_Unknown`; write it like `digest-unknown`"),
    (ALLOW + "    image: '[a'", "7: `[a` is no glob: "),
    (ALLOW.replace("'**'", "'a{'"), "2: `a{` is no glob: "),
    ("custom_resources:\n  - group: acme.io", "2: `custom_resources[0]` has no `kind`; add it"),
    (CUSTOM + "", "2: nothing is said about `Web`; list `images`, `names`, `parts` or `left`"),
    (CUSTOM + "    image: [a]", "3: unknown key `image` in `custom_resources[0]`; did you mean `images`?"),
    (CUSTOM.replace("Web", "acme.io/Web"), "2: `custom_resources[0].kind` is `acme.io/Web`; write it like `Kafka`"),
    (
        CUSTOM + "    images:\n      - spec.image\n      - spec.plugins[0].image",
        "5: `spec.plugins[0].image` is no path; write it like `spec.plugins[*].image`, from the root of the object",
    ),
    (CUSTOM + "    left: [spec.**]", "3: `spec.**` ends nowhere; "),
    (CUSTOM + "    names: ['.spec.image']", "3: `custom_resources[0].names[0]` is `.spec.image`; write it like "),
    (CUSTOM + "    parts: [{tag: version}]", "3: `custom_resources[0].parts[0]` has no `at`; add it"),
    (CUSTOM + "    parts: [{at: 'spec.'}]", "3: `spec.` is no path; "),
    (
        CUSTOM + "    parts: [{at: spec, tag: spec.tag}]",
        "3: `custom_resources[0].parts[0].tag` is `spec.tag`; write it ",
    ),
    (
        CUSTOM + "    parts:\n      - at: spec\n        repository: image\n        digest: image",
        "6: the repository's own key can take no digest; list the path of the repository under `images`",
    ),
    ("a: 1\na: 2", "2: duplicate key `a`, first on line 1; keep one of the two"),
    ("a: b: c", "1: not valid YAML: "),
    ('"a\\nb": 1', "1: unknown key `a\\nb`; write one of "),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message[:60] for _, message in FAULTS])
def test_a_fault_is_one_line_with_the_place_and_the_mend(text: str, message: str) -> None:
    assert fault(text).startswith(f".unfloat.yaml:{message}")


def test_a_fault_in_pyproject_names_its_line() -> None:
    text = "[tool.unfloat]\n\n[[tool.unfloat.allow]]\npath = 'a'\nowner = ''\nreason = 'x'\nexpires = 2026-12-31\n"
    assert fault(text, "pyproject.toml").startswith("pyproject.toml:5: `allow[0].owner` is blank; ")
    assert fault("[tool]\nunfloat = 3\n", "pyproject.toml").startswith("pyproject.toml:2: the file is a whole number, ")


def test_globs_and_captures_that_are_fine_stay_without_complaint() -> None:
    config("include: ['**', '*.y{a,}ml', '[!.]*/**', '.github/**']\nexclude: [README.md]\n")
    config("stacks:\n  - layers: ['{a}/{b_2}-{a}.yaml', 'x.yaml']\n    name: 'fixed'\n")
    config("floating_tags: ['pr-*', '{dev,main}', '[0-9]*', 'feature-?', '**']\n")
    config("registries: {'localhost:5000': {}, '[::1]:5000': {}, ghcr.io: {mirror: 'localhost:5001'}}")
    config(ALLOW.replace("'*'", "UF001"))


def test_including_and_excluding() -> None:
    some = config("include: ['env/**', '*.yaml']\nexclude: ['env/dev/**']")
    assert [path for path in ("env/a.yaml", "x.yaml", "a/x.yaml", "env/dev/a.yaml") if some.is_included(path)] == [
        "env/a.yaml",
        "x.yaml",
    ]


TESTS = (
    *(
        "pkg/image/parse_test.go",
        "pkg/testdata/values.yaml",
        "sdk/test_data/pipeline.yaml",
        "test_kube.py",
        "a/b_test.py",
    ),
    *("conftest.py", "web/src/image.spec.ts", "web/image.test.mjs", "web/__tests__/image.ts", "a/golden/pod.yaml"),
    *(
        "sdk/tests/unit/store.py",
        "test/e2e/given.go",
        "ui/e2e/flows.ts",
        "tests/internal/data/x.json",
        "test/fixtures/x",
    ),
    *("a/pod.golden", "a/__snapshots__/pod.snap", "test/run.bats"),
)
NO_TESTS = (
    *(
        "pkg/image/parse.go",
        "charts/web/tests/image_test.yaml",
        "env/staging/tests/values.yaml",
        "tests/e2e/install.yaml",
    ),
    *(
        "src/latest.py",
        "web/image.ts",
        "contest.py",
        "latest/app.py",
        "tests/run.sh",
        "tests/Dockerfile",
        "golden.yaml",
        "test.yaml",
    ),
)


@pytest.mark.parametrize("path", TESTS)
def test_test_code_and_its_data_are_tests(path: str) -> None:
    assert Config().spared(path) == "test-data"


@pytest.mark.parametrize("path", NO_TESTS)
def test_manifests_that_tests_deploy_are_none(path: str) -> None:
    assert Config().spared(path) is None


def test_a_vendored_test_is_vendored() -> None:
    assert Config().spared("vendor/x_test.go") == "vendored"


def test_vendored_charts_are_vendored_and_own_charts_are_not() -> None:
    defaults = Config()
    assert defaults.is_vendored("charts/third_party/redis/values.yaml")
    assert defaults.is_vendored("apps/charts/web/charts/redis/values.yaml")
    assert defaults.is_vendored("vendor/x.yaml")
    assert not defaults.is_vendored("charts/web/values.yaml")
    assert not defaults.is_vendored("charts/web/templates/x.yaml")


def test_an_environment_is_the_configured_one_or_the_folder_below_env() -> None:
    some = config("environments:\n  live: {globs: ['env/prod*/**']}\n  dev: {}\n")
    assert some.environment_of("env/production/web.yaml") == "live"
    assert some.environment_of("env/dev/web.yaml") == "dev"
    assert some.environment_of("sources/values/env/staging/apps/web.yaml") == "staging"
    assert some.environment_of("k8s/overlays/test/kustomization.yaml") == "test"


@pytest.mark.parametrize("folder", ENVIRONMENT_FOLDERS)
def test_every_folder_of_environments_names_them(folder: str) -> None:
    assert Config().environment_of(f"apps/{folder}/blue/web.yaml") == "blue"


def test_a_file_directly_below_env_or_outside_has_no_environment() -> None:
    assert Config().environment_of("env/globals.yaml") is None
    assert Config().environment_of("base/globals.yaml") is None
    assert Config().environment_of("env") is None


def allowed(image_glob: str, image: str | None, **more: str) -> bool:
    fields = {
        "path": "env/**",
        "reason": "r",
        "owner": "o",
        "expires": "2026-12-31",
        "image": image_glob,
        "code": "*",
    } | more
    some = config(json.dumps({"allow": [fields]}))
    codes = {"digest-unknown", "UF001"}
    return Exceptions(some, TODAY).excusing("env/dev/web.yaml", 1, image, codes) is not None


BUSYBOX = "docker.io/library/busybox:latest"


@pytest.mark.parametrize(
    ("glob", "image"),
    [
        ("**", BUSYBOX),
        ("**", None),
        ("ghcr.io/acme/*", "ghcr.io/acme/web:dev"),
        ("ghcr.io/acme/web", "ghcr.io/acme/web:latest"),
        ("busybox", BUSYBOX),
        ("busybox:latest", BUSYBOX),
        ("busybox:*", "docker.io/library/busybox:dev"),
        ("library/busybox", BUSYBOX),
        ("docker.io/library/*", BUSYBOX),
        ("acme/web:dev", "docker.io/acme/web:dev"),
        ("ghcr.io/acme/web:dev", f"ghcr.io/acme/web:dev@sha256:{'a' * 64}"),
    ],
)
def test_an_exception_covers_an_image_however_it_is_spelt(glob: str, image: str | None) -> None:
    assert allowed(glob, image)


@pytest.mark.parametrize(
    ("glob", "image"),
    [
        ("ghcr.io/acme/*", None),
        ("ghcr.io/acme/*", "ghcr.io/acme/team/web:dev"),
        ("ghcr.io/acme/web", "ghcr.io/acme/web:dev"),
        ("busybox", "ghcr.io/acme/busybox:latest"),
        ("web", "docker.io/acme/web:latest"),
    ],
)
def test_an_exception_covers_no_other_image(glob: str, image: str | None) -> None:
    assert not allowed(glob, image)


def test_an_exception_holds_to_the_end_of_its_last_day() -> None:
    assert allowed("**", BUSYBOX, expires="2026-06-30")
    assert not allowed("**", BUSYBOX, expires="2026-06-29")


def test_an_exception_is_for_its_path_and_its_code() -> None:
    assert allowed("**", BUSYBOX, code="UF001")
    assert allowed("**", BUSYBOX, code="*")
    assert not allowed("**", BUSYBOX, code="UF002")
    assert not allowed("**", BUSYBOX, path="env/*")
    assert not allowed("**", BUSYBOX, path="web.yaml")


def test_the_first_exception_that_fits_counts() -> None:
    entry = "  - {path: '**', code: '*', reason: %s, owner: o, expires: %s}\n"
    some = config(
        "allow:\n" + entry % ("old", "2026-01-01") + entry % ("first", "2026-12-31") + entry % ("next", "2026-12-31")
    )
    found = Exceptions(some, TODAY).excusing("a", 1, None, {"UF001"})
    assert found is not None
    assert found.reason == "first"


class Limited(msgspec.Struct):
    size: Annotated[int, msgspec.Meta(le=3)]


def test_a_fault_that_has_no_words_of_its_own_still_has_its_place() -> None:
    with pytest.raises(InputError) as caught:
        convert(records.read("x.yaml", b"\nsize: 4"), Limited)
    assert str(caught.value) == "x.yaml:2: `size`: Expected `int` <= 3; correct it"


def test_the_published_schema_is_that_of_the_structs() -> None:
    published = (ROOT / "codemod" / "unfloat.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == configfile.schema(), "write configfile.schema() to codemod/unfloat.schema.json"


def test_the_schema_describes_every_key() -> None:
    for table in configfile.schema()["$defs"].values():
        assert table["description"]
        assert table["additionalProperties"] is False
        assert all(field.get("description") for field in table["properties"].values()), table["title"]


def test_the_example_in_the_documentation_is_a_configuration_that_uses_every_key() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 1
    load_file("docs/configuration.md", examples[0].encode())
    named = set(re.findall(r"^(\w+):", examples[0], re.MULTILINE))
    assert named == set(Config.__struct_fields__)
    toml = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert load_file("pyproject.toml", toml[0].encode()) != Config()


def test_the_documentation_explains_every_key() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    tables = (Config, Environment, StackSpec, Registry, Allowance)
    missing = [name for table in tables for name in table.__struct_fields__ if f"`{name}`" not in page]
    assert missing == []
