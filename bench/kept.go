package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"atelier/internal/durable"
)

// kept says in which file the rows of works that were measured are, so that a suite which was stopped
// goes on where it was. Without a path nothing is kept.
type kept struct {
	path     string
	settings string // of the suite
	program  string
}

// A keptWork is a work that was measured: a line of the file.
type keptWork struct {
	Work     string `json:"work"`
	Settings string `json:"settings"`
	Program  string `json:"program"`
	Rows     []Row  `json:"rows"`
}

// once measures a work, or emits the rows that are kept of it, by this program with these settings.
func (k kept) once(work string, emit func(Row), measure func(emit func(Row)) error) error {
	if k.path == "" {
		return measure(emit)
	}
	text, err := os.ReadFile(k.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	done := keptWork{Work: work, Settings: k.settings, Program: k.program}
	for line := range bytes.Lines(text) {
		var had keptWork
		if json.Unmarshal(line, &had) != nil || had.Work != work || had.Settings != k.settings || had.Program != k.program {
			continue // of another machine or program, or half a line
		}
		for _, r := range had.Rows {
			emit(r)
		}
		return nil
	}
	if err := measure(func(r Row) { done.Rows = append(done.Rows, r); emit(r) }); err != nil {
		return err
	}
	line, err := json.Marshal(done)
	if err != nil {
		return err
	}
	return durable.AppendLine(k.path, line)
}
