package registrytest

import (
	"errors"
	"testing"
	"time"

	"atelier/internal/registry"
)

type tool interface{ Use() }

type saw struct {
	Teeth  int           `help:"count of teeth"`
	Length float32       `help:"in metres"`
	Wood   string        `help:"what it cuts"`
	Sharp  bool          `help:"whether it cuts"`
	Break  time.Duration `help:"between strokes"`
	Sizes  []int         `help:"of the boards"`
}

func (*saw) Use() {}

func (s *saw) Check() error {
	if s.Wood == "" {
		return registry.Unfit("wood", "want a kind of wood")
	}
	if s.Teeth != 20 {
		return errors.New("want 20 teeth")
	}
	return nil
}

type glue struct{}

func (glue) Use() {}

func TestRoundTrip(t *testing.T) {
	tools := registry.New[tool]("tool")
	tools.Add("glue", "holds", func() tool { return glue{} })
	tools.Add("saw", "cuts", func() tool { return &saw{Teeth: 20, Wood: "oak", Length: 0.1} })
	tools.Add("blank", "cuts once it knows what", func() tool { return &saw{} })
	RoundTrip(t, tools)
}

func TestChange(t *testing.T) {
	s := &saw{Teeth: 20, Wood: "oak"}
	change(s)
	if s.Teeth != 20 || s.Wood == "oak" || !s.Sharp || s.Break == 0 {
		t.Errorf("%+v", s)
	}
}
