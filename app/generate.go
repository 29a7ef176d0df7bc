package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/run"
)

// generateApp is the name of the app.
const generateApp = "generate"

func init() {
	Apps.Add(generateApp, "generate samples from a trained run: pictures (one sheet or single files), clips, music or texts, each labelled as generated",
		func() App {
			return &Generate{Seed: 1, As: files, Truncation: 1, Temperature: language.Plain.Temperature, TopP: language.Plain.TopP}
		})
}

// Arrangements of samples.
const (
	files = "files"
	sheet = "sheet"
)

const (
	sheetRow  = 8
	mostSheet = 4096 // samples of a sheet
)

// Default numbers of samples.
const (
	fewPictures = 64
	fewOfClass  = sheetRow // per class, if there are several
	fewWritten  = 1
)

// Generate draws samples. Sample i depends only on seed + i and its class.
type Generate struct {
	From       Model    `toml:"run" arg:"RUN" needs:"draws" help:"the run: its name, number or path"`
	N          int      `min:"1" max:"100000" help:"number of samples, all classes together; 0 is 64 pictures, or 8 for each of several classes, or one text or piece of music"`
	Seed       uint64   `help:"seed of the first sample; later samples count up from it"`
	Class      []string `names:"classes" help:"class to generate, for a class-conditional run; with several, each gets a row of the sheet, from the same seeds; if empty, any"`
	Truncation float64  `min:"0" max:"1" help:"truncation psi, 0 to 1: below 1, samples are more typical and less varied"`
	Direction  []string `help:"move samples along directions of atelier directions: the number of one and a length, such as 3=+2; several are separated by commas"`
	As         string   `enum:"files,sheet" help:"files (one file each) or sheet (all in one picture or text)"`
	Format     string   `enum:"png,jpeg,webp,webm,gif,apng,avi,y4m" help:"png, jpeg or webp (lossless) for pictures, and webm, gif, apng, webp, avi or y4m for clips; if empty, by the extension of the file, or png or webm"`

	Prompt      string  `label:"written" help:"beginning of the text, for a run that writes texts"`
	Length      int     `min:"1" max:"1000000" label:"written" help:"number of tokens after the prompt; 0 is 500 for texts, and the length of a training example for music"`
	Temperature float64 `label:"written" help:"sampling temperature of texts and music: below 1 favours likely tokens; 0 always takes the likeliest"`
	TopK        int     `toml:"top_k" label:"written" help:"top-k sampling: only from the k likeliest tokens; 0 is all"`
	TopP        float64 `toml:"top_p" label:"written" help:"top-p (nucleus) sampling: only from the likeliest tokens that together have this probability; 1 is all"`
}

// Example implements [App].
func (g Generate) Example() string { return "0001-fashion -n 64 --seed 7 -o sheet.png" }

// gathered reports whether all samples go into one Item.
func (g Generate) gathered(out Out) bool { return !out.Apart || g.As == sheet }

// Check implements [Checker].
func (g Generate) Check(out Out) error {
	switch {
	case g.gathered(out) && g.N > mostSheet:
		return registry.Unfit("n", fmt.Sprintf("want 1 to %d for a sheet, got %d", mostSheet, g.N))
	case !utf8.ValidString(g.Prompt):
		return registry.Unfit("prompt", "want UTF-8 text")
	case slices.Contains(g.Class, ""):
		return registry.Unfit("class", "want names of classes, got an empty one")
	case g.N%max(1, len(g.Class)) != 0:
		return registry.Unfit("n", fmt.Sprintf("want a multiple of %d, as many samples of each class, got %d", len(g.Class), g.N))
	}
	if _, err := parseMoves(g.Direction); err != nil {
		return err
	}
	if g.Format != "" {
		if _, err := formatFor(g.Format, out.File, clipFormats); err != nil {
			return err
		}
	}
	how := g.sampling()
	return how.Check()
}

// Run implements [App].
func (g Generate) Run(ctx context.Context, env *Env) error {
	if g.gathered(env.Out) {
		g.As = sheet
	}
	r, err := env.open(g.From)
	if err != nil {
		return err
	}
	switch target := r.Spec.Target(); {
	case target.Kind == data.Tokens && len(g.Direction) > 0:
		_, err := r.Directions() // its error says what the run is
		return err
	case target.Kind == data.Tokens:
		g.N = cmp.Or(g.N, fewWritten)
		return g.write(ctx, env, r)
	case g.Prompt != "" || g.Length != 0 || g.sampling() != language.Plain:
		_, err := r.Writer() // its error says what the run is
		return err
	case target.Kind == data.Frames:
		return g.clips(ctx, env, r)
	case g.As == files && target.Kind != data.Pixels:
		return badinput.Errorf("run %s generates %s, which have no files of their own: use --as sheet", r.Dir.Name(), r.Medium().Works)
	}
	if g.Format, err = formatFor(g.Format, env.Out.File, stillFormats); err != nil {
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

// Rest is the request for the remaining samples after some files were made. With several classes,
// no single request makes them.
func (g Generate) Rest(made, of int) (rest Generate, ok bool) {
	if len(g.Class) > 1 {
		return g, false
	}
	rest = g
	rest.N, rest.Seed = of-made, g.Seed+uint64(made)
	return rest, true
}

// each is the number of samples per class.
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
		samples, err := g.samples(ctx, r, conditions)
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

// emitFile emits one sample, labelled as if it had been requested alone. The part stands
// for its class in the file name.
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
	if item.Bytes, item.MediaType, err = inFormat(item.Bytes, g.Format); err != nil {
		return err
	}
	return env.emit(alone, madeBy(r), item, []uint64{seed})
}

// inFormat is a PNG in another format.
func inFormat(file []byte, name string) (out []byte, mediaType string, err error) {
	format := picture.Format(name)
	if name == formatPNG {
		return file, format.MediaType(), nil
	}
	opened, err := picture.Open(file)
	if err != nil {
		return nil, "", err
	}
	img, err := opened.Decode()
	if err != nil {
		return nil, "", err
	}
	out, err = format.Encode(img)
	return out, format.MediaType(), err
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
	return env.emitSheet(*g, r, all, sheetOf{name: g.sheetName(r), perRow: perRow, format: g.Format, label: label, seeds: seeds})
}

// sheetOf describes a sheet.
type sheetOf struct {
	name   string // without extension
	perRow int
	format string
	label  string
	seeds  []uint64
}

// emitSheet emits all samples of a column as one picture.
func (e *Env) emitSheet(a App, r *run.Run, all *data.Column, s sheetOf) error {
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
	return e.emit(a, madeBy(r), item, s.seeds)
}

// restore implements [restorer].
func (g *Generate) restore(l provenance.Label) error {
	if _, ok := l.Settings["n"]; !ok || g.N < 1 {
		return badinput.Errorf("the label does not say how many samples there are")
	}
	if _, ok := l.Settings["seed"]; !ok {
		return badinput.Errorf("the label does not say which seed was used")
	}
	if len(g.Class) > 1 && len(l.Seeds) == g.N*len(g.Class) {
		g.N = len(l.Seeds) // older versions counted per class
	}
	g.As = l.Settings["as"]
	if g.As == files && g.N > 1 {
		return badinput.Errorf("the label says that the file is one of %d, but not which one", g.N)
	}
	return nil
}
