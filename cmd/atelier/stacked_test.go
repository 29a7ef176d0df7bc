package main

import (
	"testing"

	"atelier/app"
	"atelier/data"
)

// The recipe stacked shows all 1,000 modes in as many pictures as they are counted in:
// on average 1,000·e^(-25.6) are missing.
func TestStackedDigits(t *testing.T) {
	if _, ok := knownSet(t, "mnist").Here(); !ok {
		t.Skip("skipped: neither the folder of ATELIER_MIRROR nor this machine has the digits")
	}
	config, err := app.ConfigOf("stacked", app.File{}, []string{"data.size=25600"})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for it, err := range config.Data.Value.Items(t.Context(), data.Train) {
		if err != nil {
			t.Fatal(err)
		}
		found[it.Label] = true
	}
	if len(found) != 1000 {
		t.Errorf("%d of 1,000 modes", len(found))
	}
}
