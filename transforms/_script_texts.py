"""The shell texts of a file: a script itself, the recipes of a makefile, what the jobs of a pipeline run."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import recipes, shell, yaml
from codemod.formats.assignments import MAKEFILE, assignments
from codemod.patterns import on_use
from codemod.place import GITLAB, PIPELINE, WORKFLOW
from codemod.source import Source, Span
from codemod.transform import REMARK, Left
from codemod.wording import shortened
from transforms._scripts import KEYS, masked, scripts

LANGUAGES = (shell.LANGUAGE, MAKEFILE, yaml.LANGUAGE)
_PIPELINES = frozenset((WORKFLOW, GITLAB, PIPELINE))
_MAKE_USE = on_use(r"\$\((\w+)\)")


class Script(Struct, frozen=True):
    """A shell text, the source that holds it (the same for a script), and where a pipeline has it: its YAML scalar."""

    text: Source
    holder: Source
    surface: str
    step: yaml.Scalar | None = None

    def place(self, span: Span) -> Span:
        """A span of the text in terms of its holder."""
        return span if self.text is self.holder else self.text.outward(span)

    def remark(self, span: Span, code: str, message: str, *, names_image: bool = False) -> Left:
        """A remark on a span of the text."""
        place = self.place(span)
        return Left(place, self.surface, code, shortened(self.holder.text(place)), message, REMARK, names_image)


def scripts_of(source: Source, fleet: Fleet) -> tuple[Script, ...]:
    """All shell texts of a file that somebody here would mend; none of texts that stand in others."""
    if not may_run(source) or fleet.config.spared(source.path):
        return ()
    if "scripts" not in source.memo:
        source.memo["scripts"] = tuple(_scripts(source))
    found: tuple[Script, ...] = source.memo["scripts"]
    return found


def may_run(source: Source) -> bool:
    """Whether a text is a file of a kind that holds scripts: most YAML is none."""
    is_script = source.language in (shell.LANGUAGE.name, MAKEFILE.name)
    is_pipeline = source.language == yaml.LANGUAGE.name and not _PIPELINES.isdisjoint(source.place)
    return source.outer is None and (is_script or is_pipeline)


def values_of(script: Script) -> shell.Values:
    """What the variables of a script may be; a recipe also has those of its makefile."""
    if "values" not in script.text.memo:
        script.text.memo["values"] = _values(script)
    found: shell.Values = script.text.memo["values"]
    return found


def _values(script: Script) -> shell.Values:
    if script.holder.language != MAKEFILE.name:
        return shell.Values(script.text)
    given: dict[str, list[str]] = {}
    for assignment in assignments(script.holder):
        given.setdefault(assignment.name, []).append(_MAKE_USE.sub(r"${\1}", assignment.value))
    return shell.Values(script.text, lambda name: _only(given.get(name, [])))


def nothing_known() -> shell.Values:
    """Variables of which none is known."""
    return shell.Values(Source("", b"", shell.LANGUAGE.name))


def _only(values: list[str]) -> str | None:
    return values[0] if len(values) == 1 else None


def _scripts(source: Source) -> Iterator[Script]:
    if source.language == shell.LANGUAGE.name:
        yield Script(source, source, "shell")
    elif source.language == MAKEFILE.name:
        text = recipes.script(source, shell.LANGUAGE.name, "makefile")
        if text is not None:
            yield Script(text, source, "makefile")
    else:
        for document in yaml.documents(source):
            for step in _steps(document):
                nested = yaml.nested(document, step, shell.LANGUAGE.name)
                if nested is not None:
                    yield Script(masked(nested), source, surface(source), step)


def surface(source: Source) -> str:
    """The kind of pipeline that a YAML file is."""
    if WORKFLOW in source.place:
        return "github-workflow"
    return "gitlab-ci" if GITLAB in source.place else "ci-pipeline"


def _steps(document: yaml.Document) -> Iterator[yaml.Scalar]:
    for mapping in document.mappings:
        for entry in mapping.entries:
            if isinstance(entry.key, yaml.Scalar) and (entry.key.value in KEYS or _is_command(entry)):
                yield from scripts(entry.value)


def _is_command(entry: yaml.Entry) -> bool:
    """Whether this is the long form of a step of CircleCI: `run: {name: …, command: …}`."""
    return entry.mapping.key == "run" and isinstance(entry.key, yaml.Scalar) and entry.key.value == "command"
