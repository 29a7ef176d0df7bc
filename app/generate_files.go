package app

import (
	"fmt"
	"strings"
	"unicode"

	"atelier/data"
	"atelier/model/run"
)

// fits refuses a sheet that is larger than its format can be.
func (g *Generate) fits(target data.Field) error {
	columns, rows := sheetRoom(target, g.Format)
	most := rows * sheetRow
	if len(g.Class) > 1 {
		most = columns
	}
	switch {
	case g.As == sheet && g.N > most:
		return unfitSheet("n", g.Format, most, g.N)
	case g.As == sheet && len(g.Class) > rows:
		return unfitSheet("class", g.Format, rows, len(g.Class))
	}
	return nil
}

// names are those of all files that are drawn.
func (g *Generate) names(r *run.Run, classes []string) (all []string) {
	if g.As == sheet {
		return []string{g.sheetName(r) + extensions[g.Format][0]}
	}
	for _, class := range classes {
		for _, seed := range run.Seeds(g.Seed, g.N) {
			all = append(all, g.sampleName(r, class, seed))
		}
	}
	return all
}

// sampleName is the name of the file of one sample.
func (g *Generate) sampleName(r *run.Run, class string, seed uint64) string {
	name := r.Dir.Name()
	if len(g.Class) > 1 {
		name += "-" + fileName(class)
	}
	return fmt.Sprintf("%s-%06d%s", name, seed, extensions[g.Format][0])
}

// sheetName is the name of the file of all samples, without extension.
func (g *Generate) sheetName(r *run.Run) string {
	return fmt.Sprintf("%s-%06d-sheet", r.Dir.Name(), g.Seed)
}

// fileName makes part of a file's name out of a class.
func fileName(class string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, class)
}
