package music

// A stroke is a chord or a rest of one note value.
type stroke struct {
	cell
	value
	leads       bool // the cell begins with it
	opens, ends bool // a tuplet
}

// plain reports whether the value stands in no tuplet.
func (v value) plain() bool { return v.actual == v.normal }

// strokes divides the cells of a layer into note values, and joins those of tuplets.
func strokes(cells []cell, quarter int) (all []stroke, err error) {
	for _, c := range cells {
		values, err := valuesOf(c.length, quarter)
		if err != nil {
			return nil, err
		}
		for i, v := range values {
			one := stroke{cell: c, value: v, leads: i == 0}
			one.tiedTo, one.tied = c.tiedTo || i > 0, c.tied || i < len(values)-1
			all = append(all, one)
		}
	}
	// A tuplet goes on until it comes to a plain note value, or other notes follow.
	length := int64(0)
	for i := range all {
		if all[i].plain() {
			continue
		}
		all[i].opens = length == 0
		length += all[i].ticks
		v, ok := longestValue(length, quarter)
		plain := ok && v.ticks == length && v.plain()
		if plain || i+1 == len(all) || all[i+1].actual != all[i].actual || all[i+1].normal != all[i].normal {
			all[i].ends, length = true, 0
		}
	}
	return all, nil
}
