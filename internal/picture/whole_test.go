package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// cameraExif are EXIF data with an orientation, a note and a thumbnail.
func cameraExif(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II*\x00")
	}
	entry := func(tag, kind uint16, n, value uint32) {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		b = order.AppendUint32(b, n)
		if kind == tiffShort {
			b = order.AppendUint16(order.AppendUint16(b, uint16(value)), 0)
		} else {
			b = order.AppendUint32(b, value)
		}
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	entry(orientationTag, tiffShort, 1, uint32(orientation))
	entry(0x10f, 2, 5, 68) // who made it
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 2)
	entry(thumbnailTag, tiffLong, 1, 73)
	entry(thumbnailSizeTag, tiffLong, 1, 5)
	b = order.AppendUint32(b, 0)
	return append(b, "maker"+"thumb"...)
}

// A picture is worked on upright, and goes back with its profile, its EXIF data and its
// transparency, but for the orientation and the thumbnail.
func TestWhole(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	img.SetNRGBA(0, 0, color.NRGBA{200, 10, 20, 128})
	icc := append(make([]byte, 16), "RGB and a profile"...)
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		for _, from := range []Format{PNG, WebP, JPEG} {
			b, err := from.Encode(img)
			if err != nil {
				t.Fatal(err)
			}
			f, err := open(b)
			if err != nil {
				t.Fatal(err)
			}
			b = f.with(profile, icc).with(exif, cameraExif(order, 6)).Bytes()
			w, err := OpenWhole(b)
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Pixels.Rect; got != image.Rect(0, 0, 2, 3) {
				t.Fatalf("%s: %v", from, got)
			}
			if got := w.Pixels.NRGBAAt(1, 0); from != JPEG && got != img.NRGBAAt(0, 0) {
				t.Errorf("%s: the corner is %v", from, got)
			}
			for _, to := range []Format{PNG, WebP, JPEG} {
				b, err := w.Encode(w.Pixels, to)
				if err != nil {
					t.Fatal(err)
				}
				got, err := Open(b)
				if err != nil {
					t.Fatalf("%s to %s: %v", from, to, err)
				}
				if !bytes.Equal(got.icc, icc) || len(got.tiff) != 1 || orientationIn(got.tiff[0]) != 1 {
					t.Errorf("%s to %s: profile %q, EXIF %q", from, to, got.icc, got.tiff)
				}
				if !bytes.Contains(b, []byte("maker")) || bytes.Contains(b, []byte("thumb")) {
					t.Errorf("%s to %s: the maker is lost, or the thumbnail is not", from, to)
				}
				again, err := got.Decode()
				if err != nil || from != JPEG && to != JPEG && NRGBA(again).NRGBAAt(1, 0) != img.NRGBAAt(0, 0) {
					t.Errorf("%s to %s: %v", from, to, err)
				}
			}
		}
	}
}

// XMP goes back as it came, but for what holds no more, from every format to every other.
func TestWholeXMP(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	packet := func(within string) []byte {
		return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` + within + `</rdf:Description></rdf:RDF></x:xmpmeta>`)
	}
	const rights = "><dc:rights>mine</dc:rights>"
	for _, from := range []Format{PNG, WebP, JPEG} {
		for _, to := range []Format{PNG, WebP, JPEG} {
			for _, c := range []struct{ in, want []byte }{
				{packet(` tiff:Orientation="6"` + rights + `<xmp:Thumbnails>AAAA</xmp:Thumbnails>`), packet(rights)},
				{packet("><tiff:Orientation>6</tiff:Orientation>"), nil},
				{[]byte("<no XMP"), nil},
			} {
				b, err := from.Encode(img)
				if err != nil {
					t.Fatal(err)
				}
				f, err := open(b)
				if err != nil {
					t.Fatal(err)
				}
				w, err := OpenWhole(f.with(about, c.in).Bytes())
				if err != nil {
					t.Fatal(err)
				}
				if b, err = w.Encode(w.Pixels, to); err != nil {
					t.Fatal(err)
				}
				got, err := Open(b)
				if err != nil || !bytes.Equal(got.packet(), c.want) || got.Orientation() != 1 {
					t.Errorf("%s to %s: %s, want %s, error %v", from, to, got.packet(), c.want, err)
				}
			}
		}
	}
}

// Damaged EXIF data and profiles of other colours are left out.
func TestWholeLeavesOut(t *testing.T) {
	b, err := PNG.Encode(image.NewNRGBA(image.Rect(0, 0, 3, 2)))
	if err != nil {
		t.Fatal(err)
	}
	whole := cameraExif(binary.BigEndian, 6)
	for n := range whole {
		f, err := open(b)
		if err != nil {
			t.Fatal(err)
		}
		f = f.with(exif, whole[:n]).with(profile, append(make([]byte, 16), "CMYK"+"and a profile"...))
		w, err := OpenWhole(f.Bytes())
		if err != nil || w.icc != nil {
			t.Fatalf("of %d bytes: profile %q, error %v", n, w.icc, err)
		}
	}
}
