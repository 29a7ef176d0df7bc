package clean

import (
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("aspect", "drops pictures with an extreme aspect ratio, such as banners and rules",
		func() data.Cleaner { return &Aspect{Most: 4} })
}

// Aspect drops pictures whose aspect ratio is too large.
type Aspect struct {
	Most int `help:"largest ratio of the longer side to the shorter"`
}

// Check refuses settings outside their range.
func (c *Aspect) Check() error {
	if c.Most < 1 {
		return registry.Unfit("most", fmt.Sprintf("want at least 1, got %d", c.Most))
	}
	return nil
}

// Clean implements [data.Cleaner].
func (c *Aspect) Clean(p *data.Piece) error {
	r, err := rasterOf(p)
	if r == nil {
		return err
	}
	width, height := r.size()
	if max(width, height) > c.Most*min(width, height) {
		return data.Dropf("too long", "%d×%d pixels; want at most %d to 1", width, height, c.Most)
	}
	return nil
}
