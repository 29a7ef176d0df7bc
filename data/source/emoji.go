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
	"strings"

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
