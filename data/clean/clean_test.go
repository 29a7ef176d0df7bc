package clean

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"atelier/data"
	"atelier/internal/registry"
)

// works are the Items, good and bad, of every kind that the contract is tested with. The tests of
// each kind add theirs.
var works = []data.Item{
	{Name: "nothing"},
	{Name: "bytes", MediaType: "application/octet-stream", Bytes: []byte{0, 1, 2, 254, 255}},
	{Name: "broken-picture", MediaType: "image/png", Bytes: []byte("\x89PNG\r\n\x1a\n")},
	{Name: "broken-midi", MediaType: "audio/midi", Bytes: []byte("MThd\x00\x00")},
	{Name: "broken-text", MediaType: "text/plain", Bytes: []byte{0xff, 0xfe, 0xfd}},
	{Name: "text", MediaType: "text/plain", Bytes: []byte("The quick brown fox jumps over the lazy dog.\n")},
}

// A verdict is what a cleaner decided on an Item.
type verdict struct {
	Item    data.Item
	Changes map[string]int
	Drop    data.Drop
	Sketch  data.Sketch
	Has     bool
}

// judge runs a cleaner on an Item.
func judge(t *testing.T, c data.Cleaner, it data.Item) (v verdict) {
	t.Helper()
	it.Bytes = slices.Clone(it.Bytes)
	p := &data.Piece{Item: it}
	given := slices.Clone(it.Bytes)
	err := c.Clean(p)
	if !slices.Equal(it.Bytes, given) {
		t.Errorf("%s: writes into the bytes that it was given", it.Name)
	}
	var drop *data.Drop
	switch {
	case errors.As(err, &drop):
		v.Drop = *drop
		return v
	case err != nil:
		t.Errorf("%s: %v", it.Name, err)
		return v
	}
	if c, ok := c.(data.Comparing); ok {
		v.Sketch, v.Has, err = c.Sketch(p)
		if err != nil && !errors.As(err, &drop) {
			t.Errorf("%s: sketch: %v", it.Name, err)
		}
	}
	if err := p.Finish(); err != nil {
		t.Errorf("%s: finish: %v", it.Name, err)
	}
	v.Item, v.Changes = p.Item, p.Changes
	return v
}

// TestContract checks every cleaner against the contract of cleaners.
func TestContract(t *testing.T) {
	for e := range data.Cleaners.All() {
		t.Run(e.Name, func(t *testing.T) {
			c := e.New()
			if checker, ok := c.(registry.Checker); ok {
				if err := checker.Check(); err != nil {
					t.Errorf("the defaults are refused: %v", err)
				}
			}
			verdicts := make([]verdict, len(works))
			for i, it := range works {
				verdicts[i] = judge(t, c, it)
				checkVerdict(t, it, verdicts[i])
				if v := verdicts[i]; v.Drop.Reason == "" {
					if again := judge(t, c, v.Item); again.Drop.Reason != "" || len(again.Changes) > 0 {
						t.Errorf("%s: what was cleaned is cleaned once more: %v %v", it.Name, again.Changes, again.Drop)
					}
				}
			}
			checkTogether(t, c, verdicts)
			if c, ok := c.(data.Comparing); ok {
				checkComparing(t, c, verdicts)
			}
			if c, ok := c.(data.Counting); ok {
				checkCounting(t, c)
			}
		})
	}
}

func checkVerdict(t *testing.T, it data.Item, v verdict) {
	t.Helper()
	if strings.ContainsAny(v.Drop.Reason+v.Drop.Detail, "\n\x00") {
		t.Errorf("%s: reason of several lines: %q", it.Name, v.Drop.Error())
	}
	if v.Drop.Detail != "" && v.Drop.Reason == "" {
		t.Errorf("%s: a detail without a reason: %q", it.Name, v.Drop.Detail)
	}
	changed := !slices.Equal(it.Bytes, v.Item.Bytes)
	if v.Drop.Reason == "" && changed != (len(v.Changes) > 0) {
		t.Errorf("%s: changed %t, while %v is said to be", it.Name, changed, v.Changes)
	}
	for what, n := range v.Changes {
		if what == "" || n < 1 {
			t.Errorf("%s: %d changes %q", it.Name, n, what)
		}
	}
}

// checkTogether cleans the same Items from several goroutines: the verdicts must be the same.
func checkTogether(t *testing.T, c data.Cleaner, want []verdict) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, it := range works {
				if got := judge(t, c, it); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s: another verdict the second time: %v and %v", it.Name, got.Drop, want[i].Drop)
				}
			}
		})
	}
	all.Wait()
}

func checkComparing(t *testing.T, c data.Comparing, verdicts []verdict) {
	if c.Reason() == "" {
		t.Error("no reason")
	}
	for i, v := range verdicts {
		if !v.Has {
			continue
		}
		if n := len(v.Sketch.Signature); n > 4096 {
			t.Errorf("%s: a signature of %d bytes", works[i].Name, n)
		}
		if len(v.Sketch.Bands) == 0 || !c.Alike(v.Sketch.Signature, v.Sketch.Signature) {
			t.Errorf("%s: is not found to be like itself", works[i].Name)
		}
		for j, w := range verdicts[:i] {
			if w.Has && c.Alike(v.Sketch.Signature, w.Sketch.Signature) != c.Alike(w.Sketch.Signature, v.Sketch.Signature) {
				t.Errorf("%s and %s: alike one way round only", works[i].Name, works[j].Name)
			}
		}
	}
}

func checkCounting(t *testing.T, c data.Counting) {
	count := map[string]int{"a": 5, "b": 1, "": 3}
	given := maps.Clone(count)
	verdicts := func() (drops []string) {
		admit := c.Admit(count)
		for _, label := range slices.Sorted(maps.Keys(given)) {
			for range given[label] {
				if d := admit(label); d != nil {
					drops = append(drops, label+d.Error())
				}
			}
		}
		return drops
	}
	once := verdicts()
	if !maps.Equal(count, given) || !slices.Equal(once, verdicts()) {
		t.Error("admits others the second time")
	}
}
