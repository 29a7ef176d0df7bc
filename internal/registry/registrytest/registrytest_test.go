package registrytest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/internal/registry"
)

type tool interface{ Use() }

type saw struct {
	Teeth  int                     `help:"count of teeth"`
	Length float32                 `help:"in metres"`
	Wood   string                  `help:"what it cuts: oak or beech"`
	Sharp  bool                    `help:"whether it cuts"`
	Break  time.Duration           `help:"between strokes"`
	Sizes  []int                   `help:"of the boards"`
	Ratio  map[string]float64      `help:"of lengths, by board"`
	Spare  registry.Choice[tool]   `toml:",optional" help:"for when it breaks"`
	Others []registry.Choice[tool] `help:"beside it"`
}

func (*saw) Use() {}

func (s *saw) Check() error {
	if s.Wood != "oak" && s.Wood != "beech" {
		return registry.Unfit("wood", "want oak or beech")
	}
	if s.Teeth != 20 {
		return errors.New("want 20 teeth")
	}
	return nil
}

type glue struct{}

func (glue) Use() {}

type blank struct {
	Edge string `help:"what it cuts with"`
}

func (*blank) Use() {}

func (b *blank) Check() error {
	if b.Edge == "" {
		return registry.Unfit("edge", "want one")
	}
	return nil
}

var tools = registry.New[tool]("tool")

func init() {
	tools.Add("glue", "holds", func() tool { return glue{} })
	tools.Add("saw", "cuts", func() tool { return &saw{Teeth: 20, Wood: "oak", Length: 0.1} })
	tools.Add("blank", "cuts once it has an edge", func() tool { return &blank{} })
}

func TestRoundTrip(t *testing.T) {
	fit := registry.New[interface{ Fit() }]("fit")
	_ = fit // a registry without entries has nothing to keep
	RoundTrip(t, fit)
	for _, name := range []string{"glue", "blank"} {
		c, err := tools.Pick(name)
		if err != nil {
			t.Fatal(err)
		}
		survives(t, c)
		if kept := change(chosen(c)); len(kept) > 0 {
			t.Errorf("%s: kept %v", name, kept)
		}
		survives(t, c)
	}
}

// Every setting is changed but for one that has a single value which is fit, and what
// is chosen within what is chosen as well.
func TestChange(t *testing.T) {
	c, err := tools.Pick("saw")
	if err != nil {
		t.Fatal(err)
	}
	kept := change(chosen(c))
	s := chosen(c).Interface().(*saw)
	if s.Teeth != 20 || s.Wood != "beech" || !s.Sharp || s.Break == 0 || len(s.Sizes) == 0 || len(s.Ratio) == 0 || !s.Spare.Chosen() || len(s.Others) != 3 {
		t.Errorf("%+v", s)
	}
	if other := s.Others[2].Value.(*saw); other.Wood != "beech" || len(other.Others) == 0 {
		t.Errorf("%+v", other)
	}
	if !slices.Contains(kept, "teeth") {
		t.Errorf("kept %v, want teeth among them", kept)
	}
	survives(t, c)
}

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		wrote, read any
		want        string
	}{
		{&saw{}, &saw{Sizes: []int{}}, ""},
		{&saw{Sizes: []int{1}}, &saw{Sizes: []int{2}}, ".sizes[0]: wrote 1, read 2"},
		{&saw{Sizes: []int{1}}, &saw{}, ".sizes: wrote 1, read 0"},
		{&saw{Break: 1}, &saw{}, ".break: wrote 1, read 0"},
		{&saw{Ratio: map[string]float64{"a": 1}}, &saw{Ratio: map[string]float64{"b": 1}}, `.ratio["a"]: wrote it, read nothing`},
		{&saw{Spare: registry.Choice[tool]{Use: "glue", Value: glue{}}}, &saw{}, ".spare"},
	} {
		got := difference("", reflect.ValueOf(c.wrote), reflect.ValueOf(c.read))
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
