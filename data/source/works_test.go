package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/home"
)

// take returns both parts of a source by name, and the reasons of what was dropped.
func take(t *testing.T, s data.Source) (items map[string]data.Item, parts map[string]data.Split, drops map[string]string) {
	t.Helper()
	items, parts, drops = map[string]data.Item{}, map[string]data.Split{}, map[string]string{}
	for _, split := range []data.Split{data.Train, data.Test} {
		for it, err := range s.Items(context.Background(), split) {
			var drop *data.Drop
			if errors.As(err, &drop) {
				drops[it.Name] = drop.Reason
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			items[it.Name], parts[it.Name] = it, split
		}
	}
	return items, parts, drops
}

func TestFolderKinds(t *testing.T) {
	dir := write(t, map[string][]byte{
		"cat/1.png": pngOf(t, 1), "cat/1.txt": []byte("a cat\n"), "poem.txt.gz": zipped(t, "roses"), "tune.mid": []byte("MThd"),
		"README.md": []byte("about"), "cat/empty.png": {}, "broken.txt.gz": []byte("x"), "code.go": []byte("package x"), "__MACOSX/a.png": {1},
	})
	items, _, drops := take(t, &Folder{Path: dir})
	if len(items) != 3 || items["cat/1.png"].Caption != "a cat" || string(items["poem.txt.gz"].Bytes) != "roses" || items["tune.mid"].MediaType != midiType {
		t.Errorf("%v", items)
	}
	if fmt.Sprint(drops) != "map[broken.txt.gz:unreadable cat/empty.png:empty code.go:unknown kind]" {
		t.Error(drops)
	}
	if items, _, _ := take(t, &Folder{Path: dir, Kind: music}); len(items) != 1 {
		t.Error(items)
	}
}

func TestFolderTable(t *testing.T) {
	files := map[string][]byte{
		"train/a.png": pngOf(t, 1), "train/b.png": pngOf(t, 2), "test/c.png": pngOf(t, 3),
		"train/metadata.jsonl": []byte(`{"file_name": "a.png", "text": "one", "kind": "x", "license": "https://creativecommons.org/licenses/by/4.0/"}` + "\nno\n" +
			`{"file_name": "gone.png", "text": "none"}` + "\n"),
		"labels.csv": []byte("\ufefffile;label;group;author\ntrain/b.png;two;g;Ann\nc.png;three;g;\n"),
		"other.csv":  []byte("file,label\nnowhere.png,x\n"),
	}
	s := &Folder{Path: write(t, files)}
	items, parts, drops := take(t, s)
	if a := items["train/a.png"]; a.Caption != "one" || a.Origin.Licence != "CC-BY-4.0" || a.Label != "" {
		t.Errorf("%+v", a)
	}
	if b := items["train/b.png"]; b.Label != "two" || b.Group != "g" || b.Origin.Creator != "Ann" {
		t.Errorf("%+v", b)
	}
	if items["test/c.png"].Label != "three" || !s.Divided() || parts["test/c.png"] != data.Test || parts["train/a.png"] != data.Train {
		t.Error(items, parts)
	}
	if fmt.Sprint(drops) != "map[other.csv:names nothing train/metadata.jsonl/2:bad line train/metadata.jsonl/3:missing]" || !slices.Equal(s.ClassNames(), []string{"three", "two"}) {
		t.Error(drops, s.ClassNames())
	}
	s.Label = "kind"
	if items, _, _ := take(t, s); items["train/a.png"].Label != "x" || items["train/b.png"].Label != "two" {
		t.Error("the label is not taken from the column", items)
	}
	s.Label = "kin"
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), `has a column "kin"; did you mean "kind"?`) {
		t.Error(err)
	}
}

// A file that may not be read is a drop.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads every file")
	}
	dir := write(t, map[string][]byte{"a.png": pngOf(t, 1), "b.png": pngOf(t, 1)})
	if err := os.Chmod(filepath.Join(dir, "a.png"), 0); err != nil {
		t.Fatal(err)
	}
	items, _, drops := take(t, &Folder{Path: dir})
	if len(items) != 1 || drops["a.png"] != "unreadable" {
		t.Error(items, drops)
	}
}

