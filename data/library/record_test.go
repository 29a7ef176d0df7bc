package library

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"atelier/data"
)

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		want := record{Item: data.Item{
			Name: text.Draw(t, "name"), MediaType: text.Draw(t, "type"), Label: text.Draw(t, "label"), Caption: text.Draw(t, "caption"),
			Bytes: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"),
			Origin: data.Origin{Place: text.Draw(t, "place"), Licence: text.Draw(t, "licence"),
				Collected: time.UnixMilli(rapid.Int64Range(1, 1<<42).Draw(t, "time")).UTC()},
		}, Split: data.Test, Seen: rapid.IntRange(0, 99).Draw(t, "seen")}
		copy(want.Whole[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "whole"))
		if n := rapid.IntRange(0, 3).Draw(t, "changes"); n > 0 {
			want.Changes = map[string]int{}
			for range n {
				want.Changes[text.Draw(t, "what")] = rapid.Int().Draw(t, "n")
			}
		}
		if rapid.Bool().Draw(t, "dropped") {
			want.Drop = &data.Drop{By: text.Draw(t, "by"), Reason: text.Draw(t, "reason"), Detail: text.Draw(t, "detail")}
		}
		head, body := want.encode()
		var got, described record
		all := append(head, body...)
		if n, err := readRecord(bytes.NewReader(all), &got); err != nil || n != int64(len(all)) {
			t.Fatalf("read %d of %d bytes: %v", n, len(all), err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("another record: %s", d)
		}
		if n, err := readDescription(bytes.NewReader(all), &described); err != nil || n != int64(len(all)) || described.Name != want.Name {
			t.Errorf("described %q in %d bytes: %v", described.Name, n, err)
		}
	})
}

// TestRecordDamaged truncates a record everywhere: an error each time, no panic.
func TestRecordDamaged(t *testing.T) {
	r := record{Item: data.Item{Name: "n", Label: "l"}, Changes: map[string]int{"x": 3}, Drop: &data.Drop{By: "a", Reason: "b"}}
	whole := r.append(nil)
	withoutDrop := len(whole) - 5 // what is left is a record of an Item that is kept
	for n := range whole {
		var got record
		if err := got.parse(whole[:n]); err == nil && n != withoutDrop {
			t.Errorf("no error of %d of %d bytes", n, len(whole))
		}
	}
}
