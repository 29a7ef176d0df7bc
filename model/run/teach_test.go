package run

import (
	"reflect"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/train"
)

// halves returns n pictures of noise whose left or right half is brighter.
func halves(n int, key uint64) *data.Batch {
	b := data.NewBatch(data.Spec{Fields: []data.Field{
		{Name: data.Label, Kind: data.Classes, Classes: []string{"left", "right"}},
		{Name: data.Target, Kind: data.Pixels, Shape: []int{16, 16, 1}, Low: -1, High: 1},
	}}, n)
	rng := noise.Stream(5, key)
	for i := range n {
		label := rng.IntN(2)
		b.Column(data.Label).Ints[i] = int32(label)
		for at := range 256 {
			v := rng.Float32()/2 - 0.5
			if at%16/8 == label {
				v += 0.5
			}
			b.Column(data.Target).Row(i)[at] = v
		}
	}
	return b
}

// A classifier that is taught from examples alone names others, by the lesson and the
// seed alone.
func TestTeach(t *testing.T) {
	s := studio(t)
	steps := 0
	s.Progress = func(train.Event) { steps++ }
	examples, others := halves(70, 1), halves(100, 2)
	spec := data.DatasetOf(examples).Spec()
	named := func(examples *data.Batch, seed uint64) []int {
		t.Helper()
		m, err := registry.Choose[family.Family]("classifier").Value.Model(spec)
		if err != nil {
			t.Fatal(err)
		}
		store, err := s.teach(t.Context(), m, examples, 15, seed)
		if err != nil {
			t.Fatal(err)
		}
		name, err := m.(family.Predictive).Predictor(s.Backend, store)
		if err != nil {
			t.Fatal(err)
		}
		got, err := name(t.Context(), others)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := named(examples, 1)
	right := 0
	for i, label := range others.Column(data.Label).Ints {
		if got[i] == int(label) {
			right++
		}
	}
	if right < 95 || steps != 15 {
		t.Errorf("%d of 100 are right after %d steps", right, steps)
	}
	if again := named(examples, 1); !reflect.DeepEqual(got, again) {
		t.Error("taught again, it names others")
	}
	for i, label := range examples.Column(data.Label).Ints {
		examples.Column(data.Label).Ints[i] = 1 - label
	}
	same := 0
	for i, class := range named(examples, 1) {
		if class == got[i] {
			same++
		}
	}
	if same > 5 {
		t.Errorf("taught the other way round, it names %d of 100 the same", same)
	}
	if dirs, err := List(s.Runs); err != nil || len(dirs) > 0 {
		t.Errorf("runs %v, %v", dirs, err)
	}
}

func TestTeacherOfWhatNoneCanLearn(t *testing.T) {
	s := studio(t)
	for name, spec := range map[string]data.Spec{
		"no classes": {Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{16, 16, 1}}}},
		"too small": {Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{8, 8, 1}},
			{Name: data.Label, Kind: data.Classes, Classes: []string{"a", "b"}}}},
	} {
		if s.teacher(spec) != nil {
			t.Errorf("%s: there is a teacher", name)
		}
	}
}
