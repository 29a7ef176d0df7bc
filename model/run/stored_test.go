package run

import (
	"context"
	"strings"
	"testing"

	"atelier/data"
	"atelier/data/store"
)

// storedText stores a text as the next version of the dataset "verses".
func storedText(t *testing.T, home, text string) (*store.Store, *store.Version) {
	t.Helper()
	s, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Write(t.Context(), &store.Manifest{Name: "verses"}, func(w *store.Writer) error {
		return w.Add(store.Row{Item: data.Item{Name: "1", MediaType: "text/plain", Bytes: []byte(text)}, Split: data.Train})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func TestRunsKeepToTheirVersion(t *testing.T) {
	home := t.TempDir()
	text := strings.Repeat("To be, or not to be, that is the question.\n", 30)
	shelf, first := storedText(t, home, text)
	s := writingStudio(t)
	c, err := Parse("tiny.toml", []byte(strings.Replace(tinyText, `use = "text"`, `use = "stored"`, 1)), "data.name=verses", "data.home="+home, "score.metrics=[]", "score.best=bpc")
	if err != nil {
		t.Fatal(err)
	}
	ctx, clear := stopAt(s, 10)
	if _, err := s.Train(ctx, c); ctx.Err() == nil {
		t.Fatal(err)
	}
	clear()
	dir, err := OpenDir(s.Runs, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	f, err := dir.Facts()
	if err != nil || f.Dataset != "verses@1" || f.DatasetHash != first.Hash() || f.Set != "verses" {
		t.Errorf("facts %+v, %v", f, err)
	}
	if runs, err := shelf.Runs(context.Background(), first.Hash()); err != nil || len(runs) != 1 || runs[0].Ref != "verses@1" {
		t.Errorf("the catalog has %v, %v", runs, err)
	}
	storedText(t, home, text+text) // a newer version is of no concern
	if _, err := s.Resume(t.Context(), "tiny"); err != nil {
		t.Error(err)
	}

	if err := shelf.Remove(t.Context(), "verses"); err != nil {
		t.Fatal(err)
	}
	s = writingStudio(t)
	storedText(t, home, text)
	ctx, _ = stopAt(s, 10)
	s.Train(ctx, c)
	if err := shelf.Remove(t.Context(), "verses"); err != nil {
		t.Fatal(err)
	}
	storedText(t, home, text+text)
	_, err = s.Resume(t.Context(), "tiny")
	if err == nil || !strings.Contains(err.Error(), "was trained on verses@1 with the hash") {
		t.Errorf("resumed on other data: %v", err)
	}
}
