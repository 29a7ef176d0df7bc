package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/internal/registry/registrytest"
	"atelier/internal/s3test"
)

// collect returns the Items of a part and the error that ended them.
func collect(s data.Source, split data.Split) (items []data.Item, err error) {
	for it, err := range s.Items(context.Background(), split) {
		if err != nil {
			return items, err
		}
		it.Origin.Collected = time.Time{} // the same bytes at another time are the same Item
		items = append(items, it)
	}
	return items, nil
}

func pngOf(t testing.TB, size int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, size, size))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// write makes files below a new folder.
func write(t *testing.T, files map[string][]byte) string {
	dir := t.TempDir()
	writeIn(t, dir, files)
	return dir
}

func writeIn(t testing.TB, dir string, files map[string][]byte) {
	for name, b := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// idxOf makes an IDX file of the dimensions and bytes.
func idxOf(content []byte, dims ...uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(0x800+len(dims)))
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, content...)
}

// lines joins n lines.
func lines(n int, line func(i int) string) []byte {
	var b bytes.Buffer
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.Bytes()
}

// ready returns the source with the settings that have no default.
func ready(t *testing.T, s data.Source) data.Source {
	switch s := s.(type) {
	case *IDX:
		s.Path = write(t, map[string][]byte{
			"train-images-idx3-ubyte": idxOf([]byte{1, 2, 3, 4}, 2, 1, 2), "train-labels-idx1-ubyte": idxOf([]byte{1, 0}, 2),
			"t10k-images.idx3-ubyte": idxOf([]byte{5, 6}, 1, 1, 2), "t10k-labels.idx1-ubyte": idxOf([]byte{1}, 1),
		})
	case *Stacked:
		s.Of, s.Size = registry.Choice[data.Source]{Use: "idx", Value: ready(t, &IDX{})}, 40
	case *Whole:
		s.Of = registry.Choice[data.Source]{Use: "idx", Value: ready(t, &IDX{})}
	case *Folder:
		files := map[string][]byte{}
		for i := range 40 {
			files["cat/"+strconv.Itoa(i)+".png"] = pngOf(t, 1+i%3)
		}
		s.Path = write(t, files)
	case *Moving:
		s.Size, s.Frames, s.Clips = 32, 4, 40
	case *Clips:
		files := map[string][]byte{}
		for i := range 40 {
			files[fmt.Sprintf("cat/%d/frame-1.png", i)], files[fmt.Sprintf("cat/%d/frame-2.png", i)] = pngOf(t, 2), pngOf(t, 2)
		}
		s.Path = write(t, files)
	case *Pairs:
		files := map[string][]byte{}
		for i := range 40 {
			files[fmt.Sprintf("target/%d.png", i)], files[fmt.Sprintf("source/%d.PNG", i)] = pngOf(t, 1), pngOf(t, 2)
		}
		s.Path = write(t, files)
	case *Archive:
		var files []member
		for i := range 40 {
			files = append(files, member{name: fmt.Sprintf("set/%d/%d.png", i%2, i), content: pngOf(t, 1)})
		}
		s.Path = filepath.Join(write(t, map[string][]byte{"a.tar.gz": archiveOf(t, "tar.gz", files)}), "a.tar.gz")
	case *S3:
		endpoint, folder := s3test.Start(t)
		for i := range 40 {
			writeIn(t, folder, map[string][]byte{fmt.Sprintf("set/%d/%d.png", i%2, i): pngOf(t, 1)})
		}
		s.Address, s.Endpoint, s.Secure = "s3://set", endpoint, false
	case *SQL:
		s.Address = "sqlite:" + sqliteOf(t, 40)
	case *Parquet:
		s.Path = filepath.Join(write(t, map[string][]byte{"a.parquet": parquetOf(t, 40)}), "a.parquet")
	case *JSONL:
		s.Path = filepath.Join(write(t, map[string][]byte{"a.jsonl": lines(40, func(i int) string { return fmt.Sprintf(`{"text":"line %d"}`, i) })}), "a.jsonl")
	case *CSV:
		s.Path = filepath.Join(write(t, map[string][]byte{"a.csv": append([]byte("text,label\n"), lines(40, func(i int) string { return fmt.Sprintf("line %d,%d", i, i%2) })...)}), "a.csv")
	case *URLs:
		w := village(t)
		s.Path = filepath.Join(write(t, map[string][]byte{"list.txt": lines(40, func(i int) string { return fmt.Sprintf("%s/big.png?%d", w.URL, i) })}), "list.txt")
		s.Settings, s.TestShare = quickly(), 0.5 // the port, and with it the part, differs each time
	case *Site:
		s.Start = village(t).URL + "/deeper"
		s.Depth, s.Sitemap, s.Settings = 0, false, quickly()
	case *Rolls:
		s.Path = filepath.Join(write(t, map[string][]byte{"a.mat": rollsOf(3)}), "a.mat")
	case *Emoji:
		s.Path = emojiPackages(t, -1)
	case *Text:
		s.Path = write(t, map[string][]byte{"a.txt": []byte("To be, or not to be")})
	}
	return s
}

