"""Image references in Go string literals: what is pinned, what is reported, what is opened, and what stays silent."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from codemod.config import Config
from codemod.edits import Edit, apply
from codemod.fleet.tree import Tree
from codemod.source import BOM, Source, Span
from codemod.testing import check_leaves_alone, check_rewrites, facts_of
from codemod.transform import Embedded, Fact, Image, Left
from transforms import go_strings
from transforms._whole import pin_edits

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"
NO_TREE = Tree((), lambda path: None)
FLEET: Any = SimpleNamespace(config=Config(), tree=NO_TREE)
TWINS = {
    "as it is": lambda data: data,
    "with CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "without a final newline": lambda data: data.removesuffix(b"\n"),
    "with a byte order mark": lambda data: BOM + data,
}


def facts(text: str | bytes, config: Config | None = None) -> list[Fact]:
    source = Source("cmd/main.go", text if isinstance(text, bytes) else text.encode(), "go")
    fleet: Any = FLEET if config is None else SimpleNamespace(config=config, tree=NO_TREE)
    return list(facts_of(go_strings.transform, source, fleet))


def images(text: str | bytes) -> list[Image]:
    found = facts(text)
    assert all(isinstance(fact, Image) for fact in found), found
    return [fact for fact in found if isinstance(fact, Image)]


def pinned(data: bytes) -> bytes:
    return apply(data, [edit.filled(DIGEST) for image in images(data) for edit in image.edits])


def line(text: str) -> bytes:
    return f"package main\n\n// Defaults.\n{text}\n".replace("DIGEST", DIGEST).encode()


REWRITES = {
    "a flag of a container's command that says image": (
        'c.Args = append(c.Args, "--helper-image=web:dev")',
        'c.Args = append(c.Args, "--helper-image=web@DIGEST")',
    ),
    "a constant": ('const image = "ghcr.io/acme/web:dev"', 'const image = "ghcr.io/acme/web@DIGEST"'),
    "a host marks an image without any word": ('x := "ghcr.io/acme/web:latest"', 'x := "ghcr.io/acme/web@DIGEST"'),
    "a raw literal": ("x := `ghcr.io/acme/web:main`", "x := `ghcr.io/acme/web@DIGEST`"),
    "a port of the registry": ('x := "registry:5000/web:dev"', 'x := "registry:5000/web@DIGEST"'),
    "a registry of this machine": ('x := "localhost:5000/web:dev"', 'x := "localhost:5000/web@DIGEST"'),
    "localhost with a port": ('x := "localhost:5001/acme/web:dev"', 'x := "localhost:5001/acme/web@DIGEST"'),
    "an address as the registry": ('x := "10.0.0.5:5000/web:dev"', 'x := "10.0.0.5:5000/web@DIGEST"'),
    "a slash and a floating tag": ('x := "acme/web:dev"', 'x := "acme/web@DIGEST"'),
    "an official image in an image field": ('\tImage: "busybox:latest",', '\tImage: "busybox@DIGEST",'),
    "the name of a constant": ('const defaultRunnerImage = "runner:dev"', 'const defaultRunnerImage = "runner@DIGEST"'),
    "an assignment to a field": ('c.Options.Image = "controller:latest"', 'c.Options.Image = "controller@DIGEST"'),
    "a key of a map": ('m := map[string]any{"image": "web:dev"}', 'm := map[string]any{"image": "web@DIGEST"}'),
    "an abbreviated name": ('img := "web:nightly"', 'img := "web@DIGEST"'),
    "an argument that is named by a flag": (
        'args := []string{"--image", "web:edge"}',
        'args := []string{"--image", "web@DIGEST"}',
    ),
    "a wrapped argument": ('setImage(\n\t\t"web:dev",\n\t)', 'setImage(\n\t\t"web@DIGEST",\n\t)'),
    "elements of a list": (
        'images := []string{\n\t"web:dev",\n\t"api:main", // old\n\t`job:edge`,\n}',
        'images := []string{\n\t"web@DIGEST",\n\t"api@DIGEST", // old\n\t`job@DIGEST`,\n}',
    ),
    "two on one line": (
        'f("ghcr.io/a/b:dev", "ghcr.io/a/c:dev")',
        'f("ghcr.io/a/b@DIGEST", "ghcr.io/a/c@DIGEST")',
    ),
    "a comment behind stays": (
        'x := "acme/web:dev" // was "acme/web:dev"',
        'x := "acme/web@DIGEST" // was "acme/web:dev"',
    ),
    "the repository keeps its spelling": (
        'x := "docker.io/library/busybox:latest"',
        'x := "docker.io/library/busybox@DIGEST"',
    ),
    "a floating tag beside a digest is dropped": (
        f'x := "ghcr.io/acme/web:dev@sha256:{HEX}"',
        f'x := "ghcr.io/acme/web@sha256:{HEX}"',
    ),
    "a version is kept in front of the digest": (
        'x := "ghcr.io/acme/web:v1.2.3"',
        'x := "ghcr.io/acme/web:v1.2.3@DIGEST"',
    ),
    "a version of an image without a host": ('\tImage: "acme/web:1.2",', '\tImage: "acme/web:1.2@DIGEST",'),
    "a bare number of an image with a host": (
        'x := "registry.k8s.io/pause:3"',
        'x := "registry.k8s.io/pause:3@DIGEST"',
    ),
    "a version of an official image": ('Image: "nginx:1.21",', 'Image: "nginx:1.21@DIGEST",'),
    "an operand of a comparison": ('if image == "web:dev" {', 'if image == "web@DIGEST" {'),
    "bytes that are no UTF-8 elsewhere": (
        'a := "\u00e4"; x := "acme/web:dev"',
        'a := "\u00e4"; x := "acme/web@DIGEST"',
    ),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("go", found="string literals, constants of the package known")
@pytest.mark.surface("go", rewritten="whole references in constants, fields, arguments, lists")
def test_pins(before: str, after: str, twin: Any) -> None:
    assert pinned(twin(line(before))) == twin(line(after))


@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
def test_a_second_pass_finds_only_pinned_images(before: str, after: str) -> None:
    again = images(line(after))
    assert len(again) == len(images(line(before)))
    assert not any(image.edits for image in again)


def test_a_file_of_another_encoding_keeps_every_other_byte() -> None:
    before = b'// \xe4\nx := "\xff"\ny := "acme/web:dev"\n'
    assert pinned(before) == before.replace(b":dev", b"@" + DIGEST.encode())


def test_an_image_fact_says_what_and_where() -> None:
    data = line('\tImage: "busybox:latest",')
    (image,) = images(data)
    assert data[slice(*image.span)] == b"busybox:latest"
    assert (image.surface, image.text) == ("go", "busybox:latest")
    assert [str(rendering.reference) for rendering in image.renders] == ["docker.io/library/busybox:latest"]


@pytest.mark.parametrize(
    "text", [f"busybox@sha256:{HEX}", f"ghcr.io/acme/web@sha256:{HEX}", f"ghcr.io/acme/web:v1@sha256:{HEX}"]
)
def test_a_pinned_literal_is_an_image_without_edits(text: str) -> None:
    (image,) = images(line(f'x := "{text}"'))
    assert (image.text, image.edits) == (text, ())


def test_floating_tags_are_those_of_the_configuration() -> None:
    data = line('a := "acme/web:dev"; b := "acme/web:rolling-1"')
    found = facts(data, Config(floating_tags=("rolling-*",)))
    assert [fact.text for fact in found if isinstance(fact, Image)] == ["acme/web:rolling-1"]


COMPUTED = {
    "a verb in the name": ('x := fmt.Sprintf("ghcr.io/acme/%s:dev", name)', "ghcr.io/acme/%s:dev"),
    "verbs for all but a floating tag": ('x := fmt.Sprintf("%s/%s:latest", a, b)', "%s/%s:latest"),
    "an indexed verb": ('x := fmt.Sprintf("ghcr.io/%[1]s/%[2]v:dev", a, b)', "ghcr.io/%[1]s/%[2]v:dev"),
    "a verb in the tag": ('x := fmt.Sprintf("ghcr.io/acme/web:%s", v)', "ghcr.io/acme/web:%s"),
    "part of the tag": ('x := fmt.Sprintf("ghcr.io/acme/web:build-%d", n)', "ghcr.io/acme/web:build-%d"),
    "a repository and a floating tag in an image": ('image := fmt.Sprintf("%s:dev", repo)', "%s:dev"),
    "arguments that say image": ('return fmt.Sprintf("%s/%s:%s", p.Hub, p.Image, p.Version)', "%s/%s:%s"),
    "only verbs, with image and tag": ('Image: fmt.Sprintf("%s:%s", o.Repository, o.Tag),', "%s:%s"),
    "a wrapped format string": ('image := fmt.Sprintf(\n\t"%s/web:%s",\n\ta, b)', "%s/web:%s"),
    "a template action": ('x := "ghcr.io/acme/{{.Name}}:dev"', "ghcr.io/acme/{{.Name}}:dev"),
    "a template action at the start": ('x := "{{ .Registry }}/web:dev"', "{{ .Registry }}/web:dev"),
    "a variable of the environment": ('x := os.ExpandEnv("${REGISTRY}/web:dev")', "${REGISTRY}/web:dev"),
    "a floating tag behind a +": ('image := repo + ":dev"', ":dev"),
    "a + at the end of the line above": ('x := repository +\n\t":dev" // image', ":dev"),
    "a name with a floating tag behind a +": ('x := registry + "/web:dev"', "/web:dev"),
    "a name before a tag": ('tag := "ghcr.io/acme/web:" + version', "ghcr.io/acme/web:"),
    "a tag between other operands": ('image := "ghcr.io/acme/" + name + ":dev"', ":dev"),
    "a name before a version": ('x = "ghcr.io/acme/web:" + imageVersion', "ghcr.io/acme/web:"),
    "a name with a host before a version": ('return "ghcr.io/acme/web:" + v', "ghcr.io/acme/web:"),
    "a colon in an argument": ('run(image + ":" + tag)', ":"),
    "a registry before a + in an argument": ('pull("ghcr.io/acme/" + imageName)', "ghcr.io/acme/"),
    "a registry before a +": ('image := "ghcr.io/acme/" + name', "ghcr.io/acme/"),
    "a colon between an image and a tag": ('image := repo + ":" + tag', ":"),
    "a reference that goes on": ('image := "ghcr.io/acme/web:dev" + suffix', "ghcr.io/acme/web:dev"),
    "one entry for each concatenation": (
        'image := hub("x") + "/" + name + ":dev"',
        ":dev",
    ),
}


@pytest.mark.parametrize(("text", "left"), COMPUTED.values(), ids=COMPUTED)
@pytest.mark.surface("go", reported="`Sprintf`, `+`, and tags that the program forces")
def test_reports_a_computed_reference_of(text: str, left: str) -> None:
    data = line(text)
    (fact,) = facts(data)
    assert isinstance(fact, Left)
    assert (fact.code, fact.surface, fact.text) == ("computed-reference", "go", left)
    assert data[slice(*fact.span)].decode() == left
    assert fact.message


def test_two_concatenations_on_one_line_are_two_entries() -> None:
    found = facts(line('images := []string{repo + "/a:dev", repo + "/b:dev"}'))
    assert [fact.text for fact in found if isinstance(fact, Left)] == ["/a:dev", "/b:dev"]


SILENT = {
    "what another flag of a container's command sets": 'container.Args = append(container.Args, "--config=env:CONFIG")',
    "what a format string makes of one": (
        'const conf = "CONFIG"\n\tcontainer.Args = append(container.Args, fmt.Sprintf("--config=env:%s", conf))'
    ),
    "a line comment": '// x := "ghcr.io/acme/web:dev"',
    "a block comment": '/*\n x := "ghcr.io/acme/web:dev"\n*/',
    "imports": 'import (\n\t"fmt"\n\timage "k8s.io/api/core/v1"\n\t"ghcr.io/acme/web"\n)',
    "a struct tag": 'Image string `json:"image,omitempty" yaml:"image"`',
    "a struct tag over lines": 'Image string `json:"image"\n\tyaml:"tag"`',
    "an untagged name in an image": 'Image: "busybox"',
    "an untagged name with a host": 'image := "ghcr.io/acme/web"',
    "a host, a port and a path": 'x := "localhost:8080/foo"',
    "a host and a port": 'imageHost := "localhost:5000"',
    "a service and a port": 'container := "web:8080"',
    "a domain and a port": 'imageServer := "example.com:80"',
    "a line of a source file": 'x := "pkg/file.go:12"',
    "a line of a source file with a host": 'image := "github.com/acme/web/main.go:12"',
    "a line of a source file on another host": 'image := "go.example.com/web/main.go:12"',
    "a network and a port": 'container := "10.0.0.0/8:443"',
    "an address in a path": 'x := "xds.example.com/inbound/0.0.0.0:1234"',
    "a time": 'imageTime := "12:30"',
    "a pair without a slash": 'x := "env:dev"',
    "a branch": 'x := "branch:main"',
    "an official image without a word": 'x := "busybox:latest"',
    "a version behind a slash without a word": 'x := "acme/web:v1"',
    "a media type": 'x := "application/vnd.oci.image.manifest.v1+json"',
    "an API group": 'imageGroup := "k8s.io/api/core/v1"',
    "a label and its value": 'image := "app.kubernetes.io/name:dev"',
    "a branch of a repository": 'image := "github.com/acme/web:main"',
    "a Git refspec": 'x := "refs/heads/main:main"',
    "a URL": 'image := "https://ghcr.io/acme/web:dev"',
    "a URL of an artefact": 'image := "oci://ghcr.io/acme/web:dev"',
    "a module version": 'x := "github.com/acme/web@v1.2.3"',
    "a digest alone": f'image := "sha256:{HEX}"',
    "a sentence": 'image := "use acme/web:dev instead"',
    "upper case": 'image := "Web:dev"',
    "a rune": "image := ':'",
    "a suffix that is compared": 'if strings.HasSuffix(image, ":latest") {',
    "an operand that is no image": 'x := env + ":dev"',
    "a report": 'report := name + ":dev"',
    "a repository on GitHub": 'imageRepo := "github.com/acme/" + name',
    "a host before a message": 'return "acme.test/web: " + message',
    "a repository on GitHub before a branch": 'return "github.com/acme/web:" + branch',
    "a URL that goes on": 'image := "https://ghcr.io/acme/" + name',
    "a path that goes on": 'image := "acme/" + name',
    "a name and a message": 'err := "loading image:" + name',
    "a host and a port by verbs": 'x := fmt.Sprintf("%s:%d", host, port)',
    "a stage and a version by verbs": 'x := fmt.Sprintf("%s/%s:%s", stage, name, version)',
    "a staging area by verbs": 'x := fmt.Sprintf("%s/%s:%s", staging, name, revision)',
    "a branch of a repository by verbs": 'image := fmt.Sprintf("github.com/%s/%s:main", owner, name)',
    "a word before a colon": 'x = "image:" + tag',
    "a port behind a host by a verb": 'x := fmt.Sprintf("example.com/%s:%d", name, port)',
    "a floating word by a verb": 'x := fmt.Sprintf("%s:dev", name)',
    "a message with verbs": 'x := fmt.Errorf("image %s:%s: %w", repo, tag, err)',
    "a URL with verbs": 'image := fmt.Sprintf("https://%s/%s:dev", host, name)',
    "a digest by a verb": 'image := fmt.Sprintf("%s@%s", repo, digest)',
    "prose over lines": "x := `Use the image\nacme/web:dev: it is\nnew.`",
    "a help text with an escape": 'x := "set the image tag\\n"',
    "a text with an unknown escape": 'x := "image: web:dev\\n\\q"',
    "an open literal": 'x := "ghcr.io/acme/web:dev',
    "an open raw literal": "x := `ghcr.io/acme/web:dev",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
@pytest.mark.surface("go", left="comments, imports, URLs, `host:port`, `file.go:12`")
def test_leaves_alone(text: str) -> None:
    assert facts(line(text)) == []


@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe", b'"', b"`", b"/*", b"'", b"package main\n"])
def test_files_without_a_literal_are_silent(data: bytes) -> None:
    assert facts(data) == []


def test_other_languages_are_not_read() -> None:
    source = Source("a.yaml", b'image: "ghcr.io/acme/web:dev"\n', "yaml")
    assert list(facts_of(go_strings.transform, source, FLEET)) == []


MANIFEST = "kind: Pod\nspec:\n  containers:\n  - image: ghcr.io/acme/web:dev\n    imagePullPolicy: Always\n"
EMBEDDED = {
    "a raw manifest": (f"x := `{MANIFEST}`", MANIFEST, False),
    "an escaped manifest": ('x := "{}"'.format(MANIFEST.replace("\n", "\\n")), MANIFEST, False),
    "values": (
        "x := `image:\n  repository: acme/web\n  tag: dev\n`",
        "image:\n  repository: acme/web\n  tag: dev\n",
        False,
    ),
    "a flow map": ("x := `web: {repository: acme/web, tag: dev}\n`", "web: {repository: acme/web, tag: dev}\n", False),
    "a pull policy alone": ("x := `pullPolicy: Always\n`", "pullPolicy: Always\n", False),
    "JSON on one line": (r'x := "{\"spec\":{\"image\":\"acme/web:dev\"}}"', '{"spec":{"image":"acme/web:dev"}}', False),
    "raw JSON": ('x := `[{"image": "acme/web:dev"}]`', '[{"image": "acme/web:dev"}]', False),
    "one line of a manifest": ('lines = append(lines, "  image: acme/web:dev")', "  image: acme/web:dev", False),
    "one line that ends": (r'b.WriteString("  - image: acme/web:dev\n")', "  - image: acme/web:dev\n", False),
    "a manifest with verbs": ("x := `kind: Pod\nimage: acme/%s:dev\n`", "kind: Pod\nimage: acme/%s:dev\n", True),
    "a manifest with template actions": (
        "x := `kind: Pod\nimage: {{ .Image }}\n`",
        "kind: Pod\nimage: {{ .Image }}\n",
        False,
    ),
    "a doubled percent": ("x := `a: 100%%s\nimage: a/b:dev\n`", "a: 100%%s\nimage: a/b:dev\n", False),
    "a piece whose last line goes on": ("x := `kind: Pod\nimage: acme/web` + tag", None, False),
    "whole lines of a piece": ("x := `image: acme/api:dev\nimage: acme/web` + tag", "image: acme/api:dev\n", False),
}


@pytest.mark.parametrize(("text", "value", "printf"), EMBEDDED.values(), ids=EMBEDDED)
def test_opens(text: str, value: str | None, printf: bool) -> None:
    found = facts(line(text))
    if value is None:
        assert found == []
        return
    (fact,) = found
    assert isinstance(fact, Embedded)
    inside = fact.source
    assert inside.data.decode() == value
    assert (inside.language, inside.surface, inside.path) == ("yaml", "go", "cmd/main.go")
    assert bool(inside.memo["printf"]) is printf


@pytest.mark.parametrize("quote", [lambda text: f"`{text}`", lambda text: '"{}"'.format(text.replace("\n", "\\n"))])
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
@pytest.mark.surface("go", rewritten="images in raw-string manifests")
def test_edits_inside_a_manifest_reach_the_file(quote: Any, twin: Any) -> None:
    data = twin(line(f"x := {quote(MANIFEST)}"))
    (fact,) = facts(data)
    assert isinstance(fact, Embedded)
    inside = fact.source
    at = inside.data.index(b":dev")
    edit = inside.edit_in_file(Edit(at, at + 4, b"@" + DIGEST.encode()))
    assert edit is not None
    assert apply(data, [edit]) == data.replace(b":dev", b"@" + DIGEST.encode())


def test_a_go_program_in_a_literal_is_read_as_one() -> None:
    data = line('const tpl = `package {{ .Name }}\n\nconst image = "acme/web:dev"\n`')
    (fact,) = facts(data)
    assert isinstance(fact, Embedded)
    assert fact.source.language == "go"
    (image,) = facts_of(go_strings.transform, fact.source, FLEET)
    assert isinstance(image, Image)
    moved = [fact.source.edit_in_file(edit.filled(DIGEST)) for edit in image.edits]
    assert apply(data, [edit for edit in moved if edit]) == data.replace(b":dev", b"@" + DIGEST.encode())


def test_every_literal_yields_at_most_one_fact() -> None:
    text = "\n".join([*(after for _, after in REWRITES.values()), *(text for text, _ in COMPUTED.values())])
    spans = sorted(
        fact.source.in_file(Span(0, len(fact.source.data))) if isinstance(fact, Embedded) else fact.span
        for fact in facts(line(text))
    )
    assert len(spans) > 40
    assert all(one.end <= other.start for one, other in pairwise(spans))


WHOLE = {
    "an untagged name": ("busybox", "busybox@DIGEST"),
    "an untagged name with a port": ("host:5000/x", "host:5000/x@DIGEST"),
    "a floating tag": ("busybox:latest", "busybox@DIGEST"),
    "a floating tag with a port": ("host:5000/x:dev", "host:5000/x@DIGEST"),
    "a version": ("busybox:1.36", "busybox:1.36@DIGEST"),
    "a floating tag and a digest": (f"host:5000/x:dev@sha256:{HEX}", f"host:5000/x@sha256:{HEX}"),
    "a version and a digest": (f"x:1@sha256:{HEX}", f"x:1@sha256:{HEX}"),
    "a digest": (f"x@sha256:{HEX}", f"x@sha256:{HEX}"),
}


@pytest.mark.parametrize(("before", "after"), WHOLE.values(), ids=WHOLE)
def test_the_edits_of_a_whole_reference_pin(before: str, after: str) -> None:
    source = Source("a.yaml", f"image: {before} # why".encode(), "yaml")
    span = Span(7, 7 + len(before))
    edits = [edit.filled(DIGEST) for edit in pin_edits(source, span, before, Config().floats)]
    assert apply(source.data, edits).decode() == f"image: {after} # why".replace("DIGEST", DIGEST)


def test_a_floating_tag_beside_a_digest_needs_no_digest() -> None:
    text = f"web:dev@sha256:{HEX}"
    (edit,) = pin_edits(Source("a", text.encode(), "yaml"), Span(0, len(text)), text, Config().floats)
    assert not edit.wants_digest


def test_a_reference_that_is_not_written_as_it_is_read_has_no_edits() -> None:
    source = Source("a.yaml", rb'"busybox\x3alatest"', "yaml")
    assert pin_edits(source, Span(1, len(source.data) - 1), "busybox:latest", Config().floats) == ()


def test_a_text_that_is_no_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="lower case"):
        pin_edits(Source("a", b"Web:dev", "yaml"), Span(0, 7), "Web:dev", Config().floats)


@pytest.mark.surface("go", left="test code (`tests:`)")
@pytest.mark.parametrize("path", ["pkg/parse_test.go", "pkg/testdata/scaffold.go"])
def test_what_a_test_compares_stays(path: str) -> None:
    text = 'package parse\n\nvar cases = []Case{{image: "ghcr.io/acme/web:dev", tag: "dev"}}\n'
    check_leaves_alone(go_strings.transform, text, path=path, code="test-data")
    check_rewrites(go_strings.transform, text, text.replace("web:dev", "web@<digest>"), path="pkg/defaults.go")
