// Package badinput tells the mistakes of the person who uses the program from
// failures of the program and its surroundings: the command line exits with
// code 2 for the first and 1 for the second, and nothing was written.
package badinput

import (
	"errors"
	"fmt"
)

// Err is what every mistake is, for errors.Is.
var Err = errors.New("bad input")

type marked struct{ error }

func (m marked) Unwrap() error        { return m.error }
func (m marked) Is(target error) bool { return target == Err }

// Mark returns the error with the same message as a mistake; nil stays nil.
func Mark(err error) error {
	if err == nil || errors.Is(err, Err) {
		return err
	}
	return marked{err}
}

// Errorf returns a mistake with a message made as by fmt.Errorf.
func Errorf(format string, args ...any) error { return Mark(fmt.Errorf(format, args...)) }
