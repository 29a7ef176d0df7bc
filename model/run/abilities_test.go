package run

import (
	"path/filepath"
	"slices"
	"testing"

	"atelier/data"
	"atelier/recipes"
)

// Runs of the recipes can do what their apps take them for, and nothing else.
func TestAbilities(t *testing.T) {
	captioned, err := Parse("pair.toml", []byte(pairFile), "data.path="+filepath.ToSlash(captionedFolder(t)))
	if err != nil {
		t.Fatal(err)
	}
	for recipe, want := range map[string][]string{
		"fashion":          {"dissects", "draws", "inverts", "judges", "mixes", "moves", "pictures", "steers"},
		"fashion-dcgan":    {"dissects", "draws", "inverts", "judges", "moves", "pictures", "steers"},
		"fashion-flow":     {"draws", "pictures", "steers"},
		"words":            {"illustrates"},
		"rings":            {"draws"},
		"shakespeare":      {"draws", "writes"},
		"levels":           {"draws", "maps"},
		"levels-gan":       {"draws", "maps"},
		"music":            {"composes", "draws"},
		"tunes":            {"draws"},
		"clips":            {"draws"},
		"moving":           {"continues"},
		"pair":             {"embeds"},
		"classifier-emoji": {"predicts"},
	} {
		text, err := recipes.Read(recipe)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(recipe, text)
		if err != nil {
			t.Fatal(err)
		}
		if c.Data.Use == "stored" {
			c.Data = captioned.Data
		}
		switch f := c.Codec.Value.(type) {
		case data.Streaming:
			if recipe != "music" && recipe != "tunes" { // whose pieces do not come along
				err = f.Fit(c.Data.Value.Items(t.Context(), data.Train))
			}
		case data.Fitting:
			if f.Fits() {
				err = f.Fit(c.Data.Value.Items(t.Context(), data.Train))
			}
		}
		if err != nil {
			t.Fatal(recipe, err)
		}
		spec, err := c.Codec.Value.Spec([]string{"one", "other"})
		if err != nil {
			t.Fatal(recipe, err)
		}
		m, err := c.Model.Value.Model(spec)
		if err != nil {
			t.Fatal(recipe, err)
		}
		if got := abilitiesOf(m, c, Facts{Spec: spec}); !slices.Equal(got, want) {
			t.Errorf("%s can %v, want %v", recipe, got, want)
		}
	}
}
