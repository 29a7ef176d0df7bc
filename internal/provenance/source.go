package provenance

import (
	"path"
	"slices"
)

// SourceOf is what kind of work a file is, by its label or by its statement, signed or not, of this
// program or another, in the file or beside it, nil for none: what says most of generation counts. A
// file that says nothing is taken for a person's work, Enhanced.
func SourceOf(file, beside []byte) Source {
	c, err := Check(file, beside)
	if err != nil {
		return Enhanced
	}
	all := []Source{Enhanced}
	if c.Label != nil {
		all = append(all, c.Label.Source)
	}
	said := []string{c.Statement.Source}
	if c.Signature != nil {
		said = append(said, c.Signature.Source)
	}
	for _, address := range said {
		for _, s := range rising {
			if path.Base(s.address()) == path.Base(address) {
				all = append(all, s)
			}
		}
	}
	if c.Statement.AIGC != nil && slices.Max(ranks(all)) == 0 {
		all = append(all, Generated)
	}
	return rising[slices.Max(ranks(all))]
}

// rising are the sources, the one with the largest part by a model last.
var rising = []Source{Enhanced, Algorithm, Composite, Generated}

func ranks(all []Source) (out []int) {
	for _, s := range all {
		out = append(out, slices.Index(rising, s))
	}
	return out
}

// Altered is the source of a work that was made of others without a model: theirs if they agree, a
// composite if some of them have parts by a model.
func Altered(of []Source) Source {
	if len(of) == 0 {
		return Enhanced
	}
	all := ranks(of)
	switch most := rising[slices.Max(all)]; {
	case most == Generated && slices.Min(all) < slices.Max(all):
		return Composite
	default:
		return most
	}
}
