package bench

import (
	"context"
	"fmt"
	"math"
	"strconv"
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
	mostDoubt  = 0.1 // of a mean confidence
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
		if it.Caption == "" {
			return nil, badinput.Errorf("%s: %s has no caption", w.Set, it.Name)
		}
		all = append(all, captionedEmoji{it.Bytes, strings.Split(it.Caption, "\n")})
	}
	return all, nil
}

// languages are those that all captions are in, the first lines: English, and Chinese if there are two.
func languages(all []captionedEmoji) []string {
	for _, e := range all {
		if len(e.lines) < 2 {
			return []string{"English"}
		}
	}
	return []string{"English", "Chinese"}
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
	for language := range languages(held) {
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
	in := languages(held)
	for language, name := range in {
		for direction, what := range []string{"captions of pictures", "pictures of captions"} {
			row := Row{Name: fmt.Sprintf("%s in %s, R@%d", what, name, recallAt), Value: own[language][direction], Holds: true, N: len(held)}
			if judged != nil {
				least := ofJudge * judged[language][direction]
				row.Bar, row.Holds, row.Peer = fmt.Sprintf(">= %.3f", least), row.Value >= least, &judged[language][direction]
			}
			emit(row)
		}
	}
	if len(in) < 2 {
		return nil
	}
	ratio := (own[1][0] + own[1][1]) / (own[0][0] + own[0][1])
	emit(Row{Name: "Chinese over English", Value: ratio, Bar: fmt.Sprintf(">= %g", ofEnglish), Holds: ratio >= ofEnglish, N: len(held)})
	return nil
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
	index := &vectors.Index{Width: p.Width, Vectors: of}
	for i, e := range known {
		index.Works = append(index.Works, vectors.Work{Sum: strconv.Itoa(i), Caption: strings.Join(e.lines, "\n")})
	}
	asked, err := vectorsOf(ctx, p, held)
	if err != nil {
		return err
	}
	for language, name := range languages(append(held[:len(held):len(held)], known...)) {
		near, err := fromNeighbours(index, asked, held, language, name, emit)
		if err != nil {
			return err
		}
		if !p.Writes() {
			continue
		}
		written := 0.
		for _, e := range held {
			pixels, err := p.Picture(e.file)
			if err != nil {
				return err
			}
			lines, err := p.Captions(ctx, pixels, language == 1)
			if err != nil {
				return err
			}
			written += retrieve.Overlap(lines[0], e.lines[language]) / float64(len(held))
		}
		emit(Row{Name: "captions written in " + name + ", word F1", Value: written, Bar: fmt.Sprintf("> %.3f", near), Holds: written > near, Floor: &near, N: len(held)})
	}
	return nil
}

// fromNeighbours measures the captions of the nearest pictures of an index in a language, the word F1 of
// which it returns, and how sure `describe` would be of them.
func fromNeighbours(index *vectors.Index, asked []float32, held []captionedEmoji, language int, name string, emit func(Row)) (near float64, err error) {
	line := func(w vectors.Work) string { return strings.Split(w.Caption, "\n")[language] }
	trust := vectors.Calibrate(index, func(vectors.Work) bool { return true },
		func(a, b vectors.Work) float64 { return retrieve.Overlap(line(a), line(b)) })
	n, sure, unlike := float64(len(held)), 0., 0
	for i, e := range held {
		hits, err := index.Nearest(asked[i*index.Width:(i+1)*index.Width], 1, vectors.Product)
		if err != nil {
			return 0, err
		}
		near += retrieve.Overlap(line(index.Works[hits[0].Index]), e.lines[language]) / n
		if trust == nil {
			continue
		}
		if sure += trust.Of(hits[0].Score) / n; hits[0].Score < trust.Usual {
			unlike++
		}
	}
	emit(Row{Name: "captions of the nearest picture in " + name + ", word F1", Value: near, N: len(held), Holds: true})
	if trust != nil {
		emit(Row{Name: "confidence in captions in " + name + " less their word F1", Value: sure - near,
			Bar: fmt.Sprintf("within %g", mostDoubt), Holds: math.Abs(sure-near) <= mostDoubt, N: len(held)})
		emit(Row{Name: "said to be unlike all others, in " + name, Value: percentOf(unlike, len(held)), Unit: "%", N: len(held), Holds: true})
	}
	return near, nil
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
