package run

import "testing"

// The classifier for scores sees the pictures of a small set as often as is of use, and is trained as
// its setting says if there is one.
func TestLessons(t *testing.T) {
	for examples, want := range map[int]int{2: 100, 272: 255, 2000: 1500, 60000: 1500} {
		if got := new(Score).lessons(examples); got != want {
			t.Errorf("%d examples: %d steps, want %d", examples, got, want)
		}
	}
	if got := (&Score{ClassifierSteps: 7}).lessons(60000); got != 7 {
		t.Errorf("7 steps were asked for, and it is %d", got)
	}
}

// A plan says before the first step how fast a run is and how long its classifier is trained, and
// leaves nothing behind.
func TestPlanTellsThePace(t *testing.T) {
	s := studio(t)
	c := parse(t, "steps=30", "limit=64", `data={use="starter", name="emoji"}`, `codec={use="image", size=28, channels=3}`,
		`model={use="gan", conditional=true, generator={use="dcgan", width=4}, discriminator={use="dcgan", width=4}}`,
		"batch=4", `score={metrics=[{use="kid2k"}], classifier_steps=20}`)
	p, err := s.Plan(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if p.Pace.Steps <= 0 || p.Pace.Scoring <= 0 || p.Pace.Lessons != 20 || p.Pace.LessonSteps <= 0 || p.Pace.Training(30) <= 0 || p.Pace.Teaching() <= 0 {
		t.Errorf("%+v", p.Pace)
	}
	if dirs, err := List(s.Runs); err != nil || len(dirs) > 0 {
		t.Errorf("it left %d runs: %v", len(dirs), err)
	}
	c.Score.Space = "random"
	if p, err = s.Plan(t.Context(), c); err != nil || p.Pace.Lessons != 0 {
		t.Errorf("a classifier for other scores: %+v, %v", p.Pace, err)
	}
}
