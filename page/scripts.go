package page

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"atelier/app"
	"atelier/internal/pattern"
)

// said finds the texts that the scripts say.
var said = pattern.New(`\bsay\(("(?:[^"\\]|\\.)*")`)

// labels are what inputs of apps are called.
var labels = sync.OnceValue(func() []string {
	all := map[string]bool{}
	for _, name := range app.Apps.Names() {
		if a, err := app.Apps.New(name); err == nil {
			for _, in := range app.Inputs(a) {
				all[labelOf(in)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
})

// curves are what the curves of a training are called that have a name in words; G, D and P are letters
// in every language.
var curves = []string{"classifier", "flow", "held-out", "lm", "pair", "penalty", "predict"}

// spoken are the texts of the scripts, sorted.
var spoken = sync.OnceValue(func() []string {
	texts := map[string]bool{}
	names, err := fs.Glob(files, "assets/*.js")
	for _, name := range names {
		script, _ := files.ReadFile(name) // it is embedded
		for _, m := range said().FindAllSubmatch(script, -1) {
			var text string
			if json.Unmarshal(m[1], &text) == nil {
				texts[text] = true
			}
		}
	}
	if err != nil {
		panic(err) // the pattern is a constant
	}
	return slices.Sorted(maps.Keys(texts))
})
