"""One release or kustomization, rendered by the real tool: the objects that it printed, or why it could not."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from codemod.fleet.stack import Layer, Stack
from codemod.patterns import on_use
from codemod.proof.inputs import Inputs, Side
from codemod.proof.tools import Tool, Tools
from codemod.proof.values import set_arguments, values_text
from codemod.wording import shortened

REASON_MAX = 240
_LOG = on_use(r"(?:level=|WARNING:|# Warning:|I\d{4} |W\d{4} |walk\.go)")
_FAILED = on_use(r'^E\d{4} [^\]]*\] "command failed" err="((?:[^"\\]|\\.)*)"$', re.MULTILINE)
"""The error of a kubectl that logs it (klog), behind the time and its process."""
_MISSING = on_use(r"missing in charts/ directory: (.+)")
_ABSENT = on_use(r"evalsymlink failure on '([^']+)'")
_REMOTE = on_use(r"'((?:https?|git|ssh)[^'\s]*)'")


class Job(Struct, frozen=True):
    """One rendering: the tool, its arguments, and the hash of all that the result depends on."""

    tool: Tool
    arguments: tuple[str, ...]
    key: str


class Rendered(Struct, frozen=True):
    """What was printed, or None and the reason in one line; `stopped` because it took too long."""

    text: bytes | None
    reason: str = ""
    stopped: bool = False


class Renderer:
    """Renders jobs, each once: results are kept by their key in the folder `cache`, failures are not."""

    def __init__(self, tools: Tools, cache: str) -> None:
        self.tools = tools
        self._cache = cache
        self._failed: dict[str, Rendered] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def render(self, side: Side, job: Job) -> Rendered:
        """The result of a job on one side, kept or fresh."""
        with self._guard:
            lock = self._locks.setdefault(job.key, threading.Lock())
        with lock:
            kept = self._failed.get(job.key) or self._kept(job)
            if kept is not None:
                return kept
            found = self.render_anew(side, job)
            self._keep(job, found)
            return found

    def render_anew(self, side: Side, job: Job) -> Rendered:
        """The result of a job, whatever is kept."""
        ran = self.tools.run(job.tool, job.arguments, side.folder)
        if ran.out is not None:
            return Rendered(ran.out)
        return Rendered(None, reason(ran.complaints, side.folder), ran.stopped)

    def file_of(self, text: bytes) -> str:
        """The path of a file with that text."""
        path = os.path.join(self._cache, "values", f"{hashlib.sha256(text).hexdigest()}.yaml")
        if not os.path.exists(path):
            _write(path, text)
        return path

    def _kept(self, job: Job) -> Rendered | None:
        try:
            with open(self._path(job), "rb") as file:
                return Rendered(file.read())
        except FileNotFoundError:
            return None

    def _keep(self, job: Job, found: Rendered) -> None:
        if found.text is None:
            self._failed[job.key] = found
        else:
            _write(self._path(job), found.text)

    def _path(self, job: Job) -> str:
        return os.path.join(self._cache, job.key[:2], job.key)


def helm_job(renderer: Renderer, tool: Tool, side: Side, stack: Stack, inputs: Inputs) -> Job | str:
    """The rendering of a release by `helm template`, or why there can be none."""
    chart = stack.chart
    if chart is None:
        return "the chart is not in the repository"
    if not side.has_file(os.path.join(chart, "Chart.yaml")):
        return f"{chart or '.'} holds no chart"
    arguments = ["template", stack.release, f"./{chart}", "--namespace", stack.namespace]
    for layer in _given(stack):
        words = _arguments(renderer, side, layer)
        if words is None:
            return f"the values at {layer} cannot be read"
        arguments += words
    return _job(tool, arguments, inputs)


def kustomize_job(renderer: Renderer, tool: Tool, folder: str, inputs: Inputs) -> Job:
    """The build of a kustomization, bases outside its folder and charts within the repository included."""
    arguments = [f"./{folder}", "--load-restrictor", "LoadRestrictionsNone"]
    helm = renderer.tools.helm
    if helm is None:
        return _job(tool, arguments, inputs)
    return _job(tool, [*arguments, "--enable-helm", "--helm-command", helm.command[0]], inputs, helm.version)


def reason(complaints: str, folder: str) -> str:
    """What a tool complains of, in one short line without the folder's path."""
    text = _FAILED.sub(lambda match: "error: " + re.sub(r"\\(.)", _unquoted, match[1]), complaints)
    text = text.replace(f"{folder}/", "").replace(folder, ".")
    lines = [line for line in text.splitlines() if line.strip() and not _LOG.match(line)]
    first = next((at for at, line in enumerate(lines) if line.lower().startswith("error:")), 0)
    kept = [line for line in lines[first:] if not line.startswith("Use --debug")]
    line = re.sub(r"^error: ", "", " ".join(" ".join(kept).split()), flags=re.IGNORECASE)
    missing = _MISSING.search(line)
    if missing:
        return _lacking(missing[1])
    remote = _REMOTE.search(line)
    if remote and line.startswith("accumulating "):
        return f"a remote base cannot be read offline: {remote[1]}"
    absent = _ABSENT.search(line)
    if absent:
        return f"names a file that is not there: {absent[1]}"
    return shortened(line, REASON_MAX) or "the tool gave no reason"