// TestContract holds every source to what it promises: the same Items in the
// same order each time, no Item in both parts, a stop when asked for, and its
// name and classes in agreement with its Items.
func TestContract(t *testing.T) {
	for e := range data.Sources.All() {
		t.Run(e.Name, func(t *testing.T) {
			s := ready(t, e.New())
			names := map[string]bool{}
			for _, split := range []data.Split{data.Train, data.Test} {
				items, err := collect(s, split)
				again, _ := collect(s, split)
				_, crawls := s.(*Site)
				_, whole := s.(*Whole)
				if err != nil || len(items) == 0 && (split == data.Train || !crawls && !whole) || !reflect.DeepEqual(items, again) {
					t.Fatal(split, len(items), len(again), err)
				}
				for _, it := range items {
					if names[it.Name] {
						t.Fatal(it.Name, "is repeated")
					}
					names[it.Name] = true
					if it.MediaType == "" || len(it.Bytes) == 0 || it.Origin.Place == "" {
						t.Fatal("incomplete:", it.Name, it.MediaType, it.Origin)
					}
					if c, ok := s.(data.Classed); ok && len(c.ClassNames()) > 0 && !slices.Contains(c.ClassNames(), it.Label) {
						t.Fatal(it.Label, "is not among", c.ClassNames())
					}
				}
			}
			for range s.Items(context.Background(), data.Train) {
				break
			}
			if r, ok := s.(data.Resumable); ok {
				resumes(t, r)
			}
			stopped, cancel := context.WithCancel(context.Background())
			cancel()
			for _, err := range s.Items(stopped, data.Train) {
				if !errors.Is(err, context.Canceled) {
					t.Fatal("continues after it was stopped:", err)
				}
			}
			if n, ok := s.(data.Named); !ok || n.SetName() == "" {
				t.Error("has no name")
			}
		})
	}
}

// A journal knows Items by name.
type journal map[string]bool

func (j journal) Known(name string) bool      { return j[name] }
func (j journal) Load(string) ([]byte, error) { return nil, nil }
func (j journal) Save(string, []byte) error   { return nil }

// resumes wants just the Items that a journal does not know.
func resumes(t *testing.T, s data.Resumable) {
	all, err := collect(s, data.Train)
	if err != nil {
		t.Fatal(err)
	}
	j, want := journal{}, map[string]bool{}
	for i, it := range all {
		j[it.Name] = i%3 != 1
		want[it.Name] = i%3 == 1
	}
	for it, err := range s.Rest(context.Background(), data.Train, j) {
		if err != nil || !want[it.Name] {
			t.Fatal(it.Name, "is known, or is repeated:", err)
		}
		want[it.Name] = false
	}
	for name, open := range want {
		if open {
			t.Fatal(name, "is not known, and is skipped")
		}
	}
}

