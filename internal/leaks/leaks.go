// Package leaks finds goroutines that the tests of a package leave behind.
package leaks

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package, and fails if goroutines are left that do not end. It
// waits for those that end by themselves, which a busy machine takes its time for.
func Main(m *testing.M) { goleak.VerifyTestMain(settled{m}) }

type settled struct{ *testing.M }

// Run runs the tests, and then waits for their goroutines.
func (s settled) Run() int {
	code := s.M.Run()
	for range 100 {
		if goleak.Find() == nil {
			break
		}
	}
	return code
}
