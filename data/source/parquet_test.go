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

	"github.com/parquet-go/parquet-go"

	"atelier/data"
)

// A hugging row is one as Hugging Face's datasets write it.
type hugging struct {
	Image struct {
		Bytes []byte `parquet:"bytes"`
		Path  string `parquet:"path,optional"`
	} `parquet:"image,optional"`
	Label int64    `parquet:"label"`
	Words []string `parquet:"words,list"`
	Share float64  `parquet:"share"`
}

const huggingFeatures = `{"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}`

// parquetOf makes a file of n rows in row groups of 16.
func parquetOf(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[hugging](&b, parquet.KeyValueMetadata("huggingface", huggingFeatures), parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(16))
	for i := range n {
		r := hugging{Label: int64(i % 2), Words: []string{"a", fmt.Sprint(i)}, Share: 0.5}
		r.Image.Bytes, r.Image.Path = fmt.Appendf(nil, "P5 1 1 255\n%c", i), fmt.Sprintf("%d.pgm", i)
		if _, err := w.Write([]hugging{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquet(t *testing.T) {
	dir := write(t, map[string][]byte{"data/train-00000-of-00001.parquet": parquetOf(t, 20), "data/test-00000-of-00001.parquet": parquetOf(t, 3)})
	choice := new(Parquet)
	if choice.Recognize(dir) != data.Meant || choice.Recognize(t.TempDir()) != data.Unfit {
		t.Error("is not recognized")
	}
	s := &Parquet{Path: dir, Columns: Columns{Caption: "words"}}
	items, parts, drops := take(t, s)
	it := items["data/train-00000-of-00001.parquet/17"]
	if it.Label != "dog" || it.MediaType != "image/x-portable-graymap" || string(it.Bytes) != "P5 1 1 255\n\x11" || it.Caption != "a\n17" {
		t.Errorf("%+v", it)
	}
	if len(items) != 23 || len(drops) > 0 || parts["data/test-00000-of-00001.parquet/2"] != data.Test || !s.Divided() || !slices.Equal(s.ClassNames(), []string{"cat", "dog"}) {
		t.Error(len(items), drops, s.ClassNames())
	}
	text := &Parquet{Path: dir, Columns: Columns{Text: "words", Bytes: "none", Label: "share"}}
	if items, _, _ := take(t, text); string(items["data/test-00000-of-00001.parquet/1"].Bytes) != "a\n1" || items["data/test-00000-of-00001.parquet/1"].Label != "0.5" {
		t.Errorf("%v", items)
	}
}

// readParquet reads a file and reports whether all of it came.
func readParquet(t *testing.T, file string, rows int) (whole bool) {
	n := 0
	for _, err := range (&Parquet{Path: file}).Items(context.Background(), data.Train) {
		var drop *data.Drop
		if err != nil && !errors.As(err, &drop) && !strings.HasPrefix(err.Error(), file) {
			t.Fatal("an error without its place:", err)
		}
		if err == nil {
			n++
		}
	}
	return n == rows
}

func TestTruncatedParquet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.parquet")
	whole := parquetOf(t, 40)
	for n := 0; n < len(whole); n += 64 {
		if err := os.WriteFile(file, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if readParquet(t, file, 40) {
			t.Errorf("cut to %d bytes it is whole", n)
		}
	}
	for i := range whole { // a wrong byte here and there: whatever comes, no panic
		if i%31 != 0 {
			continue
		}
		wrong := slices.Clone(whole)
		wrong[i] ^= 0xff
		if err := os.WriteFile(file, wrong, 0o666); err != nil {
			t.Fatal(err)
		}
		readParquet(t, file, 40)
	}
}

func FuzzParquet(f *testing.F) {
	f.Add(parquetOf(f, 3))
	f.Add(richFile(f, 2))
	f.Add([]byte("PAR1\xff\xff\xff\xffPAR1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := openParquet(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		n := 0
		_ = p.rows(t.Context(), Columns{}, skipsNothing, func(r row) bool {
			_, _, _ = Columns{}.item(r.record, func(string) ([]byte, error) { return nil, errors.New("is not there") })
			n++
			return n < 1000
		})
	})
}

// FuzzTables wants Items with bytes of whatever a table holds.
func FuzzTables(f *testing.F) {
	f.Add([]byte("text,label\n\"a\nb\",c\n"), true)
	f.Add([]byte("{\"text\": [\"a\", {\"content\": \"b\"}], \"image\": {\"bytes\": \"AAAA\"}}\n"), false)
	f.Add([]byte("text,label\n\xcd\xa3\xc1\xcb,\xd0\xc2\n"), true)
	f.Fuzz(func(t *testing.T, b []byte, asCSV bool) {
		name := "a.jsonl"
		if asCSV {
			name = "a.csv"
		}
		for r, err := range tableRows(t.Context(), name, bytes.NewReader(b), func(string) {}) {
			if err != nil {
				continue
			}
			c, err := Columns{}.readable(r.names)
			if err != nil {
				continue
			}
			it, _, err := c.item(r.record, func(string) ([]byte, error) { return nil, errors.New("is not there") })
			if err != nil && !isDrop(err) || err == nil && len(it.Bytes) == 0 {
				t.Fatalf("row %d: %d bytes, %v", r.at, len(it.Bytes), err)
			}
		}
	})
}
