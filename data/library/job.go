package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/internal/stopped"
)

// A job makes one version: it collects and cleans what its inputs have, decides by
// looking at the whole, and stores what is left. It can be interrupted at any time;
// the same job goes on where it was.
type job struct {
	l        *Library
	dir      string
	inputs   []input
	pipeline *Pipeline
	manifest *store.Manifest
	follows  *following // nil if it does not follow the newest version

	comparing []comparer
	journal   *journal
	state     state
	spool     *spool
	sketches  []sketchFile // one a comparing cleaner
}

// A comparer is a comparing cleaner and its name.
type comparer struct {
	data.Comparing
	use string
}

// make runs a job from wherever it stands to the version that comes of it.
func (l *Library) make(ctx context.Context, m *store.Manifest, p *Pipeline, inputs []input) (*store.Version, error) {
	return l.follow(ctx, m, p, inputs, nil)
}

// follow is make, of a version that follows the newest.
func (l *Library) follow(ctx context.Context, m *store.Manifest, p *Pipeline, inputs []input, follows *following) (v *store.Version, err error) {
	if err := store.CheckName(m.Name); err != nil {
		return nil, err
	}
	if err := registry.Check(p); err != nil {
		return nil, fmt.Errorf("the cleaning recipe: %w", err)
	}
	m.Program, m.TestShare = l.Program, p.TestShare
	j := &job{l: l, inputs: inputs, pipeline: p, manifest: m, follows: follows}
	for _, c := range p.Clean {
		if comparing, ok := c.Value.(data.Comparing); ok {
			j.comparing = append(j.comparing, comparer{comparing, c.Use})
		}
	}
	for i := range j.inputs {
		j.inputs[i].prepare()
	}
	if j.dir, err = l.jobFolder(m.Name, j.key()); err != nil {
		return nil, durable.Explain(l.Home, err)
	}
	lock := durable.NewLock(jobLock(j.dir))
	held, err := lock.TryLock()
	if err != nil {
		return nil, durable.Explain(j.dir, err)
	}
	if !held {
		return nil, badinput.Errorf("another process is making this version of %s now; wait until it has ended", m.Name)
	}
	if err := j.startAnew(); err != nil {
		return nil, errors.Join(durable.Explain(j.dir, err), lock.Close())
	}
	if v, err = j.run(ctx); err != nil {
		kept := "stopped before anything was collected"
		if n := j.items(); n > 0 {
			kept = fmt.Sprintf("stopped with %d Items collected, which are kept; the same command continues from there", n)
		}
		err = stopped.Explained(ctx, err, "%s", kept)
		err = errors.Join(err, lock.Close())
		if errors.Is(err, errNothing) || errors.Is(err, badinput.Err) && (j.isLocal() || j.count() == 0) {
			err = errors.Join(err, durable.Remove(j.dir)) // the same command reads the sources anew
		}
		return nil, err
	}
	return v, errors.Join(lock.Close(), durable.Remove(j.dir))
}

// jobLock is the file in a job's folder that who is at work on it holds.
func jobLock(dir string) string { return filepath.Join(dir, "lock") }

// layout is that of the files of a job; those of another are left alone.
const layout = 3

// key tells jobs apart: the same inputs, cleaned alike, are the same job, whichever
// version is the newest that it follows.
func (j *job) key() string {
	var b strings.Builder
	fmt.Fprintln(&b, layout, encoded(j.pipeline))
	for i, in := range j.inputs {
		settings := in.record.Settings
		if i == 0 && j.follows != nil && j.follows.read != nil {
			settings = "the newest"
		}
		fmt.Fprintln(&b, in.record.Use, settings, in.record.Licence, in.kept)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:6])
}

func (j *job) run(ctx context.Context) (v *store.Version, err error) {
	defer func() {
		if closed := j.close(); err == nil {
			err = closed
		}
		if errors.Is(err, errDamaged) {
			err = fmt.Errorf("%w: %s", err, j.dir)
		}
	}()
	if err := j.open(); errors.Is(err, errDamaged) {
		return nil, err
	} else if err != nil {
		return nil, durable.Explain(j.dir, err)
	}
	if j.count() > 0 {
		j.l.notice("resuming an interrupted job: %d Items were collected before", j.items())
	}
	for {
		if err := j.collect(ctx); err != nil {
			return nil, err
		}
		v, again, err := j.decide(ctx)
		if !again {
			return v, err
		}
	}
}

