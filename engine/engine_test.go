package engine

import (
	"errors"
	"testing"

	"atelier/internal/badinput"
)

func TestOpen(t *testing.T) {
	b, err := Open(CPU)
	if err != nil {
		t.Fatal(err)
	}
	b.Finalize()
	if _, err := Open("cpy"); !errors.Is(err, badinput.Err) {
		t.Errorf("another device: %v", err)
	}
}
