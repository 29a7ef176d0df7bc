package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"atelier/internal/durable"
)

const statsFile = "stats.jsonl"

// Stats appends to the statistics of a run: one JSON object per line, each with its step.
type Stats struct {
	file *os.File
}

// OpenStats opens the statistics for the steps after a given one. Lines of later steps,
// from before a rollback, and a line truncated by an interruption are dropped.
func (d *Dir) OpenStats(step int) (*Stats, error) {
	path := d.Path(statsFile)
	if err := keepLines(path, step); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, durable.Explain(path, err)
	}
	return &Stats{f}, nil
}

// keepLines drops the lines of a file that are of later steps, or truncated.
func keepLines(path string, step int) error {
	old, err := durable.ReadFile(path, mostLines)
	if err != nil {
		return ignoreMissing(err)
	}
	var kept []byte
	for line := range bytes.Lines(old) {
		if at, whole := stepOf(line); whole && at <= step {
			kept = append(kept, line...)
		}
	}
	if len(kept) == len(old) {
		return nil
	}
	return durable.WriteFile(path, kept)
}

// Append writes a line, which needs a "step". Non-finite numbers become null, since JSON
// has none.
func (s *Stats) Append(line map[string]any) error {
	if _, ok := line["step"].(int); !ok {
		return fmt.Errorf("a line of statistics without a step: %v", line)
	}
	finite := make(map[string]any, len(line))
	for name, v := range line {
		if x, ok := v.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
			v = nil
		}
		finite[name] = v
	}
	data, err := json.Marshal(finite)
	if err != nil {
		return err
	}
	if _, err = s.file.Write(append(data, '\n')); err != nil {
		return durable.Explain(s.file.Name(), err)
	}
	return nil
}

// Sync flushes the lines to disk, before a checkpoint is saved, so that no step lacks
// statistics.
func (s *Stats) Sync() error { return durable.Explain(s.file.Name(), s.file.Sync()) }

// Close flushes the lines to disk and closes the file.
func (s *Stats) Close() error { return errors.Join(s.file.Sync(), s.file.Close()) }

// Statistics are the readable statistics of a run, in order.
type Statistics struct {
	Lines []map[string]any
	// Damaged counts the unreadable lines, except a last one truncated by an interruption.
	Damaged int
}

// ReadStats returns the statistics; a run that has none yet has an empty list.
func (d *Dir) ReadStats() (Statistics, error) {
	text, err := durable.ReadFile(d.Path(statsFile), mostLines)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Statistics{}, err
	}
	return parseStats(text), nil
}

func parseStats(text []byte) (s Statistics) {
	for piece := range bytes.Lines(text) {
		var line map[string]any
		if _, whole := stepOf(piece); whole && json.Unmarshal(piece, &line) == nil {
			s.Lines = append(s.Lines, line)
		} else if bytes.HasSuffix(piece, []byte{'\n'}) {
			s.Damaged++
		}
	}
	return s
}

// Damage says in one line what is missing from the statistics of a run, given the saved and
// the total steps; empty if they are complete.
func (s Statistics) Damage(saved, total int) string {
	last := 0.0
	if n := len(s.Lines); n > 0 {
		last, _ = s.Lines[n-1]["step"].(float64)
	}
	switch {
	case s.Damaged > 0:
		return fmt.Sprintf("%s is damaged: %d of its lines cannot be read; the other %d are used", statsFile, s.Damaged, len(s.Lines))
	case last+float64(statsEvery(total)) <= float64(saved):
		return fmt.Sprintf("%s is damaged: it ends at step %g, though step %d was saved; the rest is used", statsFile, last, saved)
	}
	return ""
}

// stepOf reads the step of a line, and whether the line is complete.
func stepOf(line []byte) (step int, whole bool) {
	var head struct{ Step *int }
	if !bytes.HasSuffix(line, []byte{'\n'}) || json.Unmarshal(line, &head) != nil || head.Step == nil {
		return 0, false
	}
	return *head.Step, true
}
