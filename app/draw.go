package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/data/source"
	"atelier/internal/badinput"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/run"
)

func init() {
	Apps.Add("draw", "draw pictures of what a text says, in English or Chinese",
		func() App { return &Draw{From: run.Illustrator, N: len(styles), Seed: 1, As: files} })
}

// styles are who drew what the run that comes with the program learned from.
var styles = []string{"Twemoji", "Noto", "Fluent"}

// longestText is the size limit of a text to draw, in bytes.
const longestText = 4096

// Draw draws what a text says. Sample i depends only on the text, the style and seed + i.
type Draw struct {
	Text   string `arg:"TEXT" help:"what to draw, such as 'waving hand: dark skin tone' or 红心"`
	From   Model  `toml:"run" needs:"illustrates" words:"illustrator" help:"run trained on pictures with captions, or illustrator, which comes with the program and draws emoji"`
	N      int    `min:"1" max:"4096" help:"number of pictures"`
	Seed   uint64 `help:"seed of the first picture; later pictures count up from it"`
	Best   int    `min:"1" max:"4096" help:"keep only so many pictures: those that fit the text best, as the finder that comes with the program sees them; 0 keeps all"`
	Style  string `help:"words added to the text; for illustrator the style Twemoji, Noto or Fluent, which take turns unless one is named"`
	As     string `enum:"files,sheet" help:"files (one file each) or sheet (all in one picture)"`
	Format string `enum:"png,jpeg,webp" help:"picture format: png, jpeg or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (Draw) Example() string { return `"police officer: light skin tone" -o officers.png` }

// Check implements [Checker].
func (d Draw) Check(out Out) error {
	for _, in := range []struct{ key, text string }{{"text", d.Text}, {"style", d.Style}} {
		switch {
		case !utf8.ValidString(in.text):
			return registry.Unfit(in.key, "want UTF-8 text")
		case len(in.text) > longestText:
			return registry.Unfit(in.key, fmt.Sprintf("want at most %d bytes, got %d", longestText, len(in.text)))
		}
	}
	if strings.TrimSpace(d.Text) == "" {
		return registry.Unfit("text", "it is empty: want words that say what to draw")
	}
	if d.From == run.Illustrator && d.Style != "" && !namesStyle(d.Style) {
		return registry.Unfit("style", fmt.Sprintf("%s draws like %s: want one of them, got %q; other words belong to the text", run.Illustrator, strings.Join(styles, ", "), d.Style))
	}
	if d.Best > d.N {
		return registry.Unfit("best", fmt.Sprintf("want at most the number of pictures, %d, got %d", d.N, d.Best))
	}
	_, err := formatFor(d.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (d Draw) Run(ctx context.Context, env *Env) (err error) {
	if !env.Out.Apart {
		d.As = sheet
	}
	if d.Format, err = formatFor(d.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.open(d.From)
	if err != nil {
		return err
	}
	d.Text = env.named(d.Text)
	g := d.generate()
	if err := g.fits(r.Spec.Target()); err != nil {
		return err
	}
	conditions, err := d.conditions(env, r)
	if err != nil {
		return err
	}
	seeds := run.Seeds(d.Seed, d.N)
	if d.Best == 0 {
		if err := env.expect(d.names(seeds)...); err != nil {
			return err
		}
	}
	drawn, err := r.Draw(ctx, seeds, conditions, 1)
	if err != nil {
		return err
	}
	var pictures []*data.Batch
	for b, err := range drawn {
		if err != nil {
			return err
		}
		pictures = append(pictures, b)
		env.progress(len(pictures), d.N)
	}
	if d.Best > 0 {
		if pictures, seeds, err = d.best(ctx, env, r, pictures, seeds); err != nil {
			return err
		}
		if err := env.expect(d.names(seeds)...); err != nil {
			return err
		}
	}
	return d.emit(env, r, pictures, seeds)
}

// best are the pictures that fit the text best, the best first.
func (d *Draw) best(ctx context.Context, env *Env, r *run.Run, pictures []*data.Batch, seeds []uint64) (best []*data.Batch, of []uint64, err error) {
	f, err := env.open(run.Finder)
	if err != nil {
		return nil, nil, err
	}
	finder, err := f.Pairing()
	if err != nil {
		return nil, nil, err
	}
	text, _, err := finder.Text(ctx, strings.TrimSuffix(d.Text+", "+d.Style, ", "))
	if err != nil {
		return nil, nil, err
	}
	fit, order := make([]float32, len(pictures)), make([]int, len(pictures))
	for i, b := range pictures {
		item, err := r.Decode(b)
		if err != nil {
			return nil, nil, err
		}
		pixels, err := finder.Picture(item.Bytes)
		if err != nil {
			return nil, nil, err
		}
		vector, err := finder.Pictures(ctx, pixels)
		if err != nil {
			return nil, nil, err
		}
		for k, x := range vector {
			fit[i] += x * text[k]
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(fit[b], fit[a]) })
	for _, i := range order[:d.Best] {
		best, of = append(best, pictures[i]), append(of, seeds[i])
	}
	return best, of, nil
}

// emit emits the pictures of seeds, as files or as a sheet.
func (d Draw) emit(env *Env, r *run.Run, pictures []*data.Batch, seeds []uint64) error {
	all := data.Column{Field: r.Spec.Target()}
	for i, b := range pictures {
		if d.As == sheet {
			all.Floats = append(all.Floats, b.Column(data.Target).Floats...)
			continue
		}
		if err := d.emitFile(env, r, b, seeds[i]); err != nil {
			return err
		}
	}
	if d.As == files {
		return nil
	}
	return env.emitSheet(d, r, &all, sheetOf{name: d.stem() + "-sheet", perRow: sheetRow, format: d.Format, seeds: seeds})
}

// generate is the request for samples of that number and format.
func (d *Draw) generate() *Generate {
	return &Generate{From: d.From, N: d.N, Seed: d.Seed, As: d.As, Format: d.Format}
}

// emitFile emits a picture, labelled with a request for it alone.
func (d Draw) emitFile(env *Env, r *run.Run, b *data.Batch, seed uint64) error {
	item, err := r.Decode(b)
	if err != nil {
		return err
	}
	item.Name, item.Label = d.names([]uint64{seed})[0], ""
	d.N, d.Seed, d.Best = 1, seed, 0
	if item.Bytes, item.MediaType, err = inFormat(item.Bytes, d.Format); err != nil {
		return err
	}
	return env.emit(d, madeBy(r), item, []uint64{seed})
}

// stem is the beginning of file names.
func (d *Draw) stem() string {
	return cmp.Or(strings.Trim(classParts([]string{d.Text})[0], "-"), "drawing")
}

// names are the names of all output files, of pictures of these seeds.
func (d *Draw) names(seeds []uint64) (names []string) {
	if d.As == sheet {
		return []string{d.stem() + "-sheet" + extensions[d.Format][0]}
	}
	for _, seed := range seeds {
		names = append(names, fmt.Sprintf("%s-%06d%s", d.stem(), seed, extensions[d.Format][0]))
	}
	return names
}

// namesStyle reports whether a text names a style of the run that comes with the program.
func namesStyle(text string) bool {
	return slices.ContainsFunc(styles, func(s string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(s))
	})
}

// texts are what each picture shows: the text with the style, which for the run that comes with the
// program is any in turn by seed, unless one is named.
func (d *Draw) texts(turns bool) []string {
	all := make([]string, d.N)
	named := d.Style != "" || namesStyle(d.Text)
	for i := range all {
		all[i] = d.Text
		switch {
		case d.Style != "":
			all[i] += ", " + d.Style
		case turns && !named:
			all[i] += ", " + styles[(d.Seed+uint64(i))%uint64(len(styles))]
		}
	}
	return all
}

// conditions are the words of each picture. What the run does not know is left out, with a notice.
func (d *Draw) conditions(env *Env, r *run.Run) (*data.Batch, error) {
	line, err := r.Words(d.Text)
	if err != nil {
		return nil, err
	}
	if line.Known == 0 && len(line.Unknown) == 0 {
		return nil, badinput.Errorf("text: %q has no words that say what to draw: want some, such as %q", d.Text, "red heart")
	}
	line, err = r.Words(d.Text + ", " + d.Style)
	if err != nil {
		return nil, err
	}
	known := line.Known
	if len(line.Unknown) > 0 {
		told := make([]string, len(line.Unknown))
		for i, w := range line.Unknown {
			told[i] = fmt.Sprintf("%q", w)
			if near := line.Nearest[i]; near != "" {
				told[i] += fmt.Sprintf(" (did you mean %q?)", near)
			}
		}
		what := strings.Join(told, ", ")
		if known == 0 {
			return nil, badinput.Errorf("text: %s knows none of its words: %s", r.Dir.Name(), what)
		}
		env.notice(fmt.Sprintf("%s does not know %s and draws without", r.Dir.Name(), what))
	}
	return r.OfTexts(d.texts(d.From == run.Illustrator))
}

// named is a text with names in the place of its emoji, which are told.
func (e *Env) named(text string) string {
	named, all := source.NameEmoji(text)
	for _, is := range all {
		e.notice(fmt.Sprintf("%s is read as %q", is.Emoji, is.Name))
	}
	return named
}

// restore implements [restorer].
func (d *Draw) restore(l provenance.Label) error {
	d.As = l.Settings["as"]
	if d.As == files && d.N > 1 {
		return badinput.Errorf("the label says that the file is one of %d, but not which one", d.N)
	}
	return nil
}
