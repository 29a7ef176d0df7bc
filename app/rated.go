package app

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/durable"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/rating"
)

// RatedWorks are the works of several folders that people compare.
type RatedWorks struct {
	// Sides are the names of the folders, and Items those of the works that all of them have.
	Sides, Items []string
	folders      map[string]string
}

const (
	leastRated   = 1
	mostRated    = 10_000 // files of a folder
	longestRated = 4000   // characters of a text
)

// Rated looks for works of the same file name in folders; labels that lie beside works are none.
func Rated(folders []string) (*RatedWorks, error) {
	w := &RatedWorks{folders: map[string]string{}}
	count := map[string]int{}
	for _, folder := range folders {
		side := filepath.Base(filepath.Clean(folder))
		if _, taken := w.folders[side]; taken {
			side = filepath.ToSlash(filepath.Clean(folder))
		}
		if _, taken := w.folders[side]; taken {
			return nil, badinput.Errorf("%s is named twice", folder)
		}
		w.folders[side] = folder
		w.Sides = append(w.Sides, side)
		entries, err := os.ReadDir(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, badinput.Errorf("%s: there is no such folder", folder)
		case err != nil:
			return nil, badinput.Errorf("%s: want a folder of works: %w", folder, plain(err))
		case len(entries) > mostRated:
			return nil, badinput.Errorf("%s holds more than %d files", folder, mostRated)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && filepath.Ext(e.Name()) != ".json" {
				count[e.Name()]++
			}
		}
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < len(folders) })
	if w.Items = slices.Sorted(maps.Keys(count)); len(w.Items) < leastRated {
		return nil, badinput.Errorf("%s have no file name in common: works are compared with those of the same name, as atelier generate gives them with -n 20 -o FOLDER and the same --seed", strings.Join(folders, " and "))
	}
	return w, nil
}

// Show returns what a person is shown of a pair, and the hashes of both works, left and right.
// Nothing of it tells the sides. Pictures and tunes are in a temporary folder until clean is called.
func (w *RatedWorks) Show(p rating.Pair) (text string, hashes [2]string, clean func(), err error) {
	var works [2]File
	for i, side := range []string{p.Left, p.Right} {
		path := filepath.Join(w.folders[side], p.Item)
		if works[i].Bytes, err = durable.ReadFile(path, mostFile); err != nil {
			return "", hashes, nil, badinput.Mark(err)
		}
		hashes[i] = works[i].Hash()[:16]
	}
	nothing := func() {}
	a, aEncoding := charset.Decode(works[0].Bytes, "")
	b, bEncoding := charset.Decode(works[1].Bytes, "")
	if aEncoding != "" && bEncoding != "" && !isTune(p.Item) {
		return "---- 1\n" + shortened(a) + "\n---- 2\n" + shortened(b) + "\n----", hashes, nothing, nil
	}
	folder, err := os.MkdirTemp("", "atelier-rate-")
	if err != nil {
		return "", hashes, nil, err
	}
	clean = func() { os.RemoveAll(folder) }
	names, files, err := beside(works, filepath.Ext(p.Item))
	for i := 0; err == nil && i < len(files); i++ {
		err = os.WriteFile(filepath.Join(folder, names[i]), files[i], 0o600)
	}
	if err != nil {
		clean()
		return "", hashes, nil, err
	}
	return "open " + filepath.Join(folder, names[0]) + strings.Repeat(" and "+names[len(names)-1], len(names)-1), hashes, clean, nil
}

// isTune reports whether a file that may be a text is to be heard.
func isTune(name string) bool {
	return slices.Contains([]string{".abc", ".musicxml", ".xml"}, strings.ToLower(filepath.Ext(name)))
}

// shortened is the beginning of a text.
func shortened(text string) string {
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > longestRated {
		return string(r[:longestRated]) + fmt.Sprintf("\n(%d more characters)", len(r)-longestRated)
	}
	return text
}

// beside are the files that show two works: a picture of both, without what their files say of
// themselves, or both apart.
func beside(works [2]File, ext string) (names []string, files [][]byte, err error) {
	var images [2]*image.NRGBA
	for i, f := range works {
		if picture.FormatOf(f.Bytes) == "" {
			return bothBlind(works, ext)
		}
		whole, err := picture.OpenWhole(f.Bytes)
		if err != nil {
			return nil, nil, badinput.Errorf("a picture cannot be read: %w", err)
		}
		images[i] = whole.Pixels
	}
	a, b := images[0].Rect.Size(), images[1].Rect.Size()
	gap := max(8, a.X/16)
	both := image.NewNRGBA(image.Rect(0, 0, a.X+gap+b.X, max(a.Y, b.Y)))
	draw.Draw(both, both.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(both, image.Rectangle{Max: a}, images[0], images[0].Rect.Min, draw.Over)
	draw.Draw(both, image.Rect(a.X+gap, 0, a.X+gap+b.X, b.Y), images[1], images[1].Rect.Min, draw.Over)
	file, err := encodePNG(both)
	return []string{"pair.png"}, [][]byte{bytes.Clone(file)}, err
}

// bothBlind are the files of two works that are no pictures, without what tunes and recordings
// say of themselves.
func bothBlind(works [2]File, ext string) (names []string, files [][]byte, err error) {
	for i, f := range works {
		blind, err := provenance.Anonymous(f.Bytes)
		if err != nil {
			return nil, nil, badinput.Errorf("a work cannot be shown: %w", err)
		}
		names, files = append(names, fmt.Sprint(i+1)+ext), append(files, blind)
	}
	return names, files, nil
}
