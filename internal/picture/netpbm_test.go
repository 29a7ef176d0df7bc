package picture

import (
	"bytes"
	"image"
	"strings"
	"testing"
)

// All six kinds of Netpbm are read, plain ones with comments among their values.
func TestNetpbm(t *testing.T) {
	for _, c := range []struct {
		file   string
		format Format
		want   []byte
	}{
		{"P1\n# a\n3 2\n1 0 1\n010", PBM, []byte{0, 255, 0, 255, 0, 255}},
		{"P4 3 2\n\xa0\x5f", PBM, []byte{0, 255, 0, 255, 0, 255}},
		{"P4 9 1 \x00\x80", PBM, []byte{255, 255, 255, 255, 255, 255, 255, 255, 0}},
		{"P2\n2 2 100\n0 50#half\n100\t 100 ", PGM, []byte{0, 128, 255, 255}},
		{"P2 1 2 65535 0\n65535", PGM, []byte{0, 255}},
		{"P3 1 1 15 15 0 3 ", PPM, []byte{255, 0, 51, 255}},
		{"P6 1 1 255\n\xff\x00\x33", PPM, []byte{255, 0, 51, 255}},
		{"P6 1 1 65535\n\xff\xff\x00\x00\x33\x33", PPM, []byte{255, 0, 51, 255}},
	} {
		f := mustOpen(t, []byte(c.file+"\n#secret"))
		img, err := f.Decode()
		if err != nil || f.Format != c.format {
			t.Fatalf("%q: %s, %v", c.file, f.Format, err)
		}
		pix, ok := img.(*image.NRGBA)
		got := []byte(nil)
		if ok {
			got = pix.Pix
		} else {
			got = img.(*image.Gray).Pix
		}
		if !bytes.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.file, got, c.want)
		}
		anonymous := f.Anonymous()
		samePixels(t, f, mustOpen(t, anonymous.Bytes()))
		if strings.Contains(string(anonymous.Bytes()), "#") {
			t.Errorf("%q: still has comments", anonymous.Bytes())
		}
	}
	for file, want := range map[string]string{
		"P2 2 1 255\n1":                             "a PGM of 2×1 pixels holds 1 bytes",
		"P2 2 1 255\n1 256":                         "damaged",
		"P1 2 1\n1 2":                               "a PBM of 2×1",
		"P4 9 1\n\x00":                              "cut short",
		"P3 1 1 255\n1 -2 3":                        "a PPM of 1×1",
		"P6 1 1 0\n123":                             "a PPM with values up to 0",
		"P3 60000 60000 255\n1 2 3":                 "too large",
		"P3 8000 8000 255\n1 2 3":                   "cut short",
		"P2 1 1 255\n99999999999999999999999999999": "damaged",
	} {
		if _, err := Open([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
	}
	for _, text := range []string{"P1 was the first to go", "P3 1 one", "P6", "P2\n"} {
		if FormatOf([]byte(text)) != "" {
			t.Errorf("%q is taken for a picture", text)
		}
	}
}