// decide makes the version out of what was collected, while nobody else changes the
// dataset. It is to be done again if another version has become the newest, which is then
// to be collected.
func (j *job) decide(ctx context.Context) (v *store.Version, again bool, err error) {
	name := j.manifest.Name
	hold, err := j.l.Store.Hold(ctx, name, func() { j.l.notice("waiting until another process has written %s", name) })
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, hold.Release()) }()
	if again, err := j.catchUp(ctx, hold); again || err != nil {
		return nil, again, err
	}
	s, err := j.settle(ctx)
	if err == nil {
		err = j.something(ctx, s)
	}
	if err != nil {
		return nil, false, err
	}
	if base := j.manifest.Base; base != nil && j.inputs[0].kept && s.added() == 0 && len(j.inputs) > 1 {
		j.l.notice("nothing new: %s has all of it already%s", base.Ref, j.exceptions(s))
		v, err := j.l.Store.Version(ctx, base.Ref)
		return v, false, err
	}
	v, err = j.store(ctx, hold, s)
	if errors.Is(err, store.ErrMeanwhile) {
		return nil, true, nil
	}
	return v, false, err
}

func (j *job) open() (err error) {
	if j.journal, err = openJournal(j.dir); err != nil {
		return err
	}
	if j.state, err = j.journal.state(); err != nil {
		return err
	}
	if !j.state.fits(len(j.inputs), len(j.comparing)) {
		return errDamaged
	}
	if j.spool, err = openSpool(filepath.Join(j.dir, "spool"), j.state.Spool); err != nil {
		return err
	}
	if j.state.Sketches == nil {
		j.state.Sketches = make([]int64, len(j.comparing))
	}
	for i, size := range j.state.Sketches {
		f, err := openSpool(filepath.Join(j.dir, fmt.Sprintf("sketches-%d", i)), size)
		if err != nil {
			return err
		}
		j.sketches = append(j.sketches, sketchFile{f})
	}
	return nil
}

// close closes what was opened, which is a part if the rest could not be.
func (j *job) close() error {
	var err error
	if j.spool != nil {
		err = j.spool.close()
	}
	for _, f := range j.sketches {
		err = errors.Join(err, f.close())
	}
	if j.journal != nil {
		err = errors.Join(err, j.journal.close())
	}
	return err
}

// span returns the span of a part of a source, a new one if it has none.
func (j *job) span(source int, split data.Split) *span {
	i := slices.IndexFunc(j.state.Spans, func(sp span) bool { return sp.Source == source && sp.Split == split })
	if i < 0 {
		_, byName := j.inputs[source].source.(data.Resumable)
		i = len(j.state.Spans)
		j.state.Spans = append(j.state.Spans, span{Source: source, Split: split, Begin: j.spool.size, End: j.spool.size, ByName: byName})
	}
	return &j.state.Spans[i]
}

// count is the number of Items that were collected, dropped ones included.
func (j *job) count() int {
	n := 0
	for _, sp := range j.state.Spans {
		n += sp.Count
	}
	return n
}

// items is the number of Items that the sources gave.
func (j *job) items() (n int) {
	for _, sp := range j.state.Spans {
		if !j.inputs[sp.Source].kept {
			n += sp.Count - sp.Passed
		}
	}
	return n
}

// commit flushes all that was written to the disk and makes it the truth.
func (j *job) commit() error {
	err := j.spool.sync()
	for _, f := range j.sketches {
		err = errors.Join(err, f.sync())
	}
	if err != nil {
		return durable.Explain(j.dir, err)
	}
	j.state.Spool = j.spool.size
	for i, f := range j.sketches {
		j.state.Sketches[i] = f.size
	}
	return durable.Explain(j.dir, j.journal.commit(j.state))
}

// encoded is the TOML of settings that are known to be encodable.
func encoded(settings any) string {
	text, err := registry.Encode(settings)
	if err != nil {
		panic(err) // settings were read from TOML
	}
	return string(text)
}

// now is the time that is written down of a job.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
