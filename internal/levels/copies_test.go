package levels

import (
	"math/rand/v2"
	"strings"
	"testing"

	"atelier/internal/tilemap"
)

func TestCopies(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noisy := func() *tilemap.Map {
		m := tilemap.New(8, 8, '.')
		for i := range m.Cells {
			if rng.IntN(2) == 0 {
				m.Cells[i] = '#'
			}
		}
		return m
	}
	a, b := noisy(), noisy()
	c := NewCopies([]*tilemap.Map{a, b})
	if c.Usual() != 0 || c.Share(a) != 1 || c.Share(b.Mirrored()) != 1 || c.Share(noisy()) != 0 || c.Share(a, noisy()) != 0.5 {
		t.Errorf("usual %v, shares %v, %v, %v, %v", c.Usual(), c.Share(a), c.Share(b.Mirrored()), c.Share(noisy()), c.Share(a, noisy()))
	}
	if c := NewCopies([]*tilemap.Map{a, b, a, a.Mirrored()}); c.Usual() != 0.75 {
		t.Errorf("of four maps of which three are one, %v are shared", c.Usual())
	}
	plain, err := tilemap.ReadText([]byte(strings.Repeat("........\n", 8)))
	if err != nil {
		t.Fatal(err)
	}
	if c := NewCopies([]*tilemap.Map{plain, plain}); c.Share(plain) != 0 || c.Usual() != 0 {
		t.Error("windows of a single tile count")
	}
}
