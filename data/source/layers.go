package source

import (
	"fmt"
	"image"
	"image/color"
	"iter"
	"maps"
	"slices"

	"atelier/data"
	files "atelier/internal/picture"
)

// A layerSet is the pictures of one part of the underlying set.
type layerSet struct {
	layers  []layer
	classes []string // classes of these pictures, sorted, or those that the set declares
	width   int
	dropped []loss
}

// A loss is what the underlying set dropped.
type loss struct {
	item data.Item
	why  *data.Drop
}

// fill reads the pictures, which must have labels and the same size.
func (s *layerSet) fill(items iter.Seq2[data.Item, error]) error {
	seen := map[string]bool{}
	for it, err := range items {
		if isDrop(err) {
			s.dropped = append(s.dropped, loss{it, asDrop(err)})
			continue
		}
		if err != nil {
			return err
		}
		img, err := decoded(it)
		if err != nil {
			return fmt.Errorf("%s: %w", place(it), err)
		}
		size := img.Bounds().Size()
		if s.width == 0 {
			s.width = size.X
		}
		if first := s.layers; size.X != s.width || len(first) > 0 && size.X*size.Y != len(first[0].grey) {
			return fmt.Errorf("%s has %d×%d pixels, others have not; pictures that are stacked must have one size", place(it), size.X, size.Y)
		}
		if it.Label == "" {
			return fmt.Errorf("%s has no label; pictures that are stacked must have one", place(it))
		}
		seen[it.Label] = true
		s.layers = append(s.layers, layer{greyOf(img), it.Label, it.Origin})
	}
	s.classes = slices.Sorted(maps.Keys(seen))
	return nil
}

func decoded(it data.Item) (image.Image, error) {
	file, err := files.Open(it.Bytes)
	if err != nil {
		return nil, err
	}
	return file.Decode()
}

// greyOf returns the brightness of each pixel.
func greyOf(img image.Image) []byte {
	b := img.Bounds()
	grey := make([]byte, 0, b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			grey = append(grey, color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
		}
	}
	return grey
}
