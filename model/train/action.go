package train

import (
	"errors"
	"math"
)

// An Action is a request of a hook between two steps, returned as an error. Its effect is
// part of the loop's [State], so that a resumed run continues like an uninterrupted one.
type Action struct {
	// Rate multiplies all learning rates from now on; 0 leaves them unchanged.
	Rate float64
	// Back requests a rollback to the last checkpoint, which is up to the owner of the
	// loop: [Loop.Run] returns the action as its error.
	Back bool
	// Stop ends the training after this step.
	Stop bool
	// Reason says why, for people.
	Reason string
}

// Error makes an Action an error, for a hook to return.
func (a *Action) Error() string { return a.Reason }

// Act performs the action in a hook's error. Other errors are returned unchanged.
func (l *Loop) Act(err error) error {
	var a *Action
	if !errors.As(err, &a) || a.Back {
		return err
	}
	l.Damping = a.Damped(l.Damping)
	if a.Stop {
		l.Ended = a.Reason
	}
	return nil
}

// Damped is the damping of the learning rates after the action.
func (a *Action) Damped(damping float64) float64 {
	if a.Rate > 0 && !math.IsInf(a.Rate, 0) {
		return damping * a.Rate
	}
	return damping
}

// Done reports whether the loop has nothing left to train.
func (l *Loop) Done() bool { return l.Step >= l.Total || l.Ended != "" }
