package patch

import (
	"context"
	"math"
)

// The weight of a patch's vote is exp(-e): e is d/2σ² for its squared distance d, where σ² is the
// third quartile of all d, and grows with the depth of its centre in the hole. Energies are scaled
// by 1<<16, weights by 1<<30.
const (
	energyBits = 16
	deeper     = .47 // per pixel: a factor of 1.6
	tableBits  = 6   // steps of the table per unit of energy
	mostEnergy = 21  // at which the scaled weight is 1
)

var weights = func() []int64 {
	table := make([]int64, mostEnergy<<tableBits)
	for i := range table {
		table[i] = int64(math.Round(1<<30*math.Exp(-(float64(i)+.5)/(1<<tableBits)))) + 1
	}
	return table
}()

// ranked is the order statistic of non-negative values at a rank, found digit by digit, which stops
// sooner than sorting.
func ranked(ctx context.Context, values []int64, place int) (int64, error) {
	const bits = 16
	found := int64(0) // the digits before
	for shift := 64 - bits; shift >= 0; shift -= bits {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		counts := make([]int, 1<<bits)
		for _, v := range values {
			if v>>(shift+bits) == found {
				counts[v>>shift&(1<<bits-1)]++
			}
		}
		digit := 0
		for ; place >= counts[digit]; digit++ {
			place -= counts[digit]
		}
		found = found<<bits | int64(digit)
	}
	return found, nil
}

// energies are the energies of all targets.
func (l *level) energies(ctx context.Context, f *field) ([]int64, error) {
	third, err := ranked(ctx, f.cost, len(f.cost)*3/4)
	if err != nil {
		return nil, err
	}
	unit := 2 * max(third, 1)
	deep := [256]int64{}
	for i := range deep {
		deep[i] = int64(math.Round(float64(i) * deeper / 5 * (1 << energyBits)))
	}
	out := make([]int64, len(f.cost))
	for i, d := range f.cost {
		centre := (int(l.targets[i])/l.tw+side/2)*l.w + int(l.targets[i])%l.tw + side/2
		out[i] = min(d, 1<<40)<<energyBits/unit + deep[l.depth[centre]]
	}
	return out, ctx.Err()
}

func weightOf(energy int64) int64 {
	if i := energy >> (energyBits - tableBits); i < int64(len(weights)) {
		return weights[i]
	}
	return 1
}

// covering calls see for each patch over a pixel with its number and the source pixel.
func (l *level) covering(f *field, x, y int, see func(target int32, from int)) {
	for ty := max(y-side+1, 0); ty <= min(y, l.th-1); ty++ {
		for tx := max(x-side+1, 0); tx <= min(x, l.tw-1); tx++ {
			n := l.number[ty*l.tw+tx]
			place := int(f.to[n])
			see(n, (place/l.tw+y-ty)*l.w+place%l.tw+x-tx)
		}
	}
}

// vote sets each pixel of the hole to the weighted mean of the patches over it, and returns the
// change, in 256ths of a grey level per sample.
func (w *work) vote(ctx context.Context, l *level, f *field) (int, error) {
	energies, err := l.energies(ctx, f)
	if err != nil {
		return 0, err
	}
	votes := make([]int64, len(energies))
	for i, e := range energies {
		votes[i] = weightOf(e)
	}
	each := rows(4 * l.w)
	changed := make([]int, (l.h+each-1)/each)
	err = blocks(ctx, w.m, l.h, each, func(first, end int) {
		sums := make([]int64, l.c)
		for i := first * l.w; i < end*l.w; i++ {
			if !l.hole[i] {
				continue
			}
			clear(sums)
			all := int64(0)
			l.covering(f, i%l.w, i/l.w, func(n int32, from int) {
				all += votes[n]
				for c, v := range l.pix[from*l.c:][:len(sums)] {
					sums[c] += votes[n] * int64(v)
				}
			})
			for c, sum := range sums {
				v := uint8((sum + all/2) / all)
				d := int(v) - int(l.pix[i*l.c+c])
				changed[first/each] += max(d, -d)
				l.pix[i*l.c+c] = v // nothing is copied from it
			}
		}
	})
	total := 0
	for _, n := range changed {
		total += n
	}
	return total * 256 / (l.unknown * l.c), err
}

// take sets each pixel of the hole from the patch over it with the lowest energy, and records the
// source in from.
func (w *work) take(ctx context.Context, l *level, f *field, from []int32) error {
	energies, err := l.energies(ctx, f)
	if err != nil {
		return err
	}
	err = blocks(ctx, w.m, l.h, rows(4*l.w), func(first, end int) {
		for i := first * l.w; i < end*l.w; i++ {
			if !l.hole[i] {
				continue
			}
			least := int64(math.MaxInt64)
			l.covering(f, i%l.w, i/l.w, func(n int32, q int) {
				if energies[n] < least {
					least, from[i] = energies[n], int32(q)
				}
			})
		}
	})
	for i, in := range l.hole {
		if in {
			copy(l.pix[i*l.c:][:l.c], l.pix[int(from[i])*l.c:])
		}
	}
	return err
}
