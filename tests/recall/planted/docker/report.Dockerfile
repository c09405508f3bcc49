ARG TOOLS=ghcr.io/kestrel/report-default:main
FROM $TOOLS
