"""The only reader of the tree: the bytes of the files that `codemod.listing` finds.

Symbolic links are never followed on the way down, pipes and devices never waited for. Paths are POSIX and relative to
the root of the run; bytes of a name that are not UTF-8 become surrogates (PEP 383).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, KeysView
from typing import TYPE_CHECKING
from weakref import ref

from codemod import listing
from codemod.outcome import Failed
from codemod.patterns import on_use
from codemod.source import Alike, Source

if TYPE_CHECKING:
    from codemod.transform import Language

SIZE_MAX = 16 * 1024 * 1024
"""Files of more bytes are not read, but reported."""
OTHER = "text"
"""The language of a file that is read by its path although no transform reads its kind."""

_BINARY_HEAD = 8192
_HEAD = 80
_SHEBANG = on_use(rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*(?:\S*/)?)?([a-z]+)[\d.]*(?=\s|$)")
_CHUNK = 65536
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NO_TEXT_FILE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EAGAIN}
"""Gone, a folder, a link, a pipe, a socket, a device: nothing to read, and nothing to complain about."""


class Tree:
    """The files below one root; `sources` reads them one by one, what could not be read gathers in the other lists.

    `languages` are those of the loaded transforms; `included` says which paths are wanted (None: all), and `answer`
    lists the files where `listing.asked` has been called already.
    Raises `UnfloatError` where Git refuses to list the repository, `OSError` where the root cannot be listed.
    """

    def __init__(
        self,
        root: str,
        languages: Iterable[Language],
        included: Callable[[str], bool] | None = None,
        answer: Callable[[], listing.Listing] | None = None,
    ) -> None:
        self.root = root
        listed, closed = answer() if answer is not None else listing.files(root)
        self.paths: KeysView[str] = dict.fromkeys(sorted(listed)).keys()
        """Every file that is listed, in order, of whatever kind, links and configured exclusions among them."""
        languages = tuple(languages)
        by_name = _LanguagesByName(languages)
        by_interpreter = {name: language.name for language in languages for name in language.interpreters}
        self._plain = _PlainFolders(root)
        self.selected: dict[str, str] = {}
        """The paths that are wanted, in order, each with the name of its language."""
        for path in self.paths:
            name = path.rpartition("/")[2]
            language = by_name[name]
            may_be_script = language is None and by_interpreter and "." not in name and not name.isupper()
            if (language is not None or may_be_script) and (included is None or included(path)):
                language = language or by_interpreter.get(self._interpreter(path))
                if language is not None:
                    self.selected[path] = language
        self._failed = {failed.path: failed for failed in closed}
        self._too_large: set[str] = set()
        self._utf16: set[str] = set()
        self._read: dict[str, Source | None] = {}
        self._alike: dict[bytes, ref[Alike]] = {}

    @property
    def sources(self) -> Iterator[Source]:
        """Read the wanted files in the order of their paths; binary and vanished ones are passed over in silence."""
        for path, language in self.selected.items():
            source = self._read[path] if path in self._read else self._source(path, language)
            if source is not None:
                yield source

    @property
    def failed(self) -> list[Failed]:
        """The files (so far) that could not be read, and why."""
        return [self._failed[path] for path in sorted(self._failed)]

    @property
    def too_large(self) -> list[str]:
        """The files (so far) of more than `SIZE_MAX` bytes."""
        return sorted(self._too_large)

    @property
    def utf16(self) -> list[str]:
        """The files (so far) that begin with a UTF-16 or UTF-32 byte order mark."""
        return sorted(self._utf16)

    def read(self, path: str) -> Source | None:
        """One listed file, whatever `included` says; None if it is not listed or holds no text.

        A link to a listed file gives that file, under its own path. What was read here is not read again.
        """
        source = self._read.get(path)
        if source is not None or path in self._read or path not in self.paths:
            return source
        source = self._source(path, self.selected.get(path, OTHER))
        if source is None:
            target = self._target(path)
            if target != path:
                return None if target is None else self.read(target)
        self._read[path] = source
        return source

    def text(self, path: str) -> bytes | None:
        """The bytes of one listed file of whatever kind, None if it holds no text; nothing is kept or noted."""
        try:
            data = self._contents(path) if path in self.paths else None
        except OSError:
            return None
        return None if data is None or _is_binary(data) else data

    def _target(self, path: str) -> str | None:
        absolute = os.path.join(self.root, path)
        if not os.path.islink(absolute):
            return path
        target = os.path.relpath(os.path.realpath(absolute), os.path.realpath(self.root))
        return target if target in self.paths and target != path else None

    def _source(self, path: str, language: str) -> Source | None:
        try:
            data = self._contents(path)
        except OSError as error:
            self._note(path, error)
            return None
        if data is None:
            return None
        known = self._alike.get(data)
        alike = known() if known is not None else None
        if alike is None:
            if _is_binary(data):
                if data.startswith(_UTF16):
                    self._utf16.add(path)
                return None
            alike = Alike(data)
            self._alike[data] = ref(alike)
        return Source(path, alike.data, language, alike=alike)

    def _note(self, path: str, error: OSError) -> None:
        """Note why a file could not be read, if it is one."""
        if error.errno == errno.EFBIG:
            self._too_large.add(path)
        elif error.errno not in _NO_TEXT_FILE:
            self._failed[path] = Failed(path, f"cannot be read: {error.strerror or error}")

    def _contents(self, path: str) -> bytes | None:
        return _read(f"{self.root}/{path}") if self._plain[path.rpartition("/")[0]] else None

    def _interpreter(self, path: str) -> str:
        """The program that the first line of a script names, without its version; empty where it is none."""
        try:
            head = _head(f"{self.root}/{path}") if self._plain[path.rpartition("/")[0]] else b""
        except OSError:
            return ""
        found = _SHEBANG.match(head)
        return found[1].decode() if found is not None else ""


class _PlainFolders(dict[str, bool]):
    """Whether no folder from the root down to one is a link (Git lists what was there before)."""

    def __init__(self, root: str) -> None:
        super().__init__({"": True})
        self._root = root

    def __missing__(self, folder: str) -> bool:
        is_plain = self[folder.rpartition("/")[0]] and not os.path.islink(f"{self._root}/{folder}")
        self[folder] = is_plain
        return is_plain


class _LanguagesByName(dict[str, str | None]):
    """The language of a file by its name: a whole name wins, then the longest suffix, then a prefix."""

    def __init__(self, languages: Iterable[Language]) -> None:
        super().__init__()
        self._suffixes: dict[str, list[tuple[str, str]]] = {}
        self._prefixes: list[tuple[str, str]] = []
        for language in sorted(set(languages), key=lambda language: language.name, reverse=True):
            self.update(dict.fromkeys(language.names, language.name))
            self._prefixes += [(prefix, language.name) for prefix in language.prefixes]
            for suffix in language.suffixes:
                self._suffixes.setdefault(suffix[suffix.rfind(".") :], []).append((suffix, language.name))
        for candidates in self._suffixes.values():
            candidates.sort(key=lambda candidate: (-len(candidate[0]), candidate))

    def __missing__(self, name: str) -> str | None:
        self[name] = language = self._by_ends(name)
        return language

    def _by_ends(self, name: str) -> str | None:
        dot = name.rfind(".")
        for suffix, language in self._suffixes.get(name[dot:], ()) if dot >= 0 else ():
            if name.endswith(suffix):
                return language
        return next((language for prefix, language in self._prefixes if name.startswith(prefix)), None)


def _is_binary(data: bytes) -> bool:
    return data.find(b"\0", 0, _BINARY_HEAD) >= 0 or data.startswith(_UTF16)


def _head(path: str) -> bytes:
    handle = os.open(path, _FLAGS)
    try:
        return os.read(handle, _HEAD)
    finally:
        os.close(handle)


def _read(path: str) -> bytes:
    """The bytes of a regular file; `OSError` otherwise, with `EFBIG` over `SIZE_MAX` and `ENXIO` for what is no file.

    One read suffices for most files; only where it says nothing, or not all, the file's type and size are asked for.
    """
    handle = os.open(path, _FLAGS)
    try:
        data = os.read(handle, _CHUNK)
        return data if 0 < len(data) < _CHUNK else _read_on(handle, data)
    finally:
        os.close(handle)


def _read_on(handle: int, data: bytes) -> bytes:
    """All of a file whose beginning is `data`, read anew in one piece of its size."""
    while True:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        if status.st_size > SIZE_MAX:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        whole = os.pread(handle, max(status.st_size, len(data)) + 1, 0)
        if len(whole) <= status.st_size:
            return whole
        data = whole  # it grew while it was read
