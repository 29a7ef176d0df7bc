package simd

import (
	"slices"
	"strings"
	"testing"
)

func TestPathsEndWithPortable(t *testing.T) {
	paths := Paths()
	if paths[len(paths)-1] != Portable {
		t.Errorf("Paths() = %v", paths)
	}
	if !slices.Contains(paths, Best()) {
		t.Errorf("Best() = %s is not among %v", Best(), paths)
	}
}

func TestChoose(t *testing.T) {
	best := Paths()[0]
	for _, p := range Paths() {
		if got, err := choose(string(p)); got != p || err != nil {
			t.Errorf("choose(%s) = %s, %v", p, got, err)
		}
	}
	if got, err := choose(""); got != best || err != nil {
		t.Errorf("choose of nothing = %s, %v", got, err)
	}
	got, err := choose("sse")
	if got != best || err == nil || !strings.Contains(err.Error(), "ATELIER_CPU=sse: no such path; there are ") {
		t.Errorf("choose(sse) = %s, %v", got, err)
	}
	for _, p := range ladder {
		if slices.Contains(Paths(), p) {
			continue
		}
		if _, err := choose(string(p)); err == nil || !strings.Contains(err.Error(), "this processor lacks it") {
			t.Errorf("choose(%s): %v", p, err)
		}
	}
}
