package run

import (
	"strings"
	"testing"

	"atelier/data"
	"atelier/model/metric"
)

// The pictures in the channels of a stacked set are told apart by the classifier of the
// set that they come from.
func TestLayer(t *testing.T) {
	s := studio(t)
	c := parse(t, `data={use="stacked", of={use="starter"}, size=60}`, `codec={use="image", channels=3}`)
	d, err := s.load(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.evaluation(t.Context(), c, d)
	if err != nil {
		t.Fatal(err)
	}
	if e.Space != "random" || len(e.Spec.ClassNames()) != 1000 {
		t.Errorf("space %s, %d classes", e.Space, len(e.Spec.ClassNames()))
	}
	judge, err := e.Layer()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(judge.Name(), "classifier:fashion@") {
		t.Errorf("space %s", judge.Name())
	}
	reals, err := e.Reals(data.Train, 60, 0)
	if err != nil {
		t.Fatal(err)
	}
	modes, _, err := metric.Modes(t.Context(), judge, reals.Column(data.Target))
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, label := range reals.Column(data.Label).Ints {
		for power := int32(1); power < 1000; power *= 10 {
			if int32(modes[i])/power%10 == label/power%10 {
				right++
			}
		}
	}
	if right < 150 { // of 180, by a classifier that names 9 of 10 rightly
		t.Errorf("%d of 180 pictures are named rightly", right)
	}
	plain := parse(t)
	if s.layer(t.Context(), plain) != nil {
		t.Error("points have layers")
	}
}
