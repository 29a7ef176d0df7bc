package clean

import (
	"encoding/binary"
	"math"
)

// An outline is a coarse copy of the picture, with its derivatives for moving edges and for bending
// levels. To first order they give the residue of the best registration with another picture
// (Lucas, Kanade 1981), without a search.
type outline struct {
	cells [outlineArea]float64              // of length 1, without the mean
	moves [moveCount][outlineArea]float64   // of length 1, orthogonal to the cells and to each other
	size  float64                           // length of the cells before normalisation
	parts [moveCount][moveCount + 1]float64 // of each change: components along the cells and along the moves up to its own
}

// An outline leaves out the rim of the stamp, which a crop removes.
const (
	outlineSide = 10
	outlineArea = outlineSide * outlineSide
	outlineCell = 3 // cells of the stamp
	outlineRim  = (stampSide - outlineSide*outlineCell) / 2

	moveCount = 5 // shift and scale, each across and down, and the curve of the levels

	steeringAt   = 2*outlineArea + moveCount*outlineArea
	outlineBytes = steeringAt + 4*(4+1)*moveCount
	cellUnit     = 1 << 14
	moveUnit     = 127
)

type outlineCells = [outlineArea]float64

// take computes the outline of a stamp's grey levels.
func (o *outline) take(grey *[stampArea]byte) {
	changes := o.look(grey)
	o.size = math.Sqrt(dot(&o.cells, &o.cells))
	shorten(&o.cells, o.size)
	for k := range changes {
		move := &changes[k]
		level(move)
		length := math.Sqrt(dot(move, move))
		o.parts[k][0] = less(move, &o.cells)
		for j := range k {
			o.parts[k][j+1] = less(move, &o.moves[j])
		}
		rest := math.Sqrt(dot(move, move))
		if rest <= 1e-3*length { // a combination of the others
			continue
		}
		o.parts[k][k+1] = rest
		shorten(move, rest)
		o.moves[k] = *move
	}
}

// look computes the cells, and returns their derivatives for one cell of the stamp at each edge and
// for the square of their levels.
func (o *outline) look(grey *[stampArea]byte) (changes [moveCount]outlineCells) {
	for i := range o.cells {
		x, y := outlineRim+i%outlineSide*outlineCell, outlineRim+i/outlineSide*outlineCell
		sum, across, down := 0, 0, 0
		for v := range outlineCell {
			row := grey[(y+v)*stampSide+x-1:][:outlineCell+2]
			for _, p := range row[1 : outlineCell+1] {
				sum += int(p)
			}
			across += int(row[outlineCell+1]) + int(row[outlineCell]) - int(row[1]) - int(row[0])
		}
		for u := range outlineCell {
			at := y*stampSide + x + u
			below := at + outlineCell*stampSide
			down += int(grey[below]) + int(grey[below-stampSide]) - int(grey[at]) - int(grey[at-stampSide])
		}
		o.cells[i] = float64(sum)
		fromX := float64(2*x+outlineCell-stampSide) / stampSide // from -1 to 1
		fromY := float64(2*y+outlineCell-stampSide) / stampSide
		changes[0][i], changes[1][i] = float64(across)/2, float64(across)/2*fromX
		changes[2][i], changes[3][i] = float64(down)/2, float64(down)/2*fromY
	}
	level(&o.cells)
	for i, c := range o.cells {
		changes[4][i] = c * c
	}
	return changes
}

// dot rounds each product separately: fused ones would differ between machines.
func dot(a, b *outlineCells) float64 {
	var sums [4]float64
	for i := 0; i < outlineArea; i += 4 {
		sums[0] += float64(a[i] * b[i])
		sums[1] += float64(a[i+1] * b[i+1])
		sums[2] += float64(a[i+2] * b[i+2])
		sums[3] += float64(a[i+3] * b[i+3])
	}
	return sums[0] + sums[1] + (sums[2] + sums[3])
}

// level subtracts the mean.
func level(a *outlineCells) {
	mean := 0.0
	for _, x := range a {
		mean += x
	}
	mean /= outlineArea
	for i := range a {
		a[i] -= mean
	}
}

