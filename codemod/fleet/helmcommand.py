"""The release that a `helm` command of a script makes: its chart and its value files, where they are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from codemod.config import Config
from codemod.fleet.chartfile import chart_at, joined
from codemod.fleet.charts import chart_layers, subcharts
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.patterns import on_use

_VERBS = frozenset({"install", "upgrade", "template"})
_FLAGS = on_use(
    r"-[ighao]|--(?:atomic|cleanup-on-failure|create-namespace|debug|dependency-update|devel|dry-run|force|generate-name"
    r"|hide-notes|include-crds|insecure-skip-tls-verify|install|is-upgrade|no-hooks|pass-credentials|plain-http|replace"
    r"|(?:reset|reuse)(?:-then-reuse)?-values|skip-\w+|take-ownership|validate|verify|wait(?:-for-jobs)?|\w[\w-]*=.*)"
)
_VALUES = on_use(r"(?:-f|--values)(?:=(.+))?|-f(.+)")
_VARIABLE = on_use(r"\$(?:\w+|\{\w+\})/")


def release_of(tree: Tree, config: Config, path: str, words: Sequence[str]) -> Stack | None:
    """The release of a command in the file `path`; None where its chart is not in the repository.

    Paths count from the root, from the script's folder or one above it; a variable before the first slash is taken
    for one of these. Value files that are not there are named.
    """
    given = list(_given(words))
    names = [word for option, word in given if not option]
    if not names:
        return None
    folder = _found(path, names[-1], lambda text: chart_at(tree, text) is not None)
    chart = chart_at(tree, folder) if folder is not None else None
    if folder is None or chart is None:
        return None
    wanted = [text for option, word in given if _VALUES.fullmatch(option) for text in word.split(",")]
    files = {text: _found(path, text, tree.paths.__contains__) for text in wanted}
    layers = tuple(Layer(files[text] or "") for text in wanted if files[text] is not None)
    environments = (config.environment_of(layer.path) for layer in (*reversed(layers), Layer(path)))
    return Stack(
        names[0] if len(names) > 1 else folder.rpartition("/")[2] or chart.name,
        next((found for found in environments if found is not None), None),
        (*chart_layers(tree, folder), *layers),
        tuple(text for text, file in files.items() if file is None),
        folder,
        origin=path,
        kind="script",
        subcharts=subcharts(tree, chart),
    )


def _given(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What stands behind the verb of the command: options with their values, and names (with an empty option)."""
    verb = next((at for at, word in enumerate(words) if word in _VERBS), len(words))
    option = ""
    for word in words[verb + 1 :]:
        joined_value = _VALUES.fullmatch(word)
        if option:
            yield option, word
            option = ""
        elif joined_value is not None and (value := joined_value[1] or joined_value[2]):
            yield "-f", value
        elif word.startswith("-"):
            option = "" if _FLAGS.fullmatch(word) else word
        else:
            yield "", word


def _found(path: str, text: str, is_there: Callable[[str], bool]) -> str | None:
    """A path of a command as one from the root."""
    text, folder = _VARIABLE.sub("", text, count=1), path.rpartition("/")[0]
    while True:
        found = joined(folder, text)
        if found is not None and is_there(found):
            return found
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
