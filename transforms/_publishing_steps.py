"""What the steps of GitHub workflows publish, by the inputs of the actions that they use."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.place import WORKFLOW
from codemod.source import Source, Span
from transforms._literals import Floats
from transforms._published import Published, floating_tag
from transforms._script_texts import Script, nothing_known, surface
from transforms._scripts import masked

_META = on_use(r"(?:docker/metadata-action|crazy-max/ghaction-docker-meta)(?:@.*)?")
_PUBLISHES = on_use(
    r"(?i)[^@]*(?:docker|buildx|build-push|image|registry|kaniko|buildah|container|oras|manifest|tag-push).*"
)
_ALWAYS = on_use(r"(?i)[^@]*(?:push-to-registry|publish|manifest|kaniko|tag-push|retag).*")
_MAY_PUSH = on_use(rb"push:[ \t]*[\"']?(?:true|\$)|[- ]push[ \t\\]|push=|push-|imagetools|bake-action|buildah|kaniko")
_INPUTS = ("tags", "tag", "dst", "destination", "destinations")
_ENTRY = on_use(rb"[^\s,\"']+")
_LINE = on_use(rb"[^\r\n]+")
_RAW = on_use(rb"(?:^|,)(?:value|pattern)=\{?\{?([\w.-]+)\}?\}?")


def published(source: Source, floats: Floats) -> Iterator[tuple[Script, Span, str]]:
    """Every floating tag that a step moves: the text that says so, its span there, the tag."""
    if WORKFLOW not in source.place:
        return
    for document in yaml.documents(source):
        may_push = _MAY_PUSH.search(document.text) is not None
        for step in document.mappings:
            action, given = step.text("uses"), yaml.lookup(step, "with")
            if action is None or not isinstance(given, yaml.Mapping):
                continue
            if _META.fullmatch(action):
                found = _of_metadata(document, given, floats) if may_push else iter(())
            else:
                found = _of_inputs(document, action, given, floats)
            yield from found


def _of_inputs(
    document: yaml.Document, action: str, given: yaml.Mapping, floats: Floats
) -> Iterator[tuple[Script, Span, str]]:
    if not _PUBLISHES.fullmatch(action) or not _is_pushed(action, given):
        return
    for text in _texts(document, given, _INPUTS):
        for entry in _ENTRY.finditer(text.text.data):
            name = entry[0].decode("utf-8", "replace")
            tag = floating_tag(Published(0, name, is_tag=":" not in name), nothing_known(), floats)
            if tag is not None:
                yield text, Span(*entry.span()), tag


def _is_pushed(action: str, given: yaml.Mapping) -> bool:
    pushes = given.text("push")
    if pushes is not None:
        return pushes.lower() != "false"
    return (
        "push=true" in (outputs := given.text("outputs") or "")
        or "type=registry" in outputs
        or bool(_ALWAYS.match(action))
    )


def _of_metadata(document: yaml.Document, given: yaml.Mapping, floats: Floats) -> Iterator[tuple[Script, Span, str]]:
    for text in _texts(document, given, ("tags", "flavor")):
        for line in _LINE.finditer(text.text.data):
            tag = _tag_of_rule(line[0].strip(), floats)
            if tag is not None and b"enable=false" not in line[0]:
                start = line.start() + len(line[0]) - len(line[0].lstrip())
                yield text, Span(start, start + len(line[0].strip())), tag


def _tag_of_rule(rule: bytes, floats: Floats) -> str | None:
    """The tag that a rule of the action makes, where it moves; `{{branch}}` and a branch move with the branch."""
    if rule == b"latest=true":
        return "latest"
    if rule.startswith(b"type=ref,event=branch"):
        return "of the branch"
    if rule.startswith(b"type=edge"):
        return "edge"
    if rule.startswith(b"type=schedule") and b"pattern=" not in rule:
        return "nightly"
    if rule.startswith(b"type=raw"):
        value = _RAW.search(rule)
        tag = value[1].decode() if value is not None else ""
        return "of the branch" if tag == "branch" and b"{{" in rule else tag if tag and floats(tag) else None
    return (
        rule.decode("utf-8", "replace")
        if b"=" not in rule and rule and floats(rule.decode("utf-8", "replace"))
        else None
    )


def _texts(document: yaml.Document, given: yaml.Mapping, keys: tuple[str, ...]) -> Iterator[Script]:
    for key in keys:
        scalar = yaml.lookup(given, key)
        if isinstance(scalar, yaml.Scalar):
            nested = yaml.nested(document, scalar, "text")
            if nested is not None:
                yield Script(masked(nested), document.source, surface(document.source), scalar)
