package pdftext

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atelier/internal/badinput"
)

// paper is a PDF file of a page with a content stream, filtered as the dictionary says.
func paper(content []byte, filter string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n")
	b.WriteString("3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>endobj\n")
	b.WriteString("4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n")
	fmt.Fprintf(&b, "5 0 obj<</Length %d%s>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n", len(content), filter, content)
	return b.Bytes()
}

// Pages are read with their spaces; what is damaged, hostile or encrypted has an end.
func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("the reader takes seconds to compile")
	}
	cache := t.TempDir() // the reader is compiled once
	var bomb bytes.Buffer
	z := zlib.NewWriter(&bomb)
	for range 1 << 10 {
		z.Write(bytes.Repeat([]byte(" "), 1<<20)) // a gigabyte of nothing
	}
	z.Close()
	whole := paper([]byte("BT /F 12 Tf 72 720 Td [(Rice)-600(grows)] TJ 0 -14 Td (near the mill.) Tj ET"), "")
	golden, err := os.ReadFile(filepath.Join("testdata", "encrypted.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text, err string
		pdf             []byte
	}{
		{"whole", "Rice grows\r\nnear the mill.", "", whole},
		{"without its end", "Rice grows\r\nnear the mill.", "", whole[:len(whole)-6]},
		{"its beginning", "", "damaged or cut short", whole[:60]},
		{"none", "", "damaged or cut short", []byte("%PDF-1.7\n" + strings.Repeat("<<[", 100_000))},
		{"pages within themselves", "", "", bytes.Replace(whole, []byte("/Kids[3 0 R]"), []byte("/Kids[2 0 R]"), 1)},
		{"a bomb", "", "", paper(bomb.Bytes(), "/Filter/FlateDecode")},
		{"encrypted", "", "it is encrypted: save it without a password", golden},
	} {
		begun, got := time.Now(), ""
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		err := Pages(ctx, c.pdf, cache, func(text string, _ error) error { got += text; return nil })
		cancel()
		if got != c.text || (err == nil) != (c.err == "") || err != nil && (!errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %q, error %v", c.name, got, err)
		}
		t.Logf("%s: %s", c.name, time.Since(begun).Round(time.Millisecond))
	}
}
