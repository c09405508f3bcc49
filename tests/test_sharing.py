"""Files of equal bytes are scanned once: nothing may come of it but time."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import TEXT, image

from codemod import registry
from codemod.config import Config
from codemod.discover import Tree
from codemod.engine import plan
from codemod.fleet import Fleet, build
from codemod.fleet.company import Companies
from codemod.formats import yaml
from codemod.outcome import Plan
from codemod.scan import Finding, Scanner
from codemod.sharing import is_movable
from codemod.source import Source, Span
from codemod.testing import EveryDigest
from codemod.transform import Change, Fact, Image, Left, PullPolicy, Rendering, Transform, View

WEB = "ghcr.io/acme/web:dev"
ROOT = Path(__file__).parent.parent
TODAY = datetime.date(2026, 11, 23)
TREES = [ROOT / "examples" / "fleet", ROOT / "tests" / "recall" / "planted", ROOT / "tests" / "recall" / "negative"]


def tenants(tree: Path, root: Path) -> Path:
    """A tree of two copies, as of two tenants; the second lacks one file in ten, so that not all is twice there."""
    paths = sorted(path for path in tree.rglob("*") if path.is_file() and path.name != "migration-report.md")
    for number, path in enumerate(paths):
        for tenant in ("one", "two") if number % 10 else ("one",):
            target = root / tenant / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return root


def planned(root: Path) -> Plan:
    transforms = registry.load()
    tree = Tree(str(root), [language for transform in transforms for language in transform.reads])
    facts = build(Config(), tree.paths, tree.read)
    return plan(tree.sources, transforms, facts, EveryDigest(), today=TODAY)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_sharing_changes_no_outcome(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tenants(tree, tmp_path)
    shared = planned(root)
    monkeypatch.setattr(Companies, "of", lambda self, path: None)
    monkeypatch.setattr("codemod.discover.ref", lambda alike: lambda: None)  # nothing is found again
    assert planned(root) == shared


class Counting:
    """A transform that says one image for each text, and counts how often it is asked."""

    def __init__(self, **extra: object) -> None:
        self.asked: list[str] = []
        self.transform = Transform("transforms.counting", reads=TEXT, **extra)  # type: ignore[arg-type]

        @self.transform.scan
        def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
            self.asked.append(source.path)
            yield image(source, source.data.decode().strip())

    def of(self, **files: str) -> Plan:
        sources = [Source(f"{name}/f.t", text.encode(), "text") for name, text in sorted(files.items())]
        return plan(sources, [self.transform], Fleet(Config()), EveryDigest(), today=TODAY)


def test_equal_bytes_are_scanned_once_and_found_in_every_file() -> None:
    counting = Counting()
    result = counting.of(a=WEB, b=WEB, c=f"{WEB} ")
    assert counting.asked == ["a/f.t", "c/f.t"]
    assert [entry.site.path for entry in result.images] == ["a/f.t", "b/f.t", "c/f.t"]


def test_who_looks_at_the_path_sees_every_file() -> None:
    counting = Counting(looks_at_path=True)
    counting.of(a=WEB, b=WEB)
    assert counting.asked == ["a/f.t", "b/f.t"]


def test_files_that_look_the_same_to_a_transform_are_scanned_once() -> None:
    counting = Counting(looks_at_path=lambda source, fleet: source.path < "c")
    counting.of(a=WEB, b=WEB, c=WEB, d=WEB)
    assert counting.asked == ["a/f.t", "c/f.t"]


def test_who_looks_at_the_path_where_a_word_occurs_looks_nowhere_else() -> None:
    counting = Counting(looks_at_path=(b"web", b"other"))
    counting.of(a=WEB, b=WEB, c="acme/api:dev", d="acme/api:dev")
    assert counting.asked == ["a/f.t", "b/f.t", "c/f.t"]


def test_who_looks_at_the_path_of_files_of_some_name_looks_at_no_other() -> None:
    counting = Counting(looks_at_path="-values.t")
    paths = ("a/f.t", "a/my-values.t", "b/f.t", "b/my-values.t")
    plan(
        [Source(path, WEB.encode(), "text") for path in paths],
        [counting.transform],
        Fleet(Config()),
        EveryDigest(),
        today=TODAY,
    )
    assert counting.asked == ["a/f.t", "a/my-values.t", "b/my-values.t"]


def test_who_is_not_asked_for_want_of_a_word_does_not_look() -> None:
    looking, other = Counting(looks_at_path=True, words=(b"nowhere",)), Counting()
    sources = [Source(path, WEB.encode(), "text") for path in ("a/f.t", "b/f.t")]
    plan(sources, [looking.transform, other.transform], Fleet(Config()), EveryDigest(), today=TODAY)
    assert (looking.asked, other.asked) == ([], ["a/f.t"])


def test_another_name_is_another_file() -> None:
    counting = Counting()
    sources = [Source(path, WEB.encode(), "text") for path in ("a.t", "a.u", "b.t", "c/a.t")]
    plan(sources, [counting.transform], Fleet(Config()), EveryDigest(), today=TODAY)
    assert counting.asked == ["a.t", "a.u", "b.t"]


def test_paths_without_a_suffix_are_files_of_their_own() -> None:
    counting = Counting()
    sources = [Source(path, WEB.encode(), "text") for path in ("api/Dockerfile", "web/Dockerfile", "x/Makefile")]
    plan(sources, [counting.transform], Fleet(Config()), EveryDigest(), today=TODAY)
    assert counting.asked == ["api/Dockerfile", "web/Dockerfile", "x/Makefile"]


@pytest.mark.parametrize("transform", [one for one in registry.load() if one.remarks], ids=lambda one: one.name)
def test_who_says_to_make_remarks_only_makes_no_others(transform: Transform) -> None:
    for tree in TREES:
        tree_of = Tree(str(tree), transform.reads)
        facts = build(Config(), tree_of.paths, tree_of.read)
        alone = plan(tree_of.sources, [transform], facts, EveryDigest(), today=TODAY)
        assert (alone.images, alone.left, alone.changed) == ((), (), ())
        assert {remark.code for remark in alone.remarks} <= set(transform.remarks)


RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: acme}}}
  values: {image: {repository: ghcr.io/acme/web, tag: dev}}
"""


