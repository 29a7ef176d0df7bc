//go:build !(xla && cgo)

package xla

import (
	"github.com/gomlx/compute"

	"atelier/internal/badinput"
)

// Open explains how to build a program with XLA; this one has none.
func Open(platform string) (compute.Backend, error) {
	return nil, badinput.Errorf("device xla:%s: this atelier was built without XLA; "+
		"build it with: CGO_ENABLED=1 go build -tags xla ./cmd/atelier", platform)
}
