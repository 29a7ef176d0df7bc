package parquetfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// whole is a file of a few rows and two row groups.
func whole(t testing.TB) []byte {
	type row struct {
		Text string
		List []string
		N    int32
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b)
	for range 2 {
		if _, err := w.Write([]row{{"a", []string{"b", "c"}, 1}, {strings.Repeat("long ", 50), nil, 2}}); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withFooter is a file of nothing but a footer that claims a length.
func withFooter(footer string, length uint32) []byte {
	b := append([]byte(magic), footer...)
	return append(binary.LittleEndian.AppendUint32(b, length), magic...)
}

// walk opens a file and visits all of its pages.
func walk(b []byte) (pages int, err error) {
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return 0, err
	}
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			err := Pages(bytes.NewReader(b), int64(len(b)), &c.MetaData, func(_ *format.PageHeader, page *io.SectionReader) error {
				pages++
				_, err := io.Copy(io.Discard, page)
				return err
			})
			if err != nil {
				return pages, err
			}
		}
	}
	return pages, nil
}

func TestWhole(t *testing.T) {
	if pages, err := walk(whole(t)); err != nil || pages < 6 {
		t.Error(pages, err)
	}
}

// TestHostile has files that claim more than they hold; none takes memory for it.
func TestHostile(t *testing.T) {
	// A structure whose field 5, a list of structures, claims 2³¹-1 of them.
	list := "\x59\xfc\xff\xff\xff\xff\x07\x00"
	deep := strings.Repeat("\x1c", 1000)
	b := whole(t)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"length":  {[]byte("PAR1\xff\xff\xff\xffPAR1"), "its footer claims 4294967295 bytes, and the file has room for 0"},
		"short":   {[]byte("PAR1PAR1"), "8 bytes are too few"},
		"other":   {append(b[:len(b)-1:len(b)-1], '2'), `it ends with "PAR2"`},
		"list":    {withFooter(list, uint32(len(list))), "claims 2147483647 elements in 1 bytes"},
		"deep":    {withFooter(deep, uint32(len(deep))), "too deep"},
		"map":     {withFooter("\x1b\x00", 2), "type MAP"},
		"entries": {withFooter("\x19\xfc\x80\x80\x40"+strings.Repeat("\x00", 1<<20), 1<<20+5), "more than 524288 entries"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := walk(c.file)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
			t.Errorf("%s: takes %d MiB", name, n>>20)
		}
	}
}

// TestHostilePages has a page whose header claims bytes that are not there.
func TestHostilePages(t *testing.T) {
	for name, h := range map[string]format.PageHeader{
		"beyond":   {CompressedPageSize: 1 << 30, UncompressedPageSize: 1},
		"negative": {CompressedPageSize: -1, UncompressedPageSize: 1},
	} {
		b, err := thrift.Marshal(new(thrift.CompactProtocol), h)
		if err != nil {
			t.Fatal(err)
		}
		m := &format.ColumnMetaData{TotalCompressedSize: int64(len(b))}
		err = Pages(bytes.NewReader(b), int64(len(b)), m, func(*format.PageHeader, *io.SectionReader) error { return nil })
		if err == nil || err.Error() != "a page reaches beyond its column" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, m := range []format.ColumnMetaData{{DataPageOffset: -1}, {TotalCompressedSize: -1}, {DataPageOffset: 1 << 60, TotalCompressedSize: 1}, {TotalCompressedSize: 1 << 62}} {
		if err := Pages(bytes.NewReader(nil), 0, &m, nil); err == nil {
			t.Errorf("%+v is within the file", m)
		}
	}
}

// allocated is how many bytes were ever allocated; unlike runtime.ReadMemStats it does not
// stop the world.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func FuzzOpen(f *testing.F) {
	b := whole(f)
	f.Add(b)
	f.Add([]byte("PAR1\xff\xff\xff\xffPAR1"))
	for i := len(b) - 400; i < len(b); i += 40 {
		flipped := bytes.Clone(b)
		flipped[i] ^= 0x55
		f.Add(flipped)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := allocated()
		_, err := walk(b)
		if n := allocated() - before; n > 64<<20 {
			t.Errorf("%d bytes of Parquet take %d MiB of memory (%v)", len(b), n>>20, err)
		}
	})
}
