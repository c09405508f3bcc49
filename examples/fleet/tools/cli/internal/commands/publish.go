// Package commands holds the commands of fjord.
package commands

import (
	"errors"
	"fmt"
)

const publishTag = "dev"

// Publish names the reference to push; only ghcr.io/fjordline/<name>:dev is supported.
func Publish(registry, name, tag string) (string, error) {
	if tag != publishTag {
		return "", errors.New("only the :dev tag is supported")
	}
	return fmt.Sprintf("%s/%s:dev", registry, name), nil
}
