"""Sprig's encodings and checksums of text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib

from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import Function


def b64enc(text: str) -> str:
    """The text in base 64."""
    return base64.b64encode(text.encode()).decode()


def b64dec(text: str) -> str:
    """The text that base 64 stands for; an error where it is none (Sprig returns the words of Go's error)."""
    try:
        return _decoded("b64dec", base64.b64decode(_one_line(text), validate=True))
    except binascii.Error:
        raise TemplateError("b64dec: illegal base64 data") from None


def b32enc(text: str) -> str:
    """The text in base 32."""
    return base64.b32encode(text.encode()).decode()


def b32dec(text: str) -> str:
    """The text that base 32 stands for; an error where it is none (Sprig returns the words of Go's error)."""
    try:
        return _decoded("b32dec", base64.b32decode(_one_line(text)))
    except (binascii.Error, ValueError):
        raise TemplateError("b32dec: illegal base32 data") from None


def sha1sum(text: str) -> str:
    """The SHA-1 of the text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def sha256sum(text: str) -> str:
    """The SHA-256 of the text."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha512sum(text: str) -> str:
    """The SHA-512 of the text."""
    return hashlib.sha512(text.encode()).hexdigest()


def adler32sum(text: str) -> str:
    """The Adler-32 of the text, as a decimal number."""
    return str(zlib.adler32(text.encode()))


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise TemplateError(f"{name}: the data is no text") from None


FUNCTIONS: dict[str, Function] = {
    "adler32sum": adler32sum, "b32dec": b32dec, "b32enc": b32enc, "b64dec": b64dec, "b64enc": b64enc,
    "sha1sum": sha1sum, "sha256sum": sha256sum, "sha512sum": sha512sum,
}  # fmt: skip
