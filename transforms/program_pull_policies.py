"""Flip `Always` to `IfNotPresent` in programs, where the image beside it is pinned.

Why: `Always` was there to fetch what a moving tag pointed to, whoever wrote the container down.

     new k8s.Pod("web", { spec: { containers: [{
    -  image: "ghcr.io/acme/web:dev",
    +  image: "ghcr.io/acme/web@<digest>",
    -  imagePullPolicy: "Always",
    +  imagePullPolicy: "IfNotPresent",
     }] } });

A policy governs the image that the same object, struct, call, block or command names: a literal, or a constant of the
same file. Go (`corev1.PullAlways`, too), Python, TypeScript and JavaScript, Jsonnet, HCL, and `--image-pull-policy` of
`kubectl` in scripts are looked at; manifests in strings are read as manifests.

Leaves alone: comparisons, tests for a policy, lists of them, `Always` of anything else (`restartPolicy`).
Reports: a policy whose image stays unpinned, stands elsewhere, or is computed (`pull-policy-governs-unpinned`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import ecma, go, hcl, jsonnet, python, shell
from codemod.patterns import on_use
from codemod.program import Binding, Expression, Kind
from codemod.source import Source, Span
from codemod.transform import Fact, Image, PullPolicy, Transform
from transforms._bare import bare, is_container, plain
from transforms._literals import Floats
from transforms._programs import fact

_HINTS = tuple(b"\"Always\" 'Always' `Always` =Always :Always PullAlways Policy.ALWAYS Policy_ALWAYS".split())
"""What a file must hold for any fact."""
_TEXT = on_use(rb"[bBrRuU]?([\"'`]{1,3})(Always)\1|(?:\w+\.)+(PullAlways|ALWAYS|ImagePullPolicy_ALWAYS)")
_JSONNET = on_use(rb"Always")
_FLAG = "--image-pull-policy"
_NEW = {
    "Always": b"IfNotPresent",
    "PullAlways": b"PullIfNotPresent",
    "ALWAYS": b"IF_NOT_PRESENT",
    "ImagePullPolicy_ALWAYS": b"ImagePullPolicy_IF_NOT_PRESENT",
}
_POLICY = on_use(r"(.*?)(?:image)?pullpolicy")
_COMMANDS = ("kubectl", "oc")

transform = Transform(
    __name__,
    reads=(go.LANGUAGE, python.LANGUAGE, ecma.LANGUAGE, jsonnet.LANGUAGE, hcl.LANGUAGE, shell.LANGUAGE),
    words=(b"Always", b"ALWAYS"),
)


class _Policy(Struct, frozen=True):
    """A policy, and the image beside it; None where none is known."""

    span: Span
    surface: str
    image: Span | None


@transform.scan
def always(source: Source, fleet: Fleet) -> Iterator[Fact]:
    floats = fleet.config.floats
    if source.language == shell.LANGUAGE.name:
        found = _in_commands(source, floats)
    elif not source.mentions(_HINTS):
        return
    elif source.language == hcl.LANGUAGE.name:
        found = _in_blocks(source)
    else:
        found = _in_objects(source, floats)
    for policy in found:
        new = _NEW[source.text(policy.span)]
        governs = (policy.image,) if policy.image is not None else ()
        yield PullPolicy(policy.span, policy.surface, (Edit(*policy.span, new),), governs)


def _in_objects(source: Source, floats: Floats) -> Iterator[_Policy]:
    for default in go.defaults(source) if source.language == go.LANGUAGE.name else ():
        if default.text == "Always" and any(_prefix(name) is not None for name in default.names):
            yield _Policy(default.span, source.language, None)
    for given in _bindings(source):
        prefix = _prefix(given.name)
        if prefix is None or (given.text.endswith("ALWAYS") and "ImagePullPolicy" not in given.text):
            continue
        images = {plain(name): text for name, text in given.beside.items()}
        yield _Policy(given.span, source.language, _governed(source, given, images.get(f"{prefix}image"), floats))


def _governed(source: Source, given: Binding, text: Expression | None, floats: Floats) -> Span | None:
    """Where the image beside a policy is, one of a container that has no tag among them."""
    body = text.parts[0].body if text is not None and text.kind is Kind.LITERAL else None
    is_bare = text is not None and body is not None and bare(source.text(body), given.beside) is not None
    return body if is_bare and is_container(given.within) else _image(source, text, floats)


def _bindings(source: Source) -> Iterator[Binding]:
    if source.language == go.LANGUAGE.name:
        return go.bindings(source, _TEXT, go.Package([source]).lookup)
    if source.language == python.LANGUAGE.name:
        return python.bindings(source, _TEXT, python.Constants(source))
    if source.language == jsonnet.LANGUAGE.name:
        return jsonnet.bindings(source, _JSONNET)
    return ecma.bindings(source, _TEXT, ecma.Constants(source))


def _in_blocks(source: Source) -> Iterator[_Policy]:
    texts = list(hcl.texts(source))
    for text in texts:
        prefix = _prefix(text.called) if text.text == "Always" and not text.is_heredoc else None
        if prefix is not None:
            beside = [one.span for one in texts if one.around == text.around and plain(one.name) == f"{prefix}image"]
            yield _Policy(text.span, "terraform", beside[0] if len(beside) == 1 else None)


def _in_commands(source: Source, floats: Floats) -> Iterator[_Policy]:
    if _FLAG.encode() not in source.data:
        return
    words, variables = list(shell.words(source)), shell.Variables(source)
    for word in words:
        command, text = shell.command_of(word), source.data[word.start_byte : word.end_byte].decode("utf-8", "replace")
        if not command or command[0] not in _COMMANDS or not text.strip("\"'").endswith("Always"):
            continue
        before = word.prev_named_sibling
        is_value = before is not None and (before.text or b"").decode("utf-8", "replace") == _FLAG
        if not is_value and text.strip("\"'") != f"{_FLAG}=Always":
            continue
        end = word.start_byte + len(text.encode().rstrip(b"\"'"))
        said = [shell.expression(source, one, variables) for one in words if one.parent == word.parent]
        images = [image for one in said if (image := _image(source, one, floats)) is not None]
        span = Span(end - len("Always"), end)
        yield _Policy(span, source.surface or "shell", images[0] if len(images) == 1 else None)


def _image(source: Source, text: Expression | None, floats: Floats) -> Span | None:
    """Where the image is that an expression names, as the transform of its language has it."""
    stated = fact(source, source.language, text, floats) if text is not None else None
    return stated.span if isinstance(stated, Image) else None


def _prefix(name: str) -> str | None:
    """What stands before `imagePullPolicy` in a name, whatever its case; None where it is no policy's."""
    match = _POLICY.fullmatch(plain(name))
    return match[1] if match is not None else None
