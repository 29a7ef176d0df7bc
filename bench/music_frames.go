package bench

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

// rollKeys are the keys of a piano, the lowest of which has the pitch rollLowest.
const (
	rollKeys   = 88
	rollLowest = 21
)

// A frame is the keys that are down during a quarter note.
type frame struct{ low, high uint64 }

func (f frame) has(key int) bool {
	switch {
	case key < 0 || key >= rollKeys:
		return false
	case key < 64:
		return f.low>>key&1 == 1
	}
	return f.high>>(key-64)&1 == 1
}

func (f *frame) press(key int) {
	if key < 64 {
		f.low |= 1 << key
	} else {
		f.high |= 1 << (key - 64)
	}
}

// below is the keys below one.
func (f frame) below(key int) frame {
	switch {
	case key <= 0:
		return frame{}
	case key < 64:
		return frame{low: f.low & (1<<key - 1)}
	}
	return frame{f.low, f.high & (1<<(key-64) - 1)}
}

func (f frame) count() int { return bits.OnesCount64(f.low) + bits.OnesCount64(f.high) }

// lowest is the lowest key, -1 if there is none.
func (f frame) lowest() int {
	switch {
	case f.low != 0:
		return bits.TrailingZeros64(f.low)
	case f.high != 0:
		return 64 + bits.TrailingZeros64(f.high)
	}
	return -1
}

// highest is the highest key, -1 if there is none.
func (f frame) highest() int {
	if f.high != 0 {
		return 127 - bits.LeadingZeros64(f.high)
	}
	return 63 - bits.LeadingZeros64(f.low)
}

// A roll is a piece as frames.
type roll []frame

// chorales are those of the published figures.
type chorales struct{ train, valid, test []roll }

// readChorales reads them by their card.
func readChorales(ctx context.Context) (*chorales, error) {
	set, err := registry.Make[data.Source]("card", "name=jsb-chorales-frames")
	if err != nil {
		return nil, err
	}
	c := &chorales{}
	for _, split := range []data.Split{data.Train, data.Test} {
		for it, err := range set.Value.Items(ctx, split) {
			if err != nil {
				return nil, err
			}
			song, _, err := midi.Read(it.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", it.Name, err)
			}
			part := &c.train
			switch {
			case split == data.Test:
				part = &c.test
			case strings.Contains(it.Name, "valid/"):
				part = &c.valid
			}
			*part = append(*part, rollOf(song))
		}
	}
	return c, nil
}

// rollOf is a piece whose notes lie on quarter notes.
func rollOf(song *midi.Song) roll {
	q := int64(song.Quarter)
	r := make(roll, (song.End+q-1)/q)
	for _, n := range song.Notes {
		for t := n.At / q; t < (n.At+n.Length+q-1)/q && t < int64(len(r)); t++ {
			if key := int(n.Pitch) - rollLowest; key >= 0 && key < rollKeys {
				r[t].press(key)
			}
		}
	}
	return r
}

// frames is how many frames there are.
func frames(rolls []roll) (n int) {
	for _, r := range rolls {
		n += len(r)
	}
	return n
}

// A foretelling gives the probability of each key of a frame of a piece, from the frames before
// it, and perhaps from the lower keys of the frame itself.
type foretelling func(r roll, t int, p *[rollKeys]float64)

// likelihood is the mean negative log-likelihood of a frame in nats: of each the sum over the 88
// keys of -ln p if the key is down and -ln(1-p) if it is not. The first frame of a piece counts,
// with nothing before it.
func likelihood(rolls []roll, foretell foretelling) float64 {
	var sum float64
	var p [rollKeys]float64
	for _, r := range rolls {
		for t := range r {
			foretell(r, t, &p)
			sum -= r[t].logOf(&p)
		}
	}
	return sum / float64(frames(rolls))
}

// logOf is the log-likelihood of the frame where its keys have these probabilities.
func (f frame) logOf(p *[rollKeys]float64) (sum float64) {
	for key, down := range p {
		if !f.has(key) {
			down = 1 - down
		}
		sum += math.Log(max(down, 1e-12))
	}
	return sum
}

// byMean foretells each key by how often it is down in rolls, counted from one time each.
func byMean(rolls []roll) foretelling {
	var down [rollKeys]float64
	for _, r := range rolls {
		for _, f := range r {
			for key := range down {
				if f.has(key) {
					down[key]++
				}
			}
		}
	}
	n := float64(frames(rolls))
	return func(_ roll, _ int, p *[rollKeys]float64) {
		for key := range p {
			p[key] = (down[key] + 1) / (n + 2)
		}
	}
}

// byLast foretells each key by how often it is down in rolls after it was and was not in the frame
// before, which is empty before a piece.
func byLast(rolls []roll) foretelling {
	var down, of [2][rollKeys]float64
	was := func(r roll, t, key int) int {
		if t > 0 && r[t-1].has(key) {
			return 1
		}
		return 0
	}
	for _, r := range rolls {
		for t := range r {
			for key := range rollKeys {
				w := was(r, t, key)
				of[w][key]++
				if r[t].has(key) {
					down[w][key]++
				}
			}
		}
	}
	return func(r roll, t int, p *[rollKeys]float64) {
		for key := range p {
			w := was(r, t, key)
			p[key] = (down[w][key] + 1) / (of[w][key] + 2)
		}
	}
}
