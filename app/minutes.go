package app

import (
	"fmt"
	"math"

	"atelier/internal/duration"
	"atelier/model/run"
)

// How minutes are divided: a classifier that scores need first takes a quarter of them at most, and
// training half of them at least, however long scores take. A little is for reading and pictures, and
// more where it is not known how long scores take.
const (
	taughtShare   = 0.25
	trainedLeast  = 0.5
	trainedShare  = 0.97
	unknownScores = 0.9
	leastTaught   = 100 // steps of the classifier
)

// fitted is how many steps fit into minutes with the scores after them, and how many the classifier is
// trained for that the scores need.
func fitted(minutes float64, p run.Pace) (steps, lessons int) {
	all := minutes * 60
	lessons = p.Lessons
	if most := all * taughtShare * p.LessonSteps; p.LessonSteps > 0 && float64(lessons) > most {
		lessons = min(lessons, max(leastTaught, int(most)))
	}
	p.Lessons = lessons
	left := all*trainedShare - (p.Scoring + p.Teaching()).Seconds()
	if p.Scoring == 0 {
		left = min(left, all*unknownScores)
	}
	return int(max(1, min(float64(run.MostSteps), math.Round(max(left, all*trainedLeast)*p.Steps)))), lessons
}

// fit returns the settings by which a run takes the requested minutes, and sets them in its plan.
func (a Train) fit(plan *run.Plan) []string {
	steps, lessons := fitted(a.Minutes, plan.Pace)
	plan.Steps = steps
	settings := []string{fmt.Sprintf("steps=%d", steps)}
	if lessons < plan.Pace.Lessons {
		plan.Pace.Lessons = lessons
		settings = append(settings, fmt.Sprintf("score.classifier_steps=%d", lessons))
	}
	return settings
}

// tellTime says how long a run will take, if that was measured.
func (e *Env) tellTime(p *run.Plan) {
	if p.Pace.Steps <= 0 {
		return
	}
	line := fmt.Sprintf("%.3g steps a second: %s in about %s", p.Pace.Steps, Counted(p.Steps, "step"), duration.Roughly(p.Pace.Training(p.Steps)))
	if scores := p.Pace.Scoring + p.Pace.Teaching(); scores > 0 {
		line += ", then scores in about " + duration.Roughly(scores)
	}
	if p.Pace.Lessons > 0 {
		line += fmt.Sprintf(", of which a classifier of your classes takes %s, once", duration.Roughly(p.Pace.Teaching()))
	}
	e.say("%s", line)
}
