package app

import (
	"testing"
	"time"

	"atelier/model/run"
)

// Training and scores together take the minutes; a classifier takes a quarter of them at most, and
// training half of them at least.
func TestFitted(t *testing.T) {
	for _, c := range []struct {
		minutes        float64
		pace           run.Pace
		steps, lessons int
	}{
		{10, run.Pace{Steps: 10}, 5400, 0}, // nothing tells how long scores take
		{10, run.Pace{Steps: 10, Scoring: 22 * time.Second}, 5600, 0},
		{10, run.Pace{Steps: 10, Scoring: 22 * time.Second, Lessons: 500, LessonSteps: 10}, 5100, 500},
		{10, run.Pace{Steps: 10, Scoring: 22 * time.Second, Lessons: 1500, LessonSteps: 4}, 4100, 600},
		{1, run.Pace{Steps: 10, Scoring: 5 * time.Minute, Lessons: 1500, LessonSteps: 1}, 300, 100},
		{0.1, run.Pace{}, 1, 0},
	} {
		if steps, lessons := fitted(c.minutes, c.pace); steps != c.steps || lessons != c.lessons {
			t.Errorf("%g minutes at %+v: %d steps and %d of the classifier, want %d and %d", c.minutes, c.pace, steps, lessons, c.steps, c.lessons)
		}
	}
}
