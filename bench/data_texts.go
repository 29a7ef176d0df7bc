package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"atelier/data"
	"atelier/data/clean"
	"atelier/internal/noise"
	"atelier/internal/registry"
)

func init() {
	addData("texts", measureTexts)
	addData("near-texts", measureNearTexts)
	addData("private", measurePrivate)
}

// bible is the King James Version, a JSON line per chapter.
//
//go:embed kjv.jsonl.gz
var bible []byte

// The sizes of the works on texts.
const (
	textBytes    = 200 << 20
	documentSize = 2 << 10
	changedWords = 5 // %
)

// documents are the Bible in parts of about 2 KB.
func documents() ([]string, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(bible))
	if err != nil {
		return nil, err
	}
	var all []string
	var part strings.Builder
	lines := bufio.NewScanner(unzip)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var chapter struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &chapter); err != nil {
			return nil, err
		}
		for verse := range strings.Lines(chapter.Text + "\n") {
			part.WriteString(verse)
			if part.Len() >= documentSize {
				all = append(all, part.String())
				part.Reset()
			}
		}
	}
	return all, lines.Err()
}

// changed replaces some of the words of a text by others from the same texts.
func changed(s string, vocabulary []string, rng *rand.Rand) string {
	var out strings.Builder
	out.Grow(len(s) + 64)
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			out.WriteByte(' ')
		}
		if rng.IntN(100) < changedWords {
			word = vocabulary[rng.IntN(len(vocabulary))]
		}
		out.WriteString(word)
	}
	return out.String()
}

// repeated are documents of at least a number of bytes: the parts of the Bible repeatedly, each
// time with other words changed.
func repeated(least int) ([]data.Item, int, error) {
	parts, err := documents()
	if err != nil {
		return nil, 0, err
	}
	vocabulary := strings.Fields(strings.Join(parts, " "))
	rng := noise.Stream(1)
	var items []data.Item
	size := 0
	for i := 0; size < least; i++ {
		text := changed(parts[i%len(parts)], vocabulary, rng)
		items = append(items, data.Item{Name: fmt.Sprint(i), MediaType: "text/plain", Bytes: []byte(text)})
		size += len(text)
	}
	return items, size, nil
}

// textCleaners are all cleaners of single texts, in order.
var textCleaners = []string{"utf8", "mojibake", "boilerplate", "language", "gopher", "c4", "repetition", "private"}

// textSettings are the settings that differ from the defaults.
var textSettings = map[string][]string{"language": {"keep=en"}}

// measureTexts measures the throughput of the cleaners in bytes per second.
func measureTexts(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	items, size, err := repeated(part.of(textBytes))
	if err != nil {
		return err
	}
	for _, work := range []struct {
		name string
		near bool
		bar  float64
	}{{"texts through all cleaners but near duplicates", false, 15}, {"texts through all cleaners", true, 8}} {
		began := time.Now()
		kept, err := cleanTexts(ctx, items, work.near)
		if err != nil {
			return err
		}
		on.Tell(fmt.Sprintf("%d of %d texts were kept", kept, len(items)))
		emit(atLeast(work.name, float64(size)/1e6/time.Since(began).Seconds(), work.bar, "MB/s", len(items)))
	}
	return nil
}

// cleanTexts cleans texts on all cores, then compares their sketches in order.
func cleanTexts(ctx context.Context, items []data.Item, near bool) (kept int, err error) {
	cleaners := make([]data.Cleaner, len(textCleaners))
	for i, name := range textCleaners {
		c, err := registry.Make[data.Cleaner](name, textSettings[name]...)
		if err != nil {
			return 0, err
		}
		cleaners[i] = c.Value
	}
	const chunk = 1024
	index := newNearIndex()
	for batch := range slices.Chunk(items, chunk) {
		sketches := make([]*data.Sketch, len(batch))
		stays := make([]bool, len(batch))
		failures := make([]error, runtime.GOMAXPROCS(0))
		var all sync.WaitGroup
		for worker := range failures {
			all.Go(func() {
				for i := worker; i < len(batch) && failures[worker] == nil; i += len(failures) {
					stays[i], sketches[i], failures[worker] = cleanText(batch[i], cleaners, index.cleaner, near)
				}
			})
		}
		all.Wait()
		if err := errors.Join(append(failures, ctx.Err())...); err != nil {
			return 0, err
		}
		for i := range batch {
			if stays[i] && (sketches[i] == nil || index.add(*sketches[i]) < 0) {
				kept++
			}
		}
	}
	return kept, nil
}

