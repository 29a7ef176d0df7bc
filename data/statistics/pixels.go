package statistics

import (
	"image"
	"math"
	"math/big"
)

// sums of the pixels of pictures, for red, green and blue in 8 bits.
type sums struct {
	n       uint64
	sum     [3]uint64
	squares [3]uint64
}

// add adds the pixels of a picture.
func (s *sums) add(img image.Image) {
	b := img.Bounds()
	s.n += uint64(b.Dx()) * uint64(b.Dy())
	if grey, ok := img.(*image.Gray); ok {
		s.addGrey(grey)
		return
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			red, green, blue, _ := img.At(x, y).RGBA()
			for c, v := range [3]uint32{red, green, blue} {
				v := uint64(v >> 8)
				s.sum[c] += v
				s.squares[c] += v * v
			}
		}
	}
}

// addGrey adds the pixels of a grey picture.
func (s *sums) addGrey(img *image.Gray) {
	var sum, squares uint64
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for _, v := range img.Pix[img.PixOffset(b.Min.X, y):img.PixOffset(b.Max.X, y)] {
			sum += uint64(v)
			squares += uint64(v) * uint64(v)
		}
	}
	for c := range 3 {
		s.sum[c] += sum
		s.squares[c] += squares
	}
}

// moments returns mean and standard deviation, 0 to 1, rounded to four decimals. They are computed
// in integers, up to one division and one root.
func (s *sums) moments() (mean, deviation [3]float64) {
	n := new(big.Int).SetUint64(max(1, s.n))
	for c := range 3 {
		sum, squares := new(big.Int).SetUint64(s.sum[c]), new(big.Int).SetUint64(s.squares[c])
		variance := new(big.Int).Sub(squares.Mul(squares, n), new(big.Int).Mul(sum, sum)) // times n²
		mean[c] = rounded(quotient(sum, n))
		deviation[c] = rounded(math.Sqrt(quotient(variance, new(big.Int).Mul(n, n))))
	}
	return mean, deviation
}

func quotient(a, b *big.Int) float64 {
	q, _ := new(big.Rat).SetFrac(a, b).Float64()
	return q
}

// rounded scales a value of 0 to 255 to 0 to 1, rounded.
func rounded(x float64) float64 { return math.Round(x/255*1e4) / 1e4 }
