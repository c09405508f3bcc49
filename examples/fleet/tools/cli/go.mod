module github.com/fjordline/fleet/tools/cli

go 1.22
