package clean

import (
	"fmt"
	"image"

	"atelier/data"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("blank", "drops pictures of a single colour, or nearly so",
		func() data.Cleaner { return &Blank{Contrast: 8} })
}

// Blank drops pictures that are of nearly one level. The darkest and the brightest 5 thousandths of
// the pixels are left out.
type Blank struct {
	Contrast int `help:"smallest range of grey levels that is not blank, 1 to 255"`
}

// Check refuses settings outside their range.
func (c *Blank) Check() error {
	if c.Contrast < 1 || c.Contrast > 255 {
		return registry.Unfit("contrast", fmt.Sprintf("want 1 to 255 levels, got %d", c.Contrast))
	}
	return nil
}

// Clean implements [data.Cleaner].
func (c *Blank) Clean(p *data.Piece) error {
	r, err := decodedOf(p)
	if r == nil {
		return err
	}
	levels := contrast(r.grey().pix)
	if levels >= c.Contrast {
		return nil
	}
	if transparent(r.pixels) { // a shape may be as white as its background
		if a := contrast(opacity(r.pixels)); a >= c.Contrast {
			return nil
		}
	}
	return data.Dropf("blank", "its pixels differ by %d levels; want at least %d", levels, c.Contrast)
}

// contrast is the range of levels, without the 5 thousandths at either end.
func contrast(pix []uint8) int {
	var count [256]int
	for _, v := range pix {
		count[v]++
	}
	spared := len(pix) * 5 / 1000
	low, high := 0, 255
	for n := count[low]; n <= spared; n += count[low] {
		low++
	}
	for n := count[high]; n <= spared; n += count[high] {
		high--
	}
	return high - low
}

func opacity(img image.Image) []uint8 {
	src := picture.NRGBA(img)
	pix := make([]uint8, 0, len(src.Pix)/4)
	for i := 3; i < len(src.Pix); i += 4 {
		pix = append(pix, src.Pix[i])
	}
	return pix
}