func TestNotice(t *testing.T) {
	notice, err := fs.ReadFile(starterFolder(), "NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := fs.ReadDir(starterFolder(), ".")
	for _, f := range files {
		if f.Name() == "NOTICE" {
			continue
		}
		b, err := fs.ReadFile(starterFolder(), f.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if line := hex.EncodeToString(sum[:]) + "  " + f.Name(); !strings.Contains(string(notice), line) {
			t.Errorf("NOTICE has no line %s", line)
		}
	}
}

func TestStarter(t *testing.T) {
	for _, set := range []struct {
		name        string
		classes     int
		train, test int
	}{{"fashion", 10, 10_000, 2_000}, {"emoji", 7, 1212, 174}} {
		s := &Starter{Name: set.name}
		for split, want := range map[data.Split]int{data.Train: set.train, data.Test: set.test} {
			items, err := collect(s, split)
			if err != nil || len(items) != want {
				t.Fatalf("%s %s: %d items, %v", set.name, split, len(items), err)
			}
			count := map[string]int{}
			for _, it := range items {
				count[it.Label]++
				if it.Origin.Licence == "" || it.Origin.Attribution == "" || set.name == "emoji" && strings.Count(it.Caption, "\n") != 3 {
					t.Fatal(it.Name, "has no licence")
				}
			}
			if len(count) != set.classes || len(s.ClassNames()) != set.classes {
				t.Error(set.name, split, count)
			}
			if set.name == "fashion" && count["bag"] != want/10 {
				t.Error("the classes are not even:", count)
			}
		}
	}
	_, err := collect(&Starter{Name: "fasion"}, data.Train)
	if want := `starter name: no starter set "fasion"; did you mean "fashion"? there are emoji, fashion, grooves, levels, parts, tunes`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestFolder(t *testing.T) {
	dir := write(t, map[string][]byte{
		"b/2.PNG": pngOf(t, 2), "a/deep/1.jpg": pngOf(t, 1), "a/.hidden.png": {1}, ".git/x.png": {1}, "b/notes.txt": {1}, "c/readme.md": {1},
	})
	outside := filepath.Join(write(t, map[string][]byte{"secret.png": {1}}), "secret.png")
	if err := os.Symlink(outside, filepath.Join(dir, "a", "link.png")); err != nil {
		t.Log("without a symbolic link:", err)
	}
	s := &Folder{Path: dir, Kind: pictures}
	taken, _, drops := take(t, s)
	if len(taken) != 2 || len(drops) > 1 || len(drops) == 1 && drops["a/link.png"] != symbolicLink {
		t.Fatal(taken, drops)
	}
	items := []data.Item{taken["a/deep/1.jpg"], taken["b/2.PNG"]}
	if items[0].Name != "a/deep/1.jpg" || items[0].Origin.Place != filepath.Join(dir, "a", "deep", "1.jpg") || items[0].Label != "a" || items[1].MediaType != "image/png" {
		t.Error(items[0].Name, items[0].Label, items[1].MediaType)
	}
	if !slices.Equal(s.ClassNames(), []string{"a", "b"}) {
		t.Error(s.ClassNames())
	}
	if test, err := collect(s, data.Test); err != nil || len(test) != 0 {
		t.Error("a share of nothing has", len(test), err)
	}
}

func TestSplitShare(t *testing.T) {
	n := 0
	for i := range 10_000 {
		if splitOf(strconv.Itoa(i), 0.1) == data.Test {
			n++
		}
	}
	if math.Abs(float64(n)-1000) > 90 { // three standard deviations
		t.Errorf("%d of 10,000 names are in a tenth", n)
	}
}

func TestMixtures(t *testing.T) {
	for e := range data.Sources.All() {
		s, ok := e.New().(interface {
			data.Source
			data.Mixed
		})
		if !ok {
			continue
		}
		items, err := collect(s, data.Train)
		if err != nil {
			t.Fatal(err)
		}
		centres, sigma := s.Mixture()
		count, square := make([]float64, len(centres)), 0.0
		for _, it := range items {
			xs, ys, _ := strings.Cut(string(it.Bytes), ",")
			x, _ := strconv.ParseFloat(xs, 64)
			y, _ := strconv.ParseFloat(ys, 64)
			nearest, best := 0, math.Inf(1)
			for i, c := range centres {
				if d := math.Hypot(x-c[0], y-c[1]); d < best {
					nearest, best = i, d
				}
			}
			count[nearest]++
			square += best * best
		}
		n := float64(len(items))
		if got := math.Sqrt(square / (2 * n)); math.Abs(got/sigma-1) > 0.03 {
			t.Errorf("%s: sigma is %g, want %g", e.Name, got, sigma)
		}
		fair := n / float64(len(centres))
		for i, c := range count {
			if math.Abs(c-fair) > 5*math.Sqrt(fair) {
				t.Errorf("%s: centre %v has %g of %g points", e.Name, centres[i], c, n)
			}
		}
	}
}

// The settings of every source go into a run file and come back.
func TestSettingsSurvive(t *testing.T) { registrytest.RoundTrip(t, data.Sources) }
