package engine

import (
	"errors"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

func TestOpen(t *testing.T) {
	for _, o := range []Options{{}, {Device: CPU}, {Device: CPU, Threads: 1}} {
		b, err := Open(o)
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		b.Finalize()
		if !strings.HasPrefix(o.Path(), "cpu/") {
			t.Errorf("%+v takes the path %s", o, o.Path())
		}
	}
	if p := (Options{Device: XLACUDA}).Path(); !strings.HasPrefix(p, "xla:cuda/") {
		t.Errorf("the path of %s is %s", XLACUDA, p)
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		Options
		want string
	}{
		{Options{Device: "cpy"}, `no device "cpy"; did you mean "cpu"? there are cpu, xla:cpu, xla:cuda`},
		{Options{Device: "xla:cudda"}, `did you mean "xla:cuda"?`},
		{Options{Device: "xla:"}, `no device "xla:"`},
		{Options{Threads: -1}, "-1 threads"},
		{Options{Device: XLACPU, Threads: 2}, "--threads is for the device cpu"},
		{Options{Device: XLACUDA, Threads: -2}, "-2 threads"},
	} {
		b, err := Open(c.Options)
		if !errors.Is(err, badinput.Err) || b != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, %v; want %q", c.Options, b, err, c.want)
		}
	}
}
