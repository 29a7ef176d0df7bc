package run

import (
	"encoding/json"
	"testing"

	"atelier/model/metric"
)

// TestDeciding: a score that cannot tell checkpoints apart does not choose among them.
func TestDeciding(t *testing.T) {
	of := func(name string, value float64, few bool) Measured {
		return Measured{Score: metric.Score{Name: name, Value: value, TooFew: few, Better: metric.Higher}}
	}
	kid, fid := of("kid2k", 0.1, false), of("fid2k", 3, false)
	for want, c := range map[string]struct {
		asked string
		all   []Measured
	}{
		"coverage": {"coverage", []Measured{of("coverage", 0.9, false), kid}},
		"kid2k":    {"coverage", []Measured{of("coverage", 0.9, false), of("coverage", 1, false), fid, kid}},
		"fid2k":    {"coverage", []Measured{of("coverage", 0, true), fid}},
		"recall":   {"recall", []Measured{of("recall", 0, true)}},
		"":         {"", []Measured{kid}},
		"density":  {"density", []Measured{kid}}, // which is missing, and is said to be
	} {
		if got := Deciding(c.all, c.asked); got != want {
			t.Errorf("%s decides, want %s", got, want)
		}
	}
}

// TestMeasuredLines: a line of a score has all its fields, and is read as it was.
func TestMeasuredLines(t *testing.T) {
	for _, few := range []bool{false, true} {
		in := Measured{1, 7, "v1", "cpu", metric.Score{Name: "coverage", TooFew: few, Draws: 3, N: 80, Better: metric.Higher}}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"format":1,"step":7,"program":"v1","engine":"cpu","name":"coverage","value":0,"deviation":0,"draws":3,"n":80,"better":"higher"}`
		if few {
			want = `{"format":1,"step":7,"program":"v1","engine":"cpu","name":"coverage","too_few":true,"deviation":0,"draws":3,"n":80,"better":"higher","value":null}`
		}
		if string(text) != want {
			t.Errorf("%s\nwant %s", text, want)
		}
		all, damaged := parseScores(append(text, '\n'))
		if damaged > 0 || len(all) != 1 || all[0].TooFew != few || all[0].Step != 7 || all[0].Name != "coverage" {
			t.Errorf("read %+v", all)
		}
	}
}
