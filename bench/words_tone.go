package bench

import (
	"math"
	"strings"
)

// leastRange is how far the brightest and the darkest of the pictures of an emoji in all its skin
// tones are apart at a pixel of skin, of a range of 2.
const leastRange = 0.2

// tones emits how often the skin of a picture has the colour of its caption: the mean colour of
// those pixels where the real pictures of the same emoji by the same vendor in all tones differ is
// nearest to that of the right one. Of the real pictures all are right. Pictures of two people with
// tones of their own are counted apart, by the whole of those pixels.
func (s *emojiSet) tones(v rendering, everything []drawnEmoji) (one, two Row) {
	var right, n [2]int
	for i, picture := range v.pictures {
		truth := &s.test[i]
		var same []*drawnEmoji
		for j := range everything {
			if d := &everything[j]; d.base == truth.base && d.vendor == truth.vendor {
				same = append(same, d)
			}
		}
		if picture == nil || truth.tones == "" || len(same) < 2 {
			continue
		}
		people := strings.Count(truth.tones, "-")
		skin := skinOf(same)
		best, tone := math.Inf(1), ""
		for _, d := range same {
			if far := skin.apart(picture, d.pixels, people == 0); far < best {
				best, tone = far, d.tones
			}
		}
		n[people]++
		if tone == truth.tones {
			right[people]++
		}
	}
	row := func(k int) Row { return Row{Value: percentOf(right[k], n[k]), Unit: "%", N: n[k], Holds: true} }
	one, two = row(0), row(1)
	one.Name, two.Name = v.name+", tone", v.name+", tones of two"
	return one, two
}

// A skin is the pixels where pictures of the same emoji in several tones differ.
type skin []int

const rgb = 3 // channels of a picture

func skinOf(all []*drawnEmoji) (s skin) {
	for at := 0; at < len(all[0].pixels); at += rgb {
		widest := float32(0)
		for c := range rgb {
			low, high := all[0].pixels[at+c], all[0].pixels[at+c]
			for _, d := range all {
				low, high = min(low, d.pixels[at+c]), max(high, d.pixels[at+c])
			}
			widest = max(widest, high-low)
		}
		if widest >= leastRange {
			s = append(s, at)
		}
	}
	return s
}

// apart is the squared distance of two pictures on the skin: of the mean colours, or of all pixels.
func (s skin) apart(a, b []float32, means bool) (far float64) {
	for c := range rgb {
		sum := 0.
		for _, at := range s {
			d := float64(a[at+c] - b[at+c])
			if sum += d; !means {
				far += d * d
			}
		}
		if means {
			far += sum * sum
		}
	}
	return far
}
