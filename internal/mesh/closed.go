package mesh

// OpenSides is how many sides of triangles have no other triangle on them, one for each time that a
// side runs in a direction without running back, by where its ends are: 0 for closed parts that can
// be printed.
func OpenSides(parts ...Part) (n int) {
	sides := map[[2]Vec]int{}
	for _, p := range parts {
		for _, t := range p.Triangles {
			for i := range t {
				a, b := p.Points[t[i]], p.Points[t[(i+1)%3]]
				sides[[2]Vec{a, b}]++
				sides[[2]Vec{b, a}]--
			}
		}
	}
	for _, left := range sides {
		n += max(left, 0)
	}
	return n
}
