module github.com/fjordline/fleet/operators

go 1.22

require (
	k8s.io/api v0.30.0
	k8s.io/apimachinery v0.30.0
)
