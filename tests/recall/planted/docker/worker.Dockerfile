# escape=`
FROM python:3.12-slim AS deps
RUN pip install --no-cache-dir uv

FROM `
  ghcr.io/kestrel/python-runtime:dev
COPY --from=deps /usr/local /usr/local
COPY --from=0 /usr/local/bin/uv /usr/local/bin/uv
RUN <<SETUP
cat > /etc/motd <<TEXT
FROM ghcr.io/kestrel/not-a-base:main
TEXT
SETUP
