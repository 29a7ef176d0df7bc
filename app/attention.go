package app

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/language"
)

func init() {
	Apps.Add("attention", "show which tokens of a text a language model attends to, and whether hiding them changes what it predicts more than hiding others",
		func() App { return &Attention{Model: "stories260k"} })
}

// Attention shows the attention of a language model.
type Attention struct {
	Text  string `arg:"TEXT" help:"the text, of 4 to 96 tokens"`
	Model Model  `needs:"writes" words:"stories260k" help:"run trained on texts, or pretrained weights, by name or path; stories260k comes with the program"`
	Layer int    `min:"1" max:"1000" help:"layer to draw, counted from the text; 0 is the mean of all"`
	Head  int    `min:"1" max:"1000" help:"head to draw; 0 is the mean of all"`
}

// The limits of a text.
const (
	leastAttended = 4
	mostAttended  = 96
)

// hiddenTokens is the number of tokens that are hidden together.
const hiddenTokens = 2

// FoundAttention is the result of [Attention].
type FoundAttention struct {
	Model  string   `json:"model"`
	Layers int      `json:"layers"`
	Heads  int      `json:"heads"`
	Tokens []string `json:"tokens"`
	// Weights are those that were asked for, [token][token up to it].
	Weights [][]float64 `json:"weights"`
	// Hidden is the mean change of the prediction after a token, as Kullback-Leibler divergence in
	// nats, when the two tokens before it that it attends to most are hidden from it; Random that
	// when two others are, and Ratio how many times Random it is. Measured is the number of tokens.
	Hidden   float64 `json:"hidden"`
	Random   float64 `json:"random"`
	Ratio    float64 `json:"ratio"`
	Measured int     `json:"measured"`
}

// composes implements [composer].
func (a Attention) composes() {}

// Example implements [App].
func (a Attention) Example() string {
	return `"Lily had a red ball. She gave the ball to" -o attention.png`
}

// Finds implements [Finder].
func (a Attention) Finds() any { return &FoundAttention{} }

// Check implements [Checker].
func (a Attention) Check(out Out) error {
	if strings.TrimSpace(a.Text) == "" {
		return registry.Unfit("text", "want a text")
	}
	return CheckPNG(out.File)
}

// Run implements [App].
func (a Attention) Run(ctx context.Context, env *Env) error {
	p, err := env.pen(a.Model, "")
	if err != nil {
		return err
	}
	drawn := !env.Out.Unasked
	if drawn {
		if err := env.expect("attention.png"); err != nil {
			return err
		}
	}
	found, all, err := a.read(ctx, p)
	if err != nil {
		return err
	}
	found.Weights = all.mean(a.Layer, a.Head)
	if err := found.hide(ctx, p, all); err != nil {
		return err
	}
	found.tell(env)
	env.found(found)
	if !drawn {
		return nil
	}
	img, err := found.draw(a)
	if err != nil {
		return err
	}
	file, err := encodePNG(img)
	if err != nil {
		return err
	}
	return env.emit(a, p.Maker, data.Item{Name: "attention.png", MediaType: picture.PNG.MediaType(), Bytes: file}, nil)
}

// attended are the weights of every layer and head for the tokens of a text.
type attended struct {
	tokens  []int32
	weights [][][][]float64 // [layer][head][token][token up to it]
}

