package clean

import (
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("size", "drops pictures that are too small or too large",
		func() data.Cleaner { return &Size{Width: 16, Height: 16, Megapixels: 64} })
}

// Size drops pictures by their size in pixels.
type Size struct {
	Width      int `help:"smallest width in pixels"`
	Height     int `help:"smallest height in pixels"`
	Megapixels int `help:"largest number of pixels in millions, 1 to 64"`
}

// Check refuses settings outside their range.
func (c *Size) Check() error {
	switch {
	case c.Width < 1:
		return registry.Unfit("width", fmt.Sprintf("want at least 1 pixel, got %d", c.Width))
	case c.Height < 1:
		return registry.Unfit("height", fmt.Sprintf("want at least 1 pixel, got %d", c.Height))
	case c.Megapixels < 1 || c.Megapixels > 64:
		return registry.Unfit("megapixels", fmt.Sprintf("want 1 to 64, got %d", c.Megapixels))
	}
	return nil
}

// Clean implements [data.Cleaner].
func (c *Size) Clean(p *data.Piece) error {
	r, err := rasterOf(p)
	if r == nil {
		return err
	}
	width, height := r.size()
	switch {
	case width < c.Width || height < c.Height:
		return data.Dropf("too small", "%d×%d pixels; want at least %d×%d", width, height, c.Width, c.Height)
	case width*height > c.Megapixels<<20:
		return data.Dropf("too large", "%d×%d pixels; want at most %d megapixels", width, height, c.Megapixels)
	}
	return nil
}
