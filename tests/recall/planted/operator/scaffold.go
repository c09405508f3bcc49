package main

const dockerfileTemplate = `# Build the manager
FROM ghcr.io/kestrel/go-scaffold:main AS builder
WORKDIR /workspace
RUN go build -o manager cmd/main.go

FROM gcr.io/distroless/{{ .Runtime }}:nonroot
COPY --from=builder /workspace/manager .
`
