package store

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
)

// formats are the export formats; each exports into an empty folder.
var formats = map[string]func(ctx context.Context, v *Version, dir string) error{
	"dir":     exportFiles,
	"parquet": exportParquet,
	"jsonl":   exportLines,
	"idx":     exportIDX,
}

// Formats names the formats of [Export]: dir, one file per Item in split/label/ with a labels.csv;
// idx, grey pictures of one size as in MNIST; jsonl, one line per Item with its text or base64;
// parquet, the shards as plain files in one folder.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// Export writes a version in a format into a new folder, completely or not at all.
func Export(ctx context.Context, v *Version, to, format string) error {
	write, ok := formats[format]
	if !ok {
		return badinput.Errorf("no format %q; %s", format, registry.Suggest(format, Formats()))
	}
	to = filepath.Clean(to)
	if entries, err := os.ReadDir(to); len(entries) > 0 || err == nil && to == "." {
		return badinput.Errorf("%s is not empty; name a new folder to export to", to)
	} else if err != nil && !os.IsNotExist(err) {
		return badinput.Errorf("cannot export to %s: %w", to, err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return durable.Explain(to, err)
	}
	return durable.FillDir(to, func(dir string) error { return write(ctx, v, dir) })
}

// exportParquet copies the shards and checks them.
func exportParquet(ctx context.Context, v *Version, dir string) error {
	for _, s := range v.manifest.Shards {
		if s.Split == dropped {
			continue
		}
		from, err := v.open(ctx, s)
		if err != nil {
			return err
		}
		_, err = from.Seek(0, io.SeekStart)
		if err == nil {
			err = create(filepath.Join(dir, path.Base(s.Path)), func(w io.Writer) error {
				_, err := io.Copy(w, from)
				return err
			})
		}
		from.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// exportFiles writes one file per Item.
func exportFiles(ctx context.Context, v *Version, dir string) error {
	return create(filepath.Join(dir, "labels.csv"), func(w io.Writer) error {
		table := csv.NewWriter(w)
		table.Write([]string{"file_name", "split", "label", "caption", "group", "licence", "creator", "attribution", "place"})
		n := 0
		for r, err := range v.all(ctx) {
			if err != nil {
				return err
			}
			name := path.Join(string(r.Split), safeName(r.Label), fmt.Sprintf("%08d%s", n, extensionOf(r.MediaType)))
			n++
			full := filepath.Join(dir, filepath.FromSlash(name))
			err := os.MkdirAll(filepath.Dir(full), 0o777)
			if err == nil {
				err = os.WriteFile(full, r.Bytes, 0o666)
			}
			if err != nil {
				return err
			}
			table.Write([]string{name, string(r.Split), r.Label, r.Caption, r.Group, r.Origin.Licence, r.Origin.Creator, r.Origin.Attribution, r.Origin.Place})
		}
		table.Flush()
		return table.Error()
	})
}

// safeName turns any label into the name of a folder.
func safeName(label string) string {
	label = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, label)
	label = strings.TrimRight(label, ". ") // Windows drops them
	if strings.HasPrefix(label, ".") {
		label = "_" + label[1:]
	}
	for len(label) > 100 {
		_, label = label[100:], strings.ToValidUTF8(label[:100], "")
	}
	return label
}

// extensions are the file extensions of common types.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/apng": ".apng", "video/x-msvideo": ".avi", "video/x-yuv4mpeg": ".y4m",
	"image/bmp": ".bmp", "image/tiff": ".tif", "image/x-portable-bitmap": ".pbm", "image/x-portable-graymap": ".pgm", "image/x-portable-pixmap": ".ppm", "text/plain": ".txt", "text/markdown": ".md", "text/html": ".html", "audio/midi": ".mid",
}

func extensionOf(mediaType string) string {
	short, _, err := mime.ParseMediaType(mediaType)
	if ext, ok := extensions[short]; ok && err == nil {
		return ext
	}
	return ".bin"
}

// A line is an Item as JSON.
type line struct {
	Text        *string `json:"text,omitempty"`
	Base64      string  `json:"base64,omitempty"`
	MediaType   string  `json:"media_type"`
	Label       string  `json:"label,omitempty"`
	Caption     string  `json:"caption,omitempty"`
	Group       string  `json:"group,omitempty"`
	Split       string  `json:"split"`
	Name        string  `json:"name"`
	Licence     string  `json:"licence,omitempty"`
	Creator     string  `json:"creator,omitempty"`
	Attribution string  `json:"attribution,omitempty"`
	Place       string  `json:"place,omitempty"`
}

// exportLines writes one file per part, with one line per Item.
func exportLines(ctx context.Context, v *Version, dir string) error {
	for _, split := range []data.Split{data.Train, data.Test} {
		if v.manifest.Counts.Splits[split] == 0 {
			continue
		}
		err := create(filepath.Join(dir, string(split)+".jsonl"), func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			for r, err := range v.Rows(ctx, split) {
				if err == nil {
					err = e.Encode(lineOf(&r))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func lineOf(r *Row) line {
	l := line{
		MediaType: r.MediaType, Label: r.Label, Caption: r.Caption, Group: r.Group, Split: string(r.Split), Name: r.Name,
		Licence: r.Origin.Licence, Creator: r.Origin.Creator, Attribution: r.Origin.Attribution, Place: r.Origin.Place,
	}
	if contentOf(&r.Item) == inText {
		s := string(r.Bytes)
		l.Text = &s
	} else {
		l.Base64 = base64.StdEncoding.EncodeToString(r.Bytes)
	}
	return l
}

// create creates a buffered file.
func create(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<18)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	return errors.Join(err, f.Close())
}
