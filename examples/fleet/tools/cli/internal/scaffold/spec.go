package scaffold

const registry = "ghcr.io/fjordline"

// CheckerImage runs before the smoke job.
const CheckerImage = registry + "/checker:dev"

// Spec is what a primitive is made of.
type Spec struct {
	// +kubebuilder:default="ghcr.io/fjordline/grpcurl-runner:dev"
	Runner string `json:"runner,omitempty"`
	// +kubebuilder:default="fast:dev"
	Mode string `json:"mode,omitempty"`
}
