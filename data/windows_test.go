package data

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// texts is a source of texts of these lengths, whose bytes count up.
type texts struct{ train, test []int }

func (s texts) Items(_ context.Context, split Split) iter.Seq2[Item, error] {
	lengths := s.train
	if split == Test {
		lengths = s.test
	}
	return func(yield func(Item, error) bool) {
		next := byte(0)
		for _, n := range lengths {
			b := make([]byte, n)
			for i := range b {
				b[i] = next
				next++
			}
			if !yield(Item{Name: string(split), Bytes: b}, nil) {
				return
			}
		}
	}
}

// stream makes a token of each byte.
type stream struct {
	size int
	fits *int
}

func (c stream) Fit(items iter.Seq2[Item, error]) error {
	for range items {
		*c.fits++
	}
	return nil
}

func (c stream) Spec([]string) (Spec, error) {
	return Spec{Fields: []Field{{Name: Target, Kind: Tokens, Shape: []int{c.size}, Vocabulary: 256}}}, nil
}

func (c stream) Tokens(it Item) (out []int32, err error) {
	for _, b := range it.Bytes {
		out = append(out, int32(b))
	}
	return out, nil
}

func (stream) Encode(Example, *Batch, int) error { return errors.ErrUnsupported }
func (stream) Decode(*Batch, int) (Item, error)  { return Item{}, errors.ErrUnsupported }
func (stream) MediaType() string                 { return "" }

func mustLoadTexts(t interface{ Fatal(...any) }, size int, train, test []int) (*Dataset, *Dataset) {
	fits := 0
	a, b, err := Load(context.Background(), texts{train, test}, stream{size, &fits})
	if err != nil {
		t.Fatal(err)
	}
	if fits != len(train)+len(test) {
		t.Fatal("fitted to", fits, "Items")
	}
	return a, b
}

// Each token but a text's first and those left over at its end follows others in
// exactly one window, and no window reaches from one text into the next.
func TestWindowsCoverTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(2, 6).Draw(t, "size")
		lengths := rapid.SliceOfN(rapid.IntRange(size, 40), 1, 5).Draw(t, "lengths")
		ds, _ := mustLoadTexts(t, size, lengths, nil)
		told := map[int32]int{}
		for i := range ds.Len() {
			w := ds.Batch([]int{i}).Column(Target).Tokens(0)
			for k := 1; k < size; k++ {
				if w[k] != w[k-1]+1 {
					t.Fatal("not in order:", w)
				}
				told[w[k]]++
			}
		}
		first := 0
		for _, n := range lengths {
			whole := (n - 1) / (size - 1) * (size - 1)
			for k := range n {
				want := 1
				if k == 0 || k > whole {
					want = 0
				}
				if told[int32(first+k)] != want {
					t.Fatalf("token %d of %d is told %d times", k, n, told[int32(first+k)])
				}
			}
			first += n
		}
	})
}

// Over the epochs windows begin everywhere, and a resumed loader sees the same.
func TestWindowsMove(t *testing.T) {
	ds, _ := mustLoadTexts(t, 5, []int{101}, nil)
	begins := map[int32]bool{}
	draw := func(start uint64, n int) (out []int32) {
		l := NewLoader(ds, 25, 3, nil, start)
		defer l.Close()
		for range n {
			b, err := l.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, b.Column(Target).Ints...)
		}
		return out
	}
	whole := draw(0, 60)
	for i := 0; i < len(whole); i += 5 {
		begins[whole[i]] = true
		if whole[i+4] != whole[i]+4 {
			t.Fatal("a window is torn:", whole[i:i+5])
		}
	}
	if len(begins) != 97 {
		t.Errorf("windows begin at %d of 97 places", len(begins))
	}
	if !slices.Equal(draw(17, 43), whole[17*125:]) {
		t.Error("a resumed run sees other windows")
	}
}

func TestTextsAreToldApart(t *testing.T) {
	a, test := mustLoadTexts(t, 5, []int{20}, []int{9})
	b, _ := mustLoadTexts(t, 5, []int{21}, nil)
	if a.Hash() == b.Hash() {
		t.Error("two texts have one hash")
	}
	if test.Len() != 2 || a.Len() != 4 {
		t.Error(test.Len(), a.Len())
	}
	fits := 0
	_, _, err := Load(context.Background(), texts{train: []int{4}}, stream{5, &fits})
	if err == nil || !strings.Contains(err.Error(), "train part: train: has 4 tokens, and a window has 5") {
		t.Errorf("a short text gives %v", err)
	}
	if _, _, err := Load(context.Background(), texts{}, stream{5, &fits}); !errors.Is(err, ErrEmpty) {
		t.Errorf("no text gives %v", err)
	}
}
