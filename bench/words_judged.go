package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/model/run"
)

// judged emits how often a judge finds the caption of a picture among all held-out captions, in
// English: R@1, R@5 and R@10 of what was drawn, of the floors, and of the real pictures. The judge has
// learned from the real pictures, and nothing that draws was led by it.
func (w *Words) judged(ctx context.Context, on *Machine, r *run.Run, set *emojiSet, versions []rendering, emit func(Row)) error {
	if w.Judge == "" {
		on.Tell("judge names no run of the recipe pair-judge: no rows of captions that it finds")
		return nil
	}
	opened, err := on.Open(w.Judge)
	if err != nil {
		return err
	}
	defer opened.Close()
	judge, err := opened.Pairing()
	if err != nil {
		return err
	}
	texts := make([][]float32, len(set.test))
	for i := range set.test {
		if texts[i], _, err = judge.Text(ctx, set.test[i].english()); err != nil {
			return err
		}
	}
	real := rendering{name: "real"}
	for i := range set.test {
		real.pictures = append(real.pictures, set.test[i].pixels)
	}
	worst := map[int]float64{}
	for _, v := range slices.Backward(append(slices.Clone(versions), real)) {
		found, n := map[int]int{}, 0
		for i, picture := range v.pictures {
			if picture == nil {
				continue
			}
			vector, err := seenBy(ctx, judge, r, set.field, picture)
			if err != nil {
				return err
			}
			n++
			better := set.better(vector, texts, i)
			for _, k := range recalled {
				if better < k {
					found[k]++
				}
			}
		}
		for _, k := range recalled {
			row := Row{Name: fmt.Sprintf("%s, R@%d by the judge", v.name, k), Value: percentOf(found[k], n), Unit: "%", N: n, Holds: true}
			switch {
			case v.name == drawnName && k == 5:
				row.Bar, row.Holds = fmt.Sprintf("> %.1f, the best floor", worst[k]), row.Value > worst[k]
			case v.name != drawnName && v.name != real.name:
				worst[k] = max(worst[k], row.Value)
			}
			emit(row)
		}
	}
	return nil
}

// english is the first line of the caption.
func (d *drawnEmoji) english() string {
	line, _, _ := strings.Cut(d.caption, "\n")
	return line
}

// seenBy is the vector of a picture of a run by a judge, which may see it in another size.
func seenBy(ctx context.Context, judge *run.Pairing, r *run.Run, field data.Field, picture []float32) ([]float32, error) {
	b := &data.Batch{N: 1, Columns: []data.Column{{Field: field, Floats: picture}}}
	it, err := r.Decode(b)
	if err != nil {
		return nil, err
	}
	pixels, err := judge.Picture(it.Bytes)
	if err != nil {
		return nil, err
	}
	return judge.Pictures(ctx, pixels)
}

// better is how many other captions fit a picture better than the true one; the same words count as
// the true ones.
func (s *emojiSet) better(picture []float32, texts [][]float32, truth int) (n int) {
	own := product(picture, texts[truth])
	for j := range texts {
		if s.test[j].english() != s.test[truth].english() && product(picture, texts[j]) > own {
			n++
		}
	}
	return n
}

func product(a, b []float32) (sum float32) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
