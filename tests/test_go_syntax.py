"""Go files as they are parsed: what names a literal, what is folded, what markers and tags say, what is forced."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import tree_sitter

from codemod import syntax
from codemod.outcome import Plan
from codemod.source import Source
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms.embedded_yaml import transform as embedded_yaml
from transforms.go_strings import transform
from transforms.image_references import transform as image_references

BOTH = [transform, image_references, embedded_yaml]
PATH = "pkg/main.go"


def program(body: str) -> str:
    return f"package main\n\nfunc f() string {{\n{body}\n}}\n"


REWRITES = {
    "a flag's default": (
        'flag.StringVar(&o.x, "image", "repo:dev", "usage")',
        'flag.StringVar(&o.x, "image", "repo@<digest>", "usage")',
    ),
    "a flag of pflag over lines": (
        'cmd.Flags().StringVar(\n\t&o.x,\n\t"runner-image",\n\t"repo:dev",\n\t"usage")',
        'cmd.Flags().StringVar(\n\t&o.x,\n\t"runner-image",\n\t"repo@<digest>",\n\t"usage")',
    ),
    "a default of the environment": (
        'x := envOr("RELATED_IMAGE_WEB", "web:dev")',
        'x := envOr("RELATED_IMAGE_WEB", "web@<digest>")',
    ),
    "the function that returns it": (
        "return x\n}\n\nfunc defaultImage() string {\n\treturn `web:dev`",
        "return x\n}\n\nfunc defaultImage() string {\n\treturn `web@<digest>`",
    ),
    "a field far above its value": (
        'c := Container{\n\tName: "env:dev",\n\tImage: cond(\n\t\tflag,\n\t\t"web:dev",\n\t),\n}',
        'c := Container{\n\tName: "env:dev",\n\tImage: cond(\n\t\tflag,\n\t\t"web@<digest>",\n\t),\n}',
    ),
    "a case of a switch": ('switch image {\ncase "web:dev":\n}', 'switch image {\ncase "web@<digest>":\n}'),
    "an option of a command line": ('args := []string{"--image=web:dev"}', 'args := []string{"--image=web@<digest>"}'),
    "a variable of a command": (
        'env := []string{"RELATED_IMAGE_WEB=web:dev"}',
        'env := []string{"RELATED_IMAGE_WEB=web@<digest>"}',
    ),
    "an argument behind its option": (
        'run("kubectl", "run", "--image", "web:dev")',
        'run("kubectl", "run", "--image", "web@<digest>")',
    ),
    "what an assertion expects": (
        'assert.Equal(t, "web:dev", first.Image)',
        'assert.Equal(t, "web@<digest>", first.Image)',
    ),
    "a piece of JSON": (
        'x := `{"spec": {"image": "web:dev",\n"args": ["` +\n\t`b"]}}`',
        'x := `{"spec": {"image": "web@<digest>",\n"args": ["` +\n\t`b"]}}`',
    ),
    "operands that are all written": (
        'image := "ghcr.io/acme" + "/web:dev"',
        'image := "ghcr.io/acme" + "/web@<digest>"',
    ),
    "a literal that a format string completes": (
        'image := fmt.Sprintf("%s/%s", "ghcr.io/acme", "web:dev")',
        'image := fmt.Sprintf("%s/%s", "ghcr.io/acme", "web@<digest>")',
    ),
    "a whole reference in a message": (
        'log.Printf("using %s", "ghcr.io/a/b:dev")',
        'log.Printf("using %s", "ghcr.io/a/b@<digest>")',
    ),
}


@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
def test_pins(before: str, after: str) -> None:
    check_rewrites(transform, program(before), program(after), path=PATH)
    edited = Source(PATH, program(after).replace("<digest>", "sha256:" + "a" * 64).encode(), "go")
    assert syntax.root(edited, "tree_sitter_go") is not None


SILENT = {
    "another field of a container": 'c := Container{\n\tImage: image,\n\tName: "env:dev",\n}',
    "a piece of JSON without a tag": 'x := `{"image": "web", "mode": "env:dev",` + rest',
    "another expectation": 'assert.Equal(t, "env:dev", mode) // image',
    "a usage that says image": 'flag.StringVar(&o.mode, "mode", "env:dev", "which image to use")',
    "a key of a map": 'm := map[string]int{"env:dev": 1}',
    "a key behind a host": 'images := map[string]int{"acme.io/label-values:latest": 1}',
    "another argument than the image's": 'f(image, func() string { return "env:dev" })',
    "a URL by an option": 'args := []string{"--image=https://example.com/a:dev"}',
    "a suffix": 'x := strings.TrimSuffix(image, ":latest")',
    "a function that returns another thing": 'return x\n}\n\nfunc mode() string {\n\treturn "env:dev"',
    "a tag of Git": 'gitTag := "main" // not an image',
    "a stage": 'stage := "dev" // of an image',
    "a tag that does not float": 'imageTag := "v1"',
    "a floating word beside an image": 'deploy(image, "dev")',
    "a format of two words": 'image := fmt.Sprintf("%s %s:dev", verb, name)',
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(transform, program(text), path=PATH)


COMPUTED = {
    "a literal that a format string completes": 'image := fmt.Sprintf("%s/%s", hub, "web:dev")',
    "a tag of its own": 'publishTag := "dev" // of the image',
    "a comparison with a tag": 'if o.tag != "dev" {\n\treturn "only images of dev"\n}',
    "a flag's default tag": 'flag.StringVar(&o.x, "image-tag", "latest", "")',
    "a local name that hides a constant": 'registry := other()\n\timage := registry + "/web:dev"',
    "a parameter that hides a constant": 'g := func(registry string) string { return registry + "/web:dev" }',
}


@pytest.mark.parametrize("text", COMPUTED.values(), ids=COMPUTED)
def test_reports(text: str) -> None:
    check_leaves_alone(
        transform, program(text) + '\nconst registry = "ghcr.io/acme"\n', path=PATH, code="computed-reference"
    )


def folded(main: str, **files: str) -> Plan:
    texts = {f"pkg/{name}.go": f"package p\n\n{text}\n".encode() for name, text in {"main": main, **files}.items()}
    return plan_of(transform, texts)


def pinned(plan: Plan) -> str:
    (change,) = plan.changed
    shown = f"{change.before} -> {change.after}".replace(str(change.digest), "<digest>")
    return shown.replace('"', "")


def test_constants_of_the_file_are_folded() -> None:
    found = folded('const repo = "ghcr.io/a/b"\nconst Image = repo + ":dev"')
    assert pinned(found) == ":dev -> @<digest>"
    assert [str(entry.reference) for entry in found.images] == ["ghcr.io/a/b:dev"]


def test_constants_of_other_files_of_the_package_are_folded() -> None:
    found = folded(
        'const Image = fmt.Sprintf("%s/%s:dev", hub, name)',
        a='const hub = "ghcr.io/" + owner',
        b='const (\n\towner, name = "a", "b"\n)',
    )
    assert pinned(found) == ":dev -> @<digest>"


def test_a_folded_reference_stays_pinned() -> None:
    text = f'const repo = "ghcr.io/a/b"\nconst Image = repo + "@sha256:{"a" * 64}"'
    found = folded(text)
    assert not found.files
    assert not found.left
    assert [entry.status for entry in found.images] == ["pinned"]


UNFOLDED = {
    "a tag of its own constant": ('const repo, version = "ghcr.io/a/b", "dev"\nvar image = repo + ":" + version', {}),
    "a constant that files disagree on": (
        'var image = hub + "/b:dev"',
        {"a": 'const hub = "one.io"', "b": 'const hub = "two.io"'},
    ),
    "a variable": ('var repo = "ghcr.io/a/b"\nvar image = repo + ":dev"', {}),
    "a constant of a test": ('var image = hub + "/b:dev"', {"x_test": 'const hub = "one.io"'}),
    "a constant that names itself": ('const hub = hub + "/x"\nvar image = hub + "/b:dev"', {}),
    "a number": ('var image = fmt.Sprintf("ghcr.io/a/b%d:dev", n)\nconst n = 3', {}),
}


@pytest.mark.parametrize(("main", "files"), UNFOLDED.values(), ids=UNFOLDED)
def test_what_is_not_written_as_one_is_reported(main: str, files: dict[str, str]) -> None:
    found = folded(main, **files)
    assert not found.files
    assert {entry.code for entry in found.left} == {"computed-reference"}


def test_a_resolved_reference_is_an_image_of_the_inventory() -> None:
    found = folded('const repo, version = "ghcr.io/a/b", "dev"\nvar image = repo + ":" + version')
    assert [(str(entry.reference), entry.status) for entry in found.images] == [("ghcr.io/a/b:dev", "floating")]


DEFAULTS = {
    "a quoted marker": '\t// +kubebuilder:default="ghcr.io/acme/web:dev"\n\tImage string\n',
    "a bare marker": "\t// +kubebuilder:default=ghcr.io/acme/web:dev\n\tImage string\n",
    "a marker with a colon, in backquotes": "\t//+kubebuilder:default:=`ghcr.io/acme/web:dev`\n\tImage string\n",
    "a marker before others": '\t// +default="web:dev"\n\t// +optional\n\n\tImage string `json:"image"`\n',
    "a struct tag": '\tImage string `json:"image" default:"web:dev"`\n',
    "a struct tag of an environment": '\tImage string `env:"IMAGE" envDefault:"web:dev"`\n',
    "a struct tag with a dash": '\tImage string `env:"IMAGE" env-default:"web:dev"`\n',
    "a part of a struct tag": '\tImage string `env:"WEB,default=web:dev"`\n',
    "a part with a space before it": '\tImage *string `env:"WEB, required, default=web:dev" json:"image"`\n',
    "a part with a colon": '\tImage string `conf:"default:web:dev,help:what to run"`\n',
    "a part in quotes": "\tImage string `kong:\"name='image',default='web:dev',help='what to run'\"`\n",
    "a field that its variable names": '\tBuilder string `env:"BUILDER_IMAGE,default=web:dev"`\n',
    "a field that its variable names, by keys": '\tBuilder string `default:"web:dev" envconfig:"BUILDER_IMAGE"`\n',
    "a whole name whatever the field": '\tBuilder string `help:"x" default:"ghcr.io/acme/web:dev" env:"B"`\n',
    "an object": '\t// +kubebuilder:default={image: "ghcr.io/acme/web:dev", size: 3}\n\tSpec Spec\n',
}


@pytest.mark.surface("go", rewritten="defaults in struct tags and `+kubebuilder:default=` markers")
@pytest.mark.parametrize("text", DEFAULTS.values(), ids=DEFAULTS)
def test_defaults_of_fields_are_pinned(text: str) -> None:
    before = f"package v1\n\ntype Spec struct {{\n{text}}}\n"
    check_rewrites(BOTH, before, before.replace(":dev", "@<digest>"), path=PATH)


NO_DEFAULTS = {
    "an example": '\t// +kubebuilder:example="ghcr.io/acme/web:dev"\n\tImage string\n',
    "a sentence": "\t// the default is ghcr.io/acme/web:dev\n\tImage string\n",
    "another field": '\t// +kubebuilder:default="env:dev"\n\tMode string\n',
    "a tag of another field": '\tMode string `default:"env:dev"`\n',
    "a part of a tag of another field": '\tMode string `env:"MODE,default=env:dev"`\n',
    "an address": '\tHost string `env:"HOST,default=localhost:3000" conf:"default:0.0.0.0:80"`\n',
    "help that speaks of one": '\tImage string `help:"by default=ghcr.io/acme/web:dev" json:"image"`\n',
    "no default": '\tImage string `env:"ghcr.io/acme/web:dev" validate:"eq=web:dev"`\n',
    "a case of a switch": '\tImage string `json:"image"`\n}\n\nfunc f() {\n\tswitch image {\n\tdefault:\n\t}\n',
    "a word": "\t// +kubebuilder:default=IfNotPresent\n\tImagePullPolicy string\n",
    "a number": "\t// +kubebuilder:default=3\n\tImages int\n",
}


COMPUTED_DEFAULTS = {
    "a tag beside its repository": '\tImageTag string `env:"TAG,default=dev"`\n',
    "a name with a variable": '\tImage string `env:"IMAGE,default=${HUB}/web:dev"`\n',
}


@pytest.mark.surface("go", reported="defaults in struct tags that are parts of a reference")
@pytest.mark.parametrize("text", COMPUTED_DEFAULTS.values(), ids=COMPUTED_DEFAULTS)
def test_defaults_that_are_parts_are_reported(text: str) -> None:
    check_leaves_alone(BOTH, f"package v1\n\ntype Spec struct {{\n{text}}}\n", path=PATH, code="computed-reference")


@pytest.mark.parametrize("text", NO_DEFAULTS.values(), ids=NO_DEFAULTS)
def test_other_markers_stay(text: str) -> None:
    check_leaves_alone(BOTH, f"package v1\n\ntype Spec struct {{\n{text}}}\n", path=PATH)


def test_a_grammar_is_loaded_without_the_package_around_it() -> None:
    code = "import sys; from codemod import syntax; syntax._language('tree_sitter_go', 'language'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "tree_sitter_go._binding" not in done.stdout.split()
    assert "importlib.resources" not in done.stdout.split()


def test_a_grammar_that_is_packed_in_another_way_is_imported() -> None:
    assert syntax._compiled("json") is json


TEXTS = {
    "go": ("tree_sitter_go", b'package a\n\nvar x, y = "a", f(`b`, "c")\n'),
    "shell": ("tree_sitter_bash", b'for x in a "b $c"; do ls; cd "$(ls \'d\')"; done\ncat <<E\n$x\nE\n'),
    "broken": ("tree_sitter_bash", b"ls a \"b\" 'c'\nif x; then\n\ncat d | (\n"),
}
KINDS = {
    "tree_sitter_go": ("interpreted_string_literal", "raw_string_literal", "var_declaration", "identifier"),
    "tree_sitter_bash": ("word", "string", "raw_string", "command", "heredoc_redirect"),
}


@pytest.mark.parametrize(("grammar", "text"), TEXTS.values(), ids=TEXTS)
def test_nodes_are_the_same_by_a_walk_and_by_a_query(
    grammar: str, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for walk_max in (0, 10_000):
        monkeypatch.setattr(syntax, "_WALK_MAX", walk_max)
        monkeypatch.setattr(syntax, "_search", syntax._Search)
        nodes = syntax.nodes(Source("a", text, "text"), grammar, KINDS[grammar])
        found.append([(node.type, node.start_byte, node.end_byte) for node in nodes])
    assert found[0] == found[1]
    assert len(found[0]) > 2


def test_a_query_is_compiled_once_and_only_when_much_is_to_be_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    genuine = tree_sitter.Query

    def query(language: tree_sitter.Language, text: str) -> tree_sitter.Query:
        compiled.append(text)
        return genuine(language, text)

    monkeypatch.setattr(tree_sitter, "Query", query)
    top = syntax.root(Source("a.go", b"package a\n\nvar x, y = 1, 2\n", "go"), "tree_sitter_go")
    assert top is not None
    monkeypatch.setattr(syntax, "_WALK_MAX", top.descendant_count)
    search = syntax._Search("tree_sitter_go", "language", ("identifier",))
    counts = [(len(list(search.found_in(top))), len(compiled)) for _ in range(4)]
    assert counts == [(2, 0), (2, 1), (2, 1), (2, 1)]
