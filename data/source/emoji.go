package source

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"atelier/data"
)

var emojiClasses = []string{
	"Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects",
}

// emojiTestShare is the share of the emoji that is held out.
const emojiTestShare = 1.0 / 8

// emojiItems yields the emoji of a part. The set has no parts of its own: a hash of the file name
// decides.
func emojiItems(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		captions, err := emojiCaptions()
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		for _, file := range []string{"emoji-twemoji64.zip", "emoji-twemoji64-more.zip"} {
			archive, err := openZip(starterFolder(), file)
			if err != nil {
				yield(data.Item{}, err)
				return
			}
			for it, err := range archivedEmoji(archive, captions, split) {
				if err == nil {
					err = ctx.Err()
				}
				it.Origin.Place = file + "/" + it.Origin.Place
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// openZip reads a whole zip file.
func openZip(fsys fs.FS, name string) (*zip.Reader, error) {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(b), int64(len(b)))
}

// archivedEmoji yields the pictures listed in labels.csv, whose columns are filename, group,
// subgroup, short_name and name.
func archivedEmoji(archive *zip.Reader, captions map[string]string, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		labels, err := readLabels(archive)
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		for _, row := range labels {
			if splitOf(row[0], emojiTestShare) != split {
				continue
			}
			place := "png/" + row[0]
			b, err := fs.ReadFile(archive, place)
			it := data.Item{
				Name: "emoji/" + row[3], MediaType: "image/png", Bytes: b, Label: row[1], Caption: captions[row[0]],
				Origin: data.Origin{Place: place, Licence: "CC-BY-4.0", Attribution: "Twemoji, Copyright Twitter, Inc and other contributors"},
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// emojiCaptions are the captions of the emoji by file name: names and keywords in English and
// Chinese, a line each.
func emojiCaptions() (map[string]string, error) {
	f, err := starterFolder().Open("emoji-captions.csv.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(unpacked)
	r.FieldsPerRecord = 5
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("emoji-captions.csv.gz: %w", err)
	}
	captions := make(map[string]string, len(rows))
	for _, row := range rows {
		captions[row[0]] = strings.Join([]string{row[1], row[2], row[3], row[4]}, "\n")
	}
	return captions, nil
}

// Characters that change an emoji without being one.
const (
	pictureSelector = '\ufe0f' // asks for the picture of a character
	lightest        = '\U0001f3fb'
)

// skinTones are the names of the five skin tones, from the lightest on.
var skinTones = []string{"light", "medium-light", "medium", "medium-dark", "dark"}

// emojiNames are the English names of the emoji, without picture selectors, and their greatest length
// in characters.
var emojiNames = sync.OnceValues(func() (names map[string]string, longest int) {
	captions, err := emojiCaptions()
	if err != nil {
		panic(err) // they are embedded
	}
	names = make(map[string]string, len(captions))
	for file, caption := range captions {
		var emoji []rune
		for code := range strings.SplitSeq(strings.TrimSuffix(file, ".png"), "-") {
			if r, err := strconv.ParseUint(code, 16, 32); err == nil && r != pictureSelector {
				emoji = append(emoji, rune(r))
			}
		}
		names[string(emoji)], _, _ = strings.Cut(caption, "\n")
		longest = max(longest, len(emoji))
	}
	return names, longest
})

// emojiAt is the name of the longest emoji that a text begins with, and its number of characters: 0
// without one. Skin tones, which may stand within an emoji, are part of the name.
func emojiAt(text []rune) (name string, n int) {
	names, longest := emojiNames()
	var plain []rune
	var tones []string
	for i, r := range text {
		if tone := int(r - lightest); i > 0 && tone >= 0 && tone < len(skinTones) {
			tones = append(tones, skinTones[tone]+" skin tone")
		} else if plain = append(plain, r); len(plain) > longest {
			break
		}
		if is := names[string(plain)]; is != "" {
			name, n = toned(is, slices.Compact(slices.Clone(tones))), i+1
		}
	}
	return name, n
}

// toned is a name such as "woman: red hair" with skin tones: "woman: dark skin tone, red hair".
func toned(name string, tones []string) string {
	if len(tones) == 0 {
		return name
	}
	who, rest, more := strings.Cut(name, ": ")
	if more {
		tones = append(tones, rest)
	}
	return who + ": " + strings.Join(tones, ", ")
}

// A NamedEmoji is an emoji of a text, and what it is called.
type NamedEmoji struct{ Emoji, Name string }

// NameEmoji puts names in the place of the emoji of a text, as far as they are known, and returns
// which these are, each once. A text without any stays as it is.
func NameEmoji(text string) (named string, all []NamedEmoji) {
	rest := slices.DeleteFunc([]rune(text), func(r rune) bool { return r == pictureSelector })
	var b strings.Builder
	for len(rest) > 0 {
		name, n := emojiAt(rest)
		if n == 0 {
			b.WriteRune(rest[0])
			rest = rest[1:]
			continue
		}
		if is := (NamedEmoji{string(rest[:n]), name}); !slices.Contains(all, is) {
			all = append(all, is)
		}
		b.WriteString(" " + name + " ")
		rest = rest[n:]
	}
	if len(all) == 0 {
		return text, nil
	}
	return strings.Join(strings.Fields(b.String()), " "), all
}

func readLabels(archive *zip.Reader) ([][]string, error) {
	f, err := archive.Open("labels.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 5
	if _, err := r.Read(); err != nil && err != io.EOF {
		return nil, fmt.Errorf("labels.csv: %w", err)
	}
	return r.ReadAll()
}
