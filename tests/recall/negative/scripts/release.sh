#!/bin/sh
# docker run ghcr.io/kestrel/sh-commented:dev
BRANCH=main
CHANNEL=latest
git push origin main:release
git tag -f latest
git checkout -b dev origin/dev
scp site.tgz web:main
rsync -a images/ host:images/latest
echo "see ghcr.io/kestrel/sh-echoed:main"
grep -r "ghcr.io/kestrel/sh-searched:latest" .
npm install kestrel@latest
curl -fsSL https://kestrel.test/install:latest | sh
docker run --rm -v cache:/data:dev -p 8080:80 ghcr.io/kestrel/sh-pinned@sha256:2222222222222222222222222222222222222222222222222222222222222222
jq '{image: "ghcr.io/kestrel/sh-filter:main"}' site.json
sh -c 'echo ghcr.io/kestrel/sh-inner:main'
skopeo inspect docker://ghcr.io/kestrel/sh-asked:main
