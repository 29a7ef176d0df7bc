package source

import (
	"slices"
	"testing"

	"atelier/data"
	"atelier/internal/registry"
)

// TestWholeHasBothParts: training pictures first, then the others.
func TestWholeHasBothParts(t *testing.T) {
	of := ready(t, &IDX{})
	names := func(s data.Source, split data.Split) (all []string) {
		for it, err := range s.Items(t.Context(), split) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, it.Name)
		}
		return all
	}
	w := &Whole{Of: registry.Choice[data.Source]{Use: "idx", Value: of}}
	if got, want := names(w, data.Train), slices.Concat(names(of, data.Train), names(of, data.Test)); !slices.Equal(got, want) || len(got) != 3 {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := names(w, data.Test); len(got) > 0 {
		t.Errorf("the test part is %v", got)
	}
	for _, err := range (&Whole{}).Items(t.Context(), data.Train) {
		if err == nil {
			t.Error("no error without a set")
		}
	}
}
