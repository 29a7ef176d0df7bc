package clean

import (
	"fmt"
	"image"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("alpha", "puts transparent pictures on a background colour; by default they stay transparent",
		func() data.Cleaner { return &Alpha{On: "keep"} })
}

// Alpha composites transparent pictures onto a background.
type Alpha struct {
	On string `help:"the background: keep (none), white, black, or a colour such as #8040ff"`
}

// Check refuses a background that is not a colour.
func (c *Alpha) Check() error {
	if _, ok := c.background(); !ok && c.On != "keep" {
		return registry.Unfit("on", fmt.Sprintf("want keep, white, black or a colour such as #8040ff, got %q", c.On))
	}
	return nil
}

func (c *Alpha) background() (rgb [3]uint32, ok bool) {
	digits := map[string]string{"white": "ffffff", "black": "000000"}[c.On]
	if digits == "" {
		digits, ok = strings.CutPrefix(c.On, "#")
		if !ok || len(digits) != 6 {
			return rgb, false
		}
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return [3]uint32{uint32(n >> 16), uint32(n >> 8 & 255), uint32(n & 255)}, err == nil
}

// Clean implements [data.Cleaner].
func (c *Alpha) Clean(p *data.Piece) error {
	on, ok := c.background()
	if !ok {
		return nil
	}
	r, err := decodedOf(p)
	if r == nil || !transparent(r.pixels) {
		return err
	}
	src := picture.NRGBA(r.pixels)
	out := image.NewNRGBA(src.Rect)
	for i := 0; i < len(src.Pix); i += 4 {
		a := uint32(src.Pix[i+3])
		for ch, v := range on {
			out.Pix[i+ch] = uint8((uint32(src.Pix[i+ch])*a + v*(255-a) + 127) / 255)
		}
		out.Pix[i+3] = 255
	}
	r.draw(out)
	p.Change("laid on "+c.On, 1)
	return nil
}

// transparent reports whether any pixel is not fully opaque.
func transparent(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && !o.Opaque()
}
