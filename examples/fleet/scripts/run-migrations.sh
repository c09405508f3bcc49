#!/usr/bin/env bash
# Runs the schema migrations by hand.
set -euo pipefail

VALUES="${VALUES:-sources/values/env/dev/platform/db-migrations.yaml}"
IMAGE="${IMAGE:-ghcr.io/fjordline/migrations:dev}"

docker run --rm -v "$PWD/${VALUES}:/values.yaml:ro" "${IMAGE}" migrate
