package app

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/data"
	"atelier/model/run"
)

// fits refuses a sheet that exceeds the limits of its format.
func (g *Generate) fits(target data.Field) error {
	columns, rows := sheetRoom(target, g.Format)
	most := rows * sheetRow
	if len(g.Class) > 1 {
		most = columns * len(g.Class)
	}
	switch {
	case g.As == sheet && g.N > most:
		return unfitSheet("n", g.Format, most, g.N)
	case g.As == sheet && len(g.Class) > rows:
		return unfitSheet("class", g.Format, rows, len(g.Class))
	case g.As == sheet:
		return roomFor("n", g.N, target, 1)
	}
	return nil
}

// names are the names of all output files.
func (g *Generate) names(r *run.Run, classes []string) (all []string) {
	if g.As == sheet {
		return []string{g.sheetName(r) + extensions[g.Format][0]}
	}
	for _, part := range classParts(classes) {
		for _, seed := range run.Seeds(g.Seed, g.each()) {
			all = append(all, g.sampleName(r, part, seed))
		}
	}
	return all
}

// sampleName is the file name of one sample, which includes the part of its class.
func (g *Generate) sampleName(r *run.Run, part string, seed uint64) string {
	name := r.Dir.Name()
	if len(g.Class) > 1 {
		name += "-" + part
	}
	return fmt.Sprintf("%s-%06d%s", name, seed, extensions[g.Format][0])
}

// sheetName is the file name of the sheet, without extension.
func (g *Generate) sheetName(r *run.Run) string {
	return fmt.Sprintf("%s-%06d-sheet", r.Dir.Name(), g.Seed)
}

// longestPart is the largest number of bytes that a class, or the seeds of a walk, may
// take of a file name, which has at most 255.
const longestPart = 40

// classParts turns classes into parts of file names, distinct even where case is ignored.
func classParts(classes []string) []string {
	parts := make([]string, len(classes))
	taken := map[string]bool{}
	for i, class := range classes {
		part := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return '-'
		}, class)
		for len(part) > longestPart {
			_, size := utf8.DecodeLastRuneInString(part)
			part = part[:len(part)-size]
		}
		if taken[strings.ToLower(part)] {
			part += fmt.Sprintf("-%d", i+1)
		}
		taken[strings.ToLower(part)] = true
		parts[i] = part
	}
	return parts
}
