package app

import (
	"context"
	"testing"

	"atelier/data"
	"atelier/internal/provenance"
	"atelier/model/run"
)

// pasted pastes what a model made into a photo.
type pasted struct{ altered }

func (pasted) source(*Maker) provenance.Source { return provenance.Composite }

// altered takes a file and no run.
type altered struct {
	Picture File `accept:"text/*"`
}

func (altered) Run(ctx context.Context, env *Env) error { return nil }
func (altered) Example() string                         { return "" }

// Only what a model made is said to be made by a model.
func TestSource(t *testing.T) {
	photo := File{Name: "a.txt", Bytes: []byte("x")}
	for _, c := range []struct {
		app  App
		by   *Maker
		want provenance.Source
	}{
		{&altered{photo}, nil, provenance.Enhanced},
		{&altered{}, nil, provenance.Algorithm},
		{&altered{photo}, &Maker{}, provenance.Generated},
		{&pasted{altered{photo}}, nil, provenance.Composite},
	} {
		if got := sourceOf(c.app, c.by); got != c.want {
			t.Errorf("%+v by %v: %q, want %q", c.app, c.by, got, c.want)
		}
	}
	made := File{"made.abc", []byte("X:1\nT:tune\nK:C\nCDEF|\n")}
	var err error
	if made.Bytes, err = provenance.Write(made.Bytes, provenance.Label{Run: "tune"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files Files
		want  provenance.Source
	}{{Files{made}, provenance.Generated}, {Files{made, photo}, provenance.Composite}, {Files{photo, photo}, provenance.Enhanced}} {
		if got := sourceOf(&Sheet{Pictures: c.files}, nil); got != c.want {
			t.Errorf("%d files: %q, want %q", len(c.files), got, c.want)
		}
	}
	var label provenance.Label
	env := &Env{Studio: &run.Studio{}, Emit: func(data.Item) error { return nil }, Beside: func(_ string, text []byte) (err error) {
		label, err = provenance.Parse(text)
		return err
	}}
	if err := env.emit(&altered{photo}, nil, data.Item{Name: "b.txt", Bytes: []byte("y")}, nil); err != nil || label.Source != provenance.Enhanced {
		t.Errorf("%+v, error %v", label, err)
	}
}
