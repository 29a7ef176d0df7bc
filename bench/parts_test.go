package bench

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/model/run"
)

// twoParts is a suite whose second part can fail.
type twoParts struct {
	Only  []string
	Size  int
	fails bool
	begun []string
}

var twoPartsParts = suiteParts[*twoParts]{
	{"first", func(s *twoParts, _ context.Context, _ *Machine, emit func(Row)) error {
		s.begun = append(s.begun, "first")
		emit(Row{Name: "one", Value: float64(s.Size)})
		return nil
	}},
	{"second", func(s *twoParts, _ context.Context, _ *Machine, emit func(Row)) error {
		s.begun = append(s.begun, "second")
		emit(Row{Name: "two", Value: 2})
		if s.fails {
			return errors.New("interrupted")
		}
		return nil
	}},
}

func (s *twoParts) Check() error { return twoPartsParts.check(s.Only) }

func (s *twoParts) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return twoPartsParts.run(ctx, on, "two", s, s.Only, emit)
}

// A suite that was interrupted measures only what it had not, unless settings or program are others;
// one that is through measures everything anew.
func TestPartsGoOn(t *testing.T) {
	on := &Machine{Studio: &run.Studio{Runs: t.TempDir(), Program: "a"}}
	measure := func(s *twoParts) (begun string, values []float64) {
		t.Helper()
		if err := s.Run(t.Context(), on, func(r Row) { values = append(values, r.Value) }); (err != nil) != s.fails {
			t.Fatal(err)
		}
		return strings.Join(s.begun, " "), values
	}
	for i, c := range []struct {
		suite   *twoParts
		program string
		begun   string
		values  []float64
	}{
		{&twoParts{Size: 1, fails: true}, "a", "first second", []float64{1, 2}},
		{&twoParts{Size: 1, fails: true}, "a", "second", []float64{1, 2}},
		{&twoParts{Size: 3, fails: true}, "a", "first second", []float64{3, 2}},
		{&twoParts{Size: 1, fails: true}, "b", "first second", []float64{1, 2}},
		{&twoParts{Size: 1, Only: []string{"second"}}, "b", "second", []float64{2}},
		{&twoParts{Size: 1}, "a", "second", []float64{1, 2}},
		{&twoParts{Size: 1}, "a", "first second", []float64{1, 2}},
	} {
		on.Studio.Program = c.program
		if begun, values := measure(c.suite); begun != c.begun || !slices.Equal(values, c.values) {
			t.Errorf("%d: measured %s: %v, want %s: %v", i, begun, values, c.begun, c.values)
		}
	}
	if left, err := filepath.Glob(filepath.Join(on.Runs, "*", "*")); err != nil || len(left) != 0 {
		t.Error(left, err)
	}
	if err := (&twoParts{Only: []string{"third"}}).Run(t.Context(), on, nil); err == nil || !strings.Contains(err.Error(), `no part "third"`) {
		t.Error(err)
	}
}
