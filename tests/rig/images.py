"""Images made and pushed without an engine: single ones, indexes and lists of several platforms."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from codemod.digests.oci.manifests import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from rig.registry import Registry
from rig.secrets import PASSWORD, USER

BOTH = ("linux/amd64", "linux/arm64")
_OCI = ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip")
_DOCKER = (
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def packed(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


@dataclass
class Pusher:
    """Pushes to one registry; every method gives the digest of what `repository:tag` is then."""

    registry: Registry
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.verify = True if self.registry.ca is None else str(self.registry.ca)
        if self.registry.ca is not None:
            self.session.auth = (USER, PASSWORD)

    def single(self, name: str, platform: str = "linux/amd64", *, docker: bool = False, text: str = "") -> str:
        """An image of one platform."""
        repository, _, tag = name.partition(":")
        return str(self._image(repository, tag, platform, docker, text)["digest"])

    def index(self, name: str, platforms: Sequence[str] = BOTH, *, docker: bool = False, text: str = "") -> str:
        """An OCI index, or a Docker manifest list, of one image for each platform."""
        repository, _, tag = name.partition(":")
        children = [self._image(repository, "", platform, docker, text) for platform in platforms]
        media = DOCKER_LIST if docker else OCI_INDEX
        return self.manifest(repository, tag, {"schemaVersion": 2, "mediaType": media, "manifests": children})

    def many(self, number: int) -> dict[str, str]:
        """As many repositories of one tag, the digests all different, by `repository:tag`; quickly, for benchmarks."""
        base = "base/image"
        config = self.blob(base, packed({"os": "linux", "architecture": "amd64"}), _OCI[0])
        layer = self.blob(base, _layer(b"base")[0], _OCI[1])

        def push(at: int) -> tuple[str, str]:
            repository = f"team-{at % 10}/app-{at:04}"
            for blob in (config, layer):
                mount = f"{self.registry.url}/v2/{repository}/blobs/uploads/?mount={blob['digest']}&from={base}"
                assert self._request("POST", mount, repository).status_code == 201
            content = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]}
            return f"{repository}:1.0", self.manifest(repository, "1.0", {**content, "annotations": {"at": str(at)}})

        with ThreadPoolExecutor(8) as pool:
            return dict(pool.map(push, range(number)))

    def manifest(self, repository: str, tag: str, content: dict[str, Any]) -> str:
        """Any manifest; without a tag it is put under its digest."""
        body = packed(content)
        url = f"{self.registry.url}/v2/{repository}/manifests/{tag or digest(body)}"
        answer = self._request("PUT", url, repository, data=body, headers={"Content-Type": content["mediaType"]})
        assert answer.headers["Docker-Content-Digest"] == digest(body)
        return digest(body)

    def blob(self, repository: str, data: bytes, media: str) -> dict[str, Any]:
        """A blob and its descriptor."""
        start = self._request("POST", f"{self.registry.url}/v2/{repository}/blobs/uploads/", repository)
        where = start.headers["Location"]
        joint = "&" if "?" in where else "?"
        self._request("PUT", f"{where}{joint}digest={digest(data)}", repository, data=data)
        return {"mediaType": media, "digest": digest(data), "size": len(data)}

    def _image(self, repository: str, tag: str, platform: str, docker: bool, text: str) -> dict[str, Any]:
        system, architecture, *variant = platform.split("/")
        where = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        layer, raw = _layer(f"{repository} {platform} {text}".encode())
        config = packed({**where, "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(raw)]}})
        media = _DOCKER if docker else _OCI
        content = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST if docker else OCI_MANIFEST,
            "config": self.blob(repository, config, media[0]),
            "layers": [self.blob(repository, layer, media[1])],
        }
        found = self.manifest(repository, tag, content)
        return {"mediaType": content["mediaType"], "digest": found, "size": len(packed(content)), "platform": where}

    def _request(self, method: str, url: str, repository: str, **given: Any) -> requests.Response:
        if self.registry.tokens is not None:
            token = self.registry.tokens.for_pushing(repository)
            given["headers"] = {**given.get("headers", {}), "Authorization": f"Bearer {token}"}
        answered = self.session.request(method, url, timeout=20, **given)
        answered.raise_for_status()
        return answered


def _layer(text: bytes) -> tuple[bytes, bytes]:
    """A layer of one file, packed and unpacked; the same text gives the same bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        entry = tarfile.TarInfo("hello")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return gzip.compress(raw.getvalue(), mtime=0), raw.getvalue()
