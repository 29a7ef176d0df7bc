package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

// generateApp is the name of the app.
const generateApp = "generate"

func init() {
	Apps.Add(generateApp, "draw samples of a trained run: pictures, as one sheet or as single files, or music, each labelled as generated, or texts",
		func() App {
			return &Generate{Seed: 1, As: files, Truncation: 1, Temperature: family.Plain.Temperature, TopP: family.Plain.TopP}
		})
}

// The ways to arrange samples.
const (
	files = "files"
	sheet = "sheet"
)

const (
	sheetRow  = 8
	mostSheet = 4096 // samples of a sheet
	mostFiles = 100_000
)

// What is drawn where no number is asked for.
const (
	fewPictures = 64
	fewOfClass  = sheetRow // of each of several classes
	fewWritten  = 1
)

// Generate draws samples. Sample i follows from seed + i alone, and from its class.
type Generate struct {
	From       string   `toml:"run" arg:"RUN" help:"the run: its name, number or path"`
	N          int      `help:"how many samples, of all classes together; 0 is 64 pictures, or 8 of each of several classes, or one text or piece of music"`
	Seed       uint64   `help:"seed of the first sample; the next ones count up from it"`
	Class      []string `help:"class to draw, of a run that was trained by class; of several, each gets a row of the sheet, from the same seeds; any if empty"`
	Truncation float64  `help:"how far samples are from the mean of what there is, 0 to 1: below 1 they are more typical and less various"`
	As         string   `help:"files: each by itself; sheet: all in one picture, or in one text"`
	Format     string   `help:"of pictures: png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`

	Prompt      string  `label:"written" help:"what a text begins with, of a run that writes texts"`
	Length      int     `label:"written" help:"tokens that are written after the prompt; 0 is 500 of a text, and of music as many as an example has"`
	Temperature float64 `label:"written" help:"what the logits of texts and music are divided by: below 1 the likely gets likelier; 0 takes the likeliest"`
	TopK        int     `toml:"top_k" label:"written" help:"choose among this many likeliest tokens; 0 among all"`
	TopP        float64 `toml:"top_p" label:"written" help:"choose among the likeliest tokens that together have this probability; 1 among all"`

	file string // that all goes to
}

// Example implements [App].
func (g *Generate) Example() string { return "0001-fashion -n 64 --seed 7 -o sheet.png" }

func (g *Generate) name() string { return generateApp }

// Gather implements [Gatherer].
func (g *Generate) Gather(file string) { g.As, g.file = sheet, file }

// Check reports an input that is out of range.
func (g *Generate) Check() error {
	most := mostFiles
	if g.As == sheet {
		most = mostSheet
	}
	switch {
	case g.As != sheet && g.As != files:
		return registry.Unfit("as", fmt.Sprintf("want %s or %s, got %q", files, sheet, g.As))
	case g.N < 0 || g.N > most:
		return registry.Unfit("n", fmt.Sprintf("want 1 to %d for %s, got %d", most, g.As, g.N))
	case slices.Contains(g.Class, ""):
		return registry.Unfit("class", "want names of classes, got an empty one")
	case g.N%max(1, len(g.Class)) != 0:
		return registry.Unfit("n", fmt.Sprintf("want a multiple of %d, as many samples of each class, got %d", len(g.Class), g.N))
	case g.Length < 0 || g.Length > mostTokens:
		return registry.Unfit("length", fmt.Sprintf("want 1 to %d, got %d", mostTokens, g.Length))
	}
	if err := run.CheckTruncation(g.Truncation); err != nil {
		return err
	}
	if g.Format != "" {
		if _, err := formatFor(g.Format, g.file, stillFormats); err != nil {
			return err
		}
	}
	how := g.choosing()
	return how.Check()
}

