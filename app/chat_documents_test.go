package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"atelier/model/run"
)

// Whoever waits for documents to be read is told which, and how far.
func TestReadingDocumentsIsTold(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"a.txt": "Rice grows near the mill.", "b.pdf": "%PDF-1.4\n", "c.txt": "The mill stands."} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	type told struct {
		work string
		done int
	}
	var all []told
	env := &Env{
		Watcher: run.Watcher{Working: func(work string, done, _ int) { all = append(all, told{work, done}) }},
		PDF: func(_ context.Context, _ []byte, counted PagesCounted) ([]PDFPage, error) {
			counted(7)
			return []PDFPage{{Text: "Flour is ground at the mill."}}, nil
		},
	}
	passages, err := env.passages(t.Context(), folder)
	if err != nil || len(passages) != 3 {
		t.Fatalf("%v, %v", passages, err)
	}
	want := []told{{"reading documents:", 1}, {"reading documents:", 2}, {"reading b.pdf, pages:", 7}, {"reading documents:", 3}}
	if !slices.Equal(all, want) {
		t.Errorf("told %v, want %v", all, want)
	}
}
