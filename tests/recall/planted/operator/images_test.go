package main

import "testing"

func TestImage(t *testing.T) {
	if got := image("web"); got != "ghcr.io/kestrel/go-tested:dev" {
		t.Fatal(got)
	}
}
