"""Values that a chart prints as an image, whatever their keys say: found by executing it with all of them marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from codemod.fleet.layered import Layered
from codemod.fleet.plain import at, copied
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.values import plain
from codemod.patterns import on_use
from codemod.reference import Reference, split, try_parse
from codemod.transform import Keys

if TYPE_CHECKING:
    from codemod.fleet.render import Renderer

_PORT = on_use(r"[a-zA-Z0-9.-]*:[0-9]+")
_PRINTED = on_use(r"^\s*(?:-\s+)?[\"']?image[\"']?\s*:\s*[\"']?([^\s\"',}]+)", re.MULTILINE)
_KEY = on_use(r"\s*(?:-\s+)?[\"']?image[\"']?\s*:")
_MARK = "uf.test/whole{}"


class Wholes:
    """Answers for the releases of a fleet; `wants` says whether a reference is asked about."""

    def __init__(self, releases: Layered, wants: Callable[[Reference], bool]) -> None:
        self._releases, self._wants = releases, wants
        self._found: dict[int, frozenset[Keys]] = {}
        self._completed: dict[tuple[int, Keys], bool] = {}

    @cached_property
    def _renderer(self) -> Renderer:
        from codemod.fleet.render import Renderer

        return Renderer(self._releases.tree)

    def printed(self, number: int) -> frozenset[Keys]:
        """The places in the values of a release at which an image stands that one of its templates prints."""
        if number not in self._found:
            self._found[number] = frozenset(self._ask(number))
        return self._found[number]

    def is_completed(self, number: int, keys: Keys) -> bool:
        """Whether a template of a release puts more before or behind the reference at a place of its values."""
        stack = self._releases.stacks[number]
        if stack.chart is None:
            return False
        if (number, keys) not in self._completed:
            self._completed[number, keys] = self._asks_for_more(number, stack, keys)
        return self._completed[number, keys]

    def _asks_for_more(self, number: int, stack: Stack, keys: Keys) -> bool:
        values, name = plain(self._releases.values(number)), _MARK.format(0)
        text = at(values, keys)
        if not isinstance(text, str) or try_parse(text) is None:  # another layer says something else there
            return False
        marked = _marked(text, 0)
        return any(name in image and image != marked for image in self._images(stack, _with(values, {keys: marked})))

    def _ask(self, number: int) -> Iterator[Keys]:
        stack = self._releases.stacks[number]
        if stack.chart is None:
            return
        values = plain(self._releases.values(number))
        places = [keys for keys, text in _texts(values, ()) if self.may_be_one(text)]
        if not places:
            return
        marked = {keys: _marked(str(at(values, keys)), number) for number, keys in enumerate(places)}
        printed = self._images(stack, _with(values, marked))
        found = [keys for keys in places if marked[keys] in printed]
        as_is = self._images(stack, values) if found else frozenset()
        yield from (keys for keys in found if at(values, keys) in as_is)

    def _images(self, stack: Stack, values: dict[str, Plain]) -> frozenset[str]:
        """What stands after an `image:` in what the templates print, in whatever branch."""
        found: set[str] = set()
        for path, rendered in self._renderer.render(stack, values):
            found.update(_PRINTED.findall(rendered.text))
            for shadow in rendered.shadows:
                before = "" if "image" in shadow.text else self._before(path, shadow.line)
                found.update(_PRINTED.findall(before + shadow.text.strip("\"' ")))
        return frozenset(found)

    def _before(self, path: str, line: int) -> str:
        """The key of the line at which a branch begins, if that is an image's."""
        lines = (self._releases.tree.text(path) or b"").splitlines()
        text = lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(lines) else ""
        return "image: " if _KEY.match(text) else ""

    def may_be_one(self, text: str) -> bool:
        """Whether a text is a reference with a tag or a digest that is asked about; a host with its port is none."""
        if ":" not in text.rpartition("/")[2] or _PORT.fullmatch(text):
            return False
        reference = try_parse(text)
        return reference is not None and self._wants(reference)


def _texts(value: Plain, keys: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _texts(below, (*keys, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*keys, index))


def _marked(text: str, number: int) -> str:
    """A reference with another name: what looks at its tag or digest finds it."""
    return f"{_MARK.format(number)}{text[len(split(text).name) :]}"


def _with(values: dict[str, Plain], texts: Mapping[Keys, str]) -> dict[str, Plain]:
    found = copied(values)
    for keys, text in texts.items():
        here = at(found, keys[:-1])
        if isinstance(here, dict):
            here[str(keys[-1])] = text
        elif isinstance(here, list) and isinstance(keys[-1], int):
            here[keys[-1]] = text
    return found
