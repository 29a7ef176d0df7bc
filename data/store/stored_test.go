package store

import (
	"context"
	"strings"
	"testing"

	"atelier/data"
)

func TestStoredKeepsToItsVersion(t *testing.T) {
	home := t.TempDir()
	rows := []Row{
		{Item: item("a", "text/plain", "one", "b"), Split: data.Train},
		{Item: item("b", "text/plain", "two", "a"), Split: data.Test},
	}
	first := written(t, home, rows, nil)
	s := &Stored{Name: "set", Home: home}
	hash, err := s.VersionHash(t.Context())
	if err != nil || hash != first.Hash() || s.Name != "set@1" || s.SetName() != "set" || !s.Divided() {
		t.Fatalf("%+v: %v", s, err)
	}
	written(t, home, rows[:1], nil)
	if got := strings.Join(s.ClassNames(), " "); got != "a b" {
		t.Errorf("classes %s", got)
	}
	for split, want := range map[data.Split]string{data.Train: "one", data.Test: "two"} {
		for it, err := range s.Items(context.Background(), split) {
			if err != nil || string(it.Bytes) != want {
				t.Errorf("%s: %q, %v", split, it.Bytes, err)
			}
		}
	}
}

func TestStoredRefuses(t *testing.T) {
	for name, want := range map[string]string{"": "name is not set", "none": "there is no dataset \"none\"", "a b": "is not a valid dataset name"} {
		s := &Stored{Name: name, Home: t.TempDir()}
		for _, err := range s.Items(context.Background(), data.Train) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
}
