package clean

import (
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("blur", "drops blurred pictures: the variance of the Laplacian (Pech-Pacheco, Cristóbal, Chamorro-Martínez, Fernández-Valdivia 2000) of the picture at about 256 to 511 pixels",
		func() data.Cleaner { return &Blur{Sharpness: 20} })
}

// Blur drops pictures without sharp edges.
type Blur struct {
	Sharpness int `help:"smallest variance of the Laplacian, in squared grey levels; 100 is strict"`
}

// Check refuses settings outside their range.
func (c *Blur) Check() error {
	if c.Sharpness < 0 {
		return registry.Unfit("sharpness", fmt.Sprintf("want at least 0, got %d", c.Sharpness))
	}
	return nil
}

// Clean implements [data.Cleaner].
func (c *Blur) Clean(p *data.Piece) error {
	r, err := decodedOf(p)
	if r == nil {
		return err
	}
	g := r.grey()
	if g.width < 3 || g.height < 3 {
		return nil
	}
	if v := g.sharpness(); v < int64(c.Sharpness) {
		return data.Dropf("blurred", "the variance of its Laplacian is %d; want at least %d", v, c.Sharpness)
	}
	return nil
}

// sharpness is the variance of the Laplacian, rounded down.
func (g *grey) sharpness() int64 {
	var sum, squares int64
	for y := 1; y < g.height-1; y++ {
		above, row, below := g.pix[(y-1)*g.width:][:g.width], g.pix[y*g.width:][:g.width], g.pix[(y+1)*g.width:][:g.width]
		line, lineSquares := int32(0), int64(0)
		for x := 1; x < len(row)-1; x++ {
			v := int32(above[x]) + int32(below[x]) + int32(row[x-1]) + int32(row[x+1]) - 4*int32(row[x])
			line += v
			lineSquares += int64(v * v)
		}
		sum += int64(line)
		squares += lineSquares
	}
	n := int64((g.width - 2) * (g.height - 2))
	return (n*squares - sum*sum) / (n * n)
}
