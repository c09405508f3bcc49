package main

import "flag"

func parse() *string {
	return flag.String(
		"agent-image", "ghcr.io/kestrel/go-flag:main",
		"image of the agent, such as ghcr.io/kestrel/agent:v1",
	)
}
