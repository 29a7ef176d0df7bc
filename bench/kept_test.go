package bench

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A suite that was stopped measures no work twice, and what broke off, or is of another program, again.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.jsonl")
	measured := 0
	rows := func(k kept, work string, broken error) (all []Row) {
		err := k.once(work, func(r Row) { all = append(all, r) }, func(emit func(Row)) error {
			measured++
			emit(Row{Name: work, Value: float64(measured)})
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		return all
	}
	mine := kept{path, "seed 3", "a"}
	rows(mine, "first", errors.New("stopped"))
	if again := rows(mine, "first", nil); again[0].Value != 2 {
		t.Errorf("what broke off was not measured again: %+v", again)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("{\"work\":\"seco\n")
	f.Close()
	if kept := rows(mine, "first", nil); measured != 2 || len(kept) != 1 || kept[0].Value != 2 {
		t.Errorf("measured %d times: %+v", measured, kept)
	}
	for _, other := range []kept{{path, "seed 4", "a"}, {path, "seed 3", "b"}, {"", "seed 3", "a"}} {
		before := measured
		if rows(other, "first", nil); measured != before+1 {
			t.Errorf("%+v takes the rows of another", other)
		}
	}
}
