package bench

import (
	"fmt"
	"slices"
)

// A hundred pictures of Fashion, with and without augmentation for D.
func init() {
	shows := []string{"fid2k", "precision", "recall", "coverage", "memorised"}
	few := slices.Clip([]string{"limit=100", "steps=1500", "save=500"})
	const augmented = `model.augment=[{use = "colour"}, {use = "translation"}, {use = "cutout"}]`
	imageStudies = append(imageStudies, imageStudy{
		name: "few",
		cells: []imageCell{
			{name: "plain", recipe: "fashion-dcgan", settings: few, shows: shows},
			{name: "fixed", recipe: "fashion-dcgan", settings: append(few, augmented), shows: shows},
			{name: "adaptive", recipe: "fashion-dcgan", settings: append(few, augmented, "model.augment_target=0.6"), shows: shows},
		},
		judge: judgeFew,
	})
}

// The share of the plain recipe's fid2k that augmentation should reach, and by how many percentage
// points the share of copies among fakes may exceed that of held-out pictures.
const (
	fewShare  = 0.5
	fewCopies = 1
)

// judgeFew compares the better of both augmentations with the plain recipe, seed by seed.
func judgeFew(r imageResults) (rows []Row) {
	better := slices.MinFunc([]string{"fixed", "adaptive"}, func(a, b string) int {
		return compareMeans(r.of(a, "fid2k"), r.of(b, "fid2k"))
	})
	for i, got := range r[better] {
		of := fmt.Sprintf("few %s seed %d ", better, got.seed)
		plain := r["plain"][i].scores["fid2k"].Value
		ratio := got.scores["fid2k"].Value / plain
		rows = append(rows, Row{Name: of + "fid2k, over the plain one's", Value: ratio,
			Bar: fmt.Sprintf("<= %g", fewShare), Holds: ratio <= fewShare})
		copies := got.scores["memorised"]
		most := fewCopies + copies.FloorDeviation
		if copies.Floor != nil {
			most += *copies.Floor
		}
		rows = append(rows, Row{Name: of + "memorised", Value: copies.Value, Unit: copies.Unit, Floor: copies.Floor,
			Bar: fmt.Sprintf("<= %.2f (held-out pictures, and %d %%)", most, fewCopies), Holds: copies.Value <= most, N: copies.N})
	}
	return rows
}

// Emoji of 32 pixels a side, by group.
func init() {
	imageStudies = append(imageStudies, imageStudy{
		name: "emoji",
		cells: []imageCell{{
			name: "groups", recipe: "emoji",
			shows: []string{"class_accuracy", "precision", "recall", "sharpness", "memorised"},
			bars:  []imageBar{{score: "class_accuracy", bound: 0.6}},
			seeds: 1,
		}},
	})
}

// Stacked MNIST with a D half as wide as G, alone and in packs of three. Published for the plain
// DCGAN at that ratio are 628 modes of 1,000, with packs of three 867 (Lin et al. 2017,
// arXiv:1712.04086, table 3).
func init() {
	shows := []string{"stacked_modes", "stacked_reverse_kl", "fid2k", "precision", "recall"}
	bars := []imageBar{{score: "stacked_modes", bound: 900}}
	imageStudies = append(imageStudies, imageStudy{
		name: "stacked",
		cells: []imageCell{
			{name: "plain", recipe: "stacked", shows: shows, bars: bars, seeds: 1},
			{name: "packs", recipe: "stacked", settings: []string{"model.pack=3", "batch=63"}, shows: shows, seeds: 1},
		},
	})
}
