package bench

import (
	"context"
	"fmt"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/vectors"
	"atelier/model/metric"
	"atelier/model/retrieve"
	"atelier/model/run"
)

// Bars of retrieval, as shares of the judge's own recall and of that in English.
const (
	ofJudge    = 0.5
	ofEnglish  = 0.8
	recallAt   = 10
	leastIndex = 500 // pictures a second
	mostQuery  = 100 // milliseconds
	queried    = 10_000
)

// A captionedEmoji is a picture with the lines of its caption.
type captionedEmoji struct {
	file  []byte
	lines []string // name in English and Chinese, keywords in English and Chinese
}

// captionedSet reads a part of the set.
func (w *Words) captionedSet(ctx context.Context, split data.Split) (all []captionedEmoji, err error) {
	source, err := data.Resolve(w.Set)
	if err != nil {
		return nil, err
	}
	for it, err := range source.Value.Items(ctx, split) {
		if err != nil {
			return nil, err
		}
		lines := strings.Split(it.Caption, "\n")
		if len(lines) < 2 {
			return nil, badinput.Errorf("%s: %s has no caption in two languages", w.Set, it.Name)
		}
		all = append(all, captionedEmoji{it.Bytes, lines})
	}
	return all, nil
}

// vectorsOf are the embeddings of pictures by a pair.
func vectorsOf(ctx context.Context, p *run.Pairing, all []captionedEmoji) ([]float32, error) {
	var pixels []float32
	for i := range all {
		one, err := p.Picture(all[i].file)
		if err != nil {
			return nil, err
		}
		pixels = append(pixels, one...)
	}
	return p.Pictures(ctx, pixels)
}

// recalls are the recalls of held-out pictures by their names in English and in Chinese: of the
// captions of pictures, and of the pictures of captions.
func recalls(ctx context.Context, p *run.Pairing, held []captionedEmoji) (by [2][2]float64, err error) {
	pictures, err := vectorsOf(ctx, p, held)
	if err != nil {
		return by, err
	}
	for language := range by {
		var texts []float32
		var keys []string
		for _, e := range held {
			v, _, err := p.Text(ctx, e.lines[language])
			if err != nil {
				return by, err
			}
			texts, keys = append(texts, v...), append(keys, e.lines[language])
		}
		by[language][0], by[language][1] = metric.Recall(pictures, texts, p.Width, recallAt, keys)
	}
	return by, nil
}

// pairing opens a run of the family pair.
func pairing(on *Machine, name string) (*run.Pairing, func(), error) {
	r, err := on.Open(name)
	if err != nil {
		return nil, nil, err
	}
	p, err := r.Pairing()
	return p, r.Close, err
}

// found measures how well pictures and captions find each other.
func (w *Words) found(ctx context.Context, on *Machine, emit func(Row)) error {
	held, err := w.captionedSet(ctx, data.Test)
	if err != nil {
		return err
	}
	p, done, err := pairing(on, w.Pair)
	if err != nil {
		return err
	}
	defer done()
	own, err := recalls(ctx, p, held)
	if err != nil {
		return err
	}
	var judged *[2][2]float64
	if w.Judge != "" {
		j, done, err := pairing(on, w.Judge)
		if err != nil {
			return err
		}
		defer done()
		of, err := recalls(ctx, j, held)
		if err != nil {
			return err
		}
		judged = &of
	} else {
		on.Tell("no judge: the bars beside one are left out; atelier train pair-judge makes one")
	}
	for language, name := range []string{"English", "Chinese"} {
		for direction, what := range []string{"captions of pictures", "pictures of captions"} {
			row := Row{Name: fmt.Sprintf("%s in %s, R@%d", what, name, recallAt), Value: own[language][direction], Holds: true, N: len(held)}
			if judged != nil {
				least := ofJudge * judged[language][direction]
				row.Bar, row.Holds, row.Peer = fmt.Sprintf(">= %.3f", least), row.Value >= least, &judged[language][direction]
			}
			emit(row)
		}
	}
	ratio := (own[1][0] + own[1][1]) / (own[0][0] + own[0][1])
	emit(Row{Name: "Chinese over English", Value: ratio, Bar: fmt.Sprintf(">= %g", ofEnglish), Holds: ratio >= ofEnglish, N: len(held)})
	return nil
}

