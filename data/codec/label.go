// Package codec turns Items into numbers and back: one codec a file.
package codec

import (
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/registry"
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
	label := ex[data.Target].Label
	i := slices.Index(c.Field.Classes, label)
	switch {
	case i >= 0:
		c.Ints[at] = int32(i)
		return nil
	case label == "":
		return data.ErrUnlabelled
	default:
		return fmt.Errorf("the label %q is not a class of the training part; %s", label, registry.Suggest(label, c.Field.Classes))
	}
}

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
