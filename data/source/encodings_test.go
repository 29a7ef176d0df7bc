package source

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// legacy are tables in encodings of old, by the name that is remarked.
var legacy = map[string]struct {
	in          encoding.Encoding
	text, label string
}{
	"windows-1252": {charmap.Windows1252, "Der Töpfer stellt die Krüge in den großen Ofen, „weil es kühl ist“ – und heizt ihn über Nacht.", "Töpferei"},
	"gb18030":      {simplifiedchinese.GBK, "停了三十年的龙窑昨天重新点火，村里的老人就坐在窑门前看着。", "新闻"},
	"shift_jis":    {japanese.ShiftJIS, "窯に火を入れるのは三十年ぶりのことである。老人たちは座って待っていた。", "物語"},
	"windows-1251": {charmap.Windows1251, "Печь стоит за домом, и её топят каждую первую субботу месяца.", "рассказ"},
	"utf-16le":     {unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "The Töpfer of 窯", "kiln"},
	"utf-16be":     {unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "The Töpfer of 窯", "kiln"},
}

// A table in another encoding than UTF-8 is read, and its encoding is named.
func TestTablesInOtherEncodings(t *testing.T) {
	for name, c := range legacy {
		var table strings.Builder
		table.WriteString("text,label\nplain,none\n")
		for i := range 30 {
			fmt.Fprintf(&table, "\"%s %d\",%s\n", c.text, i, c.label)
		}
		b, err := c.in.NewEncoder().String(table.String())
		if err != nil {
			t.Fatal(name, err)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write([]byte(b))
		z.Close()
		dir := write(t, map[string][]byte{"a.csv": []byte(b), "b.csv.gz": packed.Bytes(), "c.csv": []byte("text,label\nin UTF-8 ü,x\n")})
		s := &CSV{Path: dir, Columns: Columns{Group: "none"}}
		items, _, drops := take(t, s)
		for _, file := range []string{"a.csv/4", "b.csv.gz/4"} {
			if it := items[file]; string(it.Bytes) != c.text+" 1" || it.Label != c.label || it.MediaType != utf8Type {
				t.Errorf("%s: %q, label %q", name, it.Bytes, it.Label)
			}
		}
		want := "converted 2 files such as " + filepath.Join(dir, "a.csv") + " to UTF-8 from " + name
		if len(items) != 63 || len(drops) > 0 || !slices.Equal(s.Remarks(), []string{want}) {
			t.Error(name, len(items), drops, s.Remarks())
		}
	}
}

// So is one beside pictures.
func TestLabelsInOtherEncodings(t *testing.T) {
	c := legacy["gb18030"]
	table, _ := c.in.NewEncoder().String("file,label,caption\n1.png," + c.label + "," + c.text + "\n2.png,猫," + c.text + "\n")
	dir := write(t, map[string][]byte{"1.png": pngOf(t, 1), "2.png": pngOf(t, 2), "labels.csv": []byte(table)})
	s := &Folder{Path: dir}
	items, _, drops := take(t, s)
	if items["1.png"].Label != c.label || items["2.png"].Label != "猫" || items["2.png"].Caption != c.text || len(drops) > 0 {
		t.Errorf("%+v %v", items, drops)
	}
	if want := "converted " + filepath.Join(dir, "labels.csv") + " to UTF-8 from gb18030"; !slices.Equal(s.Remarks(), []string{want}) {
		t.Error(s.Remarks())
	}
}

// TestTextsInOtherEncodings: a folder of texts is read in UTF-8, and one of all kinds as it is.
func TestTextsInOtherEncodings(t *testing.T) {
	text := strings.Repeat(legacy["gb18030"].text+"\n", 30)
	b, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	dir := write(t, map[string][]byte{"a.txt": []byte(b), "b.txt": []byte(text + "\r\n"), "c.txt": []byte("\x81\x05\xfe\x90\x8d\x9c\x13\xff\x07\x8f\xf1")})
	for kind, want := range map[string]string{texts: text, all: b} {
		s := &Folder{Path: dir, Kind: kind}
		items, _, drops := take(t, s)
		if len(items) != 3 || len(drops) > 0 || string(items["a.txt"].Bytes) != want || string(items["b.txt"].Bytes) != text+"\r\n" {
			t.Errorf("%s: %d items, %v, %.80q, %.80q", kind, len(items), drops, items["a.txt"].Bytes, items["b.txt"].Bytes)
		}
		if told := s.Remarks(); (kind == texts) != slices.Equal(told, []string{"converted " + filepath.Join(dir, "a.txt") + " to UTF-8 from gb18030"}) {
			t.Errorf("%s: told %q", kind, told)
		}
	}
}
