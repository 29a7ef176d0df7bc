package bench

import "fmt"

// What each part of the toolbox does: the recipe fashion, and the same with one thing
// changed.
func init() {
	r1 := `{use="r1", gamma=0.2}`
	parts := []struct{ name, setting string }{
		{"base", ""},
		{"no-penalty", "model.penalty=[]"},
		{"every-step", "model.penalty_every=1"},
		{"no-average", "model.average=0"},
		{"hinge", `model.loss={use="hinge"}`},
		{"smoothing", `model.loss={use="nonsaturating", real=0.9}`},
		{"relativistic", `model.loss={use="relativistic"}`},
		{"r1-r2", `model.penalty=[` + r1 + `, {use="r2", gamma=0.2}]`},
		{"dragan", `model.penalty=[{use="dragan", lambda=1.0}]`},
		{"spectral", `model.discriminator.norm="spectral"`},
		{"layer-norm", `model.discriminator.norm="layer"`},
		{"minibatch", "model.discriminator.minibatch=true"},
		{"packs", "model.pack=2"},
		{"matching", "model.matching=0.1"},
		{"path-length", `model.g_penalty=[{use="path_length"}]`},
		{"flip", `model.augment=[{use="flip"}]`},
		{"translation", `model.augment=[{use="translation"}]`},
		{"classes", "model.conditional=true"},
	}
	study := imageStudy{name: "toolbox"}
	for _, p := range parts {
		cell := imageCell{name: p.name, recipe: "fashion", shows: []string{"fid2k", "precision", "recall", "coverage", "classes_least", "sharpness"}}
		if p.setting != "" {
			cell.settings = []string{p.setting}
		}
		study.cells = append(study.cells, cell)
	}
	study.judge = func(r imageResults) (rows []Row) {
		base := mean(r.of("base", "fid2k"))
		for _, cell := range study.cells[1:] {
			rows = append(rows, Row{Name: fmt.Sprintf("toolbox %s fid2k, over that of base", cell.name),
				Value: mean(r.of(cell.name, "fid2k")) / base, Holds: true, N: len(r[cell.name])})
		}
		return rows
	}
	imageStudies = append(imageStudies, study)
}
