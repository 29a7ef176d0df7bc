package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"atelier/data"
)

func item(name, mediaType, text, label string) data.Item {
	return data.Item{Name: name, MediaType: mediaType, Bytes: []byte(text), Label: label}
}

// written stores rows as the dataset "set" of a new store.
func written(t testing.TB, home string, rows []Row, drops []DropRow) *Version {
	t.Helper()
	s, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Write(context.Background(), &Manifest{Name: "set", Program: "test"}, func(w *Writer) error {
		for _, r := range rows {
			if err := w.Add(r); err != nil {
				return err
			}
		}
		for _, r := range drops {
			if err := w.Drop(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// stored reads all rows of a version.
func stored(t testing.TB, v *Version) (rows []Row, drops []DropRow) {
	t.Helper()
	ctx := context.Background()
	for _, split := range []data.Split{data.Train, data.Test} {
		for r, err := range v.Rows(ctx, split) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, r)
		}
	}
	for r, err := range v.Drops(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		drops = append(drops, r)
	}
	return rows, drops
}

func anyItem() *rapid.Generator[data.Item] {
	return rapid.Custom(func(t *rapid.T) data.Item {
		it := data.Item{
			Name:      rapid.String().Draw(t, "name"),
			MediaType: rapid.SampledFrom([]string{"image/png", "text/plain", "audio/midi", "image/x-portable-graymap"}).Draw(t, "type"),
			Bytes:     rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"),
			Label:     rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "label"),
			Caption:   rapid.String().Draw(t, "caption"),
			Group:     rapid.StringN(0, 3, -1).Draw(t, "group"),
			Origin: data.Origin{
				Place: rapid.String().Draw(t, "place"), Licence: rapid.SampledFrom([]string{"", "MIT"}).Draw(t, "licence"),
				Creator: rapid.String().Draw(t, "creator"), Attribution: rapid.String().Draw(t, "attribution"),
			},
		}
		if us := rapid.Int64Range(0, 1<<50).Draw(t, "time"); us > 0 {
			it.Origin.Collected = time.UnixMicro(us).UTC()
		}
		return it
	})
}

func TestRoundTrip(t *testing.T) {
	home := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Row {
			r := Row{Item: anyItem().Draw(t, "item"), Split: rapid.SampledFrom([]data.Split{data.Train, data.Test}).Draw(t, "split")}
			r.SHA256 = sha256.Sum256(r.Bytes)
			if m := rapid.MapOf(rapid.String(), rapid.IntRange(1, 9)).Draw(t, "changes"); len(m) > 0 {
				r.Changes = m
			}
			return r
		})).Draw(t, "rows")
		drops := rapid.SliceOf(rapid.Custom(func(t *rapid.T) DropRow {
			r := DropRow{Item: anyItem().Draw(t, "item"), Drop: data.Drop{By: "source", Reason: "blank", Detail: rapid.String().Draw(t, "detail")}}
			if rapid.Bool().Draw(t, "unread") {
				r.Bytes = nil
			} else {
				r.SHA256 = sha256.Sum256(r.Bytes)
			}
			return r
		})).Draw(t, "drops")
		s, _ := Open(home)
		v, err := s.Write(context.Background(), &Manifest{Name: "set"}, func(w *Writer) error {
			for _, r := range rows {
				if err := w.Add(r); err != nil {
					return err
				}
			}
			for _, r := range drops {
				if err := w.Drop(r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		var want []Row
		for _, split := range []data.Split{data.Train, data.Test} {
			for _, r := range rows {
				if r.Split == split {
					want = append(want, r)
				}
			}
		}
		got, gotDrops := []Row(nil), []DropRow(nil)
		for _, split := range []data.Split{data.Train, data.Test} {
			for r, err := range v.Rows(context.Background(), split) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r)
			}
		}
		for r, err := range v.Drops(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			gotDrops = append(gotDrops, r)
		}
		if d := cmp.Diff(want, got); len(want) > 0 && d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(drops, gotDrops); len(drops) > 0 && d != "" {
			t.Error(d)
		}
		s.Remove(context.Background(), "set")
	})
}

// manyRows is enough for several row groups and shards of mixed content.
func manyRows(n, size int) []Row {
	var rows []Row
	for i := range n {
		mediaType := []string{"image/png", "text/plain"}[i*2/n]
		text := strings.Repeat(fmt.Sprintf("%08d", i), size/8)
		r := Row{Item: item(fmt.Sprint(i), mediaType, text, fmt.Sprint(i%10)), Split: data.Train}
		if i%7 == 0 {
			r.Split = data.Test
		}
		rows = append(rows, r)
	}
	return rows
}

