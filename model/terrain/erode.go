package terrain

import (
	"context"
	"math"
	"math/rand/v2"

	"atelier/internal/noise"
)

// What becomes of a drop of water.
const (
	dropLife    = 40   // steps
	inertia     = 0.08 // of its direction
	capacity    = 5.0  // of silt, at a speed, a slope and a size of 1
	leastCarry  = 0.005
	dissolving  = 0.3
	settling    = 0.3
	evaporation = 0.02
	gravity     = 8.0
	brush       = 2 // radius in steps within which a drop takes ground
)

// Erode lets drops of water run over the landscape, which carry ground from steep places to flat ones
// (Beyer 2015, Implementation of a method for hydraulic erosion), a number for each point of the grid.
// The heights are then in [0, 1] again.
func (f *Field) Erode(ctx context.Context, drops float64, seed uint64, progress func(done, total int)) error {
	n := int(drops * float64(f.W*f.H))
	rng := noise.Stream(seed, 1)
	for i := range n {
		if i%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if progress != nil {
				progress(i, n)
			}
		}
		f.drop(rng)
	}
	if n > 0 {
		f.normalise()
	}
	return nil
}

// lie is the height and the gradient between points of the grid.
func (f *Field) lie(x, y float64) (height, gx, gy float64) {
	cx, cy := int(x), int(y)
	u, v := x-float64(cx), y-float64(cy)
	nw, ne, sw, se := float64(f.at(cx, cy)), float64(f.at(cx+1, cy)), float64(f.at(cx, cy+1)), float64(f.at(cx+1, cy+1))
	gx = (ne-nw)*(1-v) + (se-sw)*v
	gy = (sw-nw)*(1-u) + (se-ne)*u
	return nw*(1-u)*(1-v) + ne*u*(1-v) + sw*(1-u)*v + se*u*v, gx, gy
}

// drop lets one drop run.
func (f *Field) drop(rng *rand.Rand) {
	x, y := rng.Float64()*float64(f.W-1), rng.Float64()*float64(f.H-1)
	dx, dy, speed, water, silt := 0.0, 0.0, 1.0, 1.0, 0.0
	for range dropLife {
		height, gx, gy := f.lie(x, y)
		dx, dy = dx*inertia-gx*(1-inertia), dy*inertia-gy*(1-inertia)
		length := math.Hypot(dx, dy)
		if length < 1e-9 {
			break
		}
		dx, dy = dx/length, dy/length
		nx, ny := x+dx, y+dy
		if nx < 0 || ny < 0 || nx >= float64(f.W-1) || ny >= float64(f.H-1) {
			return // with its silt
		}
		next, _, _ := f.lie(nx, ny)
		fall := height - next
		carry := max(fall, leastCarry/float64(max(f.W, f.H))) * speed * water * capacity
		switch {
		case fall < 0: // uphill: it fills the hollow behind it
			given := min(silt, -fall)
			silt -= given
			f.add(x, y, given)
		case silt > carry:
			given := (silt - carry) * settling
			silt -= given
			f.add(x, y, given)
		default:
			taken := min((carry-silt)*dissolving, fall)
			silt += taken
			f.take(x, y, taken)
		}
		speed = math.Sqrt(max(0, speed*speed+fall*gravity))
		water *= 1 - evaporation
		x, y = nx, ny
	}
	f.add(x, y, silt) // where it dries up
}

// add puts ground on the four points around a place.
func (f *Field) add(x, y, ground float64) {
	cx, cy := int(x), int(y)
	u, v := x-float64(cx), y-float64(cy)
	i := cy*f.W + cx
	f.Heights[i] += float32(ground * (1 - u) * (1 - v))
	f.Heights[i+1] += float32(ground * u * (1 - v))
	f.Heights[i+f.W] += float32(ground * (1 - u) * v)
	f.Heights[i+f.W+1] += float32(ground * u * v)
}

// take removes ground within the brush around a place, most of it in the middle.
func (f *Field) take(x, y, ground float64) {
	cx, cy := int(x), int(y)
	var weights [(2*brush + 1) * (2*brush + 1)]float64
	sum, k := 0.0, 0
	for dy := -brush; dy <= brush; dy++ {
		for dx := -brush; dx <= brush; dx++ {
			if px, py := cx+dx, cy+dy; px >= 0 && py >= 0 && px < f.W && py < f.H {
				weights[k] = max(0, brush-math.Hypot(float64(px)-x, float64(py)-y))
				sum += weights[k]
			}
			k++
		}
	}
	k = 0
	for dy := -brush; dy <= brush; dy++ {
		for dx := -brush; dx <= brush; dx++ {
			if weights[k] > 0 {
				f.Heights[(cy+dy)*f.W+cx+dx] -= float32(ground * weights[k] / sum)
			}
			k++
		}
	}
}