// Run implements [App].
func (g *Generate) Run(ctx context.Context, env *Env) error {
	if err := g.Check(); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.Studio.Open(g.From)
	if err != nil {
		return err
	}
	switch target := r.Spec.Target(); {
	case target.Kind == data.Tokens:
		g.N = cmp.Or(g.N, fewWritten)
		return g.write(ctx, env, r)
	case g.Prompt != "" || g.Length != 0 || g.choosing() != family.Plain:
		_, err := r.Writer() // says what the run is
		return err
	case g.As == files && target.Kind != data.Pixels:
		return badinput.Errorf("run %s draws no pictures but %s: ask for a sheet", r.Dir.Name(), target)
	}
	if g.Format, err = formatFor(g.Format, g.file, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	if g.N == 0 {
		g.N = fewPictures
		if len(g.Class) > 1 {
			g.N = fewOfClass * len(g.Class)
		}
	}
	return g.draw(ctx, env, r)
}

// each is how many samples there are of each class.
func (g *Generate) each() int { return g.N / max(1, len(g.Class)) }

// draw draws the pictures class by class.
func (g *Generate) draw(ctx context.Context, env *Env, r *run.Run) error {
	classes := g.Class
	if len(classes) == 0 {
		classes = []string{""}
	}
	if err := g.fits(r.Spec.Target()); err != nil {
		return err
	}
	if err := env.expect(g.names(r, classes)...); err != nil {
		return err
	}
	all := data.Column{Field: r.Spec.Target()}
	done := 0
	parts := classParts(classes)
	for i, class := range classes {
		conditions, err := r.OfClass(g.each(), class)
		if err != nil {
			return err
		}
		samples, err := r.Draw(ctx, run.Seeds(g.Seed, g.each()), conditions, g.Truncation)
		if err != nil {
			return err
		}
		seed := g.Seed
		for b, err := range samples {
			if err != nil {
				return err
			}
			if g.As == files {
				err = g.emitFile(env, r, b, seed, class, parts[i])
			} else {
				all.Floats = append(all.Floats, b.Column(data.Target).Floats...)
			}
			if err != nil {
				return err
			}
			seed++
			done++
			env.progress(done, g.N)
		}
	}
	if g.As == files {
		return nil
	}
	return g.emitSheet(env, r, &all)
}

// emitFile emits a sample with the label of a request for it alone. The part is that of
// its class in the file's name.
func (g *Generate) emitFile(env *Env, r *run.Run, b *data.Batch, seed uint64, class, part string) error {
	item, err := r.Decode(b)
	if err != nil {
		return err
	}
	alone := *g
	alone.N, alone.Seed, alone.Class = 1, seed, nil
	if class != "" {
		alone.Class = []string{class}
	}
	item.Name = g.sampleName(r, part, seed)
	if g.Format != formatPNG {
		file, err := picture.Open(item.Bytes)
		if err != nil {
			return err
		}
		img, err := file.Decode()
		if err != nil {
			return err
		}
		format := picture.Format(g.Format)
		if item.Bytes, err = format.Encode(img); err != nil {
			return err
		}
		item.MediaType = format.MediaType()
	}
	return env.emit(&alone, r, item, []uint64{seed}, nil)
}

func (g *Generate) emitSheet(env *Env, r *run.Run, all *data.Column) error {
	perRow := sheetRow
	if len(g.Class) > 1 {
		perRow = g.each()
	}
	seeds := slices.Repeat(run.Seeds(g.Seed, g.each()), max(1, len(g.Class)))
	label := ""
	if len(g.Class) == 1 {
		label = g.Class[0]
	}
	return env.emitSheet(g, r, all, sheetOf{name: g.sheetName(r), perRow: perRow, format: g.Format, label: label, seeds: seeds})
}

// sheetOf says how a sheet is made.
type sheetOf struct {
	name   string // without extension
	perRow int
	format string
	label  string
	seeds  []uint64
	more   map[string]string // settings beside the inputs
}

// emitSheet emits one picture of all samples of a column.
func (e *Env) emitSheet(a repeatable, r *run.Run, all *data.Column, s sheetOf) error {
	img, err := codec.Sheet(all, s.perRow)
	if err != nil {
		return err
	}
	format := picture.Format(s.format)
	file, err := format.Encode(img)
	if err != nil {
		return err
	}
	item := data.Item{Name: s.name + extensions[s.format][0], MediaType: format.MediaType(), Bytes: file, Label: s.label}
	return e.emit(a, r, item, s.seeds, s.more)
}

// restore implements [restorer].
func (g *Generate) restore(l provenance.Label) error {
	if _, ok := l.Settings["n"]; !ok || g.N < 1 {
		return badinput.Errorf("the label does not say how many samples it is of")
	}
	if _, ok := l.Settings["seed"]; !ok {
		return badinput.Errorf("the label does not say which seed was drawn from")
	}
	if len(g.Class) > 1 && len(l.Seeds) == g.N*len(g.Class) {
		g.N = len(l.Seeds) // an older program counted those of one class
	}
	g.As = l.Settings["as"]
	if g.As == files && g.N > 1 {
		return badinput.Errorf("the label says that the file is one of %d, and not which", g.N)
	}
	return nil
}
