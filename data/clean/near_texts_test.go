package clean

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

func sketchOf(t interface{ Fatal(...any) }, s string) data.Sketch {
	c := &NearTexts{Letters: 5, Ideographs: 3, Jaccard: 0.75}
	sketch, ok, err := c.Sketch(&data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(s)}})
	if !ok || err != nil {
		t.Fatal(s, ok, err)
	}
	return sketch
}

func TestNearTexts(t *testing.T) {
	poem := "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
	for _, c := range []struct {
		a, b  string
		alike bool
	}{
		{"The quick, brown fox", "the quick brown FOX!", true},
		{poem, strings.ReplaceAll(poem, "，", ""), true},
		{poem, strings.ReplaceAll(poem, "明月光", "看月光"), false},
		{"hi", "Hi.", true},
		{"hi", "ho", false},
		{"The quick brown fox", "The lazy dog", false},
	} {
		a, b := sketchOf(t, c.a), sketchOf(t, c.b)
		if got := (&NearTexts{Jaccard: 0.75}).Alike(a.Signature, b.Signature); got != c.alike {
			t.Errorf("%q and %q: alike %t", c.a, c.b, got)
		}
	}
	if _, ok, _ := (&NearTexts{Letters: 5, Ideographs: 3}).Sketch(&data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(" …\n")}}); ok {
		t.Error("a text without letters has a sketch")
	}
}

// TestNearTextsEstimate compares the estimate with the Jaccard index of known sets of words, within
// the error of 512 bins.
func TestNearTextsEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shared, own := rapid.IntRange(0, 400).Draw(t, "shared"), rapid.IntRange(1, 200).Draw(t, "own")
		var a, b minima
		rng := rand.New(rand.NewPCG(uint64(shared), uint64(own)))
		for range shared {
			h := rng.Uint64()
			a.add(h)
			b.add(h)
		}
		for range own {
			a.add(rng.Uint64())
			b.add(rng.Uint64())
		}
		same, used := 0, 0
		for i := range a {
			if x, y := a[i].short(), b[i].short(); x|y != 0 {
				used++
				if x == y {
					same++
				}
			}
		}
		got, want := float64(same)/float64(used), float64(shared)/float64(shared+2*own)
		if math.Abs(got-want) > 0.12 {
			t.Fatalf("estimate %.3f, Jaccard %.3f", got, want)
		}
	})
}

func BenchmarkNearTexts(b *testing.B) {
	s := strings.Repeat("And the earth was without form, and void; and darkness was upon the face of the deep. ", 24)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		sketchOf(b, s)
	}
}
