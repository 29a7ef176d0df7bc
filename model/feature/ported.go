package feature

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/graphs"
	"atelier/model/nn"
	"atelier/model/pixelnet"
	"atelier/model/ported"
)

func init() {
	const trained = " trained on ImageNet, and then, its last layers, to tell pictures apart that are not for work (nsfwjs); of added weights (atelier weights add %[1]s)"
	for _, s := range [][2]string{{"nsfwjs-inception", "Inception v3"}, {"nsfwjs-mobilenet", "MobileNet v2"}} {
		Spaces.Add(s[0], fmt.Sprintf("layer before the classes of "+s[1]+","+trained, s[0]), func() Space { return portedSpace{s[0]} })
	}
}

// portedSpace is the space of a network that was added. It has no settings.
type portedSpace struct{ name string }

// Open implements [Space].
func (s portedSpace) Open(backend compute.Backend, set Set) (Embedder, error) {
	f := set.Spec.Target()
	if f.Kind != data.Pixels || len(f.Shape) != 3 || f.Shape[2] != 1 && f.Shape[2] != 3 {
		return nil, badinput.Errorf("feature space %s: it is of grey or colour pictures, and the samples are %v", s.name, f)
	}
	n, err := pixelnet.Find(set.Home, s.name)
	if err != nil {
		return nil, fmt.Errorf("feature space %s: %w: %w", s.name, ErrNoWeights, err)
	}
	if n.Does != pixelnet.Embed || n.Embedding == "" {
		return nil, badinput.Errorf("feature space %s: the weights of that name are a %s", s.name, n.Title)
	}
	known, _ := pixelnet.FindKnown(s.name)
	sum := sha256.Sum256([]byte(known.SHA256))
	size := n.Size()
	e := &portedEmbedder{field: f, name: s.name + "@" + hex.EncodeToString(sum[:4])}
	e.network = graphs.New(backend, model.NewStore(), 1, func(_ *model.Scope, x *graph.Node) *graph.Node {
		if x.Shape().Dimensions[3] == 1 {
			x = graph.Concatenate([]*graph.Node{x, x, x}, -1) // [1, height, width, 3]
		}
		x = graph.MulScalar(graph.AddScalar(x, 1), n.Range/2)
		return ported.Build(n.Network(), nn.Bilinear(x, size.Y, size.X), n.Embedding)[0] // [1, width]
	})
	return e, nil
}

type portedEmbedder struct {
	field   data.Field
	name    string
	network *graphs.Cache
}

func (e *portedEmbedder) Name() string { return e.name }

// Embed implements [Embedder]: one sample after the other, so that each depends on itself alone.
func (e *portedEmbedder) Embed(ctx context.Context, samples *data.Column) (Points, error) {
	if err := sameShape(e.field, samples); err != nil {
		return Points{}, err
	}
	p := Points{N: rows(samples)}
	for i := range p.N {
		if err := ctx.Err(); err != nil {
			return Points{}, err
		}
		x := tensors.FromFlatDataAndDimensions(append([]float32(nil), samples.Row(i)...), append([]int{1}, e.field.Shape...)...)
		out, err := e.network.Call(x)
		if err != nil {
			return Points{}, err
		}
		row, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return Points{}, err
		}
		p.Width, p.Features = len(row), appendWide(p.Features, row)
	}
	return p, nil
}
