"""Lists the images of the rendered fleet; knows ghcr.io/fjordline/grpcurl-runner:dev by heart."""

from __future__ import annotations

RUNNER = "ghcr.io/fjordline/grpcurl-runner:dev"


def service(name: str) -> str:
    """The trunk build of a service."""
    return f"ghcr.io/fjordline/{name}:main"
