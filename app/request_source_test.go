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
	made := File{Name: "made.abc", Bytes: []byte("X:1\nT:tune\nK:C\nCDEF|\n")}
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

// A piece that was generated stays a generated one, with one label alone, when it is moved.
func TestLabelledAgain(t *testing.T) {
	env, items, _ := onePicture(Out{File: "a.mid"})
	piece := File{Name: "a.abc", Bytes: []byte("X:1\nT:tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n")}
	if err := Run(t.Context(), &Convert{Piece: piece}, env); err != nil {
		t.Fatal(err)
	}
	made, err := provenance.Write((*items)[0].Bytes, provenance.Label{Run: "tune"})
	if err != nil {
		t.Fatal(err)
	}
	*items = nil
	if err := Run(t.Context(), &Transpose{Piece: File{Name: "a.mid", Bytes: made}, By: 2}, env); err != nil {
		t.Fatal(err)
	}
	got, err := provenance.Check((*items)[0].Bytes, nil)
	if err != nil || !got.Whole() || got.Label.Source != provenance.Generated || got.Statement.AIGC == nil {
		t.Errorf("%+v, error %v", got, err)
	}
}
