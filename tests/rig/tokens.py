"""A token service as registries name it in `WWW-Authenticate` (distribution's token specification)."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from rig.secrets import IDENTITY, PASSWORD, USER, issued, login

SERVICE, ISSUER = "the rig's registry", "the rig"


@dataclass(frozen=True)
class Asked:
    """One request to the service: for which scope, by whom (empty for anybody), and how."""

    scope: str
    user: str
    how: str


class TokenService:
    """Knows one user, by password or identity token. `lifetime` is what it says about its tokens, in seconds."""

    def __init__(self, folder: Path, public: str) -> None:
        self._public, self.lifetime = public, 300
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._bundle = folder / "tokens.pem"
        self._bundle.write_bytes(_certificate(self._key))
        self.asked: list[Asked] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                given = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                self._answer(*service.answer(given, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(*service.answer({name: values[0] for name, values in parse_qs(body).items()}, ""))

            def _answer(self, status: int, content: Mapping[str, object]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def configuration(self) -> dict[str, str]:
        """What a registry has to know of the service."""
        return {"realm": self.url, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": str(self._bundle)}

    def answer(self, given: Mapping[str, str], header: str) -> tuple[int, dict[str, object]]:
        """A token for what is asked and allowed; 401 for whoever is not the user that they say."""
        scope = given.get("scope", "")
        user, how = "", "nothing"
        if header:
            user, how = (USER, "password") if header == f"Basic {login()}" else ("?", "password")
        elif given.get("grant_type") == "refresh_token":
            user, how = (USER, "identity") if given.get("refresh_token") == IDENTITY else ("?", "identity")
        self.asked.append(Asked(scope, user, how))
        if user == "?":
            return 401, {"errors": [{"code": "UNAUTHORIZED", "message": f"{PASSWORD} is wrong"}]}
        token = self._token(scope, user)
        return 200, {"token": token, "expires_in": self.lifetime}

    def for_pushing(self, repository: str) -> str:
        """A token to push with; nobody asked for it."""
        return self._token(f"repository:{repository}:pull,push", USER)

    def _token(self, scope: str, user: str) -> str:
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        is_allowed = bool(user) or bool(self._public and name.startswith(self._public))
        access = [{"type": kind, "name": name, "actions": actions.split(",") if is_allowed else []}] if scope else []
        now = int(time.time())
        claims = {
            **{"iss": ISSUER, "sub": user, "aud": SERVICE, "exp": now + 600, "nbf": now - 60, "iat": now},
            **{"jti": secrets.token_hex(8), "access": access},
        }
        issued.append(jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": _key_id(self._key)}))
        return issued[-1]


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _key_id(key: ec.EllipticCurvePrivateKey) -> str:
    """The identifier of a key as libtrust has it, which registries look keys up by."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = base64.b32encode(hashlib.sha256(public).digest()[:30]).decode().rstrip("=")
    return ":".join(text[at : at + 4] for at in range(0, len(text), 4))
