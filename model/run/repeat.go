package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/durable"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/family"
	"atelier/model/metric"
)

// An Outcome says how something came out when it was made again.
type Outcome string

// The outcomes.
const (
	Same        Outcome = "same"
	Differs     Outcome = "differs"
	NotRepeated Outcome = "not repeated"
)

// A Repeated is a part of a run that was made or read again.
type Repeated struct {
	What    string  `json:"what"`
	Outcome Outcome `json:"outcome"`
	// Detail says what was compared, or why it was not.
	Detail string `json:"detail"`
}

// Repeat reads and makes again what can be of a run, except its training: files, settings, data,
// samples and scores of its best checkpoint. Nothing is written.
func (s *Studio) Repeat(ctx context.Context, name string) ([]Repeated, error) {
	dir, err := OpenDir(s.Runs, name)
	if err != nil {
		return nil, err
	}
	r := &repeating{studio: s, dir: dir}
	if err := r.files(); err != nil {
		return r.found, err
	}
	if r.config == nil {
		return r.found, nil
	}
	if known, err := r.data(ctx); err != nil || !known {
		return r.found, err
	}
	if err := r.samples(ctx); err != nil {
		return r.found, err
	}
	if err := r.scores(ctx); err != nil {
		return r.found, err
	}
	r.add("training", NotRepeated, "that takes as long as it did: atelier train %s", dir.Path(configFile))
	return r.found, nil
}

// A repeating is the state of [Studio.Repeat].
type repeating struct {
	studio *Studio
	dir    *Dir
	config *Config // nil if the files do not allow more
	facts  Facts
	set    set
	model  family.Model
	found  []Repeated
}

func (r *repeating) add(what string, how Outcome, detail string, args ...any) {
	r.found = append(r.found, Repeated{what, how, fmt.Sprintf(detail, args...)})
}

// files reads every file of the checkpoints, and the settings.
func (r *repeating) files() error {
	if damage := r.dir.Damage(math.MaxInt64); len(damage) > 0 {
		r.add("files", Differs, "%s", strings.Join(damage, "; "))
		return nil
	}
	best, err := r.studio.best(r.dir)
	if err != nil {
		return err
	}
	r.add("files", Same, "the files of step %d have the hash %.12s that was recorded with them", best.Step, best.Hash)
	config, facts, err := r.dir.config()
	if err != nil {
		return err
	}
	changed, err := best.changedSettings(config)
	switch {
	case err != nil:
		return err
	case len(changed) > 0:
		r.add("settings", Differs, "changed since step %d was saved: %s", best.Step, strings.Join(changed, ", "))
		return nil
	}
	r.add("settings", Same, "%s has those of step %d", configFile, best.Step)
	r.facts = facts
	if r.model, err = config.Model.Value.Model(facts.Spec); err == nil {
		r.config = config
	}
	return err
}

// data reads the data again, and reports whether they are known.
func (r *repeating) data(ctx context.Context) (known bool, err error) {
	if r.set, err = r.studio.load(ctx, r.config, nil); err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		r.add("data", Differs, "they cannot be read any more: %s", oneLine(err))
		return false, nil
	}
	train, test := r.set.train, r.set.test
	if changed := r.facts.changed(r.set); changed != "" {
		r.add("data", Differs, "%s", changed)
		return false, nil
	}
	r.add("data", Same, "%d training and %d held-out examples have the hashes %.12s and %.12s", train.Len(), test.Len(), train.Hash(), test.Hash())
	return true, nil
}

// samples draws the newest preview that has a checkpoint again.
func (r *repeating) samples(ctx context.Context) error {
	medium, err := mediumOf(r.config.Codec.Value)
	if err != nil {
		return err
	}
	steps, err := r.dir.steps()
	if err != nil {
		return err
	}
	for i := len(steps) - 1; i >= 0; i-- {
		kept := r.dir.Path(medium.Preview.file(steps[i]))
		was, err := durable.ReadFile(kept, mostFacts)
		if errors.Is(err, fs.ErrNotExist) || steps[i] == 0 {
			continue
		}
		if err != nil {
			r.add("samples", Differs, "%s", oneLine(err))
			return nil
		}
		return r.draw(ctx, medium, steps[i], filepath.Base(kept), was)
	}
	r.add("samples", NotRepeated, "no preview is of a step whose checkpoint is kept")
	return nil
}

