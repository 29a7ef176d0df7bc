package library

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"

	"atelier/data"
	files "atelier/internal/picture"
)

// largestExample is the size up to which the bytes of a dropped Item are kept, in case it becomes
// an example of its reason.
const largestExample = 256 << 10

// clean runs the cleaners of single Items on an Item, and computes its sketches.
func (j *job) clean(in *input, t *task) {
	r := &t.record
	r.Item, r.Split, r.Changes, r.Drop = t.row.Item, t.row.Split, nil, t.drop
	r.Origin.Licence = cmp.Or(r.Origin.Licence, in.record.Licence)
	if r.Drop != nil && len(r.Bytes) == 0 {
		return
	}
	r.Whole = sha256.Sum256(r.Bytes)
	if r.Drop != nil {
		r.leave()
		return
	}
	defer files.Reserve(r.Bytes)()
	piece := &data.Piece{Item: r.Item}
	if in.kept {
		piece.Changes = t.row.Changes
	} else {
		t.err = j.cleanPiece(piece, r)
	}
	if t.err == nil && r.Drop == nil {
		t.err = j.sketch(piece, t)
	}
	if t.err == nil && r.Drop == nil {
		t.err = piece.Finish()
	}
	if t.err != nil {
		t.err = fmt.Errorf("%s: %w", t.row.Name, t.err)
		return
	}
	if r.Drop != nil {
		r.leave()
		return
	}
	r.Item, r.Changes = piece.Item, piece.Changes
	r.Now = sha256.Sum256(r.Bytes)
}

// leave releases the bytes of a dropped Item, unless it can be an example.
func (r *record) leave() {
	if len(r.Bytes) > largestExample {
		r.Bytes = nil
	}
	r.Now = r.Whole
}

// cleanPiece runs the cleaners until one drops the piece. Changes are recorded under the name of
// the cleaner.
func (j *job) cleanPiece(piece *data.Piece, r *record) error {
	changes := map[string]int{}
	defer func() { piece.Changes = changes }()
	for _, c := range j.pipeline.Clean {
		r.Seen++
		piece.Changes = nil
		err := c.Value.Clean(piece)
		for what, n := range piece.Changes {
			changes[c.Use+"/"+what] += n
		}
		var drop *data.Drop
		if errors.As(err, &drop) {
			r.Drop = by(drop, c.Use)
			return nil
		}
		if err != nil {
			return fmt.Errorf("cleaner %s: %w", c.Use, err)
		}
	}
	return nil
}

// by is a copy of a drop with the name of the cleaner.
func by(d *data.Drop, use string) *data.Drop {
	own := *d
	own.By = use
	return &own
}

// sketch computes the sketches of the piece for the comparing cleaners.
func (j *job) sketch(piece *data.Piece, t *task) error {
	t.sketches = make([]*data.Sketch, len(j.comparing))
	for i, c := range j.comparing {
		s, ok, err := c.Sketch(piece)
		var drop *data.Drop
		if errors.As(err, &drop) {
			t.record.Drop, t.sketches = by(drop, c.use), nil
			return nil
		}
		if err != nil {
			return fmt.Errorf("cleaner %s: %w", c.use, err)
		}
		if ok {
			t.sketches[i] = &s
		}
	}
	return nil
}
