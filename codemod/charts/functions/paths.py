"""Sprig's functions on paths and addresses, as Go's `path` and `net/url`."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote, unquote

from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import Function, type_of
from codemod.patterns import on_use

_SCHEME = on_use(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_PORT = on_use(r":\d*\Z")
_HOST = on_use(r"(?:\[[^\]]*\]|[^\x00-\x20\"<>\[\]\\^`{|}\x7f:]*)(?::\d*)?")
_BAD_ESCAPE = on_use(r"%(?![0-9a-fA-F]{2})")
_BAD = on_use(r"[\x00-\x1f\x7f]")
_KEYS = ("scheme", "host", "path", "query", "opaque", "fragment", "userinfo")


def base(path: str) -> str:
    """The last part; `.` of nothing, `/` of nothing but slashes."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """All but the last part, cleaned (`dir`)."""
    return clean(path[: path.rfind("/") + 1])


def clean(path: str) -> str:
    """The shortest path that means the same."""
    return re.sub("^//", "/", posixpath.normpath(path)) if path else "."


def ext(path: str) -> str:
    """The last part from its last dot on."""
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :] if "." in name else ""


def is_abs(path: str) -> bool:
    """Whether the path begins at the root."""
    return path.startswith("/")


def url_parse(text: str) -> dict[str, object]:
    """The parts of an address: scheme, userinfo, host, hostname, path, query, opaque, fragment."""
    if _BAD.search(text):
        raise TemplateError("urlParse: invalid control character in URL")
    address, _, fragment = text.partition("#")
    scheme = _SCHEME.match(address)
    name = scheme[0].lower() if scheme else ""
    rest, _, query = address[scheme.end() + 1 if scheme else 0 :].partition("?")
    parts: dict[str, object] = dict.fromkeys((*_KEYS, "hostname"), "")
    parts |= {"scheme": name, "query": query, "fragment": _unescaped(fragment)}
    if name and not rest.startswith("/"):
        return {**parts, "opaque": rest}
    if not name and ":" in rest.partition("/")[0]:
        raise TemplateError(f"urlParse: first path segment in URL cannot contain colon: {text}")
    if not rest.startswith("//") or (not name and rest.startswith("///")):
        return {**parts, "path": _unescaped(rest)}
    authority, slash, path = rest[2:].partition("/")
    user, _, host = authority.rpartition("@")
    if not _HOST.fullmatch(host):
        raise TemplateError(f"urlParse: invalid host: {host}")
    host = _unescaped(host)
    hostname = _PORT.sub("", host).removeprefix("[").removesuffix("]")
    return {**parts, "userinfo": user, "host": host, "hostname": hostname, "path": _unescaped(slash + path)}


def url_join(parts: dict[str, object]) -> str:
    """The address of the parts that `urlParse` gives."""
    scheme, host, path, query, opaque, fragment, user = (_text(parts, key) for key in _KEYS)
    user = ":".join(quote(unquote(part), safe=_USER) for part in user.split(":", 1))
    text = f"{scheme}:" if scheme else ""
    if opaque:
        text += opaque
    else:
        if scheme or host or user:
            text += f"//{user}@{host}" if user else f"//{host}" if host or path else ""
        if path and not path.startswith("/") and host:
            text += "/"
        if not text and ":" in path.partition("/")[0]:
            text += "./"
        text += quote(path, safe="/$&+,:;=@!'()*~")
    return text + (f"?{query}" if query else "") + (f"#{quote(fragment, safe=_FRAGMENT)}" if fragment else "")


_USER = "$&+,;=!'()*~"
_FRAGMENT = "/$&+,:;=@!?()*~'"


def _text(parts: dict[str, object], key: str) -> str:
    value = parts.get(key, "")
    if isinstance(value, str):
        return value
    raise TemplateError(f"urlJoin: {key} must be a string, not {type_of(value)}")


def _unescaped(text: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise TemplateError(f"urlParse: invalid URL escape in {text}")
    return unquote(text)


FUNCTIONS: dict[str, Function] = {
    "base": base, "clean": clean, "dir": directory, "ext": ext, "isAbs": is_abs, "osBase": base, "osClean": clean,
    "osDir": directory, "osExt": ext, "osIsAbs": is_abs, "urlJoin": url_join, "urlParse": url_parse,
}  # fmt: skip
