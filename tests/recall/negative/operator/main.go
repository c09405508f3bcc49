// Package main runs ghcr.io/kestrel/go-commented:dev, in words only.
package main

import (
	"fmt"

	image "k8s.io/api/core/v1"
)

// Spec holds what the user says, such as `image: ghcr.io/kestrel/go-field:dev`.
type Spec struct {
	Image string `json:"image,omitempty" example:"main"`
}

const (
	address    = "localhost:8080/web"
	listen     = "0.0.0.0:8443"
	branch     = "main"
	channel    = "latest"
	repository = "https://github.com/kestrel/web:main"
	place      = "cmd/main.go:12"
	module     = "github.com/kestrel/web@latest"
	mediaType  = "application/vnd.oci.image.manifest.v1+json"
	refspec    = "refs/heads/dev:refs/heads/main"
	usage      = "the image to run, such as ghcr.io/kestrel/go-usage:v1"
)

func message(name string) error {
	return fmt.Errorf("image %s: not found on %s:%d", name, listen, 80)
}

var _ = image.PullAlways
