package picture

import (
	"bytes"
	"slices"
	"testing"

	"atelier/internal/pngchunk"
)

// FuzzOrientation reads EXIF data as such, in each format that has it: strangers' data
// must give an orientation, and leave nothing but that in an anonymous file.
func FuzzOrientation(f *testing.F) {
	for o := 1; o <= 8; o++ {
		f.Add(orientationExif(o))
	}
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\xff\xff"))
	files := told(f)
	f.Fuzz(func(t *testing.T, tiff []byte) {
		if len(tiff) > 60_000 { // a segment of JPEG has no room for more
			return
		}
		for _, format := range []Format{JPEG, PNG, WebP} {
			b := mustOpen(t, files[format]).without(exif).with(exif, tiff).Bytes()
			file := mustOpen(t, b)
			o := file.Orientation()
			if o < 1 || o > 8 {
				t.Errorf("%s: orientation %d", format, o)
			}
			anonymous := mustOpen(t, file.Anonymous().Bytes())
			if anonymous.Orientation() != o {
				t.Errorf("%s: turned from %d to %d", format, o, anonymous.Orientation())
			}
			if len(anonymous.tiff) > 1 || len(anonymous.tiff) > 0 && !bytes.Equal(anonymous.tiff[0], orientationExif(o)) {
				t.Errorf("%s: %q is left", format, anonymous.tiff)
			}
		}
	})
}

// little is EXIF data whose numbers are little-endian, with another entry first.
func little(orientation byte) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00\x02\x00")
	b = append(b, "\x00\x01\x03\x00\x01\x00\x00\x00\x09\x00\x00\x00"...)
	return append(append(b, "\x12\x01\x03\x00\x01\x00\x00\x00"...), orientation, 0, 0, 0, 0, 0, 0, 0)
}

// TestOrientationIsFound tells orientations in all the ways that programs do. What is
// found is what upright turns by, and an anonymous file keeps it.
func TestOrientationIsFound(t *testing.T) {
	files := told(t)
	bare := func(format Format) *File { return mustOpen(t, files[format]).without(exif, about) }
	chunk := func(name string, body []byte) []byte {
		f := bare(WebP)
		f.parts = append(f.parts, part{exif, webpChunk(name, body)})
		return f.Bytes()
	}
	segments := func(bodies ...string) []byte {
		f := bare(JPEG)
		for i, body := range bodies {
			f.parts = slices.Insert(f.parts, 1+i, part{exif, appendSegment(nil, markEXIF, []byte(body))})
		}
		return f.Bytes()
	}
	inPNG := func(name string, body []byte) []byte {
		f := bare(PNG)
		f.parts = slices.Insert(f.parts, 2, part{exif, pngchunk.Append(nil, name, body)})
		return f.Bytes()
	}
	six, prefix := string(orientationExif(6)), exifName
	xmp := `<rdf:Description tiff:Orientation="6"/>`
	for name, b := range map[string][]byte{
		"webp":             chunk("EXIF", []byte(six)),
		"webp prefix":      chunk("EXIF", []byte(prefix+six)),
		"webp lower case":  chunk("exif", []byte(prefix+six)),
		"webp little":      chunk("EXIF", little(6)),
		"webp xmp":         chunk("XMP ", []byte(xmp)),
		"png prefix":       inPNG("eXIf", []byte(prefix+six)),
		"png draft":        inPNG("exIf", little(6)),
		"png xmp":          inPNG("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00<tiff:Orientation>6</tiff:Orientation>")),
		"jpeg prefix":      segments(prefix + prefix + six),
		"jpeg after XMP":   segments(xmpName+"<x/>", prefix+six),
		"jpeg twice":       segments(prefix+"II*\x00\xff\xff\xff\xff\x00\x00", prefix+six),
		"jpeg XMP and not": segments(prefix+string(little(6)), xmpName+`tiff:Orientation="3"`),
		"jpeg xmp":         segments(xmpName + xmp),
	} {
		f := mustOpen(t, b)
		if o := f.Orientation(); o != 6 {
			t.Errorf("%s: orientation %d", name, o)
		}
		if a := mustOpen(t, f.Anonymous().Bytes()); a.Orientation() != 6 || bytes.Contains(a.Bytes(), []byte("tiff:")) || a.Anonymous() != a {
			t.Errorf("%s: anonymous, its orientation is %d", name, a.Orientation())
		}
	}
	for name, tiff := range map[string]string{
		"offset": "MM\x00*\xff\xff\xff\xff", "count": "MM\x00*\x00\x00\x00\x08\xff\xff\x01", "order": "MI\x00*\x00\x00\x00\x08",
		"nine": string(orientationExif(9)), "zero": string(orientationExif(0)), "short": "II", "": "",
	} {
		if o := mustOpen(t, chunk("EXIF", []byte(tiff))).Orientation(); o != 1 {
			t.Errorf("%s: orientation %d", name, o)
		}
	}
}
