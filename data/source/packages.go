package source

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
)

// Limits of the packages of emoji.
const (
	mostEmoji       = 20_000
	mostPackageFile = 64 << 20 // bytes of a file in a package
	mostEmojiFile   = 1 << 20  // bytes of a picture
)

// An emoji is one of Unicode.
type emoji struct {
	code  string // code points in hex without variation selectors, such as 1f9d1-1f3fd-200d-1f3a8
	base  string // code without skin tones
	tones string // skin tones, such as 1f3fd; empty for none
	toned bool   // whether there are skin tones of it
	group string
	words [4]string // English name, Chinese name, English keywords, Chinese keywords
}

// caption is the caption of the emoji as drawn by somebody.
func (e *emoji) caption(by string) string {
	lines := make([]string, len(e.words))
	for i, w := range e.words {
		lines[i] = w + ", " + by
	}
	return strings.Join(lines, "\n")
}

// A vendor is who drew emoji.
type vendor struct {
	name, title, pkg     string
	licence, attribution string
	vector               bool
	files                map[string][]byte // by code
}

// packages is what the packages hold.
type packages struct {
	emoji   []emoji
	vendors []*vendor
}

// readEmoji reads the packages in a folder.
func readEmoji(ctx context.Context, folder string) (*packages, error) {
	p := &packages{}
	twemoji := &vendor{
		name: "twemoji", title: "Twemoji", pkg: "emoji-datasource-twitter",
		licence: "CC-BY-4.0", attribution: "Twemoji, Copyright Twitter, Inc and other contributors", files: map[string][]byte{},
	}
	err := eachFile(ctx, folder, twemoji.pkg, true, func(name string, read func(most int64) ([]byte, error)) error {
		if name == "package/emoji.json" {
			return p.readList(read)
		}
		file, ok := strings.CutPrefix(name, "package/img/twitter/64/")
		if code, png := strings.CutSuffix(file, ".png"); ok && png {
			b, err := read(mostEmojiFile)
			twemoji.files[plainCode(code)] = b
			return err
		}
		return nil
	})
	if err == nil && len(p.emoji) == 0 {
		err = badinput.Errorf("%s: the package %s has no package/emoji.json", folder, twemoji.pkg)
	}
	if err != nil {
		return nil, err
	}
	p.vendors = append(p.vendors, twemoji)
	if err := p.readWords(ctx, folder); err != nil {
		return nil, err
	}
	for _, v := range []*vendor{
		{name: "noto", title: "Noto", pkg: "iconify-json-noto", licence: "Apache-2.0", attribution: "Noto Emoji, Copyright Google Inc"},
		{name: "fluent", title: "Fluent", pkg: "iconify-json-fluent-emoji-flat", licence: "MIT", attribution: "Fluent Emoji, Copyright (c) Microsoft Corporation"},
	} {
		if err := v.readIcons(ctx, folder); err != nil {
			return nil, err
		}
		if len(v.files) > 0 {
			p.vendors = append(p.vendors, v)
		}
	}
	return p, nil
}

// eachFile hands over the files of a package, whose archive begins with the name and is the last of
// several by name.
func eachFile(ctx context.Context, folder, name string, needed bool, take func(name string, read func(most int64) ([]byte, error)) error) error {
	found, err := filepath.Glob(filepath.Join(escaped.Replace(folder), name+"-[0-9]*.tgz"))
	if err != nil {
		return badinput.Errorf("%s: %w", folder, err)
	}
	if len(found) == 0 {
		if !needed {
			return nil
		}
		return badinput.Errorf("%s: there is no package %s-VERSION.tgz; npm pack fetches it", folder, name)
	}
	place := found[len(found)-1]
	t, err := openArchive(place)
	if err != nil {
		return err
	}
	defer t.Close()
	for l, err := range t.walk(ctx) {
		if err == nil && l.drop == nil {
			err = take(l.path, l.read)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
	}
	return nil
}

// decodeFile reads a JSON file into v.
func decodeFile(name string, read func(most int64) ([]byte, error), v any) error {
	b, err := read(mostPackageFile)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return badinput.Errorf("%s: %w", name, err)
	}
	return nil
}

// A listed is an emoji in the list of emoji-datasource-twitter.
type listed struct {
	Unified  string
	Category string
	Order    int               `json:"sort_order"`
	Tones    map[string]listed `json:"skin_variations"`
}

