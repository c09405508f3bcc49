// Package scaffold writes the first files of a new primitive.
package scaffold

// GrpcurlRunner was "ghcr.io/fjordline/grpcurl-runner:main" once; smoke jobs use it.
const (
	// GrpcurlRunner is published as ghcr.io/fjordline/grpcurl-runner:dev.
	GrpcurlRunner = "ghcr.io/fjordline/grpcurl-runner:dev"
	Devcontainer  = `ghcr.io/fjordline/devcontainer:main` // ghcr.io/fjordline/devcontainer:main, by trunk
	DefaultTag    = "dev"
	HealthAddress = "localhost:8080"
	Hint          = "images look like ghcr.io/fjordline/graph:dev"
)
