package run

import (
	"bytes"
	"context"
	"errors"
)

// Complete returns a run of exactly this run file, trained to its end and scored: an
// existing run, resumed if need be, or else a new one. A caller that needs many runs can be
// interrupted and start over.
func (s *Studio) Complete(ctx context.Context, c *Config) (*Run, error) {
	want, err := c.Encode()
	if err != nil {
		return nil, err
	}
	dirs, err := List(s.Runs)
	if err != nil {
		return nil, err
	}
	for _, d := range dirs {
		if text, err := d.ConfigText(); err != nil || !bytes.Equal(text, want) {
			continue
		}
		r, err := s.Resume(ctx, d.Name())
		if errors.Is(err, ErrDone) {
			return s.Open(d.Path())
		}
		return r, err
	}
	return s.Train(ctx, c)
}

// Seconds is the training time of the run, including its pictures and scores.
func (r *Run) Seconds() (float64, error) {
	ck, err := r.studio.latest(r.Dir)
	if err != nil {
		return 0, err
	}
	return ck.state.Seconds, nil
}
