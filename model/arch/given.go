package arch

import (
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/language"
)

// NetworkOf returns the network for pretrained weights of a config.
func NetworkOf(c *language.Config, w *language.Weights) (registry.Choice[LanguageModelArch], error) {
	if c.Rotary == nil {
		return gptOf(c, w)
	}
	choice := registry.Choose[LanguageModelArch]("llama")
	l := &w.Layers[0]
	switch {
	case c.LayerNorm || c.Activation != language.Silu || l.Gate.Weight.Empty():
		return choice, badinput.Errorf("the weights are of a network with %s and rotary positions, which can't be trained here", c.Activation)
	case c.Rotary.Scale != nil:
		return choice, badinput.Errorf("the weights have scaled rotary positions, which can't be trained here")
	case l.Q.Bias != nil || l.K.Bias != nil || l.V.Bias != nil || l.O.Bias != nil || l.FeedUp.Bias != nil || w.Norm.Bias != nil:
		return choice, badinput.Errorf("the weights have biases, which the network llama has not")
	}
	a := choice.Value.(*Llama)
	*a = Llama{
		Layers: c.Layers, Heads: c.Heads, KVHeads: c.KVHeads, Width: c.Width, HeadWidth: c.HeadWidth, Hidden: c.Hidden,
		QKNorm: l.QNorm.Scale != nil, Tied: w.Output.Empty(), Halves: c.Rotary.Halves, Base: c.Rotary.Base, Epsilon: c.Epsilon,
	}
	return choice, badinput.Mark(a.Check())
}

// gptOf is [NetworkOf] for weights with learned positions.
func gptOf(c *language.Config, w *language.Weights) (registry.Choice[LanguageModelArch], error) {
	choice := registry.Choose[LanguageModelArch]("gpt")
	a := choice.Value.(*GPT)
	*a = GPT{Layers: c.Layers, Heads: c.Heads, Width: c.Width, Biases: w.Layers[0].Q.Bias != nil, Activation: c.Activation}
	if !w.Output.Empty() {
		return choice, badinput.Errorf("the weights have an output layer of their own, which the network gpt has not")
	}
	return choice, badinput.Mark(a.Check())
}
