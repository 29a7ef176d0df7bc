package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/levels"
	"atelier/internal/noise"
	"atelier/internal/tilemap"
	"atelier/model/language"
	"atelier/model/run"
)

// learned is what draws levels by a run of maps.
func (a Level) learned(ctx context.Context, env *Env, rules *levels.Rules) (leveller, error) {
	r, err := env.open(a.From)
	if err != nil {
		return nil, err
	}
	class := ""
	if len(r.Spec.ClassNames()) > 0 && a.Theme != "" {
		class = a.Theme
	}
	l := learnedLevels{Level: a, run: r, rules: rules, class: class}
	l.remember(ctx, env)
	switch c := r.Config.Codec.Value.(type) {
	case *codec.Tiles:
		w := &writtenLevels{learnedLevels: l, codec: c}
		w.pen, err = r.Writer()
		if err == nil {
			_, err = r.Control(class, 0)
		}
		return w, err
	case *codec.TilePlanes:
		return &drawnLevels{l, c}, nil
	}
	return nil, badinput.Errorf("run %s learned %s; want one that learned maps of tiles, as by atelier train levels", r.Dir.Name(), r.Medium().Works)
}

// learnedLevels are levels of a run.
type learnedLevels struct {
	Level
	run   *run.Run
	rules *levels.Rules
	class string // of the run; empty for any
	known *levels.Copies
}

// mostLearned is the most maps that levels are compared with.
const mostLearned = 1000

// remember reads the maps of the class that the run learned from.
func (l *learnedLevels) remember(ctx context.Context, env *Env) {
	var maps []*tilemap.Map
	for it, err := range l.run.Config.Data.Value.Items(ctx, data.Train) {
		if drop := (*data.Drop)(nil); errors.As(err, &drop) {
			continue
		} else if err != nil {
			env.notice(fmt.Sprintf("the maps that run %s learned from are not there, so that levels are not compared with them: %v", l.run.Dir.Name(), err))
			return
		}
		if m, err := tilemap.Read(it.Name, it.Bytes, nil); err == nil && (l.class == "" || it.Label == l.class) {
			if maps = append(maps, m); len(maps) == mostLearned {
				break
			}
		}
	}
	l.known = levels.NewCopies(maps)
}

func (l *learnedLevels) copies() *levels.Copies { return l.known }

func (l *learnedLevels) name() string          { return l.run.Dir.Name() }
func (l *learnedLevels) own() *tilemap.Tileset { return nil }
func (l *learnedLevels) maker() *Maker         { return madeBy(l.run) }

// size is that of a level: the one that is asked for, or else a usual one.
func (l *learnedLevels) size(width, height int) (w, h int, err error) {
	if l.Size == "" {
		return width, height, nil
	}
	size, err := parseSizeIn("size", l.Size, tileUnits)
	return size.X, size.Y, err
}

// writtenLevels are written by a language model, tile by tile.
type writtenLevels struct {
	learnedLevels
	codec *codec.Tiles
	pen   *language.Model
}

// unknown is a tile that is not yet written.
const unknown = -1

// draw writes a level in windows that overlap by half, row by row: in each, what is known already is
// what the model reads on.
func (w *writtenLevels) draw(ctx context.Context, seed, try uint64) (*tilemap.Map, error) {
	width, height, err := w.size(2*w.codec.Columns, 2*w.codec.Rows)
	if err != nil {
		return nil, err
	}
	rng := noise.Stream(seed, writtenNoise, try)
	control, err := w.run.Control(w.class, rng.Uint64())
	if err != nil {
		return nil, err
	}
	tiles := make([]int32, (width+2)*(height+2)) // with the rim, which is known
	for i := range tiles {
		if x, y := i%(width+2), i/(width+2); x > 0 && y > 0 && x <= width && y <= height {
			tiles[i] = unknown
		}
	}
	foreign := w.foreign()
	writer := language.Writer{Model: w.pen, Sampling: language.Plain, Control: w.run.Controls()}
	for _, top := range codec.Starts(height, w.codec.Rows, max(1, w.codec.Rows/2)) {
		for _, left := range codec.Starts(width, w.codec.Columns, max(1, w.codec.Columns/2)) {
			c := &windowed{tiles: tiles, width: width + 2, left: left, top: top, codec: w.codec, once: w.once(), never: foreign}
			start := language.Start{Prompt: append(slices.Clip(control), codec.Outside), Seed: rng.Uint64(), Constraint: c}
			err := writer.Write(ctx, []language.Start{start}, func(int, language.Token) (bool, error) { return !c.Done(), nil })
			if err != nil {
				return nil, err
			}
		}
	}
	m := tilemap.New(width, height, tilemap.Void)
	for i := range m.Cells {
		m.Cells[i] = w.codec.Glyph(tiles[(i/width+1)*(width+2)+i%width+1])
	}
	return m, w.rules.Read(m)
}

