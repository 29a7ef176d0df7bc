package app

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

// mover moves codes of a run.
type mover struct {
	run      *run.Run
	class    string
	steering *family.Steering
	vectors  *family.Directions
	unit     float64
	target   data.Field
}

func newMover(ctx context.Context, r *run.Run, class string) (*mover, error) {
	m := &mover{run: r, class: class, target: r.Spec.Target()}
	var err error
	if m.vectors, err = r.Directions(); err != nil {
		return nil, err
	}
	if m.steering, err = r.Steering(); err != nil {
		return nil, err
	}
	m.unit, err = m.steering.Unit(ctx)
	return m, err
}

// codes are those of seeds, moved along a direction.
func (m *mover) codes(ctx context.Context, seeds []uint64, direction []float32, length float64) (*data.Batch, error) {
	conditions, err := m.run.OfClass(len(seeds), m.class)
	if err != nil {
		return nil, err
	}
	codes, err := m.steering.Codes(ctx, seeds, conditions)
	if err == nil && length != 0 {
		m.steering.Move(codes, direction, length*m.unit)
	}
	return codes, err
}

// draw are the samples of seeds, moved along a direction.
func (m *mover) draw(ctx context.Context, seeds []uint64, direction []float32, length float64) (*data.Column, error) {
	codes, err := m.codes(ctx, seeds, direction, length)
	if err != nil {
		return nil, err
	}
	all := &data.Column{Field: m.target}
	for b, err := range m.steering.Samples(ctx, codes) {
		if err != nil {
			return nil, err
		}
		all.Floats = append(all.Floats, b.Column(data.Target).Floats...)
	}
	return all, nil
}

// A move is a direction and how far codes are moved along it.
type move struct {
	number int
	length float64
}

// mostMove is the largest length of a move.
const mostMove = 100

// parseMoves reads moves such as 3=+2.
func parseMoves(words []string) ([]move, error) {
	var all []move
	for _, word := range words {
		number, length, ok := strings.Cut(word, "=")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		x, wrong := ParseNumber(strings.TrimSpace(length))
		if !ok || err != nil || wrong != nil || n < 1 || math.Abs(x) > mostMove {
			return nil, registry.Unfit("direction", fmt.Sprintf("want the number of a direction and a length from -%d to %d, such as 3=+2, got %q", mostMove, mostMove, word))
		}
		all = append(all, move{n, x})
	}
	return all, nil
}

// along moves codes.
func (m *mover) along(codes *data.Batch, moves []move) error {
	for _, one := range moves {
		if one.number > len(m.vectors.Vectors) {
			return badinput.Mark(registry.Unfit("direction", fmt.Sprintf("run %s has the directions 1 to %d, got %d", m.run.Dir.Name(), len(m.vectors.Vectors), one.number)))
		}
		m.steering.Move(codes, m.vectors.Vectors[one.number-1], one.length*m.unit)
	}
	return nil
}

// samples draws those of one class.
func (g *Generate) samples(ctx context.Context, r *run.Run, conditions *data.Batch) (iter.Seq2[*data.Batch, error], error) {
	seeds := run.Seeds(g.Seed, g.each())
	moves, err := parseMoves(g.Direction)
	if err != nil || len(moves) == 0 {
		return r.Draw(ctx, seeds, conditions, g.Truncation)
	}
	m, err := newMover(ctx, r, "")
	if err != nil {
		return nil, err
	}
	codes, err := m.steering.Codes(ctx, seeds, conditions)
	if err == nil {
		err = m.steering.Truncate(ctx, codes, g.Truncation)
	}
	if err == nil {
		err = m.along(codes, moves)
	}
	if err != nil {
		return nil, err
	}
	return m.steering.Samples(ctx, codes), nil
}