// read reads the text and its attention.
func (a Attention) read(ctx context.Context, p *pen) (*FoundAttention, *attended, error) {
	tokens, err := p.prompt(a.Text)
	if err != nil {
		return nil, nil, err
	}
	if n := len(tokens); n < leastAttended || n > min(mostAttended, p.model.Context) {
		return nil, nil, badinput.Errorf("text: want %d to %d tokens, got %d", leastAttended, min(mostAttended, p.model.Context), n)
	}
	layers, heads := len(p.model.Weights().Layers), p.model.Heads
	if a.Layer > layers || a.Head > heads {
		return nil, nil, badinput.Errorf("%s has %s of %s, got --layer %d --head %d", p.Name, Counted(layers, "layer"), Counted(heads, "head"), a.Layer, a.Head)
	}
	all := &attended{tokens: tokens, weights: make([][][][]float64, layers)}
	for i := range all.weights {
		all.weights[i] = make([][][]float64, heads)
		for j := range all.weights[i] {
			all.weights[i][j] = make([][]float64, len(tokens))
		}
	}
	err = p.model.Read(ctx, language.Reading{Text: p.model.NewText(), Tokens: tokens, Attention: func(layer, head, place int, weights []float32) {
		row := make([]float64, len(weights))
		for i, w := range weights {
			row[i] = float64(w)
		}
		all.weights[layer][head][place] = row
	}})
	found := &FoundAttention{Model: p.Name, Layers: layers, Heads: heads}
	stream := p.stream()
	for _, token := range tokens {
		piece := string(stream.Next(token))
		if piece == "" {
			piece = p.text(token)
		}
		found.Tokens = append(found.Tokens, piece)
	}
	return found, all, err
}

// mean is the mean over layers and heads, or those of one, counted from 1.
func (a *attended) mean(layer, head int) [][]float64 {
	out := make([][]float64, len(a.tokens))
	for t := range out {
		out[t] = make([]float64, t+1)
	}
	n := 0.
	for i, heads := range a.weights {
		for j, rows := range heads {
			if layer != 0 && layer != i+1 || head != 0 && head != j+1 {
				continue
			}
			n++
			for t, row := range rows {
				for k, w := range row {
					out[t][k] += w
				}
			}
		}
	}
	for _, row := range out {
		for k := range row {
			row[k] /= n
		}
	}
	return out
}

// tell prints what was found.
func (f *FoundAttention) tell(env *Env) {
	last := len(f.Tokens) - 1
	env.say("%s: %s of %s; the last token, %q, attends most to:", f.Model, Counted(f.Layers, "layer"), Counted(f.Heads, "head"), f.Tokens[last])
	for _, k := range mostOf(f.Weights[last], 5) {
		env.say("%6.1f %%  %q", 100*f.Weights[last][k], f.Tokens[k])
	}
	env.say("hiding the %d tokens that a token attends to most changes its prediction by %.3f nats, hiding %d others by %.3f: %.1f × as much, over %d tokens",
		hiddenTokens, f.Hidden, hiddenTokens, f.Random, f.Ratio, f.Measured)
}

const (
	cellSide    = 16  // pixels
	labelWidth  = 110 // pixels
	labelHeight = 13  // of letters
)

// draw draws the weights: a row per token, the tokens before it across.
func (f *FoundAttention) draw(a Attention) (*image.NRGBA, error) {
	letters, err := newLettering(labelHeight)
	if err != nil {
		return nil, err
	}
	n := len(f.Tokens)
	out := white(labelWidth+n*cellSide+labelWidth, n*cellSide+cellSide)
	for t, row := range f.Weights {
		y := t * cellSide
		most := 0.
		for _, w := range row {
			most = max(most, w)
		}
		letters.centred(out, image.Pt(0, y), labelWidth-4, shownToken(f.Tokens[t]), color.NRGBA{A: 255})
		for k, w := range row {
			shade := uint8(255 * (1 - math.Sqrt(w/max(most, 1e-9))))
			for dy := 1; dy < cellSide; dy++ {
				for dx := 1; dx < cellSide; dx++ {
					out.SetNRGBA(labelWidth+k*cellSide+dx, y+dy, color.NRGBA{shade, shade, 255, 255})
				}
			}
		}
		letters.centred(out, image.Pt(labelWidth+(t+1)*cellSide+2, y), labelWidth-4, shownToken(f.Tokens[t]), color.NRGBA{R: 90, G: 90, B: 90, A: 255})
	}
	which := "mean of all layers and heads"
	if a.Layer > 0 || a.Head > 0 {
		which = fmt.Sprintf("layer %d, head %d (0: mean of all)", a.Layer, a.Head)
	}
	return captioned(out, "attention of "+f.Model+": "+which), nil
}

// shownToken is a token with its spaces made visible.
func shownToken(s string) string {
	s = strings.NewReplacer("\n", "⏎", " ", "·").Replace(s)
	if s == "" {
		return "(begin)"
	}
	return s
}
