package scaffold

import "fmt"

/*
ImageFor names the image of a primitive, for example
ghcr.io/fjordline/domain-crossings:dev.
*/
func ImageFor(kind, name string) string {
	return fmt.Sprintf("ghcr.io/fjordline/%s-%s:dev", kind, name)
}
