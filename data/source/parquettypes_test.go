package source

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"atelier/data"
)

// A rich row has columns of all types that tables are made of.
type rich struct {
	Text  string            `parquet:"text"`
	Label string            `parquet:"label,enum"`
	ID    [16]byte          `parquet:"id,uuid"`
	Tags  []string          `parquet:"tags,list"`
	Turns []said            `parquet:"turns,list"`
	Notes map[string]string `parquet:"notes"`
	Grid  []struct {
		Row []int32 `parquet:"row,list"`
	} `parquet:"grid,list"`
	Where struct{ X, Y int }   `parquet:"where"`
	Parts []struct{ A, B int } `parquet:"parts,list"`
	Price int64                `parquet:"price,decimal(2:18)"`
	At    deprecated.Int96     `parquet:"at"`
	Maybe *float64             `parquet:"maybe,optional"`
	Doc   map[string][]string  `parquet:"doc"`
}

type said struct {
	Role    string `parquet:"role"`
	Content string `parquet:"content"`
}

// richFile is a file of rows in groups of 5, with small pages.
func richFile(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[rich](&b, parquet.PageBufferSize(200), parquet.MaxRowsPerRowGroup(5), parquet.Compression(&parquet.Snappy))
	for i := range n {
		r := rich{Text: fmt.Sprint("text ", i), Label: "a", ID: [16]byte{1, 2, 15: byte(i)}, Tags: []string{"t", fmt.Sprint(i)},
			Turns: []said{{"user", "hello"}, {"bot", fmt.Sprint("bye ", i)}}, Notes: map[string]string{"k": "v"}, Price: 150,
			Doc: map[string][]string{"a": {"b"}}}
		r.Grid = make([]struct {
			Row []int32 `parquet:"row,list"`
		}, 2)
		r.Parts = make([]struct{ A, B int }, 2)
		if i%3 == 0 {
			r.Tags, r.Turns = nil, nil
		}
		if _, err := w.Write([]rich{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Columns of types that are not read do not matter; they are named once.
func TestParquetTypes(t *testing.T) {
	dir := write(t, map[string][]byte{"train-0.parquet": richFile(t, 13), "test-0.parquet": richFile(t, 4)})
	s := &Parquet{Path: dir, Columns: Columns{Caption: "tags", Group: "id"}}
	items, _, drops := take(t, s)
	it := items["train-0.parquet/7"]
	if len(items) != 17 || len(drops) > 0 || string(it.Bytes) != "text 7" || it.Label != "a" || it.Caption != "t\n7" || it.Group != "01020000-0000-0000-0000-000000000007" {
		t.Errorf("%d %v %+v", len(items), drops, it)
	}
	if items["train-0.parquet/6"].Caption != "" {
		t.Error(items["train-0.parquet/6"].Caption)
	}
	want := "skipped columns of unsupported types: notes (a map), grid (a list of lists), where (a struct), parts (a list of structs), price (a decimal), and others"
	if got := s.Remarks(); !slices.Equal(got, []string{want}) {
		t.Errorf("%q", got)
	}
	turns := &Parquet{Path: dir, Columns: Columns{Text: "turns"}}
	items, _, drops = take(t, turns)
	if string(items["test-0.parquet/2"].Bytes) != "hello\nbye 2" || drops["test-0.parquet/0"] != "empty" {
		t.Errorf("%q %v", items["test-0.parquet/2"].Bytes, drops)
	}
	for column, what := range map[string]string{"notes": "a map", "grid": "a list of lists", "price": "a decimal", "at": "a time in 96 bits"} {
		_, err := collect(&Parquet{Path: dir, Columns: Columns{Text: column}}, "train")
		if err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf("the column %q is %s, which is not read; name one that holds a text, a number, a list of them or a file", column, what)) {
			t.Error(err)
		}
	}
}

// Rows that are known are skipped, wherever pages and groups end.
func TestParquetSkips(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(file, richFile(t, 13), 0o666); err != nil {
		t.Fatal(err)
	}
	m := &memory{map[string]bool{}, map[string][]byte{}}
	for i := range 13 {
		if i%4 == 1 || i > 5 && i < 9 {
			m.known[fmt.Sprintf("a.parquet/%d", i)] = true
		}
	}
	s := &Parquet{Path: file, Columns: Columns{Caption: "tags"}}
	n := 0
	for it, err := range s.Rest(t.Context(), "train", m) {
		var i int
		if _, scan := fmt.Sscanf(it.Name, "a.parquet/%d", &i); err != nil || scan != nil || string(it.Bytes) != fmt.Sprint("text ", i) || i%3 != 0 && it.Caption != fmt.Sprint("t\n", i) {
			t.Error(it.Name, string(it.Bytes), it.Caption, err)
		}
		n++
	}
	if n != 13-len(m.known) {
		t.Error(n, "rows")
	}
}

// What is wrong with a column that is not read does not matter.
func TestParquetReadsItsColumns(t *testing.T) {
	b := richFile(t, 5)
	p, err := openParquet(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range p.file.Metadata().RowGroups[0].Columns {
		if name := c.MetaData.PathInSchema[0]; name != "text" && name != "label" {
			for at := c.MetaData.DataPageOffset; at < c.MetaData.DataPageOffset+c.MetaData.TotalCompressedSize; at++ {
				b[at] = 0xff
			}
			p.file.Metadata().RowGroups[0].Columns[i].MetaData.TotalUncompressedSize = 1 << 40
		}
	}
	n := 0
	err = p.rows(t.Context(), Columns{}, skipsNothing, func(r row) bool {
		if text, _ := r.text("text"); text != fmt.Sprint("text ", n) {
			t.Error(text)
		}
		n++
		return true
	})
	if n != 5 || err != nil {
		t.Error(n, err)
	}
}

// Days and times are read as people write them.
func TestParquetDates(t *testing.T) {
	type dated struct {
		Text  string    `parquet:"text"`
		Label int32     `parquet:"label,date"`
		When  time.Time `parquet:"caption,timestamp(microsecond)"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[dated](&b)
	for _, r := range []dated{{"a", 19844, time.Date(2024, 5, 1, 12, 30, 0, 5000, time.UTC)}, {"b", -1, time.Unix(0, 0)}} {
		if _, err := w.Write([]dated{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := write(t, map[string][]byte{"a.parquet": b.Bytes()})
	items, err := collect(&Parquet{Path: dir + "/a.parquet"}, data.Train)
	if err != nil || len(items) != 2 {
		t.Fatal(items, err)
	}
	if a, b := items[0], items[1]; a.Label != "2024-05-01" || b.Label != "1969-12-31" || a.Caption != "2024-05-01T12:30:00.000005" || b.Caption != "1970-01-01T00:00:00" {
		t.Errorf("%q %q, %q %q", a.Label, a.Caption, b.Label, b.Caption)
	}
}
