"""The admission policies that `unfloat emit` writes, judging requests as Kubernetes, Kyverno and Gatekeeper do.

The requests are in admission.yaml, with what is said of them; all three policies must say the same.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from apiserver import PER_CALL_LIMIT, RESOURCES, Cluster, Policy, Request, pod, whole
from emitting import emit
from hypothesis import assume, example, given
from hypothesis import strategies as st
from proving import tools, write
from test_emit_fleet import migrated
from test_example_fleet import config

from codemod.config import Allowance
from codemod.emit._cel import EXPRESSION_MAX, Exemption, of_glob, rules
from codemod.fleet import build
from codemod.proof.every import render_all
from codemod.reference import parse, try_parse
from codemod.source import Source

HERE = Path(__file__).parent
TARGETS = ("validating-admission-policy", "kyverno", "gatekeeper")
ROWS: list[dict[str, Any]] = yaml.safe_load((HERE / "admission.yaml").read_text())

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  containers:\n"
CONTAINER = "    - {{name: a, image: {image}}}\n"


def manifest(name: str, namespace: str, *images: str) -> str:
    """A pod with some images."""
    return POD.format(name=name, namespace=namespace) + "".join(CONTAINER.format(image=image) for image in images)


CONFIG = """\
floating_tags: [dev, main, latest, edge, nightly, "pr-*"]
environments:
  production: {namespaces: [billing]}
  lab: {digest: require, readable_tags: any}
allow:
  - {path: "**", image: "ghcr.io/acme/legacy-*", code: "*", reason: "no build", owner: db, expires: 2999-01-01}
  - {path: "**/*", image: busybox, code: UF001, reason: "for a moment", owner: web, expires: 2999-01-01}
  - {path: "**", image: "ghcr.io/acme/fixed:*", code: UF002, reason: "tags stay there", owner: web, expires: 2999-01-01}
  - {path: "**", image: "ghcr.io/acme/readable:*", code: UF003, reason: legible, owner: web, expires: 2999-01-01}
  - {path: "**", image: "ghcr.io/acme/expired:*", code: "*", reason: gone, owner: web, expires: 2020-01-01}
  - {path: "env/production/printer.yaml", code: "*", reason: "no build yet", owner: print, expires: 2999-01-01}
  - {path: "**", image: "ghcr.io/acme/*", code: UF004, reason: "not about digests", owner: web, expires: 2999-01-01}
