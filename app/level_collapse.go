package app

import (
	"cmp"
	"context"

	"atelier/internal/badinput"
	"atelier/internal/levels"
	"atelier/internal/noise"
	"atelier/internal/tilemap"
	"atelier/model/wfc"
)

// leveller is what draws candidates.
func (a Level) leveller(ctx context.Context, env *Env, rules *levels.Rules) (leveller, error) {
	if a.From != byCollapse {
		return a.learned(ctx, env, rules)
	}
	c := &collapsing{Level: a, rules: rules, stem: cmp.Or(a.Theme, levels.Themes[0])}
	if !a.Map.Given() {
		var err error
		c.examples, err = levels.Own(c.stem)
		return c, err
	}
	m, err := tilemap.Read(a.Map.Name, a.Map.Bytes, a.Map.beside)
	if err == nil {
		if err = m.CheckRead(); err == nil {
			if err = rules.Read(m); err != nil && a.Theme == "" && !a.Rules.Given() {
				err = badinput.Errorf("%w; another theme may have it, or give rules of your own", err)
			}
		}
	}
	if err != nil {
		return nil, badinput.Errorf("%s: %w", a.Map.Name, err)
	}
	c.stem = stemOf(a.Map.Name, "level")
	if m.Own != nil && m.Own.IsDrawn(rules.Tileset(c.stem, "")) {
		m.Own = nil // they are drawn again, with a picture beside the levels
	}
	c.examples = []levels.Named{{Name: c.stem, Map: m}}
	return c, nil
}

// collapsing draws levels by wave function collapse.
type collapsing struct {
	Level
	rules    *levels.Rules
	examples []levels.Named
	stem     string
}

func (c *collapsing) name() string { return c.stem }

func (c *collapsing) maker() *Maker { return nil }

// copies are unknown: every window of a level is to be like one of the example.
func (c *collapsing) copies() *levels.Copies { return nil }

// own are the tiles of the example, with which levels are written; nil if they are drawn.
func (c *collapsing) own() *tilemap.Tileset { return c.examples[0].Own }

// draw imitates an example without its start, goal and keys, which are placed afterwards.
func (c *collapsing) draw(ctx context.Context, seed, try uint64) (*tilemap.Map, error) {
	rng := noise.Stream(seed, collapseNoise, try)
	example := c.rules.Bare(c.examples[rng.IntN(len(c.examples))].Map)
	width, height := example.Width, example.Height
	if c.Size != "" {
		size, err := parseSizeIn("size", c.Size, tileUnits)
		if err != nil {
			return nil, err
		}
		width, height = size.X, size.Y
	}
	made, err := wfc.Make(ctx, wfc.Grid{Width: example.Width, Height: example.Height, Cells: example.Cells}, width, height,
		wfc.Settings{Window: c.Window, Mirror: true, Seed: rng.Uint64()})
	if err != nil {
		return nil, err
	}
	m := tilemap.New(width, height, tilemap.Void)
	m.Cells, m.Own = made.Cells, example.Own
	return m, nil
}