func shorten(a *outlineCells, by float64) {
	if by > 0 {
		for i := range a {
			a[i] *= 1 / by
		}
	}
}

// less subtracts from a its component along b, of length 1, and returns its size.
func less(a, b *outlineCells) float64 {
	part := dot(a, b)
	for i, x := range b {
		a[i] -= float64(part * x)
	}
	return part
}

// steering returns the matrix from the components along the moves in another picture to the edges,
// and the share of the cells that the changes behind the moves contain.
func (o *outline) steering() (edges [4][moveCount]float64, along [moveCount]float64) {
	for move := range moveCount {
		var by [moveCount]float64 // of each change, to make one of the move
		for k := move; k >= 0; k-- {
			rest := 0.0
			if k == move {
				rest = 1
			}
			for j := k + 1; j <= move; j++ {
				rest -= float64(by[j] * o.parts[j][k+1])
			}
			if size := o.parts[k][k+1]; size > 0 {
				by[k] = rest / size
			}
			along[move] += float64(by[k] * o.parts[k][0])
		}
		for i := range 2 {
			shift, stretch := float64(by[2*i]*o.size), float64(by[2*i+1]*o.size)
			edges[2*i][move], edges[2*i+1][move] = shift-stretch, -shift-stretch
		}
	}
	return edges, along
}

// append encodes the cells in 16 bits each, the moves, which are small in a copy, in 8, and the
// steering in 32.
func (o *outline) append(b []byte) []byte {
	for _, c := range o.cells {
		b = binary.LittleEndian.AppendUint16(b, uint16(rounded(c*cellUnit)))
	}
	for _, m := range o.moves {
		for _, c := range m {
			b = append(b, uint8(rounded(c*moveUnit)))
		}
	}
	edges, along := o.steering()
	for _, row := range append(edges[:], along) {
		for _, v := range row {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
		}
	}
	return b
}

// rounded is a number as an integer, within the range of 16 bits.
func rounded(v float64) int { return int(v+(1<<15+0.5)) - 1<<15 }

// A match is the best registration of one outline with another, to first order.
type match struct {
	left  float64            // residue of the other, as a share of its variance
	along float64            // component along the cells in the other
	moves [moveCount]float64 // component along each move
}

// matched registers the first encoded outline with the second.
func matched(a, b []byte) (m match) {
	own, other := (*[2 * outlineArea]byte)(a), (*[2 * outlineArea]byte)(b)
	var cells [outlineArea]int32
	var along, all int64
	for i := range cells {
		c := int32(int16(binary.LittleEndian.Uint16(other[2*i:])))
		cells[i] = c
		along += int64(c * int32(int16(binary.LittleEndian.Uint16(own[2*i:]))))
		all += int64(c * c)
	}
	if along <= 0 {
		return match{left: 1}
	}
	m.along = float64(along) / (cellUnit * cellUnit)
	m.left = float64(all)/(cellUnit*cellUnit) - float64(m.along*m.along)
	moves := a[2*outlineArea:]
	for k := range m.moves {
		move := (*[outlineArea]byte)(moves[k*outlineArea:])
		part := int32(0)
		for i, c := range cells {
			part += c * int32(int8(move[i]))
		}
		m.moves[k] = float64(part) / (cellUnit * moveUnit)
		m.left -= float64(m.moves[k] * m.moves[k])
	}
	return m
}

// edges returns how far to move the edges of the first picture, whose outline this is, to register
// it with the other: left, right, top, bottom, in 256ths of a cell of the stamp.
func (m *match) edges(a []byte) (edges [4]int) {
	at := func(i int) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(a[steeringAt+4*i:])))
	}
	along := m.along
	for k, part := range m.moves {
		along -= float64(part * at(4*moveCount+k))
	}
	if along <= 0 {
		return edges
	}
	for e := range edges {
		by := 0.0
		for k, part := range m.moves {
			by += float64(part * at(e*moveCount+k))
		}
		edges[e] = int(math.Round(min(max(256*by/along, -farthest), farthest)))
	}
	return edges
}
