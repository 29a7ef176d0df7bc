package library

import (
	"errors"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
)

// A measured cleaner has a setting.
type measured struct {
	Least int `help:"for tests"`
}

func (*measured) Clean(*data.Piece) error { return nil }

func init() {
	data.Cleaners.Add("measured-test", "for tests", func() data.Cleaner { return &measured{Least: 3} })
}

const recipe = "clean = [{use = \"fifth-test\"}, {use = \"same-test\"}]\n"

func TestParsePipeline(t *testing.T) {
	for name, c := range map[string]struct {
		settings []string
		uses     string // the cleaners in order
		least    int    // of the measured one
		share    float64
	}{
		"as it is":                  {nil, "fifth-test same-test", 0, 0.1},
		"share":                     {[]string{"test_share=0.25"}, "fifth-test same-test", 0, 0.25},
		"on":                        {[]string{"measured-test=on"}, "fifth-test measured-test same-test", 3, 0.1},
		"on though it is there":     {[]string{"fifth-test=on"}, "fifth-test same-test", 0, 0.1},
		"off":                       {[]string{"fifth-test=off"}, "same-test", 0, 0.1},
		"off though it isn't there": {[]string{"measured-test=off"}, "fifth-test same-test", 0, 0.1},
		"a setting adds it":         {[]string{"measured-test.least=5"}, "fifth-test measured-test same-test", 5, 0.1},
		"the last one holds":        {[]string{"measured-test.least=5", "measured-test.least=6"}, "fifth-test measured-test same-test", 6, 0.1},
		"out and in again":          {[]string{"same-test=off", "same-test=on"}, "fifth-test same-test", 0, 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParsePipeline("mine.toml", []byte(recipe), c.settings...)
			if err != nil {
				t.Fatal(err)
			}
			var uses []string
			least := 0
			for _, choice := range p.Clean {
				uses = append(uses, choice.Use)
				if m, ok := choice.Value.(*measured); ok {
					least = m.Least
				}
			}
			if got := strings.Join(uses, " "); got != c.uses || least != c.least || p.TestShare != c.share {
				t.Errorf("%s, least %d, share %g", got, least, p.TestShare)
			}
		})
	}
}

func TestParsePipelineRefuses(t *testing.T) {
	for _, c := range []struct{ recipe, setting, want string }{
		{"clean = [{use = \"nosuch\"}]", "", "mine.toml:1"},
		{"clean = [{use = \"same-test\"}, {use = \"same-test\"}]", "", "named twice"},
		{"test_share = 1.5", "", "want 0 to 0.9"},
		{recipe, "test_share=nan", "want a number"},
		{recipe, "test_share=many", `"test_share=many"`},
		{recipe, "fifth", "want key=value"},
		{recipe, "fifth-test=yes", `argument "fifth-test=yes": want fifth-test=on, fifth-test=off`},
		{recipe, "fiftth-test=yes", `no cleaner "fiftth-test"; did you mean "fifth-test"?`},
		{recipe, "measured-test=5", "measured-test.least=VALUE"},
		{recipe, "fiftth-test=off", `no cleaner "fiftth-test"`},
		{recipe, "fiftth-test.least=1", `no cleaner "fiftth-test"`},
		{recipe, "measured-test.most=1", `argument "measured-test.most=1": no setting "most"`},
		{recipe, "measured-test.least=x", `argument "measured-test.least=x"`},
	} {
		var settings []string
		if c.setting != "" {
			settings = []string{c.setting}
		}
		_, err := ParsePipeline("mine.toml", []byte(c.recipe), settings...)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, badinput.Err) {
			t.Errorf("%s %s: got %v, want a mistake with %q", c.recipe, c.setting, err, c.want)
		}
	}
}

// TestPipelineNames checks that every name that is told can be asked for.
func TestPipelineNames(t *testing.T) {
	for _, name := range PipelineNames() {
		if _, err := ReadPipeline(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"nosuch", "../default", "", "none.toml"} {
		if _, err := ReadPipeline(name); !errors.Is(err, badinput.Err) {
			t.Errorf("%q: got %v, want a mistake", name, err)
		}
	}
}
