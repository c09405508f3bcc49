#!/usr/bin/env bash
# Brings up a cluster from nothing.
set -euo pipefail

REPO_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
ENVIRONMENT="${1:-dev}"
IMAGE_TAG="${IMAGE_TAG:-dev}"

"${REPO_ROOT}/scripts/build-all-images-dev.sh" "${IMAGE_TAG}"
kubectl run bootstrap --restart=Never --image="ghcr.io/fjordline/bootstrap:${IMAGE_TAG}"
kubectl apply -n argocd -f "${REPO_ROOT}/argocd/applicationset.yaml"
echo "environment ${ENVIRONMENT} is up"
