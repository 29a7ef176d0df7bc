package ledger

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
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

// What was deleted is in no file of the ledger once it is scrubbed, while it stays open and although
// somebody was just reading.
func TestScrub(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	l, err := Open(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const secret = "a word that nobody is to read again"
	do := func(query string) {
		t.Helper()
		if err := l.Change(func(tx *sql.Tx) error { _, err := tx.Exec(query, secret); return err }); err != nil {
			t.Fatal(err)
		}
	}
	do("INSERT INTO words VALUES (?)")
	rows, err := l.Read.Query("SELECT word FROM words")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	do("DELETE FROM words WHERE word = ?")
	scrubbed := make(chan error)
	go func() { scrubbed <- l.Scrub() }()
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	if err := <-scrubbed; err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s still has it: %v", file, err)
		}
	}
	do("INSERT INTO words VALUES (?)")
}

// A file that is no ledger, or whose pages are overwritten, is named as damaged.
func TestDamaged(t *testing.T) {
	wanted := func(path string, err error) {
		t.Helper()
		var damaged *DamagedError
		if !errors.As(err, &damaged) || damaged.Path != path || !strings.Contains(err.Error(), path+" is damaged") {
			t.Error(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.db")
	noise := bytes.Repeat([]byte("no ledger "), 1000)
	if err := os.WriteFile(path, noise, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path, steps)
	wanted(path, err)
	path = filepath.Join(t.TempDir(), "b.db")
	l, err := Open(t.Context(), path, steps)
	if err == nil {
		err = l.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt(noise[:4096], 4096) // the second page, of the table
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(t.Context(), path, steps); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wanted(path, l.Change(func(tx *sql.Tx) error { _, err := tx.Exec("INSERT INTO words VALUES ('a')"); return err }))
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
