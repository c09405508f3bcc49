"""Deploys; pulls ghcr.io/kestrel/py-docstring:dev first."""

from __future__ import annotations

import os

from kubernetes import client

REGISTRY = "ghcr.io/kestrel"
RUNNER_IMAGE = "ghcr.io/kestrel/py-const:dev"
WEB = f"{REGISTRY}/py-fstring:main"
SETTINGS = {"image": "ghcr.io/kestrel/py-dict:dev", "imagePullPolicy": "Always", "replicas": 2}
SIDECAR = client.V1Container(name="proxy", image="ghcr.io/kestrel/py-untagged")
MANIFEST = """
apiVersion: v1
kind: Pod
spec:
  containers:
    - name: a
      image: ghcr.io/kestrel/py-manifest:main
"""


def build(name: str, image: str = "ghcr.io/kestrel/py-default:main") -> str:
    """Build an image, by default ghcr.io/kestrel/py-docstring:main."""
    return f"ghcr.io/kestrel/{name}:dev" if name else image


def smoke() -> str:
    return os.environ.get("SMOKE_IMAGE", "ghcr.io/kestrel/py-environ:main")


def old(tag: str) -> str:
    return "ghcr.io/kestrel/py-format:{}".format(tag)
