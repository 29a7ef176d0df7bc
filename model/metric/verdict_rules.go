package metric

// A verdictRule is one finding: its condition, and its texts.
type verdictRule struct {
	finding Finding
	grade   Grade
	applies func(r reading) bool
	form    string                // of the sentence, for fmt
	values  func(r reading) []any // in it; nil for none
	advice  string                // for the run that made the pictures
	foreign string                // for a folder of pictures possibly made by another program
}

// Thresholds of the rules, explained in docs/scores.md.
const (
	leastExcess = 2   // percentage points of copies or repeats above chance
	manyRepeats = 20  // percentage points above which repeats are the whole verdict
	noisyAt     = 1.8 // times as sharp as real pictures
	blurredAt   = 0.4 // of the sharpness of real pictures
	softAt      = 0.65
	coveredAt   = 0.85 // of the coverage of real pictures
	brokenAt    = 0.3  // of the coverage of real pictures
	unlikeAt    = 0.72
	gapsAt      = 0.75
	likeRealAt  = 0.93
	leastGood   = 0.75
	farApart    = 6 // standard errors of the kernel distance
)

// What to do where there are too few pictures.
const (
	holdOut     = "Hold out at least 200 pictures, and measure at least 200; until then, look at the sheet."
	measureMore = "Measure at least 200 pictures against at least 200 held-out ones; until then, look at them with --sheet FILE.png."
)

var verdictRules = []verdictRule{
	{FoundRepeats, GradeBroken,
		func(r reading) bool { return r.excess("repeated") > manyRepeats },
		"The same few pictures come again and again: %.0f %% of them hardly differ from another.",
		func(r reading) []any { return []any{r["repeated"].Value} },
		"Look at the sheet. The model has collapsed: train with a penalty such as r1, with lower learning rates, or from another seed.",
		"Look at them with --sheet FILE.png: their generator has collapsed, or files were duplicated."},
	{FoundCopies, GradePoor,
		func(r reading) bool { return r.excess("memorised") > leastExcess },
		"%.0f %% of the pictures are copies of training pictures, where %.1f %% of held-out ones come as near.",
		func(r reading) []any { return []any{r["memorised"].Value, *r["memorised"].Floor} },
		"Do not publish them as new. Train on more pictures, for fewer steps, or with model.augment; the app nearest shows the copies (atelier nearest RUN).",
		"Do not publish them as new: their generator has memorised what it was trained on."},
	{FoundNoise, GradeBroken,
		func(r reading) bool {
			return r.told("sharpness_ratio") && r["sharpness_ratio"].Value > noisyAt && r.unlike()
		},
		"This is noise more than pictures: %.1f times as sharp as real ones, and unlike them.",
		func(r reading) []any { return []any{r["sharpness_ratio"].Value} },
		"Train for longer; if it stays like this, lower the learning rates.",
		"Look at them with --sheet FILE.png, and check that these are the right files."},
	{FoundBlur, GradePoor,
		func(r reading) bool {
			sharp := r["sharpness_ratio"].Value
			return r.told("sharpness_ratio") && (sharp < blurredAt || sharp < softAt && r.share("coverage") < coveredAt)
		},
		"The pictures are blurred, or pale like mixtures of several: %.0f %% as sharp as real ones.",
		func(r reading) []any { return []any{100 * r["sharpness_ratio"].Value} },
		"Train for longer; a vae stays blurred, a gan does not.",
		"Look at them with --sheet FILE.png; pictures that were enlarged or heavily compressed are blurred, too."},
	{FoundTooFew, GradeUntold,
		func(r reading) bool { return r.tooFew() && r["kid2k"].Error > 0 },
		"There are too few pictures to tell how good they are: %d; kid2k is %.2g, with 95 %% confidence %.2g to %.2g.",
		func(r reading) []any {
			k := r["kid2k"]
			low, high, _ := k.Interval()
			return []any{r.count(), k.Value, low, high}
		},
		holdOut, measureMore},
	{FoundTooFew, GradeUntold,
		reading.tooFew,
		"There are too few pictures to tell how good they are: %d.",
		func(r reading) []any { return []any{r.count()} },
		holdOut, measureMore},
	{FoundUnlike, GradeBroken,
		func(r reading) bool { return r.unlike() && r.share("coverage") < brokenAt },
		"The pictures are nothing like real ones: they come near %.0f %% of these, where as many real ones come near %.0f %%.",
		func(r reading) []any { return []any{100 * r["coverage"].Value, 100 * *r["coverage"].Floor} },
		"Train for longer, and look at the sheet.",
		"Look at them with --sheet FILE.png: are they of the same kind, cropped and coloured like the real ones?"},
	{FoundMissing, GradePoor,
		func(r reading) bool { return r.missing() != "" },
		"The class %s is missing or nearly so.",
		func(r reading) []any { return []any{r.missing()} },
		"Train for longer, or with model.conditional = true, so that every class can be asked for.",
		"Check that the folder has pictures of that class, and add some."},
	{FoundUnlike, GradePoor,
		reading.unlike,
		"The pictures differ clearly from real ones: they come near %.0f %% of these, where as many real ones come near %.0f %%.",
		func(r reading) []any { return []any{100 * r["coverage"].Value, 100 * *r["coverage"].Floor} },
		"Train for longer, and look at the sheet.",
		"Look at them with --sheet FILE.png: are they of the same kind, cropped and coloured like the real ones?"},
	{FoundGaps, GradeFair,
		func(r reading) bool {
			return r.told("recall", "coverage") && min(r.share("recall"), r.share("coverage")) < gapsAt && r.share("precision") > leastGood
		},
		"Single pictures are good, but they are less varied than real ones: some kinds are missing.", nil,
		"Train for longer, or with a stronger penalty; a truncation below 1 makes pictures less varied, too.",
		"If their generator has a truncation or guidance setting, one that varies more brings them nearer."},
	{FoundNothing, GradeReal,
		func(r reading) bool {
			return r.told("coverage") && r.share("coverage") > likeRealAt && r.share("density") > likeRealAt-0.1 && r.apart() < farApart
		},
		"Nothing is wrong by these scores: they hardly tell the pictures from real ones.", nil,
		"Look at the sheet; more steps may still bring the scores nearer to those of real pictures.",
		"Look at them with --sheet FILE.png: these scores find nothing more to say."},
	{FoundClose, GradeGood,
		func(r reading) bool { return r.told("coverage") && r["coverage"].Floor != nil },
		"The pictures come close to real ones, and can be told from them: they come near %.0f %% of these, where as many real ones come near %.0f %%.",
		func(r reading) []any { return []any{100 * r["coverage"].Value, 100 * *r["coverage"].Floor} },
		"More steps may still help: train it longer (atelier train --resume RUN steps=N).",
		"Look at them with --sheet FILE.png; more of them narrow the intervals of the scores."},
}

// tooFew reports whether there were too few pictures to measure how they spread.
func (r reading) tooFew() bool { return r["coverage"].TooFew || r["precision"].TooFew }

// unlike reports whether most real pictures have no fake nearby or, if manifolds cannot tell,
// whether the kernel distance is far above its floor.
func (r reading) unlike() bool {
	if r.told("coverage") && r["coverage"].Floor != nil {
		return r.share("coverage") < unlikeAt
	}
	return r["coverage"].TooFew && r.apart() > farApart
}

// count is the number of pictures behind the scores that could not be told.
func (r reading) count() int {
	if s, ok := r["coverage"]; ok {
		return s.N
	}
	return r["precision"].N
}
