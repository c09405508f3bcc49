// Package main is the operator; its images are ghcr.io/kestrel/go-comment:dev and friends.
package main

import (
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
)

const registry = "ghcr.io/kestrel"

const runnerImage = "ghcr.io/kestrel/go-const:dev"

const joinedImage = registry + "/go-joined:main"

var defaults = map[string]string{
	"proxyImage": "docker.io/library/haproxy:latest",
}

// Options are what flags set.
type Options struct {
	Image string `env:"IMAGE" default:"ghcr.io/kestrel/go-struct-tag:dev"`
	Agent string `env:"AGENT_IMAGE, default=ghcr.io/kestrel/go-env-tag:main"`
}

var agent = corev1.Container{
	Image:           "ghcr.io/kestrel/go-field:dev",
	ImagePullPolicy: corev1.PullAlways,
}

var proxies = []corev1.Container{{Name: "proxy", Image: "ghcr.io/kestrel/go-untagged"}}

func image(name string) string {
	return fmt.Sprintf("ghcr.io/kestrel/%s:dev", name)
}

func publish(name, version string) string {
	return "ghcr.io/kestrel/go-published:" + version
}

func smoke() string {
	if value := os.Getenv("SMOKE_IMAGE"); value != "" {
		return value
	}
	return "ghcr.io/kestrel/go-fallback:main"
}

const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: smoke
spec:
  containers:
    - name: smoke
      image: ghcr.io/kestrel/go-manifest:dev
      imagePullPolicy: Always
`
