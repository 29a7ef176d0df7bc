package bench

// Stacked MNIST with a D half as wide as G, alone and in packs of three. Published for
// the plain DCGAN at that ratio are 628 modes of 1,000, with packs of three 867 (Lin et
// al. 2017, arXiv:1712.04086, table 3).
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
