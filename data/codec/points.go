package codec

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("points", "points in the plane, written x,y, as vectors of two numbers",
		func() data.Codec { return &Points{Scale: 1} })
}

// pointsRange limits the scaled coordinates: it leaves room around ±1 for the tails of a
// distribution with centres up to there.
const pointsRange = 1.25

// Points turns CSV "x,y" into a vector of shape [2] within ±1.25 and back.
type Points struct {
	Scale float64 `help:"divisor of the coordinates: about the largest coordinate, such as 1 for rings and 4 for grid"`
}

// Check rejects a scale that cannot be divided by.
func (c *Points) Check() error {
	if !(c.Scale > 0) || math.IsInf(c.Scale, 0) {
		return registry.Unfit("scale", fmt.Sprintf("want a number above 0, got %g", c.Scale))
	}
	return nil
}

// Spec describes the encoding of points.
func (c *Points) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("points %w", err)
	}
	return labelled(data.Field{Name: data.Target, Kind: data.Vector, Shape: []int{2}, Low: -pointsRange, High: pointsRange}, classes), nil
}

// Encode writes the point, divided by the scale, and its label.
func (c *Points) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	x, y, found := strings.Cut(strings.TrimSpace(string(ex[data.Target].Bytes)), ",")
	if !found {
		return unreadable(errors.New(`not a point; it must be two numbers, such as "0.5,-1"`))
	}
	row := target.Row(at)
	for i, text := range []string{x, y} {
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return unreadable(fmt.Errorf("%.20q is not a finite number", text))
		}
		if math.Abs(v) > pointsRange*c.Scale {
			return fmt.Errorf("the coordinate %g lies outside ±%g; a codec scale of %.3g or more takes it in",
				v, pointsRange*c.Scale, math.Abs(v)/pointsRange)
		}
		row[i] = float32(v / c.Scale)
	}
	return encodeLabel(ex, b, at)
}

// Decode returns the point in the units of the source.
func (c *Points) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil || target.Field.Size() != 2 {
		return data.Item{}, errors.New("the batch has no target of two numbers")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	row := target.Row(at)
	line := strconv.AppendFloat(nil, float64(row[0])*c.Scale, 'g', -1, 64)
	line = append(line, ',')
	line = strconv.AppendFloat(line, float64(row[1])*c.Scale, 'g', -1, 64)
	return data.Item{MediaType: c.MediaType(), Bytes: line, Label: label}, nil
}

// MediaType implements [data.Codec].
func (*Points) MediaType() string { return "text/csv" }
