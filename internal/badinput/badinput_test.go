package badinput

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestMark(t *testing.T) {
	err := fmt.Errorf("run: %w", Mark(fs.ErrNotExist))
	if !errors.Is(err, Err) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not both", err)
	}
	if failure := errors.New("disk full"); errors.Is(failure, Err) || Mark(nil) != nil {
		t.Error("marked what was not")
	}
	if got := Errorf("no run %q", "x").Error(); got != `no run "x"` {
		t.Error(got)
	}
}
