package bench

import (
	"context"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
)

// drawnName is the name of what a run drew.
const drawnName = "drawn"

// A rendering is what stands for each held-out picture: what a run drew, or a floor.
type rendering struct {
	name     string
	pictures [][]float32 // nil where there is none
}

// drawn measures what a run draws by held-out captions, and floors beside it.
func (w *Words) drawn(ctx context.Context, on *Machine, emit func(Row)) error {
	r, err := on.Open(w.Drawn)
	if err != nil {
		return err
	}
	defer r.Close()
	set, err := readEmoji(ctx, w.Set, r, w.Held)
	if err != nil {
		return err
	}
	own, err := pictured(ctx, r, captionsOf(set.test, r), 1)
	if err != nil {
		return err
	}
	versions := []rendering{{drawnName, own}}
	versions = append(versions, set.floors(own)...)
	if err := w.judged(ctx, on, r, set, versions, emit); err != nil {
		return err
	}
	w.recalls(set, versions, emit)
	w.traits(set, versions, emit)
	w.distances(set, versions, emit)
	if err := w.variety(ctx, r, set, own, emit); err != nil {
		return err
	}
	return w.copies(ctx, r, set, emit)
}

// pictured draws a picture by each caption, from seeds counting up from one.
func pictured(ctx context.Context, r *run.Run, captions *data.Batch, seed uint64) (all [][]float32, err error) {
	samples, err := r.Draw(ctx, run.Seeds(seed, captions.N), captions, 1)
	if err != nil {
		return nil, err
	}
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		all = append(all, slices.Clone(b.Column(data.Target).Floats))
	}
	return all, nil
}

// floors are what draws nothing: the training picture of the same emoji by the same vendor in another
// tone that is nearest to the truth, that of another emoji in the right tone, and what was drawn by
// the captions of others. The first two are told which is nearest to the truth, which no run is.
func (s *emojiSet) floors(drawn [][]float32) []rendering {
	all := []rendering{{"wrong tone", nil}, {"other emoji", nil}, {"shuffled captions", nil}}
	for i := range s.test {
		truth := &s.test[i]
		for v, counts := range []func(d *drawnEmoji) bool{
			func(d *drawnEmoji) bool {
				return d.vendor == truth.vendor && d.base == truth.base && d.tones != truth.tones
			},
			func(d *drawnEmoji) bool {
				return d.vendor == truth.vendor && d.tones == truth.tones && d.base != truth.base
			},
		} {
			var picture []float32
			if at := nearest(truth.pixels, s.train, counts); at >= 0 {
				picture = s.train[at].pixels
			}
			all[v].pictures = append(all[v].pictures, picture)
		}
		all[2].pictures = append(all[2].pictures, drawn[(i+len(drawn)/2)%len(drawn)])
	}
	return all
}

// recalls emits how often the true picture is among the nearest held-out ones, in pixels: R@1, R@5
// and R@10 of the retrieval of captions by pictures, each caption standing at its picture. Of the
// real pictures all are found.
func (w *Words) recalls(set *emojiSet, versions []rendering, emit func(Row)) {
	worst := map[int]float64{}
	for _, v := range slices.Backward(versions) {
		found, n := map[int]int{}, 0
		for i, picture := range v.pictures {
			if picture == nil {
				continue
			}
			n++
			nearer := set.nearer(picture, i)
			for _, k := range recalled {
				if nearer < k {
					found[k]++
				}
			}
		}
		for _, k := range recalled {
			if n == 0 {
				break
			}
			row := Row{Name: fmt.Sprintf("%s, R@%d in pixels", v.name, k), Value: percentOf(found[k], n), Unit: "%", N: n, Holds: true}
			if v.name != drawnName {
				worst[k] = max(worst[k], row.Value)
			} else if k == 5 {
				row.Bar, row.Holds = fmt.Sprintf("> %.1f, the best floor", worst[k]), row.Value > worst[k]
			}
			emit(row)
		}
	}
}

// recalled are the ranks by which recall is measured.
var recalled = []int{1, 5, 10}

// nearer is how many held-out pictures are nearer to a picture than the true one.
func (s *emojiSet) nearer(picture []float32, truth int) (n int) {
	own := apart(picture, s.test[truth].pixels)
	for j := range s.test {
		if j != truth && apart(picture, s.test[j].pixels) < own {
			n++
		}
	}
	return n
}

func percentOf(found, n int) float64 { return 100 * float64(found) / float64(max(n, 1)) }

// traits emits how often tone, vendor and group are those of the caption. The vendor is that of the
// nearest real picture of the same emoji in the same tone, the group that of the nearest training
// picture. Of the real pictures tone and vendor are right by definition.
func (w *Words) traits(set *emojiSet, versions []rendering, emit func(Row)) {
	everything := slices.Concat(set.train, set.test)
	for _, v := range versions {
		tone, two := set.tones(v, everything)
		if v.name == drawnName {
			tone.Bar, tone.Holds = ">= 80", tone.Value >= 80
		}
		emit(tone)
		if two.N > 0 {
			emit(two)
		}
		vendor := set.share(v, everything, func(truth *drawnEmoji) func(*drawnEmoji) bool {
			return func(d *drawnEmoji) bool { return d.base == truth.base && d.tones == truth.tones }
		}, func(a, b *drawnEmoji) bool { return a.vendor == b.vendor })
		vendor.Name = v.name + ", vendor"
		emit(vendor)
	}
	group := set.share(versions[0], set.train, func(*drawnEmoji) func(*drawnEmoji) bool {
		return func(*drawnEmoji) bool { return true }
	}, func(a, b *drawnEmoji) bool { return a.group == b.group })
	group.Name = versions[0].name + ", group of the nearest"
	emit(group)
}