func cleanText(it data.Item, cleaners []data.Cleaner, near data.Comparing, sketch bool) (bool, *data.Sketch, error) {
	p := &data.Piece{Item: it}
	for _, c := range cleaners {
		var drop *data.Drop
		if err := c.Clean(p); errors.As(err, &drop) {
			return false, nil, nil
		} else if err != nil {
			return false, nil, err
		}
	}
	if !sketch {
		return true, nil, p.Finish()
	}
	s, ok, err := near.Sketch(p)
	if !ok || err != nil {
		return true, nil, errors.Join(err, p.Finish())
	}
	return true, &s, p.Finish()
}

// A nearIndex finds near duplicates among the texts kept so far.
type nearIndex struct {
	cleaner    data.Comparing
	signatures [][]byte
	places     map[uint64][]int
}

func newNearIndex() *nearIndex {
	c, err := data.Cleaners.New("near-texts")
	if err != nil {
		panic(err) // it is one of this program's
	}
	return &nearIndex{cleaner: c.(data.Comparing), places: map[uint64][]int{}}
}

// add returns the first text similar to the sketch; -1 if there is none, and then the text is kept.
func (x *nearIndex) add(s data.Sketch) int {
	for _, band := range s.Bands {
		for _, i := range x.places[band] {
			if x.cleaner.Alike(x.signatures[i], s.Signature) {
				return i
			}
		}
	}
	for _, band := range s.Bands {
		x.places[band] = append(x.places[band], len(x.signatures))
	}
	x.signatures = append(x.signatures, s.Signature)
	return -1
}

// measureNearTexts measures how many texts with 5 % of their words changed are found, and how many
// findings are wrong.
func measureNearTexts(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	parts, err := documents()
	if err != nil {
		return err
	}
	vocabulary := strings.Fields(strings.Join(parts, " "))
	parts = parts[:part.of(len(parts))]
	rng := noise.Stream(2)
	index := newNearIndex()
	right, wrong := 0, 0
	var origin []int
	see := func(text string, i int) error {
		s, _, err := index.cleaner.Sketch(&data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(text)}})
		if err != nil {
			return err
		}
		switch j := index.add(s); {
		case j < 0:
			origin = append(origin, i)
		case origin[j] == i:
			right++
		default:
			wrong++
		}
		return ctx.Err()
	}
	for i, text := range parts {
		if err := see(text, i); err != nil {
			return err
		}
	}
	for i, text := range parts {
		if err := see(changed(text, vocabulary, rng), i); err != nil {
			return err
		}
	}
	emit(atLeast("recall of texts with 5 % of words changed", 100*float64(right)/float64(len(parts)), 95, "%", len(parts)))
	emit(atLeast("precision of near duplicates of texts", 100*float64(right)/float64(max(1, right+wrong)), 99, "%", right+wrong))
	return nil
}

// measurePrivate measures the cleaner of personal data on labelled lines.
func measurePrivate(_ context.Context, on *Machine, _ share, emit func(Row)) error {
	made, err := registry.Make[data.Cleaner]("private", `regions="US,CN,GB"`)
	if err != nil {
		return err
	}
	c, ok := made.Value.(*clean.Private)
	if !ok {
		return fmt.Errorf("the cleaner private is a %T", made.Value)
	}
	tuned, heldOut := clean.PrivateLines()
	for _, half := range []struct {
		name  string
		lines []string
	}{{"tuned on", tuned}, {"held out", heldOut}} {
		n := c.Measure(half.lines, func(what, kind, value string) { on.Tell(fmt.Sprintf("%s %s %q", what, kind, value)) })
		emit(Row{Name: "precision of personal data, lines " + half.name, Value: n.Precision(), Unit: "%", Holds: true, N: n.Right + n.Wrong})
		emit(Row{Name: "recall of personal data, lines " + half.name, Value: n.Recall(), Unit: "%", Holds: true, N: n.Right + n.Missed})
	}
	return nil
}