func TestSameBytesOnAnyThreads(t *testing.T) {
	rows := manyRows(40000, 2000)
	var first *Version
	for _, n := range []int{1, 4} {
		old := runtime.GOMAXPROCS(n)
		v := written(t, t.TempDir(), rows, nil)
		runtime.GOMAXPROCS(old)
		if first == nil {
			first = v
			continue
		}
		if d := cmp.Diff(first.manifest.Shards, v.manifest.Shards); d != "" || first.Hash() != v.Hash() {
			t.Errorf("the versions differ: %s", d)
		}
	}
	if n := len(first.manifest.Shards); n != 3 {
		t.Errorf("%d shards", n)
	}
	got, _ := stored(t, first)
	if len(got) != len(rows) {
		t.Fatalf("%d rows instead of %d", len(got), len(rows))
	}
	if err := first.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	if m := first.manifest; m.Counts.Splits[data.Test] != 5715 || m.Counts.Classes["3"] != 4000 || m.Counts.MediaTypes["text/plain"] != 20000 {
		t.Errorf("counts %+v", m.Counts)
	}
}

func TestDamageIsFound(t *testing.T) {
	for what, c := range map[string]struct {
		damage func(dir string) error
		want   string
	}{
		"flipped bit": {func(dir string) error { return flip(filepath.Join(dir, "data/train-00000.parquet")) }, "its SHA-256 is not that"},
		"cut short":   {func(dir string) error { return os.Truncate(filepath.Join(dir, "data/train-00000.parquet"), 100) }, "100 bytes instead of"},
		"missing":     {func(dir string) error { return os.Remove(filepath.Join(dir, "data/train-00000.parquet")) }, "is missing"},
		"drops":       {func(dir string) error { return flip(filepath.Join(dir, "dropped.parquet")) }, "dropped.parquet is damaged"},
	} {
		t.Run(what, func(t *testing.T) {
			v := written(t, t.TempDir(), manyRows(10, 100), []DropRow{{Item: item("x", "image/png", "y", ""), Drop: data.Drop{Reason: "blank"}}})
			if err := c.damage(v.dir); err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestEditedManifestIsFound edits the manifest wherever the root hash does not reach, with and
// without the seal.
func TestEditedManifestIsFound(t *testing.T) {
	rows := manyRows(10, 100)
	rows[0].Origin.Licence, rows[1].Origin.Licence, rows[2].Origin.Licence = "MIT", "MIT", "CC0-1.0"
	drops := []DropRow{{Item: item("x", "image/png", "y", ""), Drop: data.Drop{By: "blank", Reason: "blank"}}}
	for what, c := range map[string]struct {
		edit func(m *Manifest)
		want string
	}{
		"licence":         {func(m *Manifest) { m.Licences["MIT"] = 3 }, `it says that 3 Items have the licence "MIT", and 2 have it`},
		"another licence": {func(m *Manifest) { m.Licences["GPL-3.0"] = 1 }, `1 Items have the licence "GPL-3.0", and 0`},
		"no licence":      {func(m *Manifest) { m.Licences = nil }, `does not say that 1 Items have the licence "CC0-1.0"`},
		"class":           {func(m *Manifest) { m.Counts.Classes["0"]++ }, `the class "0"`},
		"media type":      {func(m *Manifest) { delete(m.Counts.MediaTypes, "text/plain") }, `the media type "text/plain"`},
		"drops":           {func(m *Manifest) { m.Counts.Dropped["blank"] = 0 }, `the reason to be dropped "blank"`},
		"bytes":           {func(m *Manifest) { m.Counts.Bytes-- }, "bytes, and they have"},
		"parts":           {func(m *Manifest) { m.Counts.Splits[data.Train]-- }, "Items in the part train, and the files that it lists have 8: it was changed by hand"},
		"source":          {func(m *Manifest) { m.Sources = []SourceRecord{{Use: "folder", Licence: "MIT"}} }, "changed by hand"},
		"program":         {func(m *Manifest) { m.Program = "another" }, "changed by hand"},
		"classes":         {func(m *Manifest) { slices.Reverse(m.Classes) }, "changed by hand"},
	} {
		for _, sealed := range []bool{true, false} {
			v := written(t, t.TempDir(), rows, drops)
			m := *v.manifest
			c.edit(&m)
			if !sealed {
				m.Seal = ""
			}
			text, err := m.text()
			path := filepath.Join(v.dir, ManifestName)
			os.Chmod(path, 0o644)
			if err = errors.Join(err, os.WriteFile(path, text, 0o644)); err != nil {
				t.Fatal(err)
			}
			edited, err := OpenVersion(v.dir)
			if err != nil && what != "parts" { // which is cheap to tell when it is opened
				t.Fatal(what, err)
			}
			if err == nil {
				err = edited.Verify(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, sealed %t: error %v, want %q", what, sealed, err, c.want)
			}
		}
	}
}

// TestManifestsInDisguise edits a manifest so that it looks like an older one or is ambiguous, and
// adds a file to the version.
func TestManifestsInDisguise(t *testing.T) {
	for what, c := range map[string]struct{ from, to, want string }{
		"older":           {`"format": 2`, `"format": 1`, "it is of format 2, and the manifest says format 1"},
		"twice":           {`"format": 2`, `"program": "x", "program": "y", "format": 2`, `the key "program" is duplicated`},
		"in capitals":     {`"format": 2`, `"FORMAT": 2, "format": 2`, `the key "format" is duplicated`},
		"twice, deep":     {`"splits": {`, `"splits": {"train": 1,`, `the key "train" is duplicated`},
		"another type":    {`"version": 1`, `"version": "one"`, `the key "version" is a string; want a whole number`},
		"another list":    {`"shards": [`, `"classes": {}, "shards": [`, `the key "classes" is an object; want a list`},
		"no time":         {`"made": "`, `"made": "x`, "is not a time"},
		"broken":          {`"format": 2`, `"format" 2`, "it is not JSON from byte"},
		"with more files": {"", "", "train-00001.parquet does not belong to set@1"},
	} {
		v := written(t, t.TempDir(), manyRows(3, 10), nil)
		path := filepath.Join(v.dir, ManifestName)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.Replace(string(text), c.from, c.to, 1)
		if what == "older" {
			edited = strings.Replace(edited, v.manifest.Seal, "", 1)
		}
		os.Chmod(path, 0o644)
		os.Chmod(filepath.Join(v.dir, "data"), 0o755)
		if c.from == "" {
			path = filepath.Join(v.dir, "data", "train-00001.parquet")
		}
		if err := os.WriteFile(path, []byte(edited), 0o644); err != nil {
			t.Fatal(err)
		}
		v, err = OpenVersion(v.dir)
		if err == nil {
			err = v.Verify(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

// TestUnknownNames suggests the nearest of many datasets.
func TestUnknownNames(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		os.MkdirAll(filepath.Join(s.folder(fmt.Sprintf("set%02d", i)), "1"), 0o777)
	}
	_, err = s.Version(t.Context(), "set17x")
	if err == nil || !strings.Contains(err.Error(), `did you mean "set17"? there are`) || !strings.HasSuffix(err.Error(), "and 20 more") || strings.Count(err.Error(), "set") > 13 {
		t.Error(err)
	}
}

// TestHoldsFollow checks that a version that must follow the newest is not made after another, and
// that a waiting process gets its turn.
func TestHoldsFollow(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	hold, err := s.Hold(t.Context(), "set", t.FailNow)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := hold.Newest(t.Context()); v != nil || err != nil {
		t.Fatal(v, err)
	}
	if _, err := s.Write(t.Context(), &Manifest{Name: "set"}, func(*Writer) error { return nil }); !errors.Is(err, errBusy) {
		t.Errorf("written while it is held: %v", err)
	}
	waits, done := make(chan bool), make(chan error)
	go func() {
		h, err := s.Hold(t.Context(), "set", func() { close(waits) })
		if err == nil {
			err = h.Release()
		}
		done <- err
	}()
	<-waits
	v, err := hold.Write(t.Context(), &Manifest{Name: "set"}, func(*Writer) error { return nil })
	if err != nil || v.Ref() != "set@1" {
		t.Fatal(v, err)
	}
	if _, err := hold.Write(t.Context(), &Manifest{Name: "set"}, func(*Writer) error { return nil }); !errors.Is(err, ErrMeanwhile) {
		t.Errorf("written after another: %v", err)
	}
	if err := errors.Join(hold.Release(), <-done); err != nil {
		t.Error(err)
	}
}

func flip(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 1
	os.Chmod(path, 0o644)
	return os.WriteFile(path, b, 0o644)
}

func TestVersions(t *testing.T) {
	home := t.TempDir()
	rows := []Row{{Item: item("a", "text/plain", "hello", ""), Split: data.Train}}
	for range 2 {
		written(t, home, rows, nil)
	}
	s, _ := Open(home)
	for ref, want := range map[string]string{
		"set": "set@2", "set@1": "set@1",
		"set@3": "there is no version set@3; of set there is set@1, set@2",
		"sett":  `there is no dataset "sett"`, "../x": "is not a valid dataset name",
	} {
		v, err := s.Version(t.Context(), ref)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && v.Ref() != want {
			t.Errorf("%s: %v, %v", ref, v, err)
		}
	}
	if err := s.Remove(context.Background(), "set@2"); err != nil {
		t.Fatal(err)
	}
	if names, _ := s.Names(t.Context()); len(names) != 1 {
		t.Error(names)
	}
	if err := s.Remove(context.Background(), "set"); err != nil {
		t.Fatal(err)
	}
	if names, _ := s.Names(t.Context()); len(names) != 0 {
		t.Error(names)
	}
}

func TestHashCoversContentAlone(t *testing.T) {
	row := Row{Item: item("a", "text/plain", "hello", "x"), Split: data.Train, Changes: map[string]int{"NFC": 1}}
	base := written(t, t.TempDir(), []Row{row}, nil).Hash()
	for what, change := range map[string]func(*Row){
		"time": func(r *Row) { r.Origin.Collected = time.Unix(1, 0) }, "place": func(r *Row) { r.Origin.Place = "p" },
		"BYTES": func(r *Row) { r.Bytes = []byte("hellO") }, "TYPE": func(r *Row) { r.MediaType = "text/html" },
		"LABEL": func(r *Row) { r.Label = "y" }, "CAPTION": func(r *Row) { r.Caption = "c" }, "GROUP": func(r *Row) { r.Group = "g" },
		"SPLIT": func(r *Row) { r.Split = data.Test }, "CHANGES": func(r *Row) { r.Changes = nil },
	} {
		r := row
		change(&r)
		if changed := written(t, t.TempDir(), []Row{r}, nil).Hash() != base; changed != (what == strings.ToUpper(what)) {
			t.Errorf("%s: changed is %v", what, changed)
		}
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	home := t.TempDir()
	s, _ := Open(home)
	_, err := s.Write(context.Background(), &Manifest{Name: "set"}, func(w *Writer) error {
		for _, r := range manyRows(20000, 1000) {
			if err := w.Add(r); err != nil {
				return err
			}
		}
		return w.Add(Row{Split: "valid"})
	})
	if err == nil || !strings.Contains(err.Error(), "there are train and test") {
		t.Errorf("error %v", err)
	}
	entries, _ := os.ReadDir(s.folder("set"))
	if len(entries) != 1 || entries[0].Name() != lockFile {
		t.Errorf("left %v", entries)
	}
}

func BenchmarkWrite(b *testing.B) {
	rng := bytes.Repeat([]byte{0}, 800)
	rows := make([]Row, 60000)
	for i := range rows {
		for j := range rng {
			if j%3 == 0 {
				rng[j] = byte(i * j >> 3)
			}
		}
		rows[i] = Row{Item: data.Item{Name: fmt.Sprint(i), MediaType: "image/x-portable-graymap", Bytes: bytes.Clone(rng), Label: fmt.Sprint(i % 10)}, Split: data.Train}
	}
	for b.Loop() {
		written(b, b.TempDir(), rows, nil)
	}
	b.ReportMetric(float64(b.N)*60000/b.Elapsed().Seconds(), "rows/s")
}

// Pages of long texts hold only the texts: statistics with the pages would make them unreadable
// again.
func TestLongTextsAreWrittenOnce(t *testing.T) {
	long := make([]byte, 9<<20)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range long {
		long[i] = byte('a' + source.IntN(26))
	}
	rows := []Row{{Item: item("long", "text/plain", string(long), ""), Split: data.Train, SHA256: newSum(long)}}
	v := written(t, t.TempDir(), rows, nil)
	if err := v.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if size := v.Manifest().Shards[0].Bytes; size > int64(len(long)+len(long)/8) {
		t.Errorf("a text of %d bytes takes %d", len(long), size)
	}
}