def _unquoted(escape: re.Match[str]) -> str:
    """A character that Go quoted."""
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])


def _lacking(names: str) -> str:
    """What to say of the subcharts that Helm lists as missing."""
    return (
        f"dependencies {names} are not in the repository"
        if "," in names
        else f"dependency {names} is not in the repository"
    )


def _given(stack: Stack) -> Iterator[Layer]:
    """The layers that Helm does not read by itself; the chart's own may be named once more among the others."""
    own = os.path.normpath(os.path.join(stack.chart or "", "values.yaml"))
    subcharts = {os.path.normpath(os.path.join(folder, "values.yaml")) for folder in stack.subcharts.values()}
    is_first = True
    for layer in stack.layers:
        is_file = not layer.within and not layer.parameters and layer.document is None
        path = os.path.normpath(layer.path)
        if is_file and layer.prefix and path in subcharts:
            continue
        if is_file and not layer.prefix and path == own and is_first:
            is_first = False
            continue
        yield layer


def _arguments(renderer: Renderer, side: Side, layer: Layer) -> list[str] | None:
    """The arguments that give Helm one layer, None where its file does not hold it."""
    is_file = not layer.within and not layer.prefix and not layer.parameters and layer.document is None
    if is_file and "," not in layer.path and '"' not in layer.path:
        return ["--values", f"./{layer.path}"] if side.has_file(layer.path) else None
    data = side.read(layer.path)
    if data is None:
        return None
    if layer.parameters:
        return set_arguments(layer, data)
    text = data if is_file else values_text(layer, data)
    return None if text is None else ["--values", renderer.file_of(text)]


def _job(tool: Tool, arguments: Iterable[str], inputs: Inputs, *also: str) -> Job:
    """The job with its key; a file of values is named by its hash, so its name says what it holds."""
    words = tuple(arguments)
    names = (os.path.basename(word) if os.path.isabs(word) else word for word in words)
    return Job(tool, words, _key([tool.version, *also, *names], inputs))


def _key(words: Iterable[str], inputs: Mapping[str, bytes]) -> str:
    """The hash of words and files, with their lengths, so that no two inputs look alike."""
    summed = hashlib.sha256()
    for part in (*(word.encode("utf-8", "surrogateescape") for word in words), b"", *_parts(inputs)):
        summed.update(b"%d:" % len(part) + part)
    return summed.hexdigest()


def _parts(inputs: Mapping[str, bytes]) -> Iterator[bytes]:
    for path, digest in sorted(inputs.items()):
        yield path.encode("utf-8", "surrogateescape")
        yield digest


def _write(path: str, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(path))
    with open(handle, "wb") as file:
        file.write(data)
    os.replace(beside, path)
