#!/usr/bin/env bash
# Runs ghcr.io/kestrel/sh-comment:dev.
set -euo pipefail

IMAGE="${IMAGE:-ghcr.io/kestrel/sh-default:dev}"
TOOL_IMAGE=ghcr.io/kestrel/sh-assigned:main
TAG=${TAG:-dev}

docker run --rm "$TOOL_IMAGE" check
docker pull ghcr.io/kestrel/sh-pulled:main
docker build -t ghcr.io/kestrel/sh-built:dev .
docker build --build-arg TOOLS=ghcr.io/kestrel/sh-tools:edge --file docker/report.Dockerfile .
kubectl set image deployment/web web=ghcr.io/kestrel/sh-set:main
kubectl run probe --image=ghcr.io/kestrel/sh-probe:dev --image-pull-policy=Always --restart=Never
docker run --rm "ghcr.io/kestrel/sh-computed:${TAG}"
helm upgrade web charts/orders --set image.tag=dev
echo "running ghcr.io/kestrel/sh-echoed:dev"

kubectl apply -f - <<MANIFEST
apiVersion: v1
kind: Pod
metadata:
  name: smoke
spec:
  containers:
    - name: smoke
      image: ghcr.io/kestrel/sh-heredoc:main
MANIFEST
sudo sh -c 'docker run --rm ghcr.io/kestrel/sh-inner:dev && true'
kubectl patch deployment web -p '{"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "ghcr.io/kestrel/sh-patch:main"}]}}}}'
skopeo copy docker://ghcr.io/kestrel/sh-copied:edge dir:out
