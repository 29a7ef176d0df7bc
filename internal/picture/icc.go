package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"sync"
)

// A Colours is a matrix/TRC colour space (ICC.1:2022, section 8.3), such as Display P3 and Adobe
// RGB, or a grey curve.
type Colours struct {
	grey   bool
	linear [3][256]int32 // linear light of each level, scaled to 65535
	matrix [3][3]int32   // to linear sRGB, scaled by 1<<14
}

// fromD50 converts XYZ, adapted to D50 as in profiles, to linear sRGB (IEC 61966-2-1).
var fromD50 = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

var errColours = errors.New("the colour profile is of a kind that is not converted")

// ParseProfile reads an ICC profile.
func ParseProfile(icc []byte) (*Colours, error) {
	if len(icc) < 132 || string(icc[36:40]) != "acsp" || string(icc[20:24]) != "XYZ " {
		return nil, errColours
	}
	c := &Colours{}
	names := [3]string{"rTRC", "gTRC", "bTRC"}
	switch string(icc[16:20]) {
	case "GRAY":
		c.grey = true
		names = [3]string{"kTRC", "kTRC", "kTRC"}
		c.matrix = [3][3]int32{{1 << 14, 0, 0}, {0, 1 << 14, 0}, {0, 0, 1 << 14}}
	case "RGB ":
		if tag(icc, "A2B0") != nil || !c.readMatrix(icc) {
			return nil, errColours
		}
	default:
		return nil, errColours
	}
	for i, name := range names {
		curve := toneCurve(tag(icc, name))
		if curve == nil {
			return nil, errColours
		}
		for level := range c.linear[i] {
			c.linear[i][level] = int32(math.Round(min(max(curve(float64(level)/255), 0), 1) * 65535))
		}
	}
	return c, nil
}

// tag returns the data of a profile's tag, nil if there is none.
func tag(icc []byte, name string) []byte {
	count := min(int(binary.BigEndian.Uint32(icc[128:])), (len(icc)-132)/12)
	for i := range count {
		entry := icc[132+12*i:][:12]
		from, length := uint64(binary.BigEndian.Uint32(entry[4:])), uint64(binary.BigEndian.Uint32(entry[8:]))
		if string(entry[:4]) == name && length >= 8 && from+length <= uint64(len(icc)) {
			return icc[from : from+length]
		}
	}
	return nil
}

// fixed reads an s15Fixed16 number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

func (c *Colours) readMatrix(icc []byte) bool {
	for column, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		t := tag(icc, name)
		if len(t) < 20 || string(t[:4]) != "XYZ " {
			return false
		}
		for row := range 3 {
			sum := 0.0
			for k := range 3 {
				sum += float64(fromD50[row][k] * fixed(t[8+4*k:]))
			}
			if math.Abs(sum) > 8 {
				return false
			}
			c.matrix[row][column] = int32(math.Round(sum * (1 << 14)))
		}
	}
	return true
}

// IsSRGB reports whether the space is sRGB up to rounding.
func (c *Colours) IsSRGB() bool {
	for i, row := range c.matrix {
		for j, v := range row {
			want := int32(0)
			if i == j {
				want = 1 << 14
			}
			if abs(v-want) > 160 { // a hundredth
				return false
			}
		}
	}
	levels := srgbLevels()
	for _, curve := range c.linear {
		for level, light := range curve {
			if abs(int32(levels[light])-int32(level)) > 2 {
				return false
			}
		}
	}
	return true
}

func abs(v int32) int32 { return max(v, -v) }

// ToSRGB converts a picture's colours.
func (c *Colours) ToSRGB(img image.Image) image.Image {
	levels := srgbLevels()
	if grey, ok := img.(*image.Gray); ok && c.grey {
		out := image.NewGray(image.Rectangle{Max: grey.Rect.Size()})
		for y := range out.Rect.Dy() {
			for x := range out.Rect.Dx() {
				out.SetGray(x, y, color.Gray{Y: levels[c.linear[0][grey.Pix[y*grey.Stride+x]]]})
			}
		}
		return out
	}
	src := NRGBA(img)
	out := image.NewNRGBA(image.Rectangle{Max: src.Rect.Size()})
	for i := 0; i < len(out.Pix); i += 4 {
		p := src.Pix[i : i+4]
		r, g, b := int64(c.linear[0][p[0]]), int64(c.linear[1][p[1]]), int64(c.linear[2][p[2]])
		for k, row := range c.matrix {
			light := (int64(row[0])*r + int64(row[1])*g + int64(row[2])*b + 1<<13) >> 14
			out.Pix[i+k] = levels[min(max(light, 0), 65535)]
		}
		out.Pix[i+3] = p[3]
	}
	return out
}

// srgbLevels maps linear light, scaled to 65535, to sRGB levels.
var srgbLevels = sync.OnceValue(func() *[65536]uint8 {
	var levels [65536]uint8
	for i := range levels {
		v := float64(i) / 65535
		if v <= 0.0031308 {
			v = 12.92 * v
		} else {
			v = float64(1.055*math.Pow(v, 1/2.4)) - 0.055
		}
		levels[i] = uint8(math.Round(v * 255))
	}
	return &levels
})
