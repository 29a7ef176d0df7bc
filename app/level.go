package app

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/levels"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

func init() {
	Apps.Add("level", "make levels of games, each of which can be finished: like an example without training, or by a run",
		func() App { return &Level{From: byCollapse, Window: 3, N: 1, Seed: 1} })
}

// byCollapse is the word for levels made by wave function collapse instead of a run.
const byCollapse = "wfc"

// levelFormats are the formats of levels, the default first.
var levelFormats = []string{formatTMX, formatTMJ, formatCSV, formatText, formatPNG}

// Level makes levels.
type Level struct {
	From       Model  `needs:"maps" words:"wfc" help:"run that learned maps, or wfc (wave function collapse), which needs only an example"`
	Map        File   `accept:"text/*" help:"map file that wfc imitates (text, CSV or TMX); if empty, a map of the theme, chosen by the seed"`
	Theme      string `enum:"dungeon,garden,platform,crawl" help:"rules that come with the program, and maps of all but crawl; dungeon if empty"`
	Rules      File   `accept:"text/*" help:"TOML file with rules of your own for the tiles, instead of those of a theme"`
	Size       string `help:"width and height in tiles, such as 40x24; if empty, those of the example or of what the run learned"`
	Difficulty string `enum:"easy,medium,hard" help:"how long the way is, as a share of the longest: easy 35 %, medium 65 % or hard 100 %; if empty, wfc takes hard, and a run decides itself"`
	Window     int    `min:"2" max:"5" help:"side in tiles of the windows in which wfc resembles the example"`
	Way        bool   `help:"draw the shortest way into the picture; only with png"`
	N          int    `min:"1" max:"10000" help:"number of levels; several go to a folder"`
	Seed       uint64 `help:"seed of the first; the next ones count up from it"`
	Format     string `enum:"tmx,tmj,csv,txt,png" help:"tmx or tmj (Tiled, with a picture of the tiles beside it, in a folder), csv, txt or png; if empty, by the extension of the file, or tmx"`
}

// Example implements [App].
func (a Level) Example() string { return "--theme dungeon -n 4 -o levels/" }

// Check implements [Checker].
func (a Level) Check(out Out) error {
	if a.Size != "" {
		size, err := parseSizeIn("size", a.Size, tileUnits)
		if err != nil {
			return err
		}
		if size.X > mostLevelSide || size.Y > mostLevelSide {
			return registry.Unfit("size", fmt.Sprintf("want at most %d tiles on a side, got %s", mostLevelSide, a.Size))
		}
	}
	given := a.Map.Given()
	switch {
	case a.Rules.Given() && a.Theme != "":
		return registry.Unfit("theme", "want either a theme or rules")
	case a.From != byCollapse && given:
		return registry.Unfit("map", "want it only from wfc: a run learned from maps of its own")
	case a.From == byCollapse && !given && (a.Rules.Given() || a.Theme == "crawl"):
		return registry.Unfit("map", "want a map file to imitate: no maps for these rules come with the program")
	}
	format, err := formatFor(a.Format, out.File, levelFormats)
	if err == nil && a.Way && format != formatPNG {
		err = registry.Unfit("way", "want it only with png: the other formats have it as a property")
	}
	return err
}

// mostLevelSide is the size limit of levels, in tiles.
const mostLevelSide = 256

// tileUnits are those of the size of levels, with an example.
const tileUnits = "tiles, such as 40x24"

// How many levels are drawn for one that can be finished, and for one whose way is long enough.
const (
	mostTries  = 24
	mostChosen = 6
)

// A leveller draws candidates for levels.
type leveller interface {
	// draw returns the candidate of a seed and a try, of a size; maker made it.
	draw(ctx context.Context, seed, try uint64) (*tilemap.Map, error)
	// name is the stem of the files' names.
	name() string
	// own are tiles of an example, with which levels are written; nil if they are drawn.
	own() *tilemap.Tileset
	// maker is the run, nil for none.
	maker() *Maker
	// copies are the maps that it learned from; nil if a level may be like them.
	copies() *levels.Copies
}