func TestTables(t *testing.T) {
	picture := "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
	dir := write(t, map[string][]byte{
		"a.png": pngOf(t, 1),
		"x.jsonl.gz": zipped(t, strings.Join([]string{
			"\ufeff" + `{"title": "T", "paragraphs": ["a", "b"], "author": "Li", "split": "train"}`,
			`{"turns": ["hi", "yes"], "summary": "S", "split": "validation"}`,
			`{broken`,
			``,
			`{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "r"}]}`,
			`{"image": "` + picture + `", "label": 3, "text": "a dot"}`,
			`{"image": {"path": "a.png"}}`,
			`{"file_name": "../a.png"}`,
			`{"file_name": "none.png"}`,
			`{"number": 1}`,
			`[1]`,
			`{"text": ""}`,
			`{"text": [["deep"]]}`,
			`{"text": "long", "x": "` + strings.Repeat("x", maxLine) + `"}`,
			`{"text": "end"}`}, "\n")),
	})
	s := &JSONL{Path: filepath.Join(dir, "x.jsonl.gz")}
	items, parts, drops := take(t, s)
	texts := map[int]string{1: "a\nb", 2: "hi\nyes", 5: "q\nr", 15: "end"}
	for line, want := range texts {
		if it := items[fmt.Sprintf("x.jsonl.gz/%d", line)]; string(it.Bytes) != want || it.MediaType != utf8Type || it.Origin.Place != fmt.Sprintf("%s:%d", s.Path, line) {
			t.Errorf("line %d: %q, want %q", line, it.Bytes, want)
		}
	}
	if it := items["x.jsonl.gz/1"]; it.Caption != "T" || it.Origin.Creator != "Li" || !s.Divided() || parts["x.jsonl.gz/2"] != data.Test {
		t.Errorf("%+v, %v", it, parts)
	}
	if it := items["x.jsonl.gz/6"]; it.MediaType != "image/png" || it.Label != "3" || it.Caption != "a dot" {
		t.Errorf("%+v", it)
	}
	if it := items["x.jsonl.gz/7"]; it.MediaType != "image/png" || len(items) != len(texts)+2 {
		t.Errorf("%+v of %d", it, len(items))
	}
	want := map[int]string{3: "bad line", 8: "unreadable", 9: "missing", 10: "bad row", 11: "bad line", 12: "empty", 13: "bad row", 14: "bad line"}
	for line, reason := range want {
		if got := drops[fmt.Sprintf("x.jsonl.gz/%d", line)]; got != reason {
			t.Errorf("line %d: %q, want %q", line, got, reason)
		}
	}
	if len(drops) != len(want) {
		t.Error(drops)
	}
}

func TestCSV(t *testing.T) {
	table := "Text;class;caption\n\"two\nlines\";x;\"say \"\"it\"\"\"\nshort;y\nbare \"quote\" in it;z;\nlast;z;c\n"
	dir := write(t, map[string][]byte{"a.csv": []byte(table)})
	s := &CSV{Path: filepath.Join(dir, "a.csv")}
	items, _, drops := take(t, s)
	if it := items["a.csv/2"]; string(it.Bytes) != "two\nlines" || it.Label != "x" || it.Caption != `say "it"` || len(items) != 2 || items["a.csv/6"].Caption != "c" {
		t.Errorf("%v", items)
	}
	if fmt.Sprint(drops) != "map[a.csv/4:bad line a.csv/5:bad line]" {
		t.Error(drops)
	}
	s.Caption, s.Text = "none", "class"
	if items, _, _ = take(t, s); items["a.csv/2"].Caption != "" || string(items["a.csv/2"].Bytes) != "x" || items["a.csv/2"].Label != "" {
		t.Errorf("%+v", items["a.csv/2"])
	}
	for _, c := range []struct {
		source *CSV
		want   string
	}{
		{&CSV{Path: s.Path, Columns: Columns{Text: "txt"}}, `a.csv: text: there is no column "txt"; did you mean "Text"?`},
		{&CSV{Path: write(t, map[string][]byte{"n.csv": []byte("a,b\n1,2\n")}) + "/n.csv"}, "none of the columns a, b holds a text or a file"},
		{&CSV{Path: s.Path, Delimiter: `"`}, "csv delimiter: want one character"},
		{&CSV{Path: dir + "/none.csv"}, "path must name a file .csv"},
		{&CSV{}, "csv: path is not set"},
		{&CSV{Path: write(t, map[string][]byte{"q.csv": append([]byte("text\n\""), bytes.Repeat([]byte("x"), maxLine+1<<20)...)}) + "/q.csv"}, "line 2 is longer than 16 MiB"},
	} {
		if _, err := collect(c.source, data.Train); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.source, err, c.want)
		}
	}
}

// TestPulled reads the real files, which are not part of the program.
func TestPulled(t *testing.T) {
	mirror := home.Mirror()
	if mirror == "" {
		t.Skip("needs the JSON lines below ATELIER_MIRROR")
	}
	for name, want := range map[string]struct{ items, test int }{
		"tang300": {353, 0}, "dialogues-en": {864, 0}, "dialogues-zh": {445, 0}, "fables-en": {146, 29}, "proposals-en": {200, 40}, "classics-zh": {153, 0},
	} {
		s := &JSONL{Path: filepath.Join(mirror, name+".jsonl.gz")}
		items, parts, drops := take(t, s)
		test := 0
		for _, p := range parts {
			if p == data.Test {
				test++
			}
		}
		if len(items) != want.items || test != want.test || len(drops) > 0 || s.Divided() != (want.test > 0) {
			t.Errorf("%s: %d items, %d of them to test, %v", name, len(items), test, drops)
		}
	}
}

func TestKindsOfMusic(t *testing.T) {
	for _, name := range []string{"a.mid", "a.MIDI", "song.kar", "a.rmi"} {
		if got := typeOfFile(name); got != midiType {
			t.Errorf("%s is %q", name, got)
		}
	}
	for _, b := range []string{"MThd\x00\x00\x00\x06", "RIFF\x40\x00\x00\x00RMIDdata"} {
		if got := typeOfBytes([]byte(b)); got != midiType {
			t.Errorf("%q is %q", b, got)
		}
	}
}
