package statistics

import "slices"

// spreadBins is how many bins a spread has.
const spreadBins = 10

// A Spread says how numbers are spread.
type Spread struct {
	Least  int `json:"least"`
	Median int `json:"median"` // the lower of two
	Most   int `json:"most"`
	// Bins counts the numbers in ten parts of the range from the least to the most,
	// of equal width but for rounding: x is in part 10·(x-Least)/(Most-Least+1).
	Bins [spreadBins]int `json:"bins"`
}

// spreadOf returns the spread of at least one number. It sorts the numbers.
func spreadOf(numbers []int) Spread {
	slices.Sort(numbers)
	n := len(numbers)
	s := Spread{Least: numbers[0], Median: numbers[(n-1)/2], Most: numbers[n-1]}
	width := s.Most - s.Least + 1
	for _, x := range numbers {
		s.Bins[(x-s.Least)*spreadBins/width]++
	}
	return s
}
