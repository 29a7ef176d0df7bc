package retrieve

// Overlap is the harmonic mean of precision and recall (F1) of the terms of a text against those of
// another, each term as often as it occurs: 0 if they share none, 1 if they share all.
func Overlap(got, want string) float64 {
	times := map[string]int{}
	wanted, own := Terms(want), Terms(got)
	for _, t := range wanted {
		times[t]++
	}
	same := 0
	for _, t := range own {
		if times[t] > 0 {
			times[t], same = times[t]-1, same+1
		}
	}
	if same == 0 {
		return 0
	}
	return 2 * float64(same) / float64(len(own)+len(wanted))
}
