package memory

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

func TestSize(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 bytes", 999: "999 bytes", 1024: "1.0 KB", 1.5 * 1024: "1.5 KB", 20 << 20: "20 MB", 23.54 * (1 << 30): "24 GB", 1e24: "888178420 PB",
	} {
		if got := Size(bytes); got != want {
			t.Errorf("%g bytes are %q, want %q", bytes, got, want)
		}
	}
}

// What GOMEMLIMIT allows is the limit where that is less than what the machine has.
func TestGoMemoryLimit(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(32 << 20))
	l := Most()
	if l.Bytes != 32<<20 {
		t.Errorf("the limit is %g bytes", l.Bytes)
	}
	if err := l.Check("this", 32<<20, "less"); err != nil {
		t.Errorf("what fits is refused: %v", err)
	}
	err := l.Check("batch=9", 1<<40, "batch up to 3 fits")
	if want := "batch=9 would need about 1.0 TB of memory; GOMEMLIMIT allows 32 MB: batch up to 3 fits"; err == nil || err.Error() != want || !errors.Is(err, badinput.Err) {
		t.Errorf("got %v, want %s", err, want)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Error("more than one line")
	}
}
