package bench

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
