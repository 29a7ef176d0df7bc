// Package badinput marks errors that are the user's mistakes, as opposed to failures of the program
// or its environment: the command line exits with code 2 for the former and 1 for the latter, and
// nothing was written.
package badinput

import (
	"errors"
	"fmt"
)

// Err matches every user error in errors.Is.
var Err = errors.New("bad input")

type marked struct{ error }

func (m marked) Unwrap() error        { return m.error }
func (m marked) Is(target error) bool { return target == Err }

// Mark marks an error as a user error, with the same message; nil stays nil.
func Mark(err error) error {
	if err == nil || errors.Is(err, Err) {
		return err
	}
	return marked{err}
}

// Errorf returns a user error, formatted as by fmt.Errorf.
func Errorf(format string, args ...any) error { return Mark(fmt.Errorf(format, args...)) }
