// Package vectors keeps the vectors of works in a file and finds the nearest ones.
package vectors

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// An Index holds a vector of each of some works.
type Index struct {
	// Space identifies what made the vectors: only vectors of one space can be compared.
	Space string `json:"space"`
	// State identifies what was indexed, such as the version of a dataset.
	State string `json:"state"`
	// Width is the width of the vectors.
	Width int `json:"width"`
	// Works are what the vectors are of, in order.
	Works []Work `json:"works"`
	// Vectors is [works, width], row-major. It is not part of the JSON.
	Vectors []float32 `json:"-"`
}

// A Work is one of an [Index].
type Work struct {
	// Name identifies the work in what was indexed.
	Name string `json:"name"`
	// Sum is the SHA-256 of its bytes, in hexadecimal.
	Sum string `json:"sum"`
	// Label is its class, and Caption what describes it in words; empty if unknown.
	Label   string `json:"label,omitempty"`
	Caption string `json:"caption,omitempty"`
}

// Row returns the vector of work i.
func (x *Index) Row(i int) []float32 { return x.Vectors[i*x.Width : (i+1)*x.Width] }

// Add appends a work with its vector.
func (x *Index) Add(w Work, vector []float32) {
	x.Works, x.Vectors = append(x.Works, w), append(x.Vectors, vector...)
}

// BySum maps the hashes of the works to their numbers, the first of several.
func (x *Index) BySum() map[string]int {
	by := make(map[string]int, len(x.Works))
	for i := len(x.Works) - 1; i >= 0; i-- {
		by[x.Works[i].Sum] = i
	}
	return by
}

// A Hit is a work that was found.
type Hit struct {
	// Index is the number of the work.
	Index int
	// Score is the larger, the nearer the work is.
	Score float64
}

// A Nearness scores two vectors of the same width: the nearer, the larger.
type Nearness func(a, b []float32) float64

// Product is the scalar product: of unit vectors, the cosine of their angle.
func Product(a, b []float32) float64 {
	var sums [4]float32
	n := len(a) &^ 3
	b = b[:len(a)]
	for i := 0; i < n; i += 4 {
		sums[0] += a[i] * b[i]
		sums[1] += a[i+1] * b[i+1]
		sums[2] += a[i+2] * b[i+2]
		sums[3] += a[i+3] * b[i+3]
	}
	for i := n; i < len(a); i++ {
		sums[0] += a[i] * b[i]
	}
	return float64(sums[0]+sums[1]) + float64(sums[2]+sums[3])
}

// Distance is the negative Euclidean distance.
func Distance(a, b []float32) float64 {
	sum := 0.
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return -math.Sqrt(sum)
}

// Nearest returns the n works that are nearest to a vector, the nearest first; works that are
// equally near stand in their order. A vector of another width is an error.
func (x *Index) Nearest(vector []float32, n int, by Nearness) ([]Hit, error) {
	if len(vector) != x.Width {
		return nil, fmt.Errorf("the index has vectors of %d numbers, not of %d", x.Width, len(vector))
	}
	hits := make([]Hit, len(x.Works))
	for i := range hits {
		hits[i] = Hit{i, by(vector, x.Row(i))}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(n, len(hits))], nil
}

// The layout of a file: the magic, the length of the JSON, the JSON, the vectors, and the SHA-256 of
// all before it.
const (
	magic    = "atelier vectors 1\n"
	mostJSON = 1 << 30
)

// ErrDamaged reports a file that holds no index, or not all of it.
var ErrDamaged = errors.New("the index is damaged")

// Encode writes the index as a file.
func (x *Index) Encode() ([]byte, error) {
	head, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	out := append([]byte(magic), binary.LittleEndian.AppendUint32(nil, uint32(len(head)))...)
	out = append(out, head...)
	for _, v := range x.Vectors {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// Decode reads a file that [Index.Encode] wrote. Any other is [ErrDamaged].
func Decode(file []byte) (*Index, error) {
	const fixed = len(magic) + 4
	if len(file) < fixed+sha256.Size || !bytes.HasPrefix(file, []byte(magic)) {
		return nil, ErrDamaged
	}
	body, tail := file[:len(file)-sha256.Size], file[len(file)-sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], tail) {
		return nil, ErrDamaged
	}
	n := binary.LittleEndian.Uint32(body[len(magic):])
	if n > mostJSON || int(n) > len(body)-fixed {
		return nil, ErrDamaged
	}
	x := &Index{}
	if err := json.Unmarshal(body[fixed:fixed+int(n)], x); err != nil {
		return nil, ErrDamaged
	}
	rest := body[fixed+int(n):]
	if x.Width < 1 || x.Width > len(rest) || len(rest)%(4*x.Width) != 0 || len(rest)/(4*x.Width) != len(x.Works) {
		if len(x.Works) > 0 || len(rest) > 0 {
			return nil, ErrDamaged
		}
	}
	x.Vectors = make([]float32, len(rest)/4)
	for i := range x.Vectors {
		if x.Vectors[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:])); x.Vectors[i]-x.Vectors[i] != 0 {
			return nil, ErrDamaged
		}
	}
	return x, nil
}
