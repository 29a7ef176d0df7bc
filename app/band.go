package app

import (
	"errors"
	"slices"

	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/events"
	"atelier/internal/music"
	"atelier/internal/registry"
	"atelier/model/brought"
	"atelier/model/composing"
	"atelier/model/language"
	"atelier/model/run"
)

// A band is a composer with what it is called.
type band struct {
	*Maker
	*composing.Composer
}

// builtInBand is the composer that comes with the program, as a maker.
func builtInBand() *Maker {
	return &Maker{Name: composing.BuiltIn, Hash: composing.HashBuiltIn(), Tokens: true}
}

// band opens a composer by its name: a run that learned music as events, or the one that comes
// with the program. It is released when the app is done.
func (e *Env) band(name Model, how language.Sampling) (*band, error) {
	if isBuiltInBand(e.Studio, string(name)) {
		c, _, err := composing.OpenBuiltIn(e.Studio.Kernels)
		if err != nil {
			return nil, err
		}
		c.Sampling = how
		return &band{builtInBand(), c}, nil
	}
	r, err := e.open(name)
	if errors.Is(err, run.ErrNoRun) {
		return nil, e.noBand(name)
	}
	if err != nil {
		return nil, err
	}
	learned, ok := r.Config.Codec.Value.(*codec.Events)
	if !ok {
		return nil, badinput.Errorf("run %s learned no music as events, but %s: want a run of the recipe music, or %s", r.Dir.Name(), r.Medium().Works, composing.BuiltIn)
	}
	m, err := r.Writer()
	if err != nil {
		return nil, err
	}
	return &band{madeBy(r), &composing.Composer{Model: m, Vocabulary: learned.Vocabulary(), Instruments: learned.Instruments(), Sampling: how}}, nil
}

// noBand is the error of a model that is no run, and so does not compose.
func (e *Env) noBand(name Model) error {
	const want = "want " + composing.BuiltIn + ", or a run trained on music, which atelier train FOLDER makes"
	if _, remote := remoteName(name); remote {
		return badinput.Errorf("model: a model at a server writes texts and cannot compose; %s", want)
	}
	if o, err := brought.Find(e.Studio.Home, string(name)); err == nil {
		o.Close()
		return badinput.Errorf("model: the weights %s write texts and cannot compose; %s", name, want)
	}
	return badinput.Errorf("model: %w %q in %s; %s", run.ErrNoRun, name, e.Studio.Runs, want)
}

// isBuiltInBand reports whether a name is that of the composer that comes with the program, and
// of no run.
func isBuiltInBand(s *run.Studio, name string) bool {
	if name != composing.BuiltIn {
		return false
	}
	_, err := run.OpenDir(s.Runs, name)
	return err != nil
}

// known are the instruments of those that were learned that stand for others.
func (b *band) known(parts []int) ([]int, error) {
	out := make([]int, len(parts))
	for i, p := range parts {
		var err error
		if out[i], err = b.Known(p); err != nil {
			return nil, badinput.Errorf("%s: %w", b.Name, err)
		}
	}
	return out, nil
}

// instrumentsOf reads names of instruments. They are put into the order in which they are
// learned: what leads, what accompanies, basses, drums.
func instrumentsOf(names []string) ([]int, error) {
	var parts []int
	for _, name := range names {
		program, drums, err := music.ParseInstrument(name)
		switch {
		case err != nil:
			return nil, registry.Unfit("instruments", err.Error())
		case drums && slices.Contains(parts, events.Drums):
			return nil, registry.Unfit("instruments", "want drums once")
		case drums:
			parts = append(parts, events.Drums)
		default:
			parts = append(parts, int(program))
		}
	}
	composing.Seat(parts)
	return parts, nil
}
