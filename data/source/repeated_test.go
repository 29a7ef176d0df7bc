package source

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"atelier/data"
	"atelier/internal/badinput"
)

// Rows that are repeated until a small file holds more than anybody could want are refused,
// whatever packs them.
func TestRepeatedRowsAreRefused(t *testing.T) {
	type said struct {
		Text string `parquet:"text,dict"`
	}
	var columns bytes.Buffer
	w := parquet.NewGenericWriter[said](&columns, parquet.Compression(&parquet.Zstd), parquet.DataPageStatistics(false), parquet.SkipPageBounds("text"))
	for range 40 { // 20 MB
		if _, err := w.Write([]said{{strings.Repeat("word ", 100_000)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again := strings.Repeat("again ", 10_000)
	const rows = 640
	dir := write(t, map[string][]byte{
		"a.parquet": columns.Bytes(), "a.csv.gz": zipped(t, "text\n"+strings.Repeat(again+"\n", rows)), "a.jsonl.gz": zipped(t, strings.Repeat(`{"text": "`+again+"\"}\n", rows)),
	})
	for _, s := range []data.Source{&Parquet{Path: dir + "/a.parquet"}, &CSV{Path: dir + "/a.csv.gz"}, &JSONL{Path: dir + "/a.jsonl.gz"}} {
		if _, err := collect(s, data.Train); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "unpack to more than 256 times the size of the file") {
			t.Errorf("%T: %v", s, err)
		}
	}
}
