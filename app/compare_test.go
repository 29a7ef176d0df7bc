package app

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/metric"
	"atelier/model/run"
)

// TestWelchByHand: with two draws of equal deviation s the test has two degrees of
// freedom, whose distribution is F(t) = ½ + t/(2√(2+t²)), at t = d/s: p = 1 - t/√(2+t²).
func TestWelchByHand(t *testing.T) {
	score := func(value, deviation float64, draws int) *metric.Score {
		return &metric.Score{Value: value, Deviation: deviation, Draws: draws}
	}
	for _, c := range []struct {
		a, b *metric.Score
		want float64
	}{
		{score(5, 1, 2), score(4, 1, 2), 1 - 1/math.Sqrt(3)},
		{score(1, 0.5, 2), score(4, 0.5, 2), 1 - 6/math.Sqrt(38)},
		{score(3, 1, 3), score(3, 2, 3), 1},
		{score(3, 0, 3), score(3.1, 0, 3), 0},
		// Against one without deviation there are the degrees of the other alone.
		{score(0, 0, 3), score(4.3026527, math.Sqrt(3), 3), 0.05}, // tables of Student's t: 4.303
		// And with three equal ones four: 2.776.
		{score(0, 1, 3), score(2.7764451*math.Sqrt(2./3), 1, 3), 0.05},
	} {
		if got := welch(c.a, c.b); math.Abs(got-c.want) > 1e-7 {
			t.Errorf("%v against %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestDifferenceByErrors: two standard deviations are exceeded with a probability of 4.55 %.
func TestDifferenceByErrors(t *testing.T) {
	a, b := &metric.Score{Value: 1, Error: 0.3}, &metric.Score{Value: 2, Error: 0.4}
	if got := difference(a, b); math.Abs(got-0.0455003) > 1e-6 {
		t.Errorf("%v", got)
	}
	b.Error = 0
	b.Draws, a.Draws = 3, 3
	if got := difference(a, b); got != welch(a, b) {
		t.Errorf("%v without an error, Welch has %v", got, welch(a, b))
	}
}

func lines(scores ...string) string { return strings.Join(scores, "\n") + "\n" }

// scored makes the folder of a run that learned nothing but has scores.
func scored(t *testing.T, root, title, facts string, scores ...string) *run.Dir {
	t.Helper()
	d, err := run.CreateDir(root, title, func(*run.Dir) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	err = d.SaveCheckpoint(7, func(to *durable.Files) error {
		// An empty file of safetensors with one tensor of six numbers that learn.
		head := `{"generator/w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`
		head += strings.Repeat(" ", -len(head)&7)
		file := append([]byte{byte(len(head)), 0, 0, 0, 0, 0, 0, 0}, head...)
		if err := to.WriteFile("weights.safetensors", append(file, make([]byte, 24)...)); err != nil {
			return err
		}
		return to.WriteFile("state.json", []byte(`{"format":1,"seconds":90.2}`))
	})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"facts.json": facts}
	for _, s := range scores {
		name, _, _ := strings.Cut(s, " ")
		files["metric-"+name+".jsonl"] += lines(measurement(s))
	}
	for name, text := range files {
		if err := os.WriteFile(d.Path(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// measurement is a line of scores: name, value, deviation, better and space.
func measurement(words string) string {
	f := strings.Fields(words + " space")
	return fmt.Sprintf(`{"format":1,"step":7,"name":%q,"value":%s,"deviation":%s,"draws":3,"n":2000,"better":%q,"space":%q}`,
		f[0], f[1], f[2], strings.Trim(f[3], "-"), f[4])
}

const someFacts = `{"format":1,"set":"clothes","spec":{"fields":[]},"test":"t1","train":"a","train_examples":10,"test_examples":5,"engine":"avx2"}`

func TestCompare(t *testing.T) {
	root := t.TempDir()
	a := scored(t, root, "a", someFacts, "fid2k 9 1 lower", "fid2k 5 0.1 lower", "recall 0.50 0.001 higher", "shares 3 1 -", "kid2k 1 1 lower")
	b := scored(t, root, "b", strings.Replace(someFacts, `"a"`, `"b"`, 1), "fid2k 5.05 0.1 lower", "recall 0.52 0.001 higher", "kid2k 1 1 lower other")
	c := scored(t, root, "c", strings.Replace(someFacts, "avx2", "avx512", 1), "fid2k 6 0.1 lower")
	got, err := Compare([]*run.Dir{a, b, c})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range got.Scores {
		names = append(names, fmt.Sprint(s.Name, s.Best))
	}
	if want := []string{"fid2k0", "kid2k-1", "recall1"}; !slices.Equal(names, want) {
		t.Errorf("scores with their best %v, want %v", names, want)
	}
	if fid := got.Scores[0].Of; fid[0].Value != 5 || fid[2].Value != 6 || got.Scores[1].Of[1] != nil || got.Scores[2].Of[2] != nil {
		t.Errorf("%v", got.Scores)
	}
	if r := got.Runs[0]; r.Step != 7 || r.Seconds != 90.2 || r.Weights["generator"] != 6 || len(r.Weights) != 1 {
		t.Errorf("%+v", r)
	}
	want := []string{
		"fid2k: 0002-b (5.05) is within noise of the best, 0001-a (5).",
		"kid2k of 0002-b is left blank: it was measured on 2000 samples in other, the first on 2000 samples in space.",
		"Not measured at the best checkpoint of 0003-c: kid2k, recall.",
		"0001-a and 0002-b learned from different training examples, 10 and 10.",
		"0003-c was trained on avx512, 0001-a on avx2: the times are not comparable.",
		"Left out, since neither higher nor lower is better: shares; atelier show lists them.",
	}
	if n := len(got.Remarks) - 1; n != len(want) || !slices.Equal(got.Remarks[:n], want) || !strings.HasPrefix(got.Remarks[n], "Brackets hold") {
		t.Errorf("remarks:\n%s\nwant:\n%s", strings.Join(got.Remarks, "\n"), strings.Join(want, "\n"))
	}
}

func TestCompareRefuses(t *testing.T) {
	root := t.TempDir()
	a, other := scored(t, root, "a", someFacts), scored(t, root, "b", strings.Replace(someFacts, `"t1"`, `"t2"`, 1))
	for want, dirs := range map[string][]*run.Dir{
		"run 0001-a is named twice": {a, a},
		"runs 0001-a and 0002-b are measured on different data, both clothes with 5 test": {a, other},
	} {
		if _, err := Compare(dirs); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	alone, err := Compare([]*run.Dir{a, scored(t, root, "c", someFacts)})
	if err != nil || len(alone.Remarks) != 2 || !strings.Contains(alone.Remarks[0], "measure it with: atelier evaluate 0001-a") {
		t.Errorf("%+v, %v", alone, err)
	}
}

// A score whose floors differ was measured on other terms, and one that is the
// same of all has no best.
func TestJudge(t *testing.T) {
	floor := func(v float64) *float64 { return &v }
	of := func(value, deviation float64, draws int, f *float64) *metric.Score {
		return &metric.Score{Value: value, Deviation: deviation, Draws: draws, Floor: f, FloorDeviation: 0.01}
	}
	c := &Comparison{Runs: []Compared{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	for _, l := range []struct {
		of      []*metric.Score
		want    string
		decided bool
	}{
		{[]*metric.Score{of(1, 0.1, 3, floor(0.5)), of(2, 0.1, 3, floor(0.7)), nil}, "x: the floors differ, 0.5 of a and 0.7 of b: compare each score with its own floor.", false},
		{[]*metric.Score{of(1, 0.1, 3, floor(0.5)), of(2, 0.1, 3, floor(0.505)), nil}, "", true},
		{[]*metric.Score{of(1, 0.1, 3, nil), of(2, 0.1, 3, nil), of(1.1, 0.1, 3, nil)}, "x: c (1.1) is within noise of the best, a (1).", true},
		{[]*metric.Score{of(1, 0.1, 3, nil), of(1.05, 0.1, 3, nil), of(1.1, 0.1, 3, nil)}, "x: b (1.05), c (1.1) are within noise of the best, a (1).", true},
		{[]*metric.Score{of(1, 0.1, 3, floor(0.5)), of(2, 0.1, 3, nil), nil}, "x: the floors differ, 0.5 of a and 0 of b: compare each score with its own floor.", false},
		{[]*metric.Score{of(0, 0, 3, nil), of(0, 0, 3, nil), nil}, "x: 0, whichever the run.", false},
		{[]*metric.Score{of(1, 0, 1, nil), of(2, 0, 1, nil), nil}, "x was measured once: whether the difference is noise is not known.", true},
	} {
		said, decided := c.judge(ComparedScore{Name: "x", Of: l.of})
		if said != l.want || decided != l.decided {
			t.Errorf("%s, %v; want %s, %v", said, decided, l.want, l.decided)
		}
	}
}

// TestNoMarks: a run of one step, one that draws no pictures of the kind, and a score of too
// few examples are never the best.
func TestNoMarks(t *testing.T) {
	floor := 0.97
	coverage := func(value float64) metric.Score {
		return metric.Score{Name: "coverage", Value: value, Deviation: 0.001, Draws: 3, N: 400, Better: metric.Higher, Floor: &floor}
	}
	of := func(step int, scores ...metric.Score) Compared {
		return Compared{Name: fmt.Sprint("step-", step), Account: run.Account{Step: step, Scores: scores}}
	}
	few := coverage(0)
	few.TooFew = true
	noise := metric.Score{Name: "sharpness_ratio", Value: 9, Floor: &floor}
	for name, c := range map[string]struct {
		runs []Compared
		best int
	}{
		"as they are":         {[]Compared{of(5, coverage(0.8)), of(7, coverage(0.6))}, 0},
		"one step":            {[]Compared{of(1, coverage(0.8)), of(7, coverage(0.6))}, 1},
		"nothing like real":   {[]Compared{of(5, coverage(0.2), noise), of(7, coverage(0.1), noise)}, -1},
		"too few":             {[]Compared{of(5, few), of(7, coverage(0.6))}, -1},
		"too few of two only": {[]Compared{of(5, few), of(6, coverage(0.5)), of(7, coverage(0.6))}, 2},
	} {
		s, _, _ := (&Comparison{Runs: c.runs}).score("coverage")
		if s.Best != c.best {
			t.Errorf("%s: the best is %d, want %d", name, s.Best, c.best)
		}
	}
}
