package library

import (
	"context"
	"slices"

	"atelier/internal/badinput"
)

// Readmit lets forgotten Items into a dataset again, given by their SHA-256 in hex, or prefixes of
// at least 8 digits. It returns their number.
func (l *Library) Readmit(ctx context.Context, name string, hashes []string) (int, error) {
	if err := checkHashes(hashes); err != nil {
		return 0, err
	}
	sums, err := l.forgotten(ctx, name, hashes)
	if err == nil && len(sums) == 0 {
		err = badinput.Errorf("none of the Items that are forgotten of %s begins so; atelier data show %s lists them", name, name)
	}
	if err != nil {
		return 0, err
	}
	return len(sums), l.Store.Readmit(ctx, name, sums)
}

// forgotten returns the SHA-256 of the forgotten Items of a dataset that begin with one of the
// hashes.
func (l *Library) forgotten(ctx context.Context, name string, hashes []string) ([][32]byte, error) {
	sums, err := l.Store.Forgotten(ctx, name)
	return slices.DeleteFunc(sums, func(sum [32]byte) bool { return !isOneOf(sum, hashes) }), err
}
