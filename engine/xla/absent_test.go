//go:build !(xla && cgo)

package xla

import (
	"errors"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

func TestAbsent(t *testing.T) {
	_, err := Open("cuda")
	if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "go build -tags xla ./cmd/atelier") {
		t.Errorf("without XLA: %v", err)
	}
}
