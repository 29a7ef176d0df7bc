// Package leaks finds goroutines leaked by the tests of a package.
package leaks

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package, and fails if goroutines are left that do not end. It
// waits for those that end by themselves, which a busy machine takes its time for. What is to
// be done after the tests is done in the end.
func Main(m *testing.M, after ...func()) {
	goleak.VerifyTestMain(settled{m}, goleak.Cleanup(func(code int) {
		for _, do := range after {
			do()
		}
		os.Exit(code)
	}))
}

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