// wordF1 is the harmonic mean of precision and recall of the words of a text against those of
// another, each word as often as it occurs; Chinese by pairs of characters.
func wordF1(got, want string) float64 {
	count := map[string]int{}
	terms := retrieve.Terms(want)
	for _, t := range terms {
		count[t]++
	}
	same, own := 0, retrieve.Terms(got)
	for _, t := range own {
		if count[t] > 0 {
			count[t], same = count[t]-1, same+1
		}
	}
	if same == 0 {
		return 0
	}
	return 2 * float64(same) / float64(len(own)+len(terms))
}

// described compares captions that a decoder writes of held-out pictures with that of the most
// similar training picture.
func (w *Words) described(ctx context.Context, on *Machine, emit func(Row)) error {
	p, done, err := pairing(on, w.Pair)
	if err != nil {
		return err
	}
	defer done()
	held, err := w.captionedSet(ctx, data.Test)
	if err != nil {
		return err
	}
	held = held[:min(len(held), w.Held)]
	known, err := w.captionedSet(ctx, data.Train)
	if err != nil {
		return err
	}
	of, err := vectorsOf(ctx, p, known)
	if err != nil {
		return err
	}
	index := &vectors.Index{Width: p.Width, Works: make([]vectors.Work, len(known)), Vectors: of}
	asked, err := vectorsOf(ctx, p, held)
	if err != nil {
		return err
	}
	for language, name := range []string{"English", "Chinese"} {
		near, written := 0., 0.
		for i, e := range held {
			hits, err := index.Nearest(asked[i*p.Width:(i+1)*p.Width], 1, vectors.Product)
			if err != nil {
				return err
			}
			near += wordF1(known[hits[0].Index].lines[language], e.lines[language]) / float64(len(held))
		}
		row := Row{Name: "captions of the nearest picture in " + name + ", word F1", Value: near, N: len(held), Holds: true}
		emit(row)
		if !p.Writes() {
			continue
		}
		for _, e := range held {
			pixels, err := p.Picture(e.file)
			if err != nil {
				return err
			}
			lines, err := p.Captions(ctx, pixels, language == 1)
			if err != nil {
				return err
			}
			written += wordF1(lines[0], e.lines[language]) / float64(len(held))
		}
		emit(Row{Name: "captions written in " + name + ", word F1", Value: written, Bar: fmt.Sprintf("> %.3f", near), Holds: written > near, Floor: &near, N: len(held)})
	}
	return nil
}

// searched measures the rate of indexing and the time of a query.
func (w *Words) searched(ctx context.Context, on *Machine, emit func(Row)) error {
	p, done, err := pairing(on, w.Pair)
	if err != nil {
		return err
	}
	defer done()
	known, err := w.captionedSet(ctx, data.Train)
	if err != nil {
		return err
	}
	known = known[:min(len(known), 2000)]
	if _, err := vectorsOf(ctx, p, known[:min(len(known), 100)]); err != nil { // graphs are built
		return err
	}
	began := processorSeconds()
	of, err := vectorsOf(ctx, p, known)
	if err != nil {
		return err
	}
	rate := float64(len(known)) / (processorSeconds() - began)
	emit(Row{Name: "indexing, by processor time", Value: rate, Unit: "pictures/s", Bar: fmt.Sprintf(">= %d", leastIndex), Holds: rate >= leastIndex, N: len(known)})
	x := &vectors.Index{Width: p.Width}
	for i := range queried {
		k := i % len(known)
		x.Add(vectors.Work{}, of[k*p.Width:(k+1)*p.Width])
	}
	const times = 20
	began = processorSeconds()
	for i := range times {
		v, _, err := p.Text(ctx, known[i*len(known)/times].lines[0])
		if err != nil {
			return err
		}
		if _, err := x.Nearest(v, 12, vectors.Product); err != nil {
			return err
		}
	}
	each := (processorSeconds() - began) * 1000 / times
	emit(Row{Name: "a query over 10,000 pictures, by processor time", Value: each, Unit: "ms", Bar: fmt.Sprintf("<= %d", mostQuery), Holds: each <= mostQuery, N: times})
	return nil
}
