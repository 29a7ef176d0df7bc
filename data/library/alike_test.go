package library

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// A tally considers two Items duplicates if their signatures differ by at most 1; the quick
// comparison rejects differences above 4, and the brief one above 2.
type tally struct{ data.Cleaner }

func (tally) Sketch(*data.Piece) (data.Sketch, bool, error) { return data.Sketch{}, false, nil }
func (tally) Reason() string                                { return "alike" }
func (tally) Alike(a, b []byte) bool                        { return max(a[0], b[0])-min(a[0], b[0]) <= 1 }
func (tally) Resemble(a, b []byte) bool                     { return max(a[0], b[0])-min(a[0], b[0]) <= 2 }
func (tally) Unlike(a, b *data.Brief) bool                  { return max(a[0], b[0])-min(a[0], b[0]) > 4 }

// TestAlike compares with a naive implementation, on one core and on several.
func TestAlike(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		spool, err := openSpool(filepath.Join(dir, "sketches"), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer spool.close()
		j := &job{dir: dir, sketches: []sketchFile{{spool}}, comparing: []comparer{{tally{}, "tally"}}}
		o := &order{sorted: true}
		shared := map[uint64][]int32{}
		var signatures []byte
		for i := range rapid.IntRange(0, 300).Draw(t, "n") {
			bands := rapid.SliceOfNDistinct(rapid.Uint64Range(0, 5), 1, 3, rapid.ID[uint64]).Draw(t, "bands")
			s := data.Sketch{Bands: bands, Signature: []byte{rapid.Byte().Draw(t, "signature")}}
			if err := j.sketches[0].add(int64(i), &s); err != nil {
				t.Fatal(err)
			}
			o.at, o.gone = append(o.at, int64(i)), append(o.gone, i%7 == 3)
			signatures = append(signatures, s.Signature[0])
			for _, b := range bands {
				if !o.gone[i] {
					shared[b] = append(shared[b], int32(i))
				}
			}
		}
		want := newRoots(len(o.at))
		for _, items := range shared {
			var leaders []int32
			for _, i := range items {
				joined := false
				for _, l := range leaders {
					if (tally{}).Alike(signatures[l:], signatures[i:]) {
						want.unite(l, i)
						joined = true
					}
				}
				if !joined && len(leaders) < mostLeaders {
					leaders = append(leaders, i)
				}
			}
		}
		for _, cores := range []int{1, 3} {
			before := runtime.GOMAXPROCS(cores)
			got, err := j.alike(context.Background(), 0, o)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatal(err)
			}
			for i := range int32(len(o.at)) {
				if got.root(i) != want.root(i) {
					t.Fatalf("on %d cores Item %d belongs to %d, want %d", cores, i, got.root(i), want.root(i))
				}
			}
		}
	})
}

// TestVerdictsForget checks that an overwritten verdict is not mistaken for another pair's.
func TestVerdictsForget(t *testing.T) {
	v := newVerdicts(3000)
	known := 0
	for i := range 3000 {
		v.remember(int32(i), int32(i*i+1), i%3 == 0)
	}
	for i := range 3000 {
		alike, ok := v.of(int32(i), int32(i*i+1))
		if ok {
			known++
		}
		if ok && alike != (i%3 == 0) {
			t.Fatalf("pair %d: alike is %t", i, alike)
		}
		if _, ok := v.of(int32(i), int32(i*i+2)); ok {
			t.Fatalf("pair %d is taken for another", i)
		}
	}
	if known < 2900 {
		t.Errorf("%d of 3000 pairs are known", known)
	}
}
