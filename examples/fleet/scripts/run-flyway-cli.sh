#!/usr/bin/env bash
# Opens the Flyway command line against the local database.
set -euo pipefail

exec docker run --rm -it ghcr.io/fjordline/flyway:dev "$@"