// foreign are the tokens of tiles that the rules do not have, such as those of other themes, and of
// what is outside.
func (w *writtenLevels) foreign() (all []int32) {
	for i, glyph := range []rune(w.codec.Fitted) {
		if !w.rules.Has(glyph) {
			all = append(all, int32(i+1))
		}
	}
	return append(all, codec.Outside)
}

// once are the tokens that a level has once at most: its start and its goal.
func (w *writtenLevels) once() (all []int32) {
	for _, glyph := range []string{w.rules.Start, w.rules.Goal} {
		if token, ok := w.codec.Token([]rune(glyph)[0]); ok {
			all = append(all, token)
		}
	}
	return all
}

// windowed holds a window to the tiles that are known, the rim to its place, and start and goal to
// one each. It writes the others down.
type windowed struct {
	tiles     []int32 // of the whole level
	width     int
	left, top int
	codec     *codec.Tiles
	once      []int32 // tokens of which a level has one at most
	never     []int32
	written   int
}

// at is the index of the next tile; ok is false where the window goes beyond the level.
func (c *windowed) at() (i int, ok bool) {
	x, y := c.left+c.written%c.codec.Columns, c.top+c.written/c.codec.Columns
	return y*c.width + x, x < c.width && y < len(c.tiles)/c.width
}

// Allows implements [language.Constraint].
func (c *windowed) Allows(token int32) bool {
	i, ok := c.at()
	switch {
	case !ok:
		return token == codec.Outside
	case c.tiles[i] != unknown:
		return token == c.tiles[i]
	}
	return !slices.Contains(c.never, token) && !(slices.Contains(c.once, token) && slices.Contains(c.tiles, token))
}

// Accept implements [language.Constraint].
func (c *windowed) Accept(token int32) {
	if i, ok := c.at(); ok {
		c.tiles[i] = token
	}
	c.written++
}

// Done implements [language.Constraint].
func (c *windowed) Done() bool { return c.written >= c.codec.Columns*c.codec.Rows }

// drawnLevels are drawn as a whole, as by a GAN.
type drawnLevels struct {
	learnedLevels
	codec *codec.TilePlanes
}

// draw draws a level of the size that the run learned.
func (d *drawnLevels) draw(ctx context.Context, seed, try uint64) (*tilemap.Map, error) {
	if w, h, err := d.size(d.codec.Columns, d.codec.Rows); err != nil || w != d.codec.Columns || h != d.codec.Rows {
		return nil, badinput.Errorf("size: run %s draws levels of %d×%d tiles", d.run.Dir.Name(), d.codec.Columns, d.codec.Rows)
	}
	conditions, err := d.run.OfClass(1, d.class)
	if err != nil {
		return nil, err
	}
	samples, err := d.run.Draw(ctx, []uint64{noise.Stream(seed, writtenNoise, try).Uint64()}, conditions, 1)
	if err != nil {
		return nil, err
	}
	var drawn *data.Batch
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		drawn = b
	}
	d.leaveOut(drawn.Column(data.Target))
	it, err := d.run.Decode(drawn)
	if err != nil {
		return nil, err
	}
	m, err := tilemap.ReadText(it.Bytes)
	if err != nil {
		return nil, err
	}
	m = m.Part(0, 0, d.codec.Columns, d.codec.Rows)
	return m, d.rules.Read(m)
}

// leaveOut darkens the planes of tiles that the rules do not have, such as those of other themes, so
// that the next likeliest tile is seen there.
func (d *drawnLevels) leaveOut(planes *data.Column) {
	glyphs := []rune(d.codec.Glyphs)
	for i := range planes.Floats {
		if !d.rules.Has(glyphs[i%len(glyphs)]) {
			planes.Floats[i] = planes.Field.Low - 1
		}
	}
}
