package bench

import "fmt"

// The effect of each part of the toolbox: a recipe, and the same with one change, each for
// toolboxSteps.
func init() {
	study := imageStudy{name: "toolbox"}
	for _, p := range toolboxParts {
		cell := imageCell{
			name: p.name, recipe: p.recipe, settings: []string{fmt.Sprintf("steps=%d", toolboxSteps), `score.metrics=[{use="fid2k"}, {use="precision_recall"}, {use="classes"}, {use="sharpness"}]`},
			shows: []string{"fid2k", "precision", "recall", "classes_least", "classes_top_ratio", "sharpness_ratio"},
		}
		cell.settings = append(cell.settings, p.settings...)
		if len(p.settings) > 0 {
			cell.seeds = 1 // only the unchanged recipes run with all seeds, to estimate the noise
		}
		study.cells = append(study.cells, cell)
	}
	study.judge = func(r imageResults) (rows []Row) {
		for _, p := range toolboxParts {
			if len(p.settings) == 0 {
				continue
			}
			base := mean(r.of(toolboxBase(p.recipe), "fid2k"))
			rows = append(rows, Row{Name: fmt.Sprintf("toolbox %s fid2k, over that of the recipe %s", p.name, p.recipe),
				Value: mean(r.of(p.name, "fid2k")) / base, Holds: true, N: len(r[p.name])})
		}
		return rows
	}
	imageStudies = append(imageStudies, study)
}

const toolboxSteps = 2000

// toolboxBase is the cell of an unchanged recipe.
func toolboxBase(recipe string) string {
	for _, p := range toolboxParts {
		if p.recipe == recipe && len(p.settings) == 0 {
			return p.name
		}
	}
	panic("no base of recipe " + recipe)
}

// r1AndR2 is the recipe's R1 with the same weight of R2.
const r1AndR2 = `model.penalty=[{use="r1", gamma=0.2}, {use="r2", gamma=0.2}]`

var toolboxParts = []struct {
	name, recipe string
	settings     []string
}{
	{"dcgan", "fashion-dcgan", nil},
	{"no-penalty", "fashion-dcgan", []string{"model.penalty=[]"}},
	{"every-step", "fashion-dcgan", []string{"model.penalty_every=1"}},
	{"r1-r2", "fashion-dcgan", []string{r1AndR2}},
	{"relativistic", "fashion-dcgan", []string{`model.loss={use="relativistic"}`}},
	{"relativistic-r1-r2", "fashion-dcgan", []string{`model.loss={use="relativistic"}`, r1AndR2}},
	{"hinge", "fashion-dcgan", []string{`model.loss={use="hinge"}`}},
	{"no-average", "fashion-dcgan", []string{"model.ema=0"}},
	{"equal-rates", "fashion-dcgan", []string{"model.g_optimizer.rate=2e-3"}},
	{"spectral", "fashion-dcgan", []string{`model.discriminator.norm="spectral"`}},
	{"spectral-alone", "fashion-dcgan", []string{`model.discriminator.norm="spectral"`, "model.penalty=[]"}},
	{"no-norm-of-g", "fashion-dcgan", []string{`model.generator.norm="none"`}},
	{"minibatch", "fashion-dcgan", []string{"model.discriminator.minibatch=true"}},
	{"packs", "fashion-dcgan", []string{"model.pack=2"}},
	{"translation", "fashion-dcgan", []string{`model.augment=[{use="translation"}]`}},
	{"classes", "fashion-dcgan", []string{"model.conditional=true"}},
	{"resnet", "fashion-resnet", nil},
	{"resnet-conditional-norm", "fashion-resnet", []string{`model.generator.norm="conditional"`}},
	{"style", "fashion", nil},
	{"style-r1-r2", "fashion", []string{r1AndR2}},
	{"style-spectral", "fashion", []string{`model.discriminator.norm="spectral"`}},
	{"style-minibatch", "fashion", []string{"model.discriminator.minibatch=true"}},
	{"style-relativistic", "fashion", []string{`model.loss={use="relativistic"}`}},
	{"style-relativistic-r1-r2", "fashion", []string{`model.loss={use="relativistic"}`, r1AndR2}},
}
