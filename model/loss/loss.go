// Package loss holds the adversarial losses and penalties: one a file.
package loss

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/internal/registry"
)

// Adversarials lists the games that generator and discriminator can play.
var Adversarials = registry.New[Adversarial]("loss")

// Penalties lists what can be added to D's loss to keep D smooth.
var Penalties = registry.New[Penalty]("penalty")

// An Adversarial loss is a game: what D minimises and what G minimises, from
// the logits [batch, 1] that D gives to real and to fake samples; a high logit
// means real. Both return a scalar.
type Adversarial interface {
	D(real, fake *graph.Node) *graph.Node
	G(real, fake *graph.Node) *graph.Node
}

// A Critic is the discriminator as a function of its samples alone: it maps
// x [batch, ...] to logits [batch, 1].
type Critic func(x *graph.Node) *graph.Node

// A Penalty is added to D's loss. It returns a scalar from the critic and the samples
// that D learns from.
type Penalty interface {
	Penalty(d Critic, at Samples) *graph.Node
}

// Samples is where a penalty may look at D.
type Samples struct {
	// Real and Fake are of the same shape, [batch, shape...].
	Real, Fake *graph.Node
	// Mix [batch] holds a uniform random number in [0, 1) for each.
	Mix *graph.Node
}
