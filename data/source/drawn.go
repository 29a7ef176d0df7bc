package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"image/png"
	"iter"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/svg"
)

func init() {
	data.Sources.Add("emoji", "emoji drawn by Twemoji, Noto and Fluent, with captions in English and Chinese (Unicode CLDR), from their npm packages",
		func() data.Source { return &Emoji{Size: 64} })
}

// Emoji reads a folder with npm packages (.tgz, as npm pack writes them): the pictures of
// emoji-datasource-twitter, the names and keywords of cldr-annotations-full and
// cldr-annotations-derived-full, and, if they are there, the drawings of the same emoji in
// @iconify-json/noto and @iconify-json/fluent-emoji-flat, which are SVG and are drawn as pixels.
//
// A caption has four lines, any of which describes the picture: the name in English, in Chinese,
// and the keywords in both; each says who drew it. The class is the group of the emoji.
//
// The test part holds out combinations whose parts are all in the training part: an emoji in a
// skin tone, which is in the training part in other tones and by all who drew it; and, of emoji
// without skin tones, an emoji as one of them drew it.
type Emoji struct {
	Path string `help:"the folder with the packages"`
	Size int    `help:"side of the pictures drawn from SVG, in pixels, 16 to 512; those of Twemoji have 64"`
}

// Check rejects a size outside its range.
func (s *Emoji) Check() error {
	if s.Size < 16 || s.Size > 512 {
		return registry.Unfit("size", fmt.Sprintf("want 16 to 512 pixels, got %d", s.Size))
	}
	return nil
}

// SetName is "emoji-captions".
func (s *Emoji) SetName() string { return "emoji-captions" }

// ClassNames returns the groups of Unicode.
func (s *Emoji) ClassNames() []string {
	return append(slices.Clone(emojiClasses), "Symbols", "Flags", "Component")
}

// Divided reports that the set comes in two parts.
func (s *Emoji) Divided() bool { return true }

// Items yields the emoji of a part, one vendor after another, in the order of Unicode.
func (s *Emoji) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown)
}

// Rest yields the emoji that are not in the journal.
func (s *Emoji) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known)
}

func (s *Emoji) items(ctx context.Context, split data.Split, known func(string) bool) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if err := s.Check(); err != nil {
			yield(data.Item{}, fmt.Errorf("emoji %w", err))
			return
		}
		if s.Path == "" {
			yield(data.Item{}, badinput.Errorf("emoji: path is not set; it names the folder with the npm packages"))
			return
		}
		all, err := readEmoji(ctx, s.Path)
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		for _, d := range all.drawings() {
			if d.split() != split || known(d.name()) {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(data.Item{}, err)
				return
			}
			it := d.item()
			it.Bytes, err = d.picture(s.Size)
			if !yield(it, err) {
				return
			}
		}
	}
}

// A drawing is an emoji as a vendor drew it.
type drawing struct {
	*emoji
	*vendor
	file []byte   // PNG, or SVG
	by   []string // all vendors that drew it
}

// drawings are all emoji by vendor.
func (p *packages) drawings() (all []drawing) {
	by := make([][]string, len(p.emoji))
	for _, v := range p.vendors {
		for i := range p.emoji {
			if v.files[p.emoji[i].code] != nil {
				by[i] = append(by[i], v.name)
			}
		}
	}
	for _, v := range p.vendors {
		for i := range p.emoji {
			if file := v.files[p.emoji[i].code]; file != nil {
				all = append(all, drawing{&p.emoji[i], v, file, by[i]})
			}
		}
	}
	return all
}

// name is such as noto/1f9d1-1f3fd-200d-1f3a8.
func (d drawing) name() string { return d.vendor.name + "/" + d.code }

// item is everything about the drawing but its bytes.
func (d drawing) item() data.Item {
	return data.Item{
		Name: d.name(), MediaType: "image/png", Label: d.group, Caption: d.caption(d.title),
		Origin: data.Origin{Place: d.pkg + "/" + d.code, Licence: d.licence, Attribution: d.attribution},
	}
}

// picture is the drawing as a PNG.
func (d drawing) picture(size int) ([]byte, error) {
	if !d.vector {
		return d.file, nil
	}
	img, err := svg.Draw(d.file, size)
	if err != nil {
		return nil, data.Dropf("not drawn", "the SVG %v", err)
	}
	var out bytes.Buffer
	err = png.Encode(&out, img)
	return out.Bytes(), err
}

// Shares of the combinations that are held out.
const (
	heldTones   = 1.0 / 8 // of an emoji and a skin tone, by all vendors
	heldVendors = 1.0 / 4 // of the emoji without tones that several vendors drew, by one of them
)

// split is the part of the drawing.
func (d drawing) split() data.Split {
	switch {
	case d.tones != "":
		return splitOf(d.base+" in "+d.tones, heldTones)
	case d.toned || len(d.by) < 2 || splitOf(d.base, heldVendors) == data.Train:
		return data.Train
	}
	sum := sha256.Sum256([]byte("vendor of " + d.base))
	if d.by[binary.BigEndian.Uint64(sum[:8])%uint64(len(d.by))] == d.vendor.name {
		return data.Test
	}
	return data.Train
}

// tonesOf splits the code of an emoji into that without skin tones and the tones: 1f44b-1f3fd is
// 1f44b and 1f3fd.
func tonesOf(code string) (base, tones string) {
	var bases, found []string
	for i, c := range strings.Split(code, "-") {
		if i > 0 && c >= "1f3fb" && c <= "1f3ff" && len(c) == 5 {
			found = append(found, c)
		} else {
			bases = append(bases, c)
		}
	}
	return strings.Join(bases, "-"), strings.Join(found, "-")
}
