package source

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"path/filepath"
	"testing"

	"atelier/data"
)

// jpegWith makes a picture with a segment of metadata.
func jpegWith(t *testing.T, marker byte, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, marker}, uint16(len(content)+2))
	return append(append(segment, content...), b.Bytes()[2:]...)
}

func xmp(properties string) string {
	return "http://ns.adobe.com/xap/1.0/\x00" + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">` +
		properties + `</rdf:Description></rdf:RDF></x:xmpmeta>`
}

func iptc(dataset byte, words string) string {
	record := append([]byte{0x1c, 2, dataset}, binary.BigEndian.AppendUint16(nil, uint16(len(words)))...)
	record = append(record, words...)
	block := "8BIM\x04\x04\x00\x00" + string(binary.BigEndian.AppendUint32(nil, uint32(len(record)))) + string(record)
	return "Photoshop 3.0\x00" + block
}

func TestCredit(t *testing.T) {
	for _, c := range []struct {
		name             string
		picture          []byte
		licence, creator string
	}{
		{"cc:license", jpegWith(t, 0xe1, xmp(`<cc:license rdf:resource="https://creativecommons.org/licenses/by-sa/4.0/"/>`)), "CC-BY-SA-4.0", ""},
		{"usage terms", jpegWith(t, 0xe1, xmp(`<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">This work is under https://creativecommons.org/licenses/by/4.0/.</rdf:li></rdf:Alt></xmpRights:UsageTerms>`+
			`<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bo</rdf:li></rdf:Seq></dc:creator>`)), "CC-BY-4.0", "Ann, Bo"},
		{"statement", jpegWith(t, 0xe1, xmp(`<xmpRights:WebStatement>http://creativecommons.org/publicdomain/zero/1.0/</xmpRights:WebStatement>`)), "CC0-1.0", ""},
		{"a licence that is not known", jpegWith(t, 0xe1, xmp(`<xmpRights:UsageTerms>ask me</xmpRights:UsageTerms>`)), "", ""},
		{"copyright notice", jpegWith(t, 0xed, iptc(116, "CC BY 4.0")), "CC-BY-4.0", ""},
		{"by-line", jpegWith(t, 0xed, iptc(80, "Cleo")), "", "Cleo"},
		{"none", pngOf(t, 1), "", ""},
		{"damaged", jpegWith(t, 0xe1, xmp(`<cc:license`)), "", ""},
	} {
		var o data.Origin
		credit(&o, c.picture)
		if o.Licence != c.licence || o.Creator != c.creator {
			t.Errorf("%s: got %+v", c.name, o)
		}
		for n := range c.picture { // however it is cut, nothing happens
			credit(new(data.Origin), c.picture[:n])
		}
	}
	o := data.Origin{Licence: "MIT"}
	if credit(&o, jpegWith(t, 0xed, iptc(116, "CC BY 4.0"))); o.Licence != "MIT" {
		t.Error("what the table said was replaced:", o.Licence)
	}
}

func FuzzCredit(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10adobe"))
	f.Fuzz(func(t *testing.T, b []byte) { credit(new(data.Origin), b) })
}

// What a person types leads to the source that is meant.
func TestResolve(t *testing.T) {
	dir := write(t, map[string][]byte{
		"photos/a.png": pngOf(t, 1), "idx/train-images-idx3-ubyte.gz": {1}, "hf/data/train-0.parquet": {1}, "odd [1]*/train-images.idx3-ubyte": {1}, "x.zip": {1}, "poem.txt": {1},
	})
	t.Chdir(dir)
	for place, want := range map[string]string{
		"photos": "folder", "idx": "idx", "odd [1]*": "idx", "hf": "parquet", "x.zip": "archive", "y.tar.zst": "archive", "x.jsonl.gz": "jsonl", "x.tsv": "csv",
		"poem.txt": "text", "fashion": "starter", "sqlite:x.db": "sql", "postgres://ann@host/set": "sql", "a.parquet": "parquet", filepath.Join(dir, "photos"): "folder",
		`{use = "folder", path = "photos", label = "none"}`: "folder",
	} {
		got, err := data.Resolve(place)
		if err != nil || got.Use != want {
			t.Errorf("%s: %s, %v; want %s", place, got.Use, err, want)
		}
	}
	for _, place := range []string{"nowhere", "photos/a.png", ""} {
		if got, err := data.Resolve(place); err == nil {
			t.Errorf("%q is read by %s", place, got.Use)
		}
	}
}
