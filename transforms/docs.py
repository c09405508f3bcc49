"""Find examples in documentation that teach floating tags; `--only docs` writes the form with a digest into them.

Why: people copy what the page shows. A digest that stands in a page is soon out of date, so a placeholder takes its
place: `sha256:YOUR_DIGEST`, which no registry, cluster or shell takes for a digest.

    # file: docs/install.md
     ```yaml
     image:
       repository: ghcr.io/acme/web
    -  tag: dev
    +  digest: sha256:YOUR_DIGEST
     ```
     ```console
    -$ docker run --rm ghcr.io/acme/tool:latest migrate
    +$ docker run --rm ghcr.io/acme/tool@sha256:YOUR_DIGEST migrate
     ```

Code blocks of Markdown, reStructuredText and AsciiDoc are read in the language that they name (YAML, JSON, shell,
Dockerfiles, HCL, programs), like files.

Leaves alone: prose, tables, fixed tags, names without a tag, images that the page builds or pushes, computed names,
the pages of vendored folders, blocks in other languages.
Reports: each floating tag (`docs`). It is no violation, and also stays where `--only docs` knows no form for it, as in
`helm --set image.tag=dev`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.formats import dockerfile, ecma, go, hcl, jsonnet, markdown, pages, python, shell, yaml
from codemod.patterns import on_use
from codemod.reference import Reference
from codemod.source import Source, Span
from codemod.transform import Change, Embedded, Fact, Image, Rendering, Transform
from transforms._literals import Floats
from transforms._map_edits import pin_map_edits
from transforms._maps import image_maps

SURFACE = CODE = "docs"
PLACEHOLDER = b"sha256:YOUR_DIGEST"
_WORDS = (b"mage", b"tag:", b'tag"', b"Tag", b"docker", b"podman", b"FROM ", b"helm ")
_LANGUAGES = {
    yaml.LANGUAGE: "yaml yml json jsonc json5 helm",
    shell.LANGUAGE: "sh bash shell console zsh shell-session sh-session shellsession terminal",
    dockerfile.LANGUAGE: "dockerfile docker containerfile",
    hcl.LANGUAGE: "hcl terraform tf tofu",
    go.LANGUAGE: "go golang",
    python.LANGUAGE: "python py python3",
    ecma.LANGUAGE: "typescript ts javascript js tsx jsx",
    jsonnet.LANGUAGE: "jsonnet libsonnet",
}
_LANGUAGE_OF = {word: language.name for language, words in _LANGUAGES.items() for word in words.split()}
_TAG = on_use(rb"[:=][ \t]*[\"']?([\w][\w.-]*)")
_SAYS = (
    (dockerfile.LANGUAGE, on_use(rb"\A\s*(?:#.*\n\s*)*FROM [\w./:-]+")),
    (shell.LANGUAGE, on_use(rb"(?m)^[ \t]*(?:\$ |(?:sudo )?(?:docker|podman|nerdctl|kubectl|helm) )|<<")),
    (yaml.LANGUAGE, on_use(rb"(?m)^[ \t]*(?:- )?(?:image|tag|newTag):[ \t]+\S+[ \t\r]*$")),
)
"""What a block of no language, or of a wrong one, begins with or holds."""
_BUILT = on_use(rb"(?:-t|--tag|push|docker-image|image load)[ \t=]+[\"']?([\w./-]+:[\w.-]+)")
_UNSAID = ("", "text", "plaintext", "txt", "none")
_NOT_TAUGHT = frozenset({"built-here", "purpose-unknown", "computed-reference"})


def _looks(source: Source, fleet: Fleet) -> object:
    return fleet.config.is_vendored(source.path)


transform = Transform(
    __name__, reads=(markdown.LANGUAGE, pages.RST, pages.ASCIIDOC), words=_WORDS, looks_at_path=_looks
)


@transform.scan
def examples(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for text in _texts(source, fleet):
        yield Embedded(text, lambda inner, fact: _taught(inner, fact, fleet.config.floats))


@transform.when_named
def placeholders(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for text in _texts(source, fleet):
        yield Embedded(text, _rewriter(fleet))


def _texts(source: Source, fleet: Fleet) -> Iterator[Source]:
    """The code blocks in which a floating tag stands anywhere."""
    if fleet.config.is_vendored(source.path):
        return
    floating = {tag for tag in set(_TAG.findall(source.data)) if fleet.config.floats(tag.decode())}
    for block in pages.blocks(source) if floating else ():
        tags = _TAG.findall(source.data, *block.span)
        language = _language(source, block) if not floating.isdisjoint(tags) else None
        read = pages.commands if language == shell.LANGUAGE.name else pages.nested
        if language is not None and (text := read(source, block, language)) is not None:
            yield text


def _language(source: Source, block: pages.Block) -> str | None:
    """The language that a block names; YAML and Dockerfiles go by names of shells, too."""
    named = _LANGUAGE_OF.get(block.word)
    if named not in (None, shell.LANGUAGE.name) or (named is None and block.word not in _UNSAID):
        return named
    data = source.data[slice(*block.span)]
    return next((language.name for language, says in _SAYS if says.search(data)), named)


def _taught(source: Source, fact: Fact, floats: Floats) -> Image | None:
    """A fact about an example as one about the page: only a tag that is written there, and floats, is one."""
    if not isinstance(fact, Image) or fact.reason in _NOT_TAUGHT or (fact.digest and source.text(fact.digest)):
        return None
    if fact.text.encode() in _BUILT.findall(source.file.data):
        return None
    reference = fact.renders[0].reference if fact.renders else None
    if reference is None:
        is_taught = bool(fact.text) and floats(fact.text)
    else:
        is_taught = reference.digest is None and reference.tag is not None and floats(reference.tag)
    return Image(fact.span, SURFACE, fact.text, (Rendering(reference),), reason=CODE) if is_taught else None


def _rewriter(fleet: Fleet) -> Callable[[Source, Fact], Fact | None]:
    floats = fleet.config.floats

    def rewritten(source: Source, fact: Fact) -> Fact | None:
        taught = _taught(source, fact, floats)
        if taught is None or not isinstance(fact, Image):
            return taught
        edits = fact.edits or _in_parts(source, fact.span, fleet)
        filled = tuple(Edit(e.start, e.end, e.text.replace(DIGEST, PLACEHOLDER), e.nests) for e in edits)
        return Change(fact.span, SURFACE, filled) if filled else taught

    return rewritten


def _in_parts(source: Source, span: Span, fleet: Fleet) -> tuple[Edit, ...]:
    """The edits for a tag whose repository the example does not show."""
    for document in yaml.documents(source) if source.language == yaml.LANGUAGE.name else ():
        for image in image_maps(document, fleet) if document.problem is None else ():
            if isinstance(image.site, yaml.Scalar) and image.site.inner == span and image.tag is not None:
                unknown = Reference("", "", image.mapping.text(image.family.tag))
                return pin_map_edits(source, image, unknown, fleet.config.floats)
    return ()
