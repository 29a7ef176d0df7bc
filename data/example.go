package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"atelier/internal/badinput"
)

// The names of the Items of an [Example], and of the fields that they are encoded into.
const (
	Target      = "target" // what a model learns to generate
	SourceField = "source" // what it generates it from
	MaskField   = "mask"   // where it generates: white

	// CaptionField holds the words that describe the target, [lines, words] tokens: each line
	// describes it alone, 0 is no word and 1 an unknown one.
	CaptionField = "caption"
)

// An Example is a training example: Items by name. Most sets have only a [Target].
type Example map[string]Item

// ExampleOf returns the Example whose target is the Item.
func ExampleOf(it Item) Example { return Example{Target: it} }

// A Composite source yields Examples of several Items. What its Items yields are their
// targets.
type Composite interface {
	Source
	// Companions names the other Items of every Example besides the target, sorted.
	Companions() []string
	// Examples yields the Examples in the order of Items. An error comes with the target, if
	// known.
	Examples(ctx context.Context, split Split) iter.Seq2[Example, error]
}

// companions names the other Items of the Examples of a source.
func companions(src Source) []string {
	if c, ok := src.(Composite); ok {
		return c.Companions()
	}
	return nil
}

// A CompanionCodec also encodes the other Items of Examples.
type CompanionCodec interface {
	Codec
	// Companion returns the codec of a field other than the target, such as [SourceField].
	Companion(field string) (Codec, error)
}

// fieldCodecs is a codec of targets, and one per companion.
type fieldCodecs struct {
	Codec
	others []fieldCodec
}

type fieldCodec struct {
	name string
	Codec
}

// CodecOf returns a codec of Examples with companions of these names, each with a field of
// its own.
func CodecOf(codec Codec, companions []string) (Codec, error) {
	if len(companions) == 0 {
		return codec, nil
	}
	c, ok := codec.(CompanionCodec)
	if !ok {
		return nil, badinput.Errorf("the codec does not encode the Items besides the targets: %q; for pictures, set codec.use=image", companions)
	}
	all := &fieldCodecs{Codec: codec}
	for _, name := range companions {
		other, err := c.Companion(name)
		if err != nil {
			return nil, err
		}
		all.others = append(all.others, fieldCodec{name, other})
	}
	return all, nil
}

// alone is the codec of the targets.
func alone(codec Codec) Codec {
	if f, ok := codec.(*fieldCodecs); ok {
		return f.Codec
	}
	return codec
}

// Spec implements [Codec].
func (f *fieldCodecs) Spec(classes []string) (Spec, error) {
	spec, err := f.Codec.Spec(classes)
	if err != nil {
		return Spec{}, err
	}
	spec.Fields = slices.Clone(spec.Fields)
	for _, o := range f.others {
		field, err := o.field()
		if err != nil {
			return Spec{}, fmt.Errorf("%s: %w", o.name, err)
		}
		spec.Fields = append(spec.Fields, field)
	}
	return spec, nil
}

// Encode implements [Codec].
func (f *fieldCodecs) Encode(ex Example, b *Batch, at int) error {
	if err := f.Codec.Encode(ex, b, at); err != nil {
		return err
	}
	for _, o := range f.others {
		it, ok := ex[o.name]
		switch {
		case b.Column(o.name) == nil:
			continue
		case !ok:
			return &Fault{Reason: "no " + o.name, Err: errors.New("there is no such file for it")}
		}
		if err := o.encode(it, b, at); err != nil {
			return beside(o.name, it, err)
		}
	}
	return nil
}

// field is what the codec makes of its Items.
func (c fieldCodec) field() (Field, error) {
	spec, err := c.Codec.Spec(nil)
	if err != nil {
		return Field{}, err
	}
	f := spec.Target()
	f.Name = c.name
	return f, nil
}

// encode writes an Item into row at of the codec's column.
func (c fieldCodec) encode(it Item, b *Batch, at int) error {
	as := *b.Column(c.name)
	as.Field.Name = Target
	return c.Codec.Encode(ExampleOf(it), &Batch{N: b.N, Columns: []Column{as}}, at)
}

// Companions encodes companions without a target into a batch of one: the Items of these
// names, each into its own field. An error names the Item.
func Companions(codec CompanionCodec, names []string, items Example) (*Batch, error) {
	b := &Batch{N: 1}
	for _, name := range names {
		own, err := codec.Companion(name)
		if err != nil {
			return nil, err
		}
		c := fieldCodec{name, own}
		field, err := c.field()
		if err != nil {
			return nil, err
		}
		b.Set(NewColumn(field, 1))
		if err := c.encode(items[name], b, 0); err != nil {
			return nil, fmt.Errorf("the %s: %w", name, err)
		}
	}
	return b, nil
}

// beside is the error of a companion of a target.
func beside(name string, it Item, err error) error {
	told := fmt.Errorf("its %s, %w", name, it.located(err))
	var fault *Fault
	if errors.As(err, &fault) {
		return &Fault{Reason: fault.Reason, Err: told}
	}
	return told
}