// share is how often the nearest picture, of those that are asked for by the truth, agrees with the
// truth. A truth that asks for fewer than two does not count.
func (s *emojiSet) share(v rendering, among []drawnEmoji, asked func(truth *drawnEmoji) func(*drawnEmoji) bool, agrees func(a, b *drawnEmoji) bool) Row {
	right, n := 0, 0
	for i, picture := range v.pictures {
		truth := &s.test[i]
		counts := asked(truth)
		if picture == nil {
			continue
		}
		some := 0
		for j := range among {
			if some < 2 && counts(&among[j]) {
				some++
			}
		}
		if some < 2 {
			continue
		}
		n++
		if agrees(&among[nearest(picture, among, counts)], truth) {
			right++
		}
	}
	return Row{Value: percentOf(right, n), Unit: "%", N: n, Holds: true}
}

// distances emits how far the pictures are from the true ones.
func (w *Words) distances(set *emojiSet, versions []rendering, emit func(Row)) {
	for _, v := range versions {
		sum, n := 0., 0
		for i, picture := range v.pictures {
			if picture != nil {
				sum += decibels(apart(picture, set.test[i].pixels))
				n++
			}
		}
		if n > 0 {
			emit(Row{Name: v.name + ", PSNR to the truth", Value: sum / float64(n), Unit: "dB", N: n, Holds: true})
		}
	}
}

// variety emits how far apart two pictures of the same caption are, which differ in their seeds.
func (w *Words) variety(ctx context.Context, r *run.Run, set *emojiSet, drawn [][]float32, emit func(Row)) error {
	others, err := pictured(ctx, r, captionsOf(set.test, r), 1+uint64(len(drawn)))
	if err != nil {
		return err
	}
	square := 0.
	for i := range drawn {
		square += apart(drawn[i], others[i]) / float64(len(drawn))
	}
	emit(Row{Name: "drawn, PSNR of two pictures of a caption", Value: decibels(square), Unit: "dB", N: len(drawn), Holds: true})
	return nil
}

// copies emits the share of drawn pictures that copy a training picture, beside that of real ones.
func (w *Words) copies(ctx context.Context, r *run.Run, set *emojiSet, emit func(Row)) error {
	part := map[data.Split][]drawnEmoji{data.Train: set.train, data.Test: set.test}
	e := &metric.Evaluation{Spec: r.Spec.Only(data.Target)}
	e.Reals = func(split data.Split, n, _ int) (*data.Batch, error) {
		all := part[split][:min(n, len(part[split]))]
		c := data.Column{Field: set.field}
		for _, d := range all {
			c.Floats = append(c.Floats, d.pixels...)
		}
		return &data.Batch{N: len(all), Columns: []data.Column{c}}, nil
	}
	e.Fakes = func(ctx context.Context, n, draw int) (*data.Batch, error) {
		captions := captionsOf(set.test, r)
		rows := make([]int, n)
		for i := range rows {
			rows[i] = i % captions.N
		}
		c := data.Column{Field: set.field}
		pictures, err := pictured(ctx, r, data.DatasetOf(captions).Batch(rows), uint64(1+draw*n))
		for _, p := range pictures {
			c.Floats = append(c.Floats, p...)
		}
		return &data.Batch{N: n, Columns: []data.Column{c}}, err
	}
	scores, err := registry.Choose[metric.Metric]("memorised").Value.Measure(ctx, e)
	if err != nil {
		return err
	}
	for _, s := range scores {
		if s.Name != "memorised" || s.Floor == nil {
			continue
		}
		emit(Row{Name: "drawn, memorised", Value: s.Value, Unit: "%", N: s.N, Floor: s.Floor, Bar: fmt.Sprintf("<= %.1f, that of held-out pictures", *s.Floor), Holds: s.Value <= *s.Floor})
		return nil
	}
	return badinput.Errorf("the pictures could not be looked for among those of the training part")
}

// timedBatch is the number of pictures that are drawn at once.
const timedBatch = 16

// time measures how long a picture takes, sixteen at once.
func (w *Words) time(ctx context.Context, on *Machine, emit func(Row)) error {
	r, err := on.Open(w.Drawn)
	if err != nil {
		return err
	}
	defer r.Close()
	texts := slices.Repeat([]string{"waving hand: dark skin tone, Noto"}, timedBatch)
	captions, err := r.OfTexts(texts)
	if err != nil {
		return err
	}
	if _, err := pictured(ctx, r, captions, 1); err != nil { // builds the graphs
		return err
	}
	var all []float64
	for i := range 9 {
		before := processorSeconds()
		if _, err := pictured(ctx, r, captions, uint64(i)); err != nil {
			return err
		}
		all = append(all, (processorSeconds()-before)*1000/timedBatch)
	}
	slices.Sort(all)
	middle := all[len(all)/2]
	emit(Row{Name: "processor time a picture, 16 at once", Value: middle, Unit: "ms", N: len(all), Bar: "<= 50", Holds: middle <= 50})
	return nil
}
