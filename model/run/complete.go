package run

import (
	"bytes"
	"context"
	"errors"
)

// Complete returns a run of exactly this run file, trained to its end and scored: one
// that is there, one that is there and is gone on with, or else a new one. Whoever
// asks for many runs can be interrupted and ask again.
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

// Seconds is how long the run has trained, its pictures and scores on the way included.
func (r *Run) Seconds() (float64, error) {
	ck, err := r.studio.latest(r.Dir)
	if err != nil {
		return 0, err
	}
	return ck.state.Seconds, nil
}