"""
FLEET = {
    ".unfloat.yaml": CONFIG,
    "env/production/web.yaml": manifest("web", "shop", "ghcr.io/acme/web"),
    "env/production/printer.yaml": manifest("printer", "print", "ghcr.io/acme/printer:dev", "ghcr.io/acme/both:dev"),
    "env/production/other.yaml": manifest("other", "print", "ghcr.io/acme/both:dev"),
    "env/lab/web.yaml": manifest("web", "lab", "ghcr.io/acme/web"),
    "env/dev/web.yaml": manifest("web", "playground", "ghcr.io/acme/web"),
}


@cache
def emitted(target: str) -> list[dict[str, Any]]:
    """What is emitted for the fleet, each object valid by the published schema."""
    with TemporaryDirectory() as folder:
        return emit(write(Path(folder), FLEET), target)[0]


@cache
def cluster(target: str) -> Cluster:
    return Cluster(emitted(target))


def request(row: Mapping[str, Any]) -> Request:
    """The request that a row of the table describes."""
    kind, namespace = row.get("kind", "Pod"), row.get("namespace", "shop")
    operation = row.get("operation", "CREATE")
    old = whole(kind, namespace, pod(row["old"])) if "old" in row else None
    new = row.get("object") or whole(kind, namespace, pod(row))
    return Request(kind, namespace, operation, None if operation == "DELETE" else new, old, row.get("subresource", ""))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["it"])
def test_a_request_that(row: dict[str, Any], target: str) -> None:
    found = cluster(target).judge(request(row), emitted(target))
    assert [message[:5] for message in found] == row.get("denied", [])
    assert row.get("says", "") in " ".join(found)
    assert bool(row.get("says")) <= bool(found)


def test_the_table_holds_requests_of_every_kind_allowed_and_denied() -> None:
    assert len({row["it"] for row in ROWS}) == len(ROWS) > 100
    denied = [row for row in ROWS if row.get("denied")]
    assert len(denied) >= 40
    assert len(ROWS) - len(denied) >= 40
    workloads = "Pod PodTemplate Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Job CronJob".split()
    for rows in (denied, [row for row in ROWS if not row.get("denied")]):
        assert {row.get("kind", "Pod") for row in rows} >= set(workloads)
        for key in ("containers", "initContainers", "ephemeralContainers", "imageVolumes"):
            assert any(row.get(key) for row in rows)
    assert {code for row in denied for code in row["denied"]} == {"UF001", "UF002", "UF003"}


# What the expressions are


PATH = st.from_regex(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+){0,3}", fullmatch=True)
HOST = st.sampled_from(
    ["", "docker.io/", "index.docker.io/", "localhost/", "ghcr.io/", "Upper/", "a.b:5000/", "[::1]:5/"]
)
TAG = st.sampled_from(["", ":dev", ":v1", ":latest", ":5000", ":pr-7"])
DIGESTS = st.sampled_from(["", "@sha256:" + "a1" * 32, "@sha512:" + "b2" * 64])
REFERENCES = st.builds(lambda *parts: "".join(parts), HOST, PATH, TAG, DIGESTS)


@cache
def policy(*exemptions: Exemption, tags: tuple[str, ...] = ("dev", "latest", "pr-*")) -> Policy:
    found = rules(tags, exemptions, ())
    variables = [{"name": name, "expression": expression} for name, expression in found.variables]
    validations = [
        {"expression": one.expression, "messageExpression": one.message_expression, "message": one.message}
        for one in found.validations
    ]
    return Policy(variables, validations)


def running(*images: str, kind: str = "Pod") -> Request:
    return Request(kind, "shop", "CREATE", whole(kind, "shop", pod({"containers": images})))


@given(REFERENCES)
@example("index.docker.io/library/busybox")
@example("localhost")
@example("library/busybox:v1")
def test_images_are_normalised_as_everywhere_else(text: str) -> None:
    reference = try_parse(text)
    assume(reference is not None)
    assert policy().value("images", running(text)) == [[str(reference)], []]


GLOBS = st.sampled_from(
    [
        *(
            "busybox",
            "busybox:*",
            "library/busybox",
            "docker.io/library/busybox:latest",
            "ghcr.io/acme/*",
            "ghcr.io/**",
        ),
        *("**/web", "**/web:v?", "{busybox,ghcr.io/acme/web}:v1", "ghcr.io/[a-c]*/web", "ghcr.io/[!a]*/web", "[+-9]*"),
        *("ghcr.io/acme/web@sha256:*", "*", "**", "*.io/acme/web:{dev,v1}", r"ghcr.io/acme/we\*b", "[/]", "[!/]"),
    ]
)
NAMES = st.sampled_from(
    [
        *("busybox", "docker.io/busybox", "docker.io/library/busybox", "ghcr.io/acme/web", "ghcr.io/zoo/web"),
        *("ghcr.io/acme/deep/web", "web", "quay.io/acme/web", "acme/web", "localhost:5000/web", "9/9"),
    ]
)


@given(GLOBS, st.builds(lambda *parts: "".join(parts), NAMES, TAG, DIGESTS))
@example("busybox", "docker.io/library/busybox:latest@sha256:" + "a1" * 32)
def test_an_exception_lets_through_what_it_excuses_and_no_more(glob: str, text: str) -> None:
    day = datetime.date(2999, 1, 1)
    allowance = Allowance(path="**", code="UF001", reason="a", owner="b", expires=day, image=glob)
    image = str(parse(text))
    floats = policy().judge(running(text))[:1]
    assume(floats and floats[0].startswith("UF001"))
    exempt = policy(Exemption("b, until 2999-01-01: a", ("UF001",), matching=(of_glob(glob),)))
    assert bool(exempt.judge(running(text))) is not allowance.fits("any", image, {"UF001"})


@given(st.builds(lambda *parts: "".join(parts), NAMES, TAG), st.builds(lambda *parts: "".join(parts), NAMES, TAG))
def test_an_image_that_is_let_through_is_that_one(one: str, other: str) -> None:
    exempt = policy(Exemption("b, until 2999-01-01: a", ("UF001", "UF002"), (), (str(parse(one)),)))
    assert bool(exempt.judge(running(other))) is (parse(one) != parse(other) and str(parse(one)) != str(parse(other)))


@pytest.mark.parametrize("target", TARGETS)
def test_literals_are_of_one_type_as_kubernetes_asks(target: str) -> None:
    for one in cluster(target).policies:
        assert str(one.types["variables.exceptions"]) == "LIST<MAP<STRING, LIST<STRING>>>"
        for name in ("floating", "undigested", "beside"):
            assert str(one.types[f"variables.{name}"]) == "LIST<STRING>"


@pytest.mark.parametrize("target", TARGETS)
def test_exemptions_say_whose_they_are_until_when_and_why(target: str) -> None:
    text = yaml.safe_dump_all(emitted(target), width=10_000)
    for said in (
        "db, until 2999-01-01: no build",
        "web, until 2999-01-01: for a moment",
        "print, until 2999-01-01: no",
    ):
        assert f"// {said}" in text
    assert "expired" not in text
    assert "not about digests" not in text


def test_a_reason_cannot_leave_its_comment() -> None:
    allow = "- {path: '**', image: busybox, code: UF001, owner: a, expires: 2999-01-01, reason: \"b\\n}].evil(\\nc\"}"
    tree = {**FLEET, ".unfloat.yaml": f"allow: [{allow.removeprefix('- ')}]\n"}
    with TemporaryDirectory() as folder:
        objects, _ = emit(write(Path(folder), tree), "kyverno")
    assert "// a, until 2999-01-01: b }].evil( c\n" in str(objects[0]["spec"]["variables"]).replace("\\n", "\n")
    assert Cluster(objects).judge(running("busybox"), objects) == []


def cost(images: int, length: int, *expressions: str) -> int:
    """What cel-go counts for matching so many images of a length with expressions (checker/cost.go).

    That is a tenth for each character of the text times a quarter for each of the expression; what else is evaluated is
    a small part of that.
    """
    return images * sum(math.ceil((length + 1) * 0.1) * math.ceil(len(one) * 0.25) for one in expressions)


def test_one_evaluation_costs_less_than_kubernetes_allows() -> None:
    longest = len(f"{'r' * 255}/{'p' * 255}:{'t' * 128}@sha512:{'a' * 128}")
    for variable in policy().variables:
        assert cost(100, longest, *re.findall(r'matches\(r?"([^"]*)"', variable["expression"])) < PER_CALL_LIMIT
    exceptions = [of_glob(f"ghcr.io/acme/some-service-{number}:*") for number in range(300)]
    assert cost(10, 100, *exceptions) < PER_CALL_LIMIT
    for one in cluster(TARGETS[0]).policies:
        assert all(len(variable["expression"]) < EXPRESSION_MAX / 10 for variable in one.variables)


def test_many_bad_images_are_still_denied_with_a_message_that_kubernetes_takes() -> None:
    (said,) = policy().judge(running(*(f"ghcr.io/acme/{'n' * 90}{number}:dev" for number in range(100))))
    assert said == "UF001 floating tag: replace the tag by its digest"


def test_where_any_tag_floats_a_port_is_still_none() -> None:
    digest = f"@sha256:{'a1' * 32}"
    found = policy(tags=("**", "v?.*"))
    assert found.judge(running(f"localhost:5000/acme/web{digest}", f"nginx{digest}")) == []
    (said,) = found.judge(running(f"localhost:5000/acme/web:v1{digest}"))
    assert said.startswith("UF003")


def test_where_no_tag_floats_only_digests_count() -> None:
    found = rules((), (), ())
    assert [name for name, _ in found.variables] == ["pods", "images", "added", "undigested"]
    assert [one.message[:5] for one in found.validations] == ["UF002"]


# The example fleet, as helm renders it


def without_exceptions(root: Path) -> Path:
    """The migrated example fleet, nothing of which is excused."""
    for path in (path for path in migrated(root).rglob("*") if path.is_file()):
        text = path.read_bytes()
        text = text.partition(b"\nallow:\n")[0] if path.name == ".unfloat.yaml" else text
        path.write_bytes(text.replace(b"unfloat: allow[", b"once: allow["))
    return root


def workloads(root: Path, home: Path) -> list[Request]:
    """What helm prints for the releases of a fleet whose namespace is known."""
    texts = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    read = {path: Source(path, text, "yaml") for path, text in texts.items()}
    stacks = [one for one in build(config(), read, read.get).stacks if one.has_namespace and one.chart is not None]
    shown = render_all(stacks, str(root), tools(home))
    found = []
    for stack, one in zip(stacks, shown, strict=True):
        for each in one.objects or ():
            if each.one.kind in RESOURCES:
                head = {"metadata": {"name": "a", "namespace": stack.namespace}}
                found.append(Request(each.one.kind, stack.namespace, "CREATE", {**each.one.content, **head}))
    return found


def broken(image: str) -> str | None:
    """The rule that an image breaks, found out in another way."""
    reference, floating = parse(image), config().floating_tags
    if reference.digest is not None:
        return "UF003" if reference.tag in floating else None
    return "UF001" if reference.effective_tag in floating else "UF002"


def test_what_releases_really_run_is_denied_for_its_images(tmp_path: Path) -> None:
    root = without_exceptions(tmp_path / "fleet")
    objects, _ = emit(root, TARGETS[0])
    there, requests = Cluster(objects), workloads(root, tmp_path / "home")
    seen: Counter[tuple[str, bool]] = Counter()
    for request in requests:
        said = [message[:5] for message in there.judge(request, objects)]
        images = re.findall(r"'image': '([^']+)'", str(request.object))
        codes = {code for code in map(broken, images) if code}
        assert said == (sorted(codes) if request.namespace in ("production", "staging") else [])
        seen[request.namespace, bool(said)] += 1
    assert len(requests) > 20
    assert {("production", True), ("production", False), ("staging", False), ("dev", False)} <= seen.keys()
