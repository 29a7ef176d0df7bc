package source

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"strings"
	"testing"

	"atelier/data"
)

// emojiPackages makes packages with 40 emoji, of which every second comes in five skin tones, drawn
// by two vendors; the second drew one with a clip path.
func emojiPackages(t *testing.T, clipped int) string {
	var list, en, zh, derivedEN, derivedZH, icons, chars []string
	var files []member
	for i := range 40 {
		base, first := fmt.Sprintf("%X-FE0F", 0x1f600+i), string(rune(0x1f600+i))
		var tones []string
		draw := func(code, key, text string, tone bool) {
			files = append(files, member{name: "package/img/twitter/64/" + code + ".png", content: pngOf(t, 2)})
			chars = append(chars, fmt.Sprintf("%q:%q", strings.ReplaceAll(code, "-fe0f", ""), key))
			body := `<path fill='#f80' d='M1 1h6v6h-6z'/>`
			if i == clipped {
				body += `<clipPath id='a'/>`
			}
			icons = append(icons, fmt.Sprintf("%q:{%q:%q}", key, "body", body))
			english, chinese := fmt.Sprintf(`%q:{"default":["face","key %d"],"tts":["face %d"]}`, text, i, i), fmt.Sprintf(`%q:{"default":["脸"],"tts":["脸 %d"]}`, text, i)
			if tone {
				derivedEN, derivedZH = append(derivedEN, english), append(derivedZH, chinese)
			} else {
				en, zh = append(en, english), append(zh, chinese)
			}
		}
		draw(strings.ToLower(base), fmt.Sprint("icon-", i), first, false)
		for tone := range 5 * (i % 2) {
			code := fmt.Sprintf("%X-1F3F%c", 0x1f600+i, 'B'+rune(tone))
			tones = append(tones, fmt.Sprintf(`"1F3F%c":{"unified":%q}`, 'B'+rune(tone), code))
			draw(strings.ToLower(code), fmt.Sprint("icon-", i, "-", tone), first+string(rune(0x1f3fb+tone)), true)
		}
		list = append(list, fmt.Sprintf(`{"unified":%q,"category":"Objects","sort_order":%d,"skin_variations":{%s}}`, base, 100-i, strings.Join(tones, ",")))
	}
	pack := func(files ...member) []byte { return archiveOf(t, "tar.gz", files) }
	one := func(name string, format string, args ...any) member {
		return member{name: "package/" + name, content: fmt.Appendf(nil, format, args...)}
	}
	join := func(parts []string) string { return strings.Join(parts, ",") }
	return write(t, map[string][]byte{
		"emoji-datasource-twitter-1.0.0.tgz": pack(append(files, one("emoji.json", "[%s]", join(list)))...),
		"cldr-annotations-full-1.0.0.tgz": pack(
			one("annotations/en/annotations.json", `{"annotations":{"identity":{},"annotations":{%s}}}`, join(en)),
			one("annotations/zh/annotations.json", `{"annotations":{"annotations":{%s}}}`, join(zh))),
		"cldr-annotations-derived-full-1.0.0.tgz": pack(
			one("annotationsDerived/en/annotations.json", `{"annotationsDerived":{"annotations":{%s}}}`, join(derivedEN)),
			one("annotationsDerived/zh/annotations.json", `{"annotationsDerived":{"annotations":{%s}}}`, join(derivedZH))),
		"iconify-json-noto-1.0.0.tgz": pack(
			one("icons.json", `{"width":8,"height":8,"icons":{%s}}`, join(icons)), one("chars.json", `{%s}`, join(chars))),
	})
}

// TestEmoji joins pictures and words, and holds out only combinations whose parts are in the
// training part.
func TestEmoji(t *testing.T) {
	s := &Emoji{Path: emojiPackages(t, 4), Size: 16}
	tones, emoji, dropped, held := map[string]bool{}, map[string]map[string]bool{}, 0, map[string]int{}
	for _, split := range []data.Split{data.Train, data.Test} {
		for it, err := range s.Items(t.Context(), split) {
			if isDrop(err) {
				dropped++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			who, code, _ := strings.Cut(it.Name, "/")
			base, tone := tonesOf(code)
			if lines := strings.Split(it.Caption, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[0], "face ") || !strings.HasPrefix(lines[3], "脸") || !strings.Contains(strings.ToLower(lines[1]), who) {
				t.Fatalf("%s: %q", it.Name, it.Caption)
			}
			img, err := png.Decode(bytes.NewReader(it.Bytes))
			if err != nil || who == "noto" && img.Bounds().Dx() != 16 {
				t.Fatal(it.Name, err)
			}
			if split == data.Train {
				if emoji[base] == nil {
					emoji[base] = map[string]bool{}
				}
				emoji[base][who], tones[tone] = true, true
				continue
			}
			held[tone]++
			if emoji[base] == nil || !tones[tone] || tone == "" && emoji[base][who] {
				t.Errorf("%s is held out, but its parts are not learned: %v", it.Name, maps.Keys(emoji[base]))
			}
		}
	}
	if dropped != 1 {
		t.Errorf("%d were dropped, want that with a clip path", dropped)
	}
	if held[""] == 0 || len(held) < 3 {
		t.Errorf("held out: %v", held)
	}
}

func TestRefusesPackages(t *testing.T) {
	for name, files := range map[string]map[string][]byte{
		"there is no package emoji-datasource-twitter": {"a.txt": nil},
		"has no package/emoji.json":                    {"emoji-datasource-twitter-1.tgz": archiveOf(t, "tar.gz", []member{{name: "package/a", content: nil}})},
		"emoji.json: ":                                 {"emoji-datasource-twitter-1.tgz": archiveOf(t, "tar.gz", []member{{name: "package/emoji.json", content: []byte("{")}})},
		"there is no package cldr-annotations-full":    {"emoji-datasource-twitter-1.tgz": archiveOf(t, "tar.gz", []member{{name: "package/emoji.json", content: []byte(`[{"unified":"1F600"}]`)}})},
	} {
		if _, err := collect(&Emoji{Path: write(t, files), Size: 16}, data.Train); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
}
