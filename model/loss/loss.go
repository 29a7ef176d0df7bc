// Package loss holds the adversarial losses and penalties, one per file.
package loss

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/internal/registry"
)

// Adversarials registers the adversarial losses.
var Adversarials = registry.New[Adversarial]("loss")

// Penalties registers the penalties that can be added to D's loss.
var Penalties = registry.New[Penalty]("penalty")

// An Adversarial loss gives the scalars that D and G minimise, from D's logits [batch, 1]
// on real and fake samples; a high logit means real.
type Adversarial interface {
	D(real, fake *graph.Node) *graph.Node
	G(real, fake *graph.Node) *graph.Node
}

// A Critic is the discriminator as a function of its samples alone: it maps
// x [batch, ...] to logits [batch, 1].
type Critic func(x *graph.Node) *graph.Node

// A Penalty is added to D's loss.
type Penalty interface {
	// Weight is the factor of the penalty. It is an input of the graph.
	Weight() float64
	// Penalty returns a scalar from the critic and the training samples of D.
	Penalty(d Critic, at Samples) *graph.Node
}

// Samples are the points at which a penalty may evaluate D.
type Samples struct {
	// Real and Fake are of the same shape, [batch, shape...].
	Real, Fake *graph.Node
	// Mix [batch] holds a uniform random number in [0, 1) per sample.
	Mix *graph.Node
}
