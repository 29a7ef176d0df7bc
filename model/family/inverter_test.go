package family

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// What a model has drawn itself is found again, nearly, and from the same seeds always
// the same; nothing stays in the store.
func TestInvert(t *testing.T) {
	plain, _, plainStore := steered(t, nil, true)
	style, _, styleStore := steered(t, styled{}, false)
	coded, codedStore := trained(t, small(registry.Choose[Family]("vae").Value), unlabelled, 2)
	for m, store := range map[interface {
		Steerable
		Invertible
	}]*model.Store{plain: plainStore, style: styleStore, coded.(*vae): codedStore} {
		s, err := m.Steering(backend(t), store)
		if err != nil {
			t.Fatal(err)
		}
		given := drawnOf(t, s, codesOf(t, s, 77))
		variables := store.NumVariables()
		invert, err := m.Inverter(backend(t), store)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		search := func() *Inverse {
			found, err := invert(t.Context(), given, []uint64{1, 2, 3, 4, 5}, nil, func(done, total int) {
				if told++; done > total {
					t.Errorf("%d of %d are done", done, total)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		found := search()
		far := func(codes *data.Batch) (sum float64) {
			a, b := drawnOf(t, s, codes).Column(data.Target).Floats, given.Column(data.Target).Floats
			for k := range a {
				sum += math.Pow(float64(a[k]-b[k]), 2)
			}
			return math.Sqrt(sum / float64(len(a)))
		}
		if start, end := far(found.Start), far(found.Codes); end > start/2 {
			t.Errorf("moved from %g to %g", start, end)
		}
		if again := search(); far(again.Codes) != far(found.Codes) || again.Seed != found.Seed {
			t.Error("the second time another code is found")
		}
		if told == 0 || store.NumVariables() != variables {
			t.Errorf("told %d times, %d variables were %d", told, store.NumVariables(), variables)
		}
	}
}

func drawnOf(t *testing.T, s *Steering, codes *data.Batch) *data.Batch {
	t.Helper()
	for b, err := range s.Samples(t.Context(), codes) {
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return nil
}
