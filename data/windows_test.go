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
					t.Fatalf("token %d of %d is predicted %d times", k, n, told[int32(first+k)])
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

// labelledTexts are texts with labels, one a text.
type labelledTexts struct {
	texts
	labels []string
}

func (s labelledTexts) Items(ctx context.Context, split Split) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		i := 0
		for it, err := range s.texts.Items(ctx, split) {
			it.Label = s.labels[i%len(s.labels)]
			i++
			if !yield(it, err) {
				return
			}
		}
	}
}

// labelledBytes is a codec that keeps labels if it is told to.
type labelledBytes struct {
	bytesOf
	Labels bool `json:",omitempty"`
}

func (c *labelledBytes) KeepsLabels() bool { return c.Labels }

func (c *labelledBytes) Spec(classes []string) (Spec, error) {
	s, err := c.bytesOf.Spec(nil)
	if len(classes) > 0 {
		s.Fields = append(s.Fields, Field{Name: Label, Kind: Classes, Classes: classes})
	}
	return s, err
}

// Each window has the label of the text that its tokens are of, wherever it is moved to, from
// memory and from the cache.
func TestWindowsKeepLabels(t *testing.T) {
	names := []string{"verse", "prose", "verse"}
	src := labelledTexts{texts{train: []int{30, 50, 40}, test: []int{20, 20}}, names}
	for _, cache := range []Cache{{}, {Dir: t.TempDir()}} {
		for range 2 { // made, and opened
			train, test, err := cache.Load(t.Context(), versioned{src, "1"}, &labelledBytes{bytesOf: bytesOf{Size: 5}, Labels: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := train.Spec().ClassNames(); !slices.Equal(got, []string{"prose", "verse"}) {
				t.Fatalf("classes %q", got)
			}
			l := NewLoader(train, 7, 1, nil, 0)
			for range 20 { // several epochs, with shifts of their own
				b, err := l.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for i := range b.N {
					first, want := b.Column(Target).Tokens(i)[0], int32(1)
					if first >= 30 && first < 80 {
						want = 0
					}
					if got := b.Column(Label).Ints[i]; got != want {
						t.Fatalf("the window that begins with token %d has class %d, want %d", first, got, want)
					}
				}
			}
			l.Close()
			if b := test.Batch([]int{0, test.Len() - 1}); !slices.Equal(b.Column(Label).Ints, []int32{1, 0}) {
				t.Errorf("classes of the test part: %v", b.Column(Label).Ints)
			}
		}
	}
}

// Labels are part of a set's hash where they are kept, and of no other.
func TestHashOfLabelledTexts(t *testing.T) {
	hash := func(keep bool, labels ...string) string {
		t.Helper()
		src := labelledTexts{texts{train: []int{30, 50}}, labels}
		train, _, err := Load(t.Context(), src, &labelledBytes{bytesOf: bytesOf{Size: 5}, Labels: keep})
		if err != nil {
			t.Fatal(err)
		}
		return train.Hash()
	}
	plain, _, err := Load(t.Context(), texts{train: []int{30, 50}}, &bytesOf{Size: 5})
	if err != nil {
		t.Fatal(err)
	}
	if hash(false, "a", "b") != plain.Hash() || hash(true, "", "") != plain.Hash() {
		t.Error("without labels to keep the hash is another")
	}
	if hash(true, "a", "b") == plain.Hash() || hash(true, "a", "b") == hash(true, "b", "a") {
		t.Error("labels are not in the hash")
	}
}

// Texts of which some have no label are taken without any, and that is told.
func TestTextsWithoutALabel(t *testing.T) {
	src := labelledTexts{texts{train: []int{30, 50}}, []string{"a", ""}}
	codec := &labelledBytes{bytesOf: bytesOf{Size: 5}, Labels: true}
	if _, _, err := Load(t.Context(), src, codec); !errors.Is(err, ErrUnlabelled) {
		t.Errorf("error %v", err)
	}
	var l told
	train, _, err := l.cache("").Load(t.Context(), src, codec)
	if err != nil || train.Len() == 0 || len(train.Spec().ClassNames()) > 0 {
		t.Fatalf("error %v", err)
	}
	if len(l) != 1 || !strings.Contains(l[0], "the set is used without labels") {
		t.Errorf("told %q", l)
	}
	src.test, src.labels = []int{9}, []string{"a"}
	other := testLabelled{src, "c"}
	if _, _, err := Load(t.Context(), other, codec); err == nil || !strings.Contains(err.Error(), `the label "c" is not a class of the training part`) {
		t.Errorf("error %v", err)
	}
}

// testLabelled gives the test part a label of its own.
type testLabelled struct {
	labelledTexts
	label string
}

func (s testLabelled) Items(ctx context.Context, split Split) iter.Seq2[Item, error] {
	if split == Train {
		return s.labelledTexts.Items(ctx, split)
	}
	return labelledTexts{s.texts, []string{s.label}}.Items(ctx, split)
}
