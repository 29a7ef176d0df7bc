package source

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
)

// Archives are what their bytes say, padded with zeros or not, also where a folder was
// asked for.
func TestEndingsThatLie(t *testing.T) {
	files := []member{{name: "cat/1.png", content: pngOf(t, 1)}, {name: "dog/2.png", content: pngOf(t, 2)}}
	for _, c := range [][2]string{{"tar.gz", "a.tar"}, {"tar.gz", "a.zip"}, {"zip", "a.tar.gz"}, {"tar", "a.zip"}, {"tar.zst", "a.tar"}, {"tar", "a"}} {
		for _, padding := range []int{0, 3, 100_000} {
			b := archiveOf(t, c[0], files)
			if c[0] == "tar.gz" {
				b = append(b, make([]byte, padding)...)
			}
			a := archiveIn(t, c[1], b)
			for _, s := range []data.Source{a, &Folder{Path: a.Path}} {
				items, _, _ := take(t, s)
				if len(items) != 2 || items["cat/1.png"].Label != "cat" {
					t.Error(c, padding, items)
				}
			}
		}
	}
}

// What is wrong with a source is a mistake of the person, and no failure.
func TestMistakes(t *testing.T) {
	padded := append(archiveOf(t, "tar.gz", nil), 0, 0, 'x')
	dir := write(t, map[string][]byte{
		"a.zip": archiveOf(t, "zip", nil), "none.zip": nil, "no.zip": []byte("no zip"), "a.7z": []byte("7z\xbc\xaf\x27\x1c\x00"), "b.tar.gz": padded,
		"columns.csv": []byte("a,b\n1,2\n"), "array.jsonl": []byte(`[{"text":"a"},{"te`), "header.csv": []byte("\"a\nb\n"), "no.csv.gz": []byte("text\na\n"),
		"works/1.png": pngOf(t, 1), "works/l.csv": []byte("1.png,cat\n2.png,dog\n"),
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, s := range []data.Source{
		&Archive{Path: at("a.zip")}, &Archive{Path: at("none.zip")}, &Archive{Path: at("no.zip")}, &Archive{Path: at("a.7z")}, &Archive{Path: at("b.tar.gz")}, &Archive{}, &Archive{Path: at("gone.zip")},
		&CSV{Path: at("columns.csv")}, &CSV{Path: at("header.csv")}, &CSV{Path: at("no.csv.gz")}, &CSV{}, &CSV{Path: at("gone.csv")}, &JSONL{Path: at("array.jsonl")},
		&Folder{Path: at("works")}, &Folder{Path: at("columns.csv")}, &Folder{Path: at("gone")}, &Folder{}, &Folder{Path: at("works"), Label: "gone"},
	} {
		_, err := collect(s, data.Train)
		if !errors.Is(err, badinput.Err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%T %+v: %v", s, s, err)
		}
	}
}

// Of gzip of several members all are read, with zeros behind them.
func TestGunzip(t *testing.T) {
	b := slices.Concat(zipped(t, "one "), zipped(t, "two"), make([]byte, 70_000))
	if got, err := unzipped(b); err != nil || string(got) != "one two" {
		t.Error(string(got), err)
	}
	if _, err := unzipped(append(b, 'x')); err == nil {
		t.Error("what follows zeros is skipped")
	}
	if _, err := unzipped(bytes.TrimRight(b, "\x00")[:30]); err == nil {
		t.Error("a file that is cut short is whole")
	}
}
