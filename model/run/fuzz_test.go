package run

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"atelier/recipes"
)

// golden adds the files of a pattern in the runs that are kept with the tests.
func golden(f *testing.F, pattern string) {
	found, err := filepath.Glob(filepath.Join("testdata", "golden", "*", pattern))
	if err != nil || len(found) == 0 {
		f.Fatalf("no %s among the golden runs, error %v", pattern, err)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(text[:len(text)/2])
	}
}

func FuzzRunJSON(f *testing.F) {
	golden(f, dirFile)
	f.Add([]byte(`{"format":1,"created":"2026-11-28T12:00:00Z","name":"a \u0000 b"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := parseAbout(text)
		if err == nil && (a.Format < 1 || a.Format > dirFormat) {
			t.Errorf("format %d", a.Format)
		}
		if n := len(title(a.Name)); n == 0 || n > mostTitleBytes {
			t.Errorf("a title of %d bytes", n)
		}
	})
}

func FuzzFacts(f *testing.F) {
	golden(f, factsFile)
	f.Add([]byte(`{"format":1,"spec":{"fields":[{"name":"target","shape":[4294967296,4294967296]}]},"continued":[{"step":-1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		facts, err := parseFacts(text)
		if err != nil {
			return
		}
		facts.last(10)
		for _, field := range facts.Spec.Fields {
			if field.Size() < 1 {
				t.Errorf("a field of %d numbers", field.Size())
			}
		}
		if _, err := json.Marshal(facts); err != nil {
			t.Error(err)
		}
	})
}

func FuzzState(f *testing.F) {
	golden(f, filepath.Join(checkpoints, "*", stateFile))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, spent := range [][]byte{nil, text, []byte(`{"format":1,"seconds":1e300}`)} {
			if s, err := parseState(text, spent); err == nil && !(s.Seconds >= 0 && s.Seconds < mostSeconds && s.Loop.Step >= 0) {
				t.Errorf("%+v", s)
			}
		}
	})
}

func FuzzBest(f *testing.F) {
	f.Add([]byte(`{"format":1,"step":20}`))
	f.Add([]byte(`{"format":1,"step":-20}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if step, err := parseBest(text); err == nil && step < 0 {
			t.Errorf("step %d", step)
		}
	})
}

func FuzzStats(f *testing.F) {
	golden(f, statsFile)
	f.Add([]byte("{\"step\":1}\n{\"step\":null}\n{\"step\":2.5}\n\n[]\n{\"step\":3"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := parseStats(text)
		if n := bytes.Count(text, []byte{'\n'}); len(s.Lines)+s.Damaged != n {
			t.Errorf("%d lines and %d damaged of %d", len(s.Lines), s.Damaged, n)
		}
		s.Damage(10, 100)
	})
}

func FuzzScores(f *testing.F) {
	golden(f, "metric-*.jsonl")
	f.Add([]byte(`{"format":1,"step":1,"name":"x","value":1e999}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, _ := parseScores(text)
		for i := range all {
			all[i].Worse(all[0].Score)
		}
	})
}

func FuzzRunFile(f *testing.F) {
	f.Add([]byte(tiny))
	for _, name := range recipes.Names() {
		text, err := recipes.Read(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse(configFile, text)
		if err != nil {
			return
		}
		whole, err := c.Encode()
		if err != nil {
			return
		}
		again, err := Parse(configFile, whole)
		if err != nil {
			t.Fatalf("%v: what was encoded cannot be read:\n%s", err, whole)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(twice, whole) {
			t.Errorf("encoded, read and encoded, it is another:\n%s\n%s\nerror %v", whole, twice, err)
		}
	})
}