def scanned(files: dict[str, str], transforms: list[Transform]) -> tuple[list[list[Finding]], Fleet]:
    sources = [Source(path, text.encode(), "yaml") for path, text in files.items()]
    fleet = build(Config(), list(files), {source.path: source for source in sources}.get)
    return list(map(Scanner(transforms, fleet).findings, sources)), fleet


def test_equal_releases_are_scanned_once_and_each_is_told_of_itself() -> None:
    asked: list[str] = []
    transform = Transform("transforms.counting", reads=yaml.LANGUAGE)

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        asked.append(source.path)
        views = fleet.views(yaml.documents(source)[0], ("spec", "values", "image", "tag"))
        yield Image(Span(0, 1), "yaml", "", (Rendering(None, "web"),), views=views, shows=views)
        yield PullPolicy(Span(0, 1), "yaml", ())
        yield Change(Span(0, 1), "yaml", (), serves=views, otherwise=Left(Span(0, 1), "yaml", "purpose-unknown"))

    files = dict.fromkeys(("a/web.yaml", "b/web.yaml", "c/web.yaml"), RELEASE)
    found, fleet = scanned(files, [transform])
    assert asked == ["a/web.yaml"]
    for path, findings in zip(files, found, strict=True):
        (number,) = fleet.numbers_of(path)
        views = (View(number, 0, ("image", "tag")),)
        image, policy, change = (finding.fact for finding in findings)
        assert isinstance(image, Image)
        assert isinstance(change, Change)
        assert image.views == image.shows == change.serves == views
        assert policy == PullPolicy(Span(0, 1), "yaml", ())
        assert {finding.path for finding in findings} == {path}


