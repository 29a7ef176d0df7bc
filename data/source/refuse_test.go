package source

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/home"
)

func TestRefuses(t *testing.T) {
	text := write(t, map[string][]byte{"a.txt": []byte("hello")})
	empty := t.TempDir()
	file := filepath.Join(text, "a.txt")
	picture := idxOf([]byte{1, 2}, 1, 1, 2)
	idx := func(images, labels []byte) data.Source {
		return &IDX{Path: write(t, map[string][]byte{"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels})}
	}
	for _, c := range []struct {
		source data.Source
		want   string
	}{
		{&Folder{Path: empty, Kind: all}, "folder " + empty + " is empty; want pictures, texts or music in it: Atelier reads .png .jpg .gif .webp"},
		{&Folder{Path: text, Kind: pictures}, "folder " + text + " has no pictures; Atelier reads .png .jpg .gif .webp"},
		{&Folder{Kind: all}, "path is not set"},
		{&Folder{Path: file, Kind: all}, "path must name a folder with pictures, texts or music"},
		{&Folder{Path: empty, TestShare: 2, Kind: all}, "folder test_share: want 0 to 0.9, got 2"},
		{&IDX{}, "path is not set"},
		{&IDX{Path: empty}, "has no train-images-idx3-ubyte or train-images-idx3-ubyte.gz"},
		{&IDX{Path: filepath.Join(empty, "none")}, "path must name a folder with train-images-idx3-ubyte.gz"},
		{idx(picture[:9], nil), "the IDX header is cut short"},
		{idx(idxOf(make([]byte, 20), 20), nil), "the magic number is 2049, but that of an IDX file of bytes with 3 dimensions is 2051"},
		{idx(idxOf(nil, 1, 5000, 2), nil), "dimension 2 is 5000; it must be between 1 and 4096"},
		{idx(picture[:17], idxOf([]byte{0}, 1)), "cut short or damaged"},
		{idx(append(slices.Clone(picture), 7), idxOf([]byte{0}, 1)), "continues after the 1 entries"},
		{idx(picture, idxOf([]byte{0, 1}, 2)), "has 2 labels, but "},
		{&Text{}, "text: path is not set; it names a text file"},
		{&Text{Path: empty}, "is empty; want texts in it: Atelier reads .txt .text .md, and each with .gz"},
		{&Text{Path: filepath.Join(empty, "none")}, "data.path must name a text file or a folder of them"},
		{&Text{Path: file, TestShare: 2}, "text test_share: want 0 to 0.9, got 2"},
		{&Text{Path: write(t, map[string][]byte{"a.txt.gz": []byte("hello")})}, "not a gzip file"},
		{&Text{Path: write(t, map[string][]byte{"a.md": []byte("\x81\x05\xfe\x90\x8d\x9c\x13\xff\x07\x8f\xf1")})}, "is not UTF-8 text"},
		{&Rings{}, "rings modes: want 1 to 10000, got 0"},
		{&Grid{Side: 5}, "grid spacing: want a number above 0, got 0"},
	} {
		_, err := collect(c.source, data.Train)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: got %v\nwant %s", c.source, err, c.want)
		}
	}
	_, _, err := data.Load(context.Background(), &Folder{Path: empty, Kind: all}, nil)
	if !errors.Is(err, badinput.Err) {
		t.Error("an empty folder is not bad input:", err)
	}
}

func TestNamedClasses(t *testing.T) {
	s := ready(t, &IDX{Classes: []string{"zero"}})
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "train/0: label 1, but only 1 classes are named") {
		t.Error(err)
	}
}

func FuzzIDX(f *testing.F) {
	f.Add(idxOf([]byte{1, 2}, 1, 1, 2), idxOf([]byte{3}, 1))
	f.Add(idxOf(nil, 10_000_000, 4096, 4096), idxOf(nil, 10_000_000))
	f.Add([]byte{}, []byte{0, 0, 8, 1})
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		set := idxSet{place: "fuzz", fsys: fstest.MapFS{
			"train-images-idx3-ubyte": {Data: images}, "train-labels-idx1-ubyte": {Data: labels},
		}}
		for it, err := range set.items(context.Background(), data.Train) {
			if err == nil && len(it.Bytes) > len(images)+32 {
				t.Fatal("an item larger than its file")
			}
		}
	})
}

// TestMNIST reads the real files, which are not part of the program.
func TestMNIST(t *testing.T) {
	mirror := home.Mirror()
	if mirror == "" {
		t.Skip("needs the folder mnist-starter below ATELIER_MIRROR")
	}
	s := &IDX{Path: filepath.Join(mirror, "mnist-starter")}
	if items, err := collect(s, data.Test); err != nil || len(items) != 2000 {
		t.Error(len(items), err)
	}
}
