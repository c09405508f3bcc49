#!/usr/bin/env bash
# Renders the first-party charts for every environment and looks for surprises.
set -euo pipefail

for environment in dev staging production; do
  rendered="$(helm template agents sources/charts/apps/agents \
    -f "sources/values/env/${environment}/globals.yaml" --set image.tag=dev)"
  grep -q 'image: "ghcr.io/fjordline/agents:dev"' <<<"${rendered}" ||
    { echo "${environment}: expected ghcr.io/fjordline/agents:dev" >&2; exit 1; }
done
