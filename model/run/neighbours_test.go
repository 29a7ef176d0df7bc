package run

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/metric"
)

// ofPictures trains a run on 300 pictures of noise for a step.
func ofPictures(t *testing.T, s *Studio) *Run {
	t.Helper()
	c := parse(t, `codec={use="image", size=8}`, "steps=1")
	c.Data.Value = plain(1, 300)
	r, err := s.Train(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The samples are some of the highest realism, and beside them lie the training pictures that are
// nearest.
func TestNeighbours(t *testing.T) {
	s := studio(t)
	r := ofPictures(t, s)
	got, err := r.Neighbours(t.Context(), 7, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	sampler, err := r.Sampler()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := gather(sampler(t.Context(), Seeds(7, 256), nil), 256, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.load(t.Context(), r.Config, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.reals(data.Train, 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	known := all.Column(data.Target)
	realism := realismOf(t, r, known, pool.Column(data.Target))
	sorted := slices.Sorted(slices.Values(realism))
	if have, want := realism[got.Seeds[0]-7], sorted[255]; have != want {
		t.Errorf("the first sample has realism %v, want %v", have, want)
	}
	for i, seed := range got.Seeds {
		if have := realism[seed-7]; have < sorted[256-neighbourBest] {
			t.Errorf("sample %d, of realism %v, is none of the best", i, have)
		}
		if !slices.Equal(got.Samples.Row(i), pool.Column(data.Target).Row(int(seed-7))) {
			t.Errorf("sample %d is not that of seed %d", i, seed)
		}
	}
	same, err := r.NeighboursOf(t.Context(), got.Seeds, nil, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(same.Samples.Floats, got.Samples.Floats) || !slices.Equal(same.Beside[1].Pictures.Floats, got.Beside[1].Pictures.Floats) {
		t.Error("the samples of the same seeds have other neighbours")
	}
	if len(got.Beside) != 2 || got.Beside[0].Space != "pixels" || !strings.HasPrefix(got.Beside[1].Space, "random@") || !strings.Contains(got.Chosen, "realism in random@") {
		t.Fatalf("chosen by %s, beside %d", got.Chosen, len(got.Beside))
	}
	for i := range 3 {
		near, _ := metric.Nearest(got.Samples.Row(i), known, 2)
		for j, at := range near {
			if !slices.Equal(got.Beside[0].Pictures.Row(2*i+j), known.Row(at)) {
				t.Errorf("beside sample %d another picture than %d", i, at)
			}
		}
	}
}

// Of points in two heaps, the ones chosen after the first are not those of the same heap.
func TestUnlike(t *testing.T) {
	points := feature.Points{N: 6, Width: 1, Features: []float64{0, 0.1, 0.2, 9, 9.1, 4}}
	if got := unlike(points, []int{1, 0, 2, 3, 5}, 3); !slices.Equal(got, []int{1, 3, 5}) {
		t.Errorf("chosen %v", got)
	}
	same := feature.Points{N: 3, Width: 1, Features: make([]float64, 3)}
	if got := unlike(same, []int{2, 0, 1}, 3); !slices.Equal(got, []int{2, 0, 1}) {
		t.Errorf("of equal points %v", got)
	}
}

// Of samples that are drawn many at once, progress counts whole batches.
func TestGatherTells(t *testing.T) {
	one := data.NewBatch(data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Vector, Shape: []int{1}}}}, 1)
	many := func(yield func(*data.Batch, error) bool) {
		for range family.AtOnce + 2 {
			if !yield(one, nil) {
				return
			}
		}
	}
	var told []int
	if _, err := gather(many, family.AtOnce+2, func(done int) { told = append(told, done) }); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, family.AtOnce, family.AtOnce + 2}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// realismOf tells how deep samples lie among known pictures.
func realismOf(t *testing.T, r *Run, known, samples *data.Column) []float64 {
	t.Helper()
	space, err := r.Space()
	if err != nil {
		t.Fatal(err)
	}
	points, err := space.Embed(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	surface, err := metric.NewManifold(points, neighbourRadius)
	if err != nil {
		t.Fatal(err)
	}
	at, err := space.Embed(t.Context(), samples)
	if err != nil {
		t.Fatal(err)
	}
	realism, err := surface.Realism(at)
	if err != nil {
		t.Fatal(err)
	}
	return realism
}

func TestNeighboursRefuses(t *testing.T) {
	s := studio(t)
	r := ofPictures(t, s)
	if _, err := r.Neighbours(t.Context(), 0, 2, 301); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "300 training pictures, too few for 301") {
		t.Errorf("error %v", err)
	}
	if _, err := trained(t, s, "steps=1").Neighbours(t.Context(), 0, 2, 1); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "want a run trained on pictures") {
		t.Errorf("error %v", err)
	}
}

// TestChangedData: where the data have changed since a run was trained, no copies are looked for, and
// other scores say so and are not kept.
func TestChangedData(t *testing.T) {
	s := studio(t)
	r := ofPictures(t, s)
	was := r.Config.Data.Value
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	evaluate := func() []metric.Score {
		scores, err := r.Evaluate(t.Context(), metrics(t, "memorised", "sharpness"))
		if err != nil {
			t.Fatal(err)
		}
		return scores
	}
	copies := func(s metric.Score) bool { return s.Name == "memorised" }
	if got := evaluate(); !slices.ContainsFunc(got, copies) || len(notices) > 0 {
		t.Fatalf("of the same data %v, notices %q", got, notices)
	}
	kept, err := r.Dir.Scores()
	if err != nil {
		t.Fatal(err)
	}
	r.Config.Data.Value = plain(1, 299)
	defer func() { r.Config.Data.Value = was }()
	if got := evaluate(); len(got) == 0 || slices.ContainsFunc(got, copies) {
		t.Errorf("of other data %v", got)
	}
	told := strings.Join(notices, "\n")
	for _, want := range []string{"differ from its record: 299 and 299 examples now, 300 and 300 then", "are not kept", "left out memorised: not applicable: copies can only be found"} {
		if !strings.Contains(told, want) {
			t.Errorf("notices %q, want %q", notices, want)
		}
	}
	if now, err := r.Dir.Scores(); err != nil || len(now) != len(kept) {
		t.Errorf("%d scores are kept, not %d: %v", len(now), len(kept), err)
	}
	_, best := r.Neighbours(t.Context(), 0, 2, 1)
	_, ofSeeds := r.NeighboursOf(t.Context(), []uint64{1}, nil, 1, 1)
	for _, err := range []error{best, ofSeeds} {
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "differ from its record") {
			t.Errorf("copies among other data: %v", err)
		}
	}
}

// TestNeighboursOfWords: a run that draws by captions is given those of training pictures, chosen by
// the seed.
func TestNeighboursOfWords(t *testing.T) {
	s := studio(t)
	c, err := Parse("words.toml", []byte(`
steps    = 1
batch    = 2
pictures = 6
data     = {use = "folder", test_share = 0.0}
codec    = {use = "image", size = 32, channels = 3, captions = 4}
model    = {use = "gan", text = true, latent = 2, generator = {use = "style", width = 4, code = 4}, discriminator = {use = "dcgan", width = 4}}
`), "data.path="+filepath.ToSlash(captionedFolder(t)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Train(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	best, err := r.Neighbours(t.Context(), 3, 2, 1)
	if err != nil || !strings.HasSuffix(best.Chosen, ", each by the caption of a training example") {
		t.Fatalf("chosen %v: %v", best, err)
	}
	same, err := r.NeighboursOf(t.Context(), best.Seeds, nil, 1, 1)
	if err != nil || !slices.Equal(same.Samples.Floats, best.Samples.Floats) {
		t.Errorf("the samples of the same seeds are others: %v", err)
	}
}
