package bench

import (
	"fmt"
	"slices"
)

// fashionShows are the scores by which models of Fashion are compared.
var fashionShows = []string{"fid2k", "kid2k", "precision", "recall", "density", "coverage", "classes_least", "classes_top_ratio", "sharpness_ratio", "memorised"}

// The 10,000 embedded pictures of Fashion; each model gets about 8 minutes on two cores: the number
// of steps is what a Zen 3 machine manages in that time.
func init() {
	dense := []string{
		`model.generator={use="mlp", widths=[256,256], norm="batch"}`,
		`model.discriminator={use="mlp", widths=[256,256]}`,
		"model.g_optimizer.rate=1e-3", "model.d_optimizer.rate=1e-3",
	}
	imageStudies = append(imageStudies, imageStudy{
		name: "fashion",
		cells: []imageCell{
			{name: "dcgan", recipe: "fashion-dcgan", settings: []string{"steps=15000"}, shows: fashionShows},
			{name: "dcgan-classes", recipe: "fashion-dcgan", settings: []string{"model.conditional=true", "steps=14000"}, shows: fashionShows},
			{name: "resnet", recipe: "fashion-resnet", seeds: 1, shows: fashionShows},
			{name: "style", recipe: "fashion", settings: []string{"steps=8000"}, shows: fashionShows},
			{name: "mlp", recipe: "fashion-dcgan", settings: append(dense, "steps=75000"), shows: fashionShows},
			{name: "vae", recipe: "fashion-vae", settings: []string{"steps=13000"}, shows: fashionShows},
			{name: "flow", recipe: "fashion-flow", seeds: 1, shows: fashionShows},
		},
		judge:     judgeFashion,
		baselines: copiesOfFashion,
	})
}

// The models that the best recipe must beat, and the candidates for it.
var (
	fashionRivals = []string{"dcgan", "mlp", "vae"}
	fashionBest   = []string{"dcgan-classes", "resnet", "style"}
)

// judgeFashion compares the GAN with the lowest fid2k with the others: its worst seed must be
// better than their best.
func judgeFashion(r imageResults) (rows []Row) {
	best := slices.MinFunc(fashionBest, func(a, b string) int {
		return compareMeans(r.of(a, "fid2k"), r.of(b, "fid2k"))
	})
	of := fmt.Sprintf("fashion best gan (%s) ", best)
	worst := slices.Max(append(r.of(best, "fid2k"), 0))
	for _, rival := range fashionRivals {
		theirs := r.of(rival, "fid2k")
		if len(theirs) == 0 {
			continue
		}
		least := slices.Min(theirs)
		rows = append(rows, Row{Name: of + "worst fid2k, against the best of " + rival, Value: worst,
			Bar: fmt.Sprintf("< %.3g", least), Holds: worst > 0 && worst < least})
	}
	for _, bar := range []imageBar{{score: "precision", bound: 0.75}, {score: "recall", bound: 0.7}} {
		value := mean(r.of(best, bar.score))
		rows = append(rows, Row{Name: of + "mean " + bar.score, Value: value,
			Bar: fmt.Sprintf(">= %g", bar.bound), Holds: value >= bar.bound})
	}
	return rows
}

// compareMeans sorts missing values last.
func compareMeans(a, b []float64) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return len(b) - len(a)
	case mean(a) < mean(b):
		return -1
	}
	return 1
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(len(values), 1))
}
