// Package codec implements the codecs, which turn Items into numbers and back: one per file.
package codec

import (
	"fmt"

	"atelier/data"
)

// labelled returns the spec of a target with these classes.
func labelled(target data.Field, classes []string) data.Spec {
	s := data.Spec{Fields: []data.Field{target}}
	if len(classes) > 0 {
		s.Fields = append(s.Fields, data.Field{Name: data.Label, Kind: data.Classes, Classes: classes})
	}
	return s
}

// encodeLabel writes the class of the target, if the batch has labels.
func encodeLabel(ex data.Example, b *data.Batch, at int) error {
	c := b.Column(data.Label)
	if c == nil {
		return nil
	}
	var err error
	c.Ints[at], err = c.Field.Class(ex[data.Target].Label)
	return err
}

// Labels is the setting of streaming codecs that keeps labels beside tokens. It is off by default,
// so that sets encoded without labels stay the same.
type Labels struct {
	Labels bool `json:",omitempty" help:"keep the labels of the works beside their tokens"`
}

// KeepsLabels implements [data.Labelling].
func (l Labels) KeepsLabels() bool { return l.Labels }

// decodeLabel returns the name of the class, empty if the batch has no labels.
func decodeLabel(b *data.Batch, at int) (string, error) {
	c := b.Column(data.Label)
	if c == nil {
		return "", nil
	}
	i := int(c.Ints[at])
	if i < 0 || i >= len(c.Field.Classes) {
		return "", fmt.Errorf("class %d, but there are %d classes", i, len(c.Field.Classes))
	}
	return c.Field.Classes[i], nil
}
