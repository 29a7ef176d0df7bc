package events

// Sections are the tokens of the piece in parts of at most size, each with whole bars behind a
// heading of their own; nil if a bar does not fit.
func (p *Piece) Sections(size int) (all [][]int32) {
	for from := 0; from < len(p.Bars); {
		part := p.Part(from, len(p.Bars))
		tokens := part.Heading()
		to := from
		for ; to < len(p.Bars); to++ {
			bar := part.BarTokens(to - from)
			if len(tokens)+len(bar) > size {
				break
			}
			tokens = append(tokens, bar...)
		}
		if to == from {
			return nil
		}
		all = append(all, tokens)
		from = to
	}
	return all
}

// Part is the bars of a piece from one up to another, which it shares.
func (p *Piece) Part(from, to int) *Piece {
	part := *p
	part.Bars = p.Bars[from:to]
	part.More += len(p.Bars) - to
	return &part
}
