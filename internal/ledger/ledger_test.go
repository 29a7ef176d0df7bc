package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

var steps = []string{"CREATE TABLE words (word TEXT PRIMARY KEY)"}

// Changes at once are all there, but for those that failed, which undo nothing of the others.
func TestChangesTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	l, err := Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			err := l.Change(func(tx *sql.Tx) error {
				if _, err := tx.Exec("INSERT INTO words VALUES (?)", fmt.Sprint(i)); err != nil {
					return err
				}
				if i%10 == 0 {
					return refused
				}
				return nil
			})
			if (i%10 == 0) != errors.Is(err, refused) {
				t.Error(i, err)
			}
		})
	}
	all.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Change(nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if l, err = Open(t.Context(), path, append(steps, "ALTER TABLE words ADD COLUMN rank INTEGER DEFAULT 7")); err != nil {
		t.Fatal(err)
	}
	var n, rank int
	if err := l.Read.QueryRow("SELECT count(*), min(rank) FROM words").Scan(&n, &rank); err != nil || n != 180 || rank != 7 {
		t.Errorf("%d words of rank %d: %v", n, rank, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, steps); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "newer version") {
		t.Error(err)
	}
}

func BenchmarkChange(b *testing.B) {
	l, err := Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), steps)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	i := 0
	for b.Loop() {
		i++
		if err := l.Change(func(tx *sql.Tx) error { _, err := tx.Exec("INSERT INTO words VALUES (?)", i); return err }); err != nil {
			b.Fatal(err)
		}
	}
}
