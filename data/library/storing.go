package library

import (
	"context"
	"encoding/json"
	"fmt"

	"atelier/data/statistics"
	"atelier/data/store"
)

// examplesOfReason is how many of the Items that are dropped for one reason are
// kept to be looked at.
const examplesOfReason = 8

// measuredItems is how many Items of a version its statistics are taken of.
const measuredItems = 1000

// store writes the version.
func (j *job) store(ctx context.Context, s *settlement) (*store.Version, error) {
	j.manifest.Made = now()
	for _, in := range j.inputs {
		j.manifest.Sources = append(j.manifest.Sources, in.record)
	}
	j.manifest.Steps = s.steps
	return j.l.Store.Write(ctx, j.manifest, func(w *store.Writer) error {
		examples, sampler := map[string]int{}, statistics.New(s.left(), measuredItems)
		i := int32(-1)
		err := j.walk(ctx, readRecord, func(_ int64, in *input, r *record) error {
			i++
			if i%1024 == 0 {
				j.l.progress("stored", int(i), len(s.at))
			}
			if !s.gone[i] {
				sampler.Add(r.Item)
				return w.Add(store.Row{Item: r.Item, Split: j.splitOf(in, r), SHA256: r.Now, Changes: r.Changes})
			}
			d, err := j.dropped(s, i, r)
			if err != nil {
				return err
			}
			reason := d.Drop.By + "/" + d.Drop.Reason
			examples[reason]++
			if examples[reason] > examplesOfReason || len(d.Bytes) > largestExample {
				d.Bytes = nil
			}
			return w.Drop(d)
		})
		if err != nil {
			return err
		}
		text, err := json.Marshal(sampler.Set())
		j.manifest.Statistics = map[string]json.RawMessage{statistics.Key: text}
		return err
	})
}

// dropped says why the Item of a record is dropped. Of one that is forgotten nothing is
// kept but its hash.
func (j *job) dropped(s *settlement, i int32, r *record) (store.DropRow, error) {
	v, decided := s.verdicts[i]
	if v.drop == forgotten {
		return store.DropRow{SHA256: r.Now, Drop: forgotten}, nil
	}
	d := store.DropRow{Item: r.Item, SHA256: r.Now}
	if !decided {
		d.Drop = *r.Drop
		return d, nil
	}
	d.Drop = v.drop
	if v.like >= 0 {
		other, err := j.nameAt(s.at[v.like])
		if err != nil {
			return d, err
		}
		d.Drop.Detail = fmt.Sprintf("of %s", other)
	}
	return d, nil
}

// nameAt is the name of the Item at a place of the spool.
func (j *job) nameAt(at int64) (string, error) {
	var r record
	_, err := readDescription(j.spool.from(at), &r)
	return r.Name, err
}
