"""What is planted, and the search for it in everything that comes out."""

from __future__ import annotations

import base64
from collections.abc import Iterable

USER = "planted-user"
PASSWORD = "planted-password-7d1f0c"
PASSWORD_HASH = "$2b$05$XusWPk3FouorRVYytuocDuahVE0H558CyIqNPNsIi51JQgMxTxH.O"
"""The bcrypt hash of the password, as htpasswd files hold it."""

IDENTITY = "planted-identity-token-93b2aa"
BEARER = "planted-bearer-token-51c0de"
QUERY = "planted-signature-0ff1ce"
"""A part of an address that gives access by itself, as those of content networks do."""

PROXY = "planted-proxy-password-a11ce5"

issued: list[str] = []
"""The tokens that services of the rig have handed out."""


def login(password: str = PASSWORD, user: str = USER) -> str:
    """What `auths` of Docker's file and a Basic header hold."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def leaks(texts: Iterable[str | bytes]) -> set[str]:
    """The secrets that stand in any of the texts."""
    planted = {PASSWORD, login(), IDENTITY, BEARER, QUERY, PROXY, *issued}
    together = b"\n".join(text.encode("utf-8", "replace") if isinstance(text, str) else text for text in texts)
    return {secret for secret in planted if secret.encode() in together}
