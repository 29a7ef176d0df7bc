package arch

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/gradcheck"
	"atelier/model/nn"
)

// The variants are small: those of pictures and those of texts.
var (
	pictureEncoders = map[string]EncoderArch{"residual": &ResidualEncoder{Width: 2, Side: 20}}
	textEncoders    = map[string]EncoderArch{"transformer": &TextEncoder{Layers: 2, Heads: 2, Width: 4}}
)

var (
	small   = data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{24, 28, 3}, Low: -1, High: 1}
	caption = data.Field{Name: "caption", Kind: data.Tokens, Shape: []int{5}, Vocabulary: 6}
)

func TestEveryEncoderHasItsGradientChecked(t *testing.T) {
	for _, name := range Encoders.Names() {
		if pictureEncoders[name] == nil && textEncoders[name] == nil {
			t.Errorf("no small variant of encoder %s", name)
		}
	}
}

func TestPictureEncoderGradients(t *testing.T) {
	for name, a := range pictureEncoders {
		t.Run(name, func(t *testing.T) {
			encoder, err := a.Encoder(small)
			if err != nil {
				t.Fatal(err)
			}
			f := func(s *model.Scope, in []*graph.Node) *graph.Node {
				whole, parts := encoder(s.In("net"), in[0])
				return graph.Add(scalar(whole), scalar(parts))
			}
			if err := gradcheck.Check(backend(), f, gradcheck.Normal(6, 2, 24, 28, 3)); err != nil {
				t.Error(err)
			}
		})
	}
}

// captions are two texts with padding and one without.
var captions = [][]int32{{1, 2, 3, 0, 0}, {5, 1, 0, 0, 0}, {4, 4, 2, 1, 3}}

func TestTextEncoderGradients(t *testing.T) {
	m := &gpt{GPT: textEncoders["transformer"].(*TextEncoder).gpt(), vocabulary: 6, context: 5, dtype: dtypes.Float64}
	f := func(s *model.Scope, in []*graph.Node) *graph.Node {
		whole, _ := m.encode(s.In("net"), graph.Const(in[0].Graph(), captions))
		return scalar(graph.MulScalar(graph.Add(whole, in[0]), 10))
	}
	if err := gradcheck.Check(ours(), f, gradcheck.Normal(4, 3, 4)); err != nil {
		t.Error(err)
	}
}

// TestPrefixedGradients checks captions that are told after the parts of pictures.
func TestPrefixedGradients(t *testing.T) {
	lm, err := (&GPT{Layers: 2, Heads: 2, Width: 4, Activation: "gelu"}).LanguageModel(texts(5, 6))
	if err != nil {
		t.Fatal(err)
	}
	lm.(*gpt).dtype = dtypes.Float64
	f := func(s *model.Scope, in []*graph.Node) *graph.Node {
		return scalar(graph.MulScalar(lm.(Prefixed).After(s.In("net"), in[0], graph.Const(in[0].Graph(), captions)), 10))
	}
	if err := gradcheck.Check(ours(), f, gradcheck.Normal(5, 3, 2, 3)); err != nil {
		t.Error(err)
	}
}

// encoded are the features of texts as wholes.
func encoded(t *testing.T, store *model.Store, e Encoder, texts [][]int32) [][]float32 {
	t.Helper()
	out, err := model.CallOnce(ours(), store, func(s *model.Scope, x *graph.Node) *graph.Node {
		whole, _ := e(s.In("net"), x)
		return whole
	}, texts)
	if err != nil {
		t.Fatal(err)
	}
	flat := tensors.MustCopyFlatData[float32](out)
	return slices.Collect(slices.Chunk(flat, len(flat)/len(texts)))
}

// TestTextEncoderSeesNoPadding: a text means the same with any padding and beside any other, and
// its tokens and their order matter.
func TestTextEncoderSeesNoPadding(t *testing.T) {
	encoder := func(length int) Encoder {
		f := caption
		f.Shape = []int{length}
		e, err := textEncoders["transformer"].Encoder(f)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	store := model.NewStore()
	nn.Seed(store, 5)
	whole := encoded(t, store, encoder(5), [][]int32{{1, 2, 3, 0, 0}, {2, 1, 3, 0, 0}, {1, 2, 4, 0, 0}, {0, 0, 0, 0, 0}})
	for i, other := range whole[1:3] {
		if near(whole[0], other, 1e-6) {
			t.Errorf("text %d means the same as another", i+1)
		}
	}
	if slices.ContainsFunc(whole[3], func(v float32) bool { return v != 0 }) {
		t.Errorf("no text at all means %v", whole[3])
	}
	if alone := encoded(t, store, encoder(5), [][]int32{{1, 2, 3}}); !near(alone[0], whole[0], 1e-6) {
		t.Errorf("without padding %v, with it %v", alone[0], whole[0])
	}
}

func TestEncoderErrors(t *testing.T) {
	tiny := small
	tiny.Shape = []int{7, 9, 3}
	for _, c := range []struct {
		arch EncoderArch
		of   data.Field
		want string
	}{
		{&ResidualEncoder{Width: 2, Side: 20}, caption, "encodes pictures"},
		{&ResidualEncoder{Width: 2, Side: 20}, tiny, "8×8 pixels"},
		{&ResidualEncoder{}, small, "width: want 1 to"},
		{&TextEncoder{Layers: 1, Heads: 1, Width: 2}, small, "encodes texts"},
		{&TextEncoder{Layers: 1, Heads: 3, Width: 4}, caption, "multiple of the 3 heads"},
	} {
		if _, err := c.arch.Encoder(c.of); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: got %v, want %s", c.arch, err, c.want)
		}
	}
}
