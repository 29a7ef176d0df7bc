package arch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

func init() {
	Classifiers.Add("convnet", "three strided convolutions and a dense layer (LeCun et al. 1998, doi:10.1109/5.726791)",
		func() ClassifierArch { return &ConvNet{Width: 16, Features: 128} })
}

// ConvNet classifies pictures of 16×16 pixels and more with 0.5 M
// multiply-adds at 28×28.
type ConvNet struct {
	Width    int `help:"channels of the first convolution; the next two have twice and four times as many"`
	Features int `help:"width of the features, the last hidden layer"`
}

// Classifier implements [ClassifierArch].
func (a *ConvNet) Classifier(spec data.Spec) (Classifier, error) {
	target, classes := spec.Target(), len(spec.ClassNames())
	if err := classifies(target, classes, 16, a.Width, a.Features); err != nil {
		return nil, fmt.Errorf("classifier convnet: %w", err)
	}
	return func(s *model.Scope, x *graph.Node) (features, logits *graph.Node) {
		for i := range 3 {
			k := nn.Kernel{Size: 3, Stride: 2, Padding: 1}
			in := x.Shape().Dimensions[3]
			x = nn.Relu(nn.Conv(s.In("conv_%d", i), x, a.Width<<i, k, nn.He(9*in))) // [batch, height/2, width/2, channels]
		}
		d := x.Shape().Dimensions
		x = graph.Reshape(x, d[0], d[1]*d[2]*d[3])
		features = nn.Relu(nn.Dense(s.In("features"), x, a.Features, nn.He(d[1]*d[2]*d[3]))) // [batch, features]
		logits = nn.Dense(s.In("out"), features, classes, nn.Glorot(a.Features, classes))    // [batch, classes]
		return features, logits
	}, nil
}

// classifies refuses what a classifier of pictures cannot learn, or has no room for.
func classifies(target data.Field, classes, side, width, features int) error {
	switch {
	case target.Kind != data.Pixels || len(target.Shape) != 3:
		return fmt.Errorf("it reads pictures, not %v", target)
	case target.Shape[0] < side || target.Shape[1] < side:
		return fmt.Errorf("it reads pictures of at least %d×%d pixels, not %v", side, side, target)
	case classes < 2:
		return fmt.Errorf("it needs data with at least 2 classes")
	case width < 1 || width > 1024 || features < 1 || features > 1<<16:
		return fmt.Errorf("width %d or features %d is out of range; 16 and 128 are usual", width, features)
	}
	return nil
}
