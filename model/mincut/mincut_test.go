package mincut

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// exhaustive is the least capacity of all cuts.
func exhaustive(n int, source, sink []int32, joints [][4]int32) int64 {
	least := int64(math.MaxInt64)
	for set := range 1 << n {
		cut := int64(0)
		for v := range n {
			if set>>v&1 == 1 {
				cut += int64(sink[v])
			} else {
				cut += int64(source[v])
			}
		}
		for _, j := range joints {
			a, b := set>>j[0]&1 == 1, set>>j[1]&1 == 1
			if a && !b {
				cut += int64(j[2])
			} else if b && !a {
				cut += int64(j[3])
			}
		}
		least = min(least, cut)
	}
	return least
}

// The flow is the least of all cuts, and the sides that are told are such a cut.
func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "nodes")
		capacity := rapid.Int32Range(0, 12)
		g := New(n, 0)
		source, sink := make([]int32, n), make([]int32, n)
		for v := range n {
			for range rapid.IntRange(0, 2).Draw(t, "terminals") {
				s, k := capacity.Draw(t, "source"), capacity.Draw(t, "sink")
				g.Terminal(v, s, k)
				source[v], sink[v] = source[v]+s, sink[v]+k
			}
		}
		var joints [][4]int32
		for range rapid.IntRange(0, 24).Draw(t, "joints") {
			a, b := rapid.Int32Range(0, int32(n-1)).Draw(t, "a"), rapid.Int32Range(0, int32(n-1)).Draw(t, "b")
			if a == b {
				continue
			}
			j := [4]int32{a, b, capacity.Draw(t, "there"), capacity.Draw(t, "back")}
			joints = append(joints, j)
			g.Join(int(a), int(b), j[2], j[3])
		}
		flow, err := g.Cut(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if want := exhaustive(n, source, sink, joints); flow != want {
			t.Fatalf("flow %d, want %d", flow, want)
		}
		cut := int64(0)
		for v := range n {
			if g.FromSource(v) {
				cut += int64(sink[v])
			} else {
				cut += int64(source[v])
			}
		}
		for _, j := range joints {
			a, b := g.FromSource(int(j[0])), g.FromSource(int(j[1]))
			if a && !b {
				cut += int64(j[2])
			} else if b && !a {
				cut += int64(j[3])
			}
		}
		if cut != flow {
			t.Fatalf("the sides are a cut of %d, the flow is %d", cut, flow)
		}
	})
}

func TestCutStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := New(2, 1)
	g.Terminal(0, 5, 0)
	g.Join(0, 1, 3, 0)
	g.Terminal(1, 0, 4)
	if _, err := g.Cut(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
