package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"atelier/internal/durable"
)

// A keptWork is a work that was measured: a line of the file of rows.
type keptWork struct {
	Work     string `json:"work"`
	Settings string `json:"settings"`
	Program  string `json:"program"`
	Rows     []Row  `json:"rows"`
}

// once measures a work, or emits the rows that are kept of it, by this program with these settings.
func (s *Style) once(w styleWork, ctx context.Context, on *Machine, emit func(Row)) error {
	if s.Kept == "" {
		return w.measure(s, ctx, on, emit)
	}
	settings := fmt.Sprint(s.Side, s.Cases, s.Python, s.Set12, s.Like, s.Runs)
	text, err := os.ReadFile(s.Kept)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range bytes.Lines(text) {
		var k keptWork
		if json.Unmarshal(line, &k) != nil || k.Work != w.name || k.Settings != settings || k.Program != on.Studio.Program {
			continue // of another machine or program, or half a line
		}
		for _, r := range k.Rows {
			emit(r)
		}
		return nil
	}
	k := keptWork{Work: w.name, Settings: settings, Program: on.Studio.Program}
	if err := w.measure(s, ctx, on, func(r Row) { k.Rows = append(k.Rows, r); emit(r) }); err != nil {
		return err
	}
	line, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return durable.AppendLine(s.Kept, line)
}