@pytest.mark.parametrize(
    "fact",
    [
        Image(Span(0, 1), "yaml", "", (), message="as a/web.yaml says"),
        Image(Span(0, 1), "yaml", "", (), views=(View(7, 0, ()),)),
        Image(Span(0, 1), "yaml", "", (), decided_by=(("k.yaml", 3),)),
        Image(Span(0, 1), "yaml", "", (), undoes=((("k.yaml", 3), "k.yaml:1"),)),
        Left(Span(0, 1), "yaml", "purpose-unknown", message="a/web.yaml"),
        Left(Span(0, 1), "yaml", "purpose-unknown", text="a/web.yaml"),
        Change(Span(0, 1), "yaml", (), unless=(("k.yaml", 3),)),
        Change(Span(0, 1), "yaml", (), follows=(("k.yaml", 3),)),
        Change(Span(0, 1), "yaml", (), otherwise=Left(Span(0, 1), "yaml", "purpose-unknown", "a/web.yaml")),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_what_names_files_or_other_releases_is_not_told_of_others(fact: Fact) -> None:
    assert not is_movable(fact, (0,), ("a/web.yaml",))
    transform, asked = Transform("transforms.counting", reads=yaml.LANGUAGE), list[str]()

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        asked.append(source.path)
        yield fact

    scanned(dict.fromkeys(("a/web.yaml", "b/web.yaml"), RELEASE), [transform])
    assert asked == ["a/web.yaml", "b/web.yaml"]


INFLATING = "helmCharts: [{name: web, repo: https://charts.example.com, version: 1.0.0, valuesFile: web.yaml}]\n"
WEB_VALUES = "image: {repository: ghcr.io/acme/web, tag: dev}\n"
OVER = "resources: [../../%s]\nimages: [{name: ghcr.io/acme/web, newName: ghcr.io/acme/other}]\n"
APP = """---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  destination: {{namespace: web}}
  source:
    repoURL: https://github.com/acme/fleet
    path: charts/c
    helm:
      valueFiles: [{files}]
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: x}
spec:
  containers:
    - name: web
      {{- if .Values.web.image.digest }}
      image: "{{ .Values.web.image.repository }}@{{ .Values.web.image.digest }}"
      {{- else }}
      image: "{{ .Values.web.image.repository }}:{{ .Values.web.image.tag | default .Values.global.imageTag }}"
      {{- end }}
"""


def inflated(over: str) -> dict[str, str]:
    """Two folders in which kustomize inflates the chart; an overlay renames the images of one."""
    texts = {"web.yaml": WEB_VALUES, "kustomization.yaml": INFLATING}
    files = {f"{name}/{file}": text for name in "ab" for file, text in texts.items()}
    return files | {"z/over/kustomization.yaml": OVER % over}


def neighbours(third: str) -> dict[str, str]:
    """Two folders of two releases each of one chart; a third release reads a layer of one of them, but no other."""
    files = {"charts/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n", "charts/c/templates/d.yaml": POD}
    files["charts/c/values.yaml"] = 'global:\n  imageTag: "1.0"\n'
    for name in "ab":
        files[f"{name}/base.yaml"] = "web:\n  image:\n    repository: ghcr.io/acme/web\n"
        for release, tag in (("r1", "main"), ("r2", "edge")):
            files[f"{name}/{release}.yaml"] = f"global:\n  imageTag: {tag}\n"
            files[f"{name}/{release}-app.yaml"] = APP.format(
                name=release, files=f"/{name}/base.yaml, /{name}/{release}.yaml"
            )
    files["r3.yaml"] = "global:\n  imageTag: beta\nweb:\n  image:\n    repository: ghcr.io/acme/api\n"
    return files | {"z.yaml": APP.format(name="third", files=f"/{third}, /r3.yaml")}


@pytest.mark.parametrize(
    "files",
    [inflated("a"), inflated("b"), neighbours("a/r1.yaml"), neighbours("b/r1.yaml")],
    ids=["overlay over the first", "overlay over the second", "reader of the first", "reader of the second"],
)
def test_what_others_make_of_one_twin_is_not_told_of_the_other(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    shared = planned(tmp_path)
    monkeypatch.setattr(Companies, "of", lambda self, path: None)
    assert planned(tmp_path) == shared
    assert shared.images
