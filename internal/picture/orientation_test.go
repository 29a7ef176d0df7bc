package picture

import (
	"bytes"
	"testing"
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
			if len(anonymous.tiff) > 0 && !bytes.Equal(anonymous.tiff, orientationExif(o)) {
				t.Errorf("%s: %q is left", format, anonymous.tiff)
			}
		}
	})
}
