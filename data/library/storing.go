package library

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"atelier/data"
	"atelier/data/statistics"
	"atelier/data/store"
)

// examplesOfReason is the number of dropped Items that are kept as examples of each reason.
const examplesOfReason = 8

// measuredItems is the number of Items that a version's statistics are measured on.
const measuredItems = 1000

// store writes the version.
func (j *job) store(ctx context.Context, hold *store.Hold, s *settlement) (*store.Version, error) {
	j.manifest.Made, j.manifest.Sources = now(), nil
	for _, in := range j.inputs {
		if in.record.Use != "" {
			j.manifest.Sources = append(j.manifest.Sources, in.record)
		}
	}
	j.manifest.Steps = s.steps
	return hold.Write(ctx, j.manifest, func(w *store.Writer) error {
		examples, sampler, copies := map[string]int{}, statistics.New(s.left(), measuredItems), overlap{}
		i := int32(-1)
		err := j.walk(ctx, readRecord, func(_ int64, in *input, r *record) error {
			i++
			if i%1024 == 0 {
				j.l.progress("stored", int(i), len(s.at))
			}
			if !s.gone[i] {
				sampler.Add(r.Item)
				split := j.splitOf(in, r)
				copies.add(split, r.Now)
				return w.Add(store.Row{Item: r.Item, Split: split, SHA256: r.Now, Changes: r.Changes})
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
		return j.describe(map[string]any{statistics.Key: sampler.Set(), crossingKey: Crossing{copies.count(), s.crossing}})
	})
}

// describe adds further properties of the set to the manifest, by key.
func (j *job) describe(known map[string]any) error {
	j.manifest.Statistics = map[string]json.RawMessage{}
	for key, v := range known {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		j.manifest.Statistics[key] = text
	}
	return nil
}

// dropped is the reason for which the Item of a record is dropped. Of a forgotten one only its hash
// is kept.
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
		var other record
		if _, err := readDescription(j.spool.from(s.at[v.like]), &other); err != nil {
			return d, err
		}
		d.Drop.Detail = ofAnother + other.Name + unlike(&other.Item, &r.Item)
	}
	return d, nil
}

// unlike describes how label and caption of a kept Item differ from those of its dropped duplicate.
func unlike(stays, goes *data.Item) (said string) {
	if stays.Label != goes.Label {
		said = fmt.Sprintf(otherLabel+"%q instead of %q", stays.Label, goes.Label)
	}
	for _, of := range [...][3]string{
		{"caption", stays.Caption, goes.Caption},
		{"licence", stays.Origin.Licence, goes.Origin.Licence},
		{"creator", stays.Origin.Creator, goes.Origin.Creator},
	} {
		if of[1] != of[2] {
			said += withAnother + of[0]
		}
	}
	return said
}

// Phrases in the detail of a drop that compare an Item with its duplicate.
const (
	ofAnother   = "of "
	otherLabel  = ", which has the label "
	withAnother = ", with another "
)

// KeptInstead is the name of the Item that is kept instead of one that was dropped as a duplicate.
func KeptInstead(d *data.Drop) (name string, ok bool) {
	if name, ok = strings.CutPrefix(d.Detail, ofAnother); !ok {
		return "", false
	}
	name, _, _ = strings.Cut(name, otherLabel)
	name, _, _ = strings.Cut(name, withAnother)
	return name, true
}

// ToldOtherwise reports whether an Item dropped as a duplicate had another label or caption than
// the one that is kept.
func ToldOtherwise(d *data.Drop) (label, caption bool) {
	alike := strings.HasPrefix(d.Detail, ofAnother)
	return alike && strings.Contains(d.Detail, otherLabel), alike && strings.Contains(d.Detail, withAnother+"caption")
}
