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
	Target      = "target" // what a model learns to make
	SourceField = "source" // what it makes it of
	MaskField   = "mask"   // where it makes it: white
)

// An Example is what a model learns from: Items by name. Most sets have a [Target] and
// nothing else.
type Example map[string]Item

// ExampleOf returns the Example whose target is the Item.
func ExampleOf(it Item) Example { return Example{Target: it} }

// A Composite source yields Examples of several Items. What its Items yields are their
// targets.
type Composite interface {
	Source
	// Companions names the Items that every Example has beside its target, sorted.
	Companions() []string
	// Examples yields the Examples in the order of Items. An error comes with the target,
	// as far as it is known.
	Examples(ctx context.Context, split Split) iter.Seq2[Example, error]
}

// companions names what the Examples of a source have beside their targets.
func companions(src Source) []string {
	if c, ok := src.(Composite); ok {
		return c.Companions()
	}
	return nil
}

// A CompanionCodec encodes what stands beside its targets as well.
type CompanionCodec interface {
	Codec
	// Companion returns the codec of a field beside the target, such as [SourceField].
	Companion(field string) (Codec, error)
}

// fieldCodecs is a codec of targets, and one of each Item beside them.
type fieldCodecs struct {
	Codec
	others []fieldCodec
}

type fieldCodec struct {
	name string
	Codec
}

// CodecOf returns what encodes Examples that have companions of these names beside the
// target, each into a field of its own.
func CodecOf(codec Codec, companions []string) (Codec, error) {
	if len(companions) == 0 {
		return codec, nil
	}
	c, ok := codec.(CompanionCodec)
	if !ok {
		return nil, badinput.Errorf("the codec makes nothing of what stands beside the targets: %q; pictures have codec.use=image", companions)
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

// Spec implements [Codec].
func (f *fieldCodecs) Spec(classes []string) (Spec, error) {
	spec, err := f.Codec.Spec(classes)
	if err != nil {
		return Spec{}, err
	}
	spec.Fields = slices.Clone(spec.Fields)
	for _, o := range f.others {
		own, err := o.Codec.Spec(nil)
		if err != nil {
			return Spec{}, fmt.Errorf("%s: %w", o.name, err)
		}
		field := own.Target()
		field.Name = o.name
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
		column := b.Column(o.name)
		it, ok := ex[o.name]
		switch {
		case column == nil:
			continue
		case !ok:
			return &Fault{Reason: "no " + o.name, Err: errors.New("nothing of that name stands beside it")}
		}
		as := *column
		as.Field.Name = Target
		if err := o.Codec.Encode(ExampleOf(it), &Batch{N: b.N, Columns: []Column{as}}, at); err != nil {
			return beside(o.name, it, err)
		}
	}
	return nil
}

// beside is the error of an Item that stands beside a target.
func beside(name string, it Item, err error) error {
	told := fmt.Errorf("its %s, %w", name, it.located(err))
	var fault *Fault
	if errors.As(err, &fault) {
		return &Fault{Reason: fault.Reason, Err: told}
	}
	return told
}
