package feature

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/graphs"
	"atelier/model/weights"
)

func init() {
	Spaces.Add("classifier", "last hidden layer of a classifier trained on the labelled set itself: with the weights given, or those embedded for a set of that name",
		func() Space { return classifier{} })
}

// A Card describes the embedded weights for a set.
type Card struct {
	Format   int       `json:"format"`
	Spec     data.Spec `json:"spec"`     // what the network was trained on
	Train    string    `json:"train"`    // hash of the training examples
	Accuracy float64   `json:"accuracy"` // share of test examples classified correctly
	Recipe   string    `json:"recipe"`   // the resolved run file that reproduces the weights
	SHA256   string    `json:"sha256"`   // of the weights
}

//go:embed classifier
var embedded embed.FS

// classifier has no settings.
type classifier struct{}

func (classifier) Open(backend compute.Backend, set Set) (Embedder, error) {
	if set.Network == nil || len(set.Spec.ClassNames()) == 0 {
		return nil, fmt.Errorf("feature space classifier: the set has no classes: %w", ErrNoWeights)
	}
	name, content, err := find(set)
	if err != nil {
		return nil, fmt.Errorf("feature space classifier: %w", err)
	}
	file, err := weights.Read(name, content)
	if err != nil {
		return nil, err
	}
	store := model.NewStore()
	if err := file.Preload(store); err != nil {
		return nil, err
	}
	network := graphs.New(backend, store, chunkGraphs, func(s *model.Scope, x *graph.Node) (features, probabilities *graph.Node) {
		features, logits := set.Network(s.Store(), x)
		return features, graph.Softmax(logits)
	})
	sum := sha256.Sum256(content)
	e := &classifierEmbedder{field: set.Spec.Target(), network: network,
		name: fmt.Sprintf("classifier:%s@%s", label(set), hex.EncodeToString(sum[:4]))}
	known := store.NumVariables()
	if e.width, e.classes, err = e.probe(); err != nil {
		return nil, fmt.Errorf("%s: weights of another network: %w", name, err)
	}
	if store.NumVariables() != known {
		return nil, fmt.Errorf("%s: weights of another network: some that it needs are missing", name)
	}
	if e.classes != len(set.Spec.ClassNames()) {
		return nil, fmt.Errorf("%s: the network knows %d classes, the set has %d", name, e.classes, len(set.Spec.ClassNames()))
	}
	return e, nil
}

// label is the set's name in the name of its space.
func label(set Set) string {
	if set.Name == "" {
		return "own"
	}
	return set.Name
}

// find returns the weights for the set: those at its path, or the embedded ones.
func find(set Set) (name string, content []byte, err error) {
	if set.Weights != "" {
		content, err = os.ReadFile(set.Weights)
		return set.Weights, content, err
	}
	card, content, err := Embedded(set.Name)
	if err != nil {
		return "", nil, err
	}
	if !card.Spec.Equal(set.Spec.Only(data.Target, data.Label)) {
		return "", nil, fmt.Errorf("%w: those embedded for %s are for %v, the samples are %v", ErrNoWeights, set.Name, card.Spec, set.Spec)
	}
	if set.Hash != "" && card.Train != set.Hash {
		return "", nil, fmt.Errorf("%w: those embedded for %s were trained on other examples", ErrNoWeights, set.Name)
	}
	return set.Name + " (embedded)", content, nil
}

// Embedded returns the embedded classifier weights for the named set, verified by hash, or an error
// that wraps [ErrNoWeights].
func Embedded(set string) (Card, []byte, error) {
	var card Card
	content, err := embedded.ReadFile("classifier/" + set + ".safetensors")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return card, nil, fmt.Errorf("%w: none are embedded for the set %q", ErrNoWeights, set)
	}
	if err != nil {
		return card, nil, err
	}
	text, err := embedded.ReadFile("classifier/" + set + ".json")
	if err != nil {
		return card, nil, err
	}
	if err := json.Unmarshal(text, &card); err != nil {
		return card, nil, fmt.Errorf("embedded classifier/%s.json: %w", set, err)
	}
	sum := sha256.Sum256(content)
	if got := hex.EncodeToString(sum[:]); got != card.SHA256 {
		return card, nil, fmt.Errorf("embedded classifier/%s.safetensors has hash %s, its card says %s", set, got, card.SHA256)
	}
	return card, content, nil
}

// chunk is the largest batch of the network. Smaller ones are padded to a [graphs.Batch], of which
// there are chunkGraphs, so that a sample's features do not depend on the rest of the batch.
const (
	chunk       = 48
	chunkGraphs = 5
)

type classifierEmbedder struct {
	field          data.Field
	name           string
	network        *graphs.Cache
	width, classes int
}

func (e *classifierEmbedder) Name() string { return e.name }

func (e *classifierEmbedder) Embed(ctx context.Context, samples *data.Column) (Points, error) {
	if err := sameShape(e.field, samples); err != nil {
		return Points{}, err
	}
	n, size := rows(samples), e.field.Size()
	p := Points{N: n, Width: e.width}
	for from := 0; from < n; from += chunk {
		if err := ctx.Err(); err != nil {
			return Points{}, err
		}
		count := min(chunk, n-from)
		features, probabilities, err := e.call(samples.Floats[from*size:(from+count)*size], count)
		if err != nil {
			return Points{}, err
		}
		p.Features = appendWide(p.Features, features[:count*e.width])
		p.Probabilities = appendWide(p.Probabilities, probabilities[:count*e.classes])
	}
	for _, v := range p.Features {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Points{}, errors.New("the samples hold values that are not finite")
		}
	}
	return p, nil
}

// call runs the network on n samples and their padding: its outputs are longer than n.
func (e *classifierEmbedder) call(samples []float32, n int) (features, probabilities []float32, err error) {
	n = graphs.Batch(n)
	padded := make([]float32, n*e.field.Size())
	copy(padded, samples)
	x := tensors.FromFlatDataAndDimensions(padded, append([]int{n}, e.field.Shape...)...)
	out, err := e.network.Call(x)
	if err != nil {
		return nil, nil, err
	}
	if features, err = tensors.CopyFlatData[float32](out[0]); err != nil {
		return nil, nil, err
	}
	probabilities, err = tensors.CopyFlatData[float32](out[1])
	return features, probabilities, err
}

// probe runs the network once to learn the widths of its outputs.
func (e *classifierEmbedder) probe() (width, classes int, err error) {
	n := graphs.Batch(1)
	features, probabilities, err := e.call(nil, n)
	return len(features) / n, len(probabilities) / n, err
}

func appendWide(wide []float64, narrow []float32) []float64 {
	for _, v := range narrow {
		wide = append(wide, float64(v))
	}
	return wide
}