// Run implements [App].
func (a Level) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, levelFormats); err != nil {
		return badinput.Mark(err)
	}
	rules, err := a.rules()
	if err != nil {
		return err
	}
	from, err := a.leveller(ctx, env, rules)
	if err != nil {
		return err
	}
	own := from.own() != nil
	tiles := rules.Tileset(from.name(), from.name()+"-tiles.png")
	if a.Format == formatTMJ && own {
		return badinput.Errorf("format: want tmx for a map with tiles of its own, as %s is: tmj is written with drawn tiles alone", a.Map.Name)
	}
	beside := (a.Format == formatTMX || a.Format == formatTMJ) && !own
	names := seeded(from.name(), a.Format, a.Seed, a.N)
	all := names
	if beside {
		if all = append(names[:len(names):len(names)], tiles.File); !env.Out.Apart && env.Out.File != "" {
			return badinput.Errorf("want a folder, such as -o levels/: a %s file needs the picture of its tiles beside it", a.Format)
		}
	}
	if err := env.expect(all...); err != nil {
		return err
	}
	if own && a.Format == formatTMX && len(from.own().Files()) > 0 {
		env.notice(fmt.Sprintf("the levels refer to %s, as %s does, which is not copied: put it beside them", strings.Join(from.own().Files(), ", "), a.Map.Name))
	}
	for i, name := range names {
		alone := a
		alone.N, alone.Seed = 1, a.Seed+uint64(i)
		made, err := alone.finished(ctx, from, rules)
		if err != nil {
			return err
		}
		if beside && i == 0 {
			if err := env.emitTiles(alone, from.maker(), tiles); err != nil {
				return err
			}
		}
		if err := alone.emit(env, from.maker(), made, tiles, name); err != nil {
			return err
		}
		env.progress(i+1, a.N)
	}
	return nil
}

// rules are those by which levels are finished.
func (a Level) rules() (*levels.Rules, error) {
	if !a.Rules.Given() {
		return levels.RulesOf(cmp.Or(a.Theme, levels.Themes[0]))
	}
	r, err := levels.ParseRules(a.Rules.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", a.Rules.Name, err)
	}
	return r, nil
}

// A level that can be finished.
type finishedLevel struct {
	*tilemap.Map
	*levels.Solution
	tries    int  // candidates that were drawn
	repaired int  // cells that were changed
	copied   bool // more is as in the maps that were learned from than these have in common
}

// What random numbers of a seed are for.
const (
	collapseNoise = iota + 1
	placeNoise
	writtenNoise
)

// better reports whether a level is rather given out than another: one that is no copy, then the one
// with the longer way.
func (l *finishedLevel) better(than *finishedLevel) bool {
	if than == nil || l.copied != than.copied {
		return than == nil || than.copied
	}
	return l.Moves() > than.Moves()
}

// finished draws candidates until one can be finished, as it is or repaired, is no copy, and has a
// way of some length.
func (a Level) finished(ctx context.Context, from leveller, rules *levels.Rules) (*finishedLevel, error) {
	var best *finishedLevel
	for try := range uint64(mostTries) {
		m, err := from.draw(ctx, a.Seed, try)
		if err != nil {
			return nil, err
		}
		rng := noise.Stream(a.Seed, placeNoise, try)
		made := &finishedLevel{tries: int(try) + 1}
		if a.Difficulty != "" || a.From == byCollapse {
			made.repaired = rules.Join(m, rng)
			d := levels.Difficulties[cmp.Or(a.Difficulty, "hard")]
			if m = rules.Place(m, d, rng); m == nil {
				continue
			}
		}
		if made.Map, made.Solution = m, rules.Solve(m); made.Solution == nil {
			repaired, n := rules.Repair(m, rng)
			if repaired == nil {
				continue
			}
			made.Map, made.repaired, made.Solution = repaired, made.repaired+n, rules.Solve(repaired)
		}
		if known := from.copies(); known != nil {
			made.copied = known.Share(made.Map) > known.Usual()
		}
		if made.better(best) {
			best = made
		}
		if !best.copied && best.Moves() >= leastMoves(best.Map, a.Difficulty) || try+1 >= mostChosen {
			best.tries = int(try) + 1
			return best, nil
		}
	}
	if best == nil {
		return nil, badinput.Errorf("seed %d: none of %d levels could be finished, nor be repaired: want another seed, or rules that fit the maps", a.Seed, mostTries)
	}
	best.tries = mostTries
	return best, nil
}

// leastMoves is the length of the way for which no other level is drawn.
func leastMoves(m *tilemap.Map, difficulty string) int {
	moves := float64(m.Width+m.Height) / 2
	if difficulty != "" {
		moves *= float64(levels.Difficulties[difficulty])
	}
	return int(moves)
}