// readList reads the list of all emoji, in the order of Unicode.
func (p *packages) readList(read func(most int64) ([]byte, error)) error {
	var list []listed
	if err := decodeFile("emoji.json", read, &list); err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b listed) int { return cmp.Compare(a.Order, b.Order) })
	known := map[string]bool{}
	add := func(unified, group string, toned bool) {
		code := plainCode(unified)
		if code == "" || known[code] {
			return
		}
		known[code] = true
		base, tones := tonesOf(code)
		p.emoji = append(p.emoji, emoji{code: code, base: base, tones: tones, toned: toned, group: group})
	}
	for _, e := range list {
		add(e.Unified, e.Category, len(e.Tones) > 0)
		for _, tone := range slices.Sorted(maps.Keys(e.Tones)) {
			add(e.Tones[tone].Unified, e.Category, true)
		}
		if len(p.emoji) > mostEmoji {
			return badinput.Errorf("emoji.json: more than %d emoji", mostEmoji)
		}
	}
	return nil
}

// plainCode is the code of an emoji without variation selectors, in lower case.
func plainCode(code string) string {
	parts := strings.Split(strings.ToLower(code), "-")
	return strings.Join(slices.DeleteFunc(parts, func(c string) bool { return c == "fe0f" }), "-")
}

// codeOf is the code of a string of characters.
func codeOf(text string) string {
	var parts []string
	for _, r := range text {
		if r != '\ufe0f' {
			parts = append(parts, fmt.Sprintf("%04x", r))
		}
	}
	return strings.Join(parts, "-")
}

// readWords reads the names and keywords of all emoji; an emoji without them is left out.
func (p *packages) readWords(ctx context.Context, folder string) error {
	type annotation struct {
		Keywords []string `json:"default"`
		Name     []string `json:"tts"`
	}
	languages := [2]string{"en", "zh"}
	var said [2]map[string]annotation
	for i := range said {
		said[i] = map[string]annotation{}
	}
	for _, pkg := range []struct{ name, top string }{{"cldr-annotations-full", "annotations"}, {"cldr-annotations-derived-full", "annotationsDerived"}} {
		err := eachFile(ctx, folder, pkg.name, true, func(name string, read func(most int64) ([]byte, error)) error {
			at := slices.IndexFunc(languages[:], func(l string) bool {
				return name == "package/"+pkg.top+"/"+l+"/annotations.json"
			})
			if at < 0 {
				return nil
			}
			var file map[string]struct{ Annotations map[string]annotation }
			if err := decodeFile(name, read, &file); err != nil {
				return err
			}
			for text, a := range file[pkg.top].Annotations {
				if _, known := said[at][codeOf(text)]; !known || !strings.ContainsRune(text, '\ufe0f') {
					said[at][codeOf(text)] = a
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	p.emoji = slices.DeleteFunc(p.emoji, func(e emoji) bool {
		return len(said[0][e.code].Name) == 0 || len(said[1][e.code].Name) == 0
	})
	for i := range p.emoji {
		e := &p.emoji[i]
		for l := range languages {
			a := said[l][e.code]
			e.words[l], e.words[2+l] = oneLine(a.Name[0]), oneLine(strings.Join(a.Keywords, ", "))
		}
	}
	if len(p.emoji) == 0 {
		return badinput.Errorf("%s: the packages cldr-annotations-full and cldr-annotations-derived-full have no names of emoji in %s", folder, strings.Join(languages[:], " and "))
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// readIcons reads the drawings of a vendor, if its package is there.
func (v *vendor) readIcons(ctx context.Context, folder string) error {
	var set struct {
		Width, Height float64
		Icons         map[string]struct {
			Body                     string
			Left, Top, Width, Height *float64
		}
	}
	var named map[string]string
	err := eachFile(ctx, folder, v.pkg, false, func(name string, read func(most int64) ([]byte, error)) error {
		switch name {
		case "package/icons.json":
			return decodeFile(name, read, &set)
		case "package/chars.json":
			return decodeFile(name, read, &named)
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.vector, v.files = true, map[string][]byte{}
	number := func(given *float64, usual float64) string {
		if given != nil {
			usual = *given
		}
		return strconv.FormatFloat(usual, 'g', -1, 64)
	}
	for _, code := range slices.Sorted(maps.Keys(named)) {
		icon, ok := set.Icons[named[code]]
		if !ok || len(icon.Body) > mostEmojiFile {
			continue
		}
		v.files[plainCode(code)] = fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%s %s %s %s">%s</svg>`,
			number(icon.Left, 0), number(icon.Top, 0), number(icon.Width, set.Width), number(icon.Height, set.Height), icon.Body)
	}
	return nil
}
