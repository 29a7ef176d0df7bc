package brought

import (
	"errors"
	"fmt"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/mapped"
)

// mostRead is the size of the largest file that is read where the system cannot map it.
const mostRead = 1 << 30

// mapFile maps a file into memory. Its errors name the file.
func mapFile(path string) (*mapped.File, error) {
	f, err := durable.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the mapping outlives it
	m, err := mapped.From(f, mostRead)
	switch {
	case errors.Is(err, mapped.ErrEmpty):
		return nil, badinput.Errorf("%s %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return m, nil
}
