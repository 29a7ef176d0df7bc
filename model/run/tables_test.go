package run

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"atelier/internal/registry"
)

// A tableRow names the file of a work, in a column that is not found by its name.
type tableRow struct {
	Work string `parquet:"work"`
}

// tablesOf makes tables of each kind in a folder, with the works beside them, and
// returns the settings that read each.
func tablesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return strconv.Quote(path)
	}
	var rows []tableRow
	comma, lines, statements := "work\n", "", []string{"CREATE TABLE works (work TEXT)"}
	for i := range 20 {
		name := fmt.Sprintf("%d.txt", i)
		write(name, fmt.Sprintf("To be, or not to be, that is question %d.\n", i))
		rows = append(rows, tableRow{name})
		comma += name + "\n"
		lines += fmt.Sprintf("{\"work\": %q}\n", name)
		statements = append(statements, fmt.Sprintf("INSERT INTO works VALUES ('%s')", name))
	}
	var packed bytes.Buffer
	if err := parquet.Write(&packed, rows); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "works.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	address := strconv.Quote("sqlite:" + filepath.Join(dir, "works.db"))
	return map[string]string{
		"csv":     `data={use="csv", path=` + write("works.csv", comma) + `, file="work"}`,
		"jsonl":   `data={use="jsonl", path=` + write("works.jsonl", lines) + `, file="work"}`,
		"parquet": `data={use="parquet", path=` + write("works.parquet", packed.String()) + `, file="work"}`,
		"sql":     `data={use="sql", address=` + address + `, file="work"}`,
		// The name that the setting had, which only a source without a path of its own took.
		"sql as it was": `data={use="sql", address=` + address + `, path="work"}`,
	}
}

// A run that learned from a table is opened again, and continues with its data.
func TestRunsOnTables(t *testing.T) {
	for name, setting := range tablesOf(t, t.TempDir()) {
		t.Run(name, func(t *testing.T) {
			s := writingStudio(t)
			c, err := Parse("tiny.toml", []byte(tinyText), "steps=2", "pictures=2", "score.metrics=[]", setting)
			if err != nil {
				t.Fatal(err)
			}
			made, err := s.Train(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := s.Open(made.Dir.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range registry.Fields(reflect.ValueOf(opened.Config.Data.Value)) {
				if f.Name == "file" && f.Value.String() != "work" {
					t.Errorf("the column with the file is %q, want work", f.Value)
				}
			}
			if _, err := opened.Writer(); err != nil {
				t.Error(err)
			}
			if _, err := s.Resume(t.Context(), made.Dir.Name()); !errors.Is(err, ErrDone) {
				t.Errorf("error %v, want %v", err, ErrDone)
			}
		})
	}
}

// What cannot be read back is refused before there is a folder.
func TestUnwritableSettings(t *testing.T) {
	for _, spoil := range []func(*Config){
		func(c *Config) { c.Name = ""; c.Score.Best = "\xff" },
		func(c *Config) { c.Seed = 1 << 63 },
	} {
		s := writingStudio(t)
		c, err := Parse("tiny.toml", []byte(tinyText), "steps=2", "score.metrics=[]", tablesOf(t, t.TempDir())["csv"])
		if err != nil {
			t.Fatal(err)
		}
		spoil(c)
		if _, err := s.Train(t.Context(), c); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("error %v, want one that says what is expected", err)
		}
		if all, _ := os.ReadDir(s.Runs); len(all) > 0 {
			t.Errorf("%s is left behind", all[0].Name())
		}
	}
}
