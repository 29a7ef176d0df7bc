package registry

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Values that Go code has set are refused as those of a run file are, however deep.
func TestCheck(t *testing.T) {
	good := func() *settings { return newSettings() }
	if err := Check(good()); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		spoil func(*settings)
		want  string
	}{
		{func(s *settings) { s.Shape.Value = &square{} }, "shape.side: want more than 0, got 0"},
		{func(s *settings) { s.Shape = Choice[shape]{} }, "shape: no shape is chosen; there are group, point, square"},
		{func(s *settings) { s.Spare.Value = &square{Side: -1} }, "extra.side: want more than 0, got -1"},
		{func(s *settings) {
			s.Shapes = []Choice[shape]{{"point", &point{}}, {"group", &group{Members: []Choice[shape]{{"square", &square{}}}}}}
		}, "shapes[1].members[0].side: want more than 0, got 0"},
	} {
		s := good()
		c.spoil(s)
		if err := Check(s); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

func TestMake(t *testing.T) {
	got, err := Make[shape]("square", "side=2", "fill={red=3}")
	if d := cmp.Diff(Choice[shape]{"square", &square{Side: 2, Fill: registryOptional{Red: 3}}}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for settings, want := range map[string]string{
		"side=0": "side: want more than 0, got 0", "side=wide": "side: want a number", "sides=4": `did you mean "side"?`,
	} {
		if _, err := Make[shape]("square", settings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", settings, err, want)
		}
	}
	if _, err := Make[shape]("sqare"); err == nil || !strings.Contains(err.Error(), `did you mean "square"?`) {
		t.Errorf("error %v", err)
	}
}

type renamed struct {
	File string `was:"path"`
}

type moved struct {
	renamed
	Path string
}

func TestFormerKeys(t *testing.T) {
	bind := func(v any, text string) error {
		f, err := Parse("run.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return f.Bind(v)
	}
	var r renamed
	if err := bind(&r, `path = "a"`); err != nil || r.File != "a" {
		t.Errorf("%+v, %v", r, err)
	}
	if err := bind(&r, "file = \"b\"\npath = \"a\""); err == nil || !strings.HasPrefix(err.Error(), "run.toml:2: no setting") {
		t.Errorf("both names: error %v", err)
	}
	var m moved
	if err := bind(&m, "path = \"a\"\nfile = \"b\""); err != nil || m.Path != "a" || m.File != "b" {
		t.Errorf("%+v, %v", m, err)
	}
}

type twoPaths struct {
	embedded
	Path string
}

type embedded struct{ Path string }

type named struct{ Use string }

type deepPaths struct{ Of []twoPaths }

// A key that two settings have would be written twice, and the file could not be read.
func TestAmbiguousKeys(t *testing.T) {
	for want, v := range map[string]any{
		"path":    &twoPaths{},
		"of.path": &deepPaths{},
		"use":     &named{},
		"":        &embedded{},
	} {
		if got := Ambiguous(reflect.TypeOf(v)); got != want {
			t.Errorf("%T: got %q, want %q", v, got, want)
		}
	}
}

// What cannot be read back is not written.
func TestEncodeRefuses(t *testing.T) {
	for want, v := range map[string]any{
		"want names in UTF-8":                     struct{ Share map[string]float64 }{map[string]float64{"\xff": 1}},
		"name: want UTF-8":                        struct{ Name string }{"\xff"},
		"want settings of at most 320 KiB in all": struct{ Name string }{strings.Repeat("x", MaxFile)},
		"seed: want at most":                      struct{ Seed uint64 }{1 << 63},
	} {
		if _, err := Encode(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	largest := struct{ Vocabulary string }{strings.Repeat("\U0001F600", 1<<16)}
	if text, err := Encode(largest); err != nil {
		t.Error(err)
	} else if _, err := Parse("run.toml", text); err != nil {
		t.Error(err)
	}
}