// draw draws the preview of a step again.
func (r *repeating) draw(ctx context.Context, medium *Medium, step int, name string, was []byte) error {
	ck, err := r.dir.open(step)
	if err != nil {
		r.add("samples", Differs, "%s", oneLine(err))
		return nil
	}
	t := &trainer{studio: r.studio, config: r.config, data: r.set, model: r.model, medium: medium, dir: r.dir, store: model.NewStore()}
	if err := (&snapshot{Checkpoint: ck, run: r.dir}).serve(r.studio.Backend, t.store); err != nil {
		return err
	}
	drawn, err := t.samples(ctx, Seeds(0, medium.Preview.drawn))
	if err != nil || drawn == nil {
		return err
	}
	now, err := medium.Preview.show(r.config.Codec.Value, drawn)
	if err != nil {
		return err
	}
	if how, same := alike(was, now); !same {
		r.add("samples", Differs, "%s: %s", name, how)
	} else {
		r.add("samples", Same, "%s: %s", name, how)
	}
	return nil
}

// alike compares a preview with a new one, without their labels.
func alike(was, now []byte) (how string, same bool) {
	if bytes.Equal(was, now) {
		return "every byte", true
	}
	old, oldErr := picture.Open(was)
	made, madeErr := picture.Open(now)
	if oldErr != nil || madeErr != nil {
		if provenance.Carries(was) { // music: its label is all that may differ
			if l, err := provenance.Read(was); err == nil {
				labelled, err := provenance.Write(now, l)
				return "every byte", err == nil && bytes.Equal(labelled, was)
			}
		}
		return "other bytes", false
	}
	a, err := old.Decode()
	b, err2 := made.Decode()
	if err != nil || err2 != nil || a.Bounds() != b.Bounds() {
		return "a picture of another size, or a damaged one", false
	}
	other := 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				other++
			}
		}
	}
	if other > 0 {
		return fmt.Sprintf("%d of %d pixels have other values", other, a.Bounds().Dx()*a.Bounds().Dy()), false
	}
	return "every pixel", true
}

// scores measures the best checkpoint again, and compares each score with the recorded one.
func (r *repeating) scores(ctx context.Context) error {
	run, err := r.studio.open(r.dir, r.config, r.facts.Spec, r.model)
	if err != nil {
		return err
	}
	defer run.Close()
	recorded := map[string]metric.Score{}
	all, err := r.dir.Scores()
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Step == run.Step {
			recorded[m.Name] = m.Score // the newest
		}
	}
	if len(recorded) == 0 || !generates(r.model) || len(r.config.Score.Metrics) == 0 {
		r.add("scores", NotRepeated, "step %d has none that can be measured again", run.Step)
		return nil
	}
	sampler, err := run.Sampler()
	if err != nil {
		return err
	}
	e, err := r.studio.evaluationOf(ctx, r.config, r.set, r.model, run.store, sampler)
	if err != nil {
		return err
	}
	now, err := r.studio.measure(ctx, e, r.config.Score.Metrics)
	if err != nil {
		return err
	}
	r.compare(recorded, now, run.Step)
	return nil
}

// compare reports scores that differ from the recorded ones.
func (r *repeating) compare(recorded map[string]metric.Score, now []metric.Score, step int) {
	equal := 0
	for _, s := range now {
		was, ok := recorded[s.Name]
		switch {
		case !ok:
			r.add("score "+s.Name, Differs, "was not recorded; %s now", s.Plain())
		case was.Value != s.Value && !(math.IsNaN(was.Value) && math.IsNaN(s.Value)):
			r.add("score "+s.Name, Differs, "%s then, %s now", was.Plain(), s.Plain())
		default:
			equal++
		}
	}
	if equal > 0 {
		r.add("scores", Same, "%d scores of step %d have the same values, to the last digit", equal, step)
	}
}

// oneLine is an error on a line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
