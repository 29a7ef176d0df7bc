package family

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// learned is a language model that has learned to count, and its store.
func learned(t *testing.T, steps int) (*lm, *model.Store) {
	t.Helper()
	f := small(registry.Choose[Family]("lm").Value).(*LM)
	f.Optimizer.Rate = 1e-2
	m, store := trained(t, f, written, steps)
	return m.(*lm), store
}

func TestLearnsToCount(t *testing.T) {
	m, store := learned(t, 150)
	w, err := m.Writer(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	if got := write(t, w, 1, []int32{2, 3}, Choosing{TopP: 1}, 8); !slices.Equal(got, []int32{4, 0, 1, 2, 3, 4, 0, 1}) {
		t.Errorf("after 2 3 comes %v", got)
	}
	likelihood, err := m.Likelihood(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(written, likelySize+1) // more than one batch
	copy(b.Columns[0].Tokens(likelySize), []int32{3, 4, 0, 1, 2, 3, 4})
	nats, err := likelihood(t.Context(), b)
	if err != nil || len(nats) != b.N || nats[likelySize] > 0.2 || nats[0] < 1 {
		t.Errorf("zeros %v, counting %v nats (%v)", nats[0], nats[likelySize], err)
	}
}

func TestWrongData(t *testing.T) {
	for name, c := range map[string]struct {
		spec data.Spec
		want string
	}{
		"lm":  {labelled, "an lm learns texts of two tokens or more"},
		"gan": {written, "a gan learns pictures and points"},
	} {
		if _, err := registry.Choose[Family](name).Value.Model(c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
