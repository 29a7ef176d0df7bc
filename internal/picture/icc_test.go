package picture

import (
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// rgbProfile is a profile of three primaries, in XYZ adapted to D50, and a gamma.
func rgbProfile(primaries [3][3]float64, gamma float64) []byte {
	head := make([]byte, 128)
	copy(head[16:], "RGB XYZ ")
	copy(head[36:], "acsp")
	var table, body []byte
	names := []string{"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"}
	for i, name := range names {
		table = append(table, name...)
		table = binary.BigEndian.AppendUint32(table, uint32(132+12*len(names)+len(body)))
		if i < 3 {
			table = binary.BigEndian.AppendUint32(table, 20)
			body = append(body, "XYZ \x00\x00\x00\x00"...)
			for _, v := range primaries[i] {
				body = binary.BigEndian.AppendUint32(body, uint32(int32(v*65536)))
			}
			continue
		}
		table = binary.BigEndian.AppendUint32(table, 14)
		body = append(body, "curv\x00\x00\x00\x00\x00\x00\x00\x01"...)
		body = binary.BigEndian.AppendUint16(body, uint16(gamma*256))
		body = append(body, 0, 0)
	}
	return append(append(binary.BigEndian.AppendUint32(head, uint32(len(names))), table...), body...)
}

// The primaries of three spaces, adapted to D50 by Bradford (Lindbloom, RGB/XYZ matrices).
var (
	srgbPrimaries  = [3][3]float64{{0.4360747, 0.2225045, 0.0139322}, {0.3850649, 0.7168786, 0.0971045}, {0.1430804, 0.0606169, 0.7141733}}
	adobePrimaries = [3][3]float64{{0.6097559, 0.3111242, 0.0194811}, {0.2052401, 0.6256560, 0.0608902}, {0.1492240, 0.0632197, 0.7448387}}
)

func TestColours(t *testing.T) {
	same, err := ParseProfile(rgbProfile(srgbPrimaries, 2.2))
	if err != nil {
		t.Fatal(err)
	}
	adobe, err := ParseProfile(rgbProfile(adobePrimaries, 2.19921875))
	if err != nil || adobe.IsSRGB() {
		t.Fatal("Adobe RGB is taken for sRGB", err)
	}
	img := image.NewNRGBA(image.Rect(0, 0, 4, 1))
	for x, c := range []color.NRGBA{{255, 255, 255, 255}, {128, 128, 128, 200}, {0, 255, 0, 255}, {200, 100, 50, 255}} {
		img.SetNRGBA(x, 0, c)
	}
	got := adobe.ToSRGB(img).(*image.NRGBA)
	// Adobe RGB (200, 100, 50) is sRGB (227, 100, 42), computed by hand from both standards.
	for x, want := range []color.NRGBA{{255, 255, 255, 255}, {128, 128, 128, 200}, {0, 255, 0, 255}, {227, 100, 42, 255}} {
		c := got.NRGBAAt(x, 0)
		if near(c.R, want.R) > 3 || near(c.G, want.G) > 3 || near(c.B, want.B) > 3 || c.A != want.A {
			t.Errorf("%v became %v, want %v", img.NRGBAAt(x, 0), c, want)
		}
	}
	for x := range 4 {
		a, b := same.ToSRGB(img).(*image.NRGBA).NRGBAAt(x, 0), img.NRGBAAt(x, 0)
		if near(a.R, b.R) > 5 || near(a.G, b.G) > 5 || near(a.B, b.B) > 5 {
			t.Errorf("sRGB primaries with gamma 2.2: %v became %v", b, a)
		}
	}
}

func near(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }

func FuzzProfile(f *testing.F) {
	f.Add(rgbProfile(srgbPrimaries, 2.2))
	f.Fuzz(func(t *testing.T, icc []byte) {
		if c, err := ParseProfile(icc); err == nil {
			c.ToSRGB(drawing(3, 3))
			c.IsSRGB()
		}
	})
}
