package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"iter"
	"strings"
	"sync"

	"atelier/data"
	"atelier/internal/noise"
	files "atelier/internal/picture"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("stacked", "three random pictures of a labelled set stacked as red, green and blue, with a class for each combination: digits give the 1,000 modes of Stacked MNIST (Metz et al. 2016, arXiv 1611.02163)",
		func() data.Source { return &Stacked{Size: 50_000} })
}

// stackedStream is the random stream of the layers.
const stackedStream uint64 = 0x737461636b6564 // "stacked"

// maxStackedClasses is the largest number of classes of a layer: three layers make 1,000.
const maxStackedClasses = 10

// layers is the number of channels.
const layers = 3

// Stacked stacks three pictures of another set as channels, drawn from its training part for
// training and from its test part for testing. Colour pictures are converted to grey.
type Stacked struct {
	Of   registry.Choice[data.Source] `toml:",optional" help:"the set of the pictures, of at most 10 classes and one size, such as {use = \"card\", name = \"mnist\"}"`
	Size int                          `help:"number of training pictures; a quarter as many more are test pictures"`
	Seed uint64                       `help:"seed of the draws"`

	mu   sync.Mutex
	read map[data.Split]*layerSet
}

// Check rejects settings for which nothing can be drawn.
func (s *Stacked) Check() error { return checkCount("size", s.Size, maxPoints) }

// SetName is the name of the underlying set, prefixed with "stacked-".
func (s *Stacked) SetName() string {
	if n, ok := s.Of.Value.(data.Named); ok {
		return "stacked-" + n.SetName()
	}
	return "stacked"
}

// Layer returns the underlying set.
func (s *Stacked) Layer() registry.Choice[data.Source] { return s.Of }

// Divided reports whether the set was published in two parts.
func (s *Stacked) Divided() bool {
	d, ok := s.Of.Value.(data.Divided)
	return ok && d.Divided()
}

// ClassNames returns a name for each combination of three classes, red first: "000" to "999" for
// digits, and names joined by plus signs for other classes.
func (s *Stacked) ClassNames() []string {
	set, err := s.layers(context.Background(), data.Train)
	if err != nil {
		return nil // Items reports the error
	}
	var names []string
	for _, r := range set.classes {
		for _, g := range set.classes {
			for _, b := range set.classes {
				names = append(names, tripled(r, g, b))
			}
		}
	}
	return names
}

// tripled is the name of three classes.
func tripled(names ...string) string {
	for _, n := range names {
		if len(n) > 1 {
			return strings.Join(names, "+")
		}
	}
	return strings.Join(names, "")
}

// size is the number of pictures of a part.
func (s *Stacked) size(split data.Split) int {
	if split == data.Test {
		return max(s.Size/4, 1)
	}
	return s.Size
}

// Count is the number of pictures of a part.
func (s *Stacked) Count(_ context.Context, split data.Split) (int, error) { return s.size(split), nil }

// Items yields the pictures as PNG. Picture i depends only on the set, the seed, the part and i.
func (s *Stacked) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		set, err := s.layers(ctx, split)
		if err != nil {
			yield(data.Item{}, fmt.Errorf("stacked: %w", err))
			return
		}
		size, part := s.size(split), uint64(0)
		if split == data.Test {
			part = 1
		}
		for _, l := range set.dropped {
			if !yield(l.item, l.why) {
				return
			}
		}
		if len(set.layers) == 0 {
			return // a set without a test part
		}
		for i := range size {
			if err := ctx.Err(); err != nil {
				yield(data.Item{}, err)
				return
			}
			rng := noise.Stream(s.Seed, stackedStream, part, uint64(i))
			var three [layers]layer
			for c := range three {
				three[c] = set.layers[rng.IntN(len(set.layers))]
			}
			it, err := stack(three, set.width)
			it.Name = fmt.Sprintf("%s/%d", split, i)
			it.Origin.Place = s.SetName() + "/" + it.Name
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// A layer is one grey picture, row-major, and its class.
type layer struct {
	grey   []byte
	class  string
	origin data.Origin
}

// stack makes one picture of three layers.
func stack(three [layers]layer, width int) (it data.Item, err error) {
	img := image.NewNRGBA(image.Rect(0, 0, width, len(three[0].grey)/width))
	for i := range three[0].grey {
		for c, l := range three {
			img.Pix[4*i+c] = l.grey[i]
		}
		img.Pix[4*i+3] = 255
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.NoCompression, BufferPool: &encoders} // it is decoded at once, so speed matters more than size
	if err := encoder.Encode(&out, img); err != nil {
		return it, err
	}
	return data.Item{
		MediaType: "image/png", Bytes: out.Bytes(), Label: tripled(three[0].class, three[1].class, three[2].class),
		Origin: data.Origin{Licence: three[0].origin.Licence, Attribution: three[0].origin.Attribution},
	}, nil
}

// encoders are for pictures that are not compressed.
var encoders files.Encoders

// layers reads a part of the set once.
func (s *Stacked) layers(ctx context.Context, split data.Split) (*layerSet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Of.Value == nil {
		return nil, errors.New(`of is not set; it names the set of the pictures, such as of = {use = "card", name = "mnist"}`)
	}
	if set := s.read[split]; set != nil {
		return set, nil
	}
	set := &layerSet{}
	if err := set.fill(s.Of.Value.Items(ctx, split)); err != nil {
		return nil, err
	}
	if c, ok := s.Of.Value.(data.Classed); ok && len(c.ClassNames()) > 0 {
		set.classes = c.ClassNames()
	}
	if n := len(set.classes); split == data.Train && (n < 2 || n > maxStackedClasses) {
		return nil, fmt.Errorf("of: the set has %d classes; want 2 to %d, of which three make a class of the stack", n, maxStackedClasses)
	}
	if s.read == nil {
		s.read = map[data.Split]*layerSet{}
	}
	s.read[split] = set
	return set, nil
}

// place is the origin of a layer, for messages.
func place(it data.Item) string { return cmp.Or(it.Origin.Place, it.Name) }
