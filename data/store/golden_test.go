package store

import (
	"context"
	"crypto/sha256"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atelier/data"
)

// golden is a version in format 1 as first written, which must stay readable. ATELIER_TEST_GOLDEN=1
// writes one, once per format.
const golden = "testdata/format1"

func newSum(b []byte) [32]byte { return sha256.Sum256(b) }

func goldenRows() ([]Row, []DropRow) {
	row := func(split data.Split, it data.Item) Row { return Row{Item: it, Split: split, SHA256: newSum(it.Bytes)} }
	rows := []Row{
		row(data.Train, item("folder/cat.pgm", "image/x-portable-graymap", "P5 2 1 255\n\x01\xfe", "cat")),
		row(data.Train, item("a song.mid", "audio/midi", "MThd\x00\x00\x00\x06", "")),
		row(data.Train, item("poem", "text/plain", "床前明月光\n", "poem")),
		row(data.Test, item("empty", "text/plain", "", "")),
	}
	r := &rows[0]
	r.Caption, r.Group, r.Changes = "a cat, \"grey\"", "burst 7", map[string]int{"rotated": 1, "EXIF": 2}
	r.Origin = data.Origin{
		Place: "https://example.org/cat.pgm", Licence: "CC-BY-4.0", Creator: "Ann", Attribution: "Ann (example.org)",
		Collected: time.Date(2026, 11, 25, 1, 2, 3, 456789000, time.UTC),
	}
	drops := []DropRow{
		{Item: item("twin", "text/plain", "", ""), SHA256: newSum([]byte("twin")), Drop: data.Drop{By: "exact", Reason: "duplicate", Detail: "of poem"}},
		{Item: item("blank.pgm", "image/x-portable-graymap", "P5 1 1 255\n\x00", ""), SHA256: newSum([]byte("P5 1 1 255\n\x00")), Drop: data.Drop{By: "blank", Reason: "blank"}},
	}
	drops[0].Bytes = nil
	return rows, drops
}

func TestGoldenOpens(t *testing.T) {
	rows, drops := goldenRows()
	if os.Getenv("ATELIER_TEST_GOLDEN") != "" {
		makeGolden(t, rows, drops)
	}
	v, err := OpenVersion(golden)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(context.Background()); err != nil {
		t.Fatal(err)
	}
	got, gotDrops := stored(t, v)
	if d := cmp.Diff(rows, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(drops, gotDrops); d != "" {
		t.Error(d)
	}
	if len(v.manifest.Tombstones) != 1 || len(v.manifest.Erased) != 1 {
		t.Errorf("tombstones %v", v.manifest.Tombstones)
	}
	fresh := written(t, t.TempDir(), withErased(rows), drops)
	if fresh.Hash() != v.Hash() {
		t.Errorf("the hash of the same content was %s and is %s", v.Hash(), fresh.Hash())
	}
}

// withErased is the rows with the one that was erased from the golden version.
func withErased(rows []Row) []Row {
	gone := Row{Item: item("gone", "text/plain", "what somebody wants to be forgotten", ""), Split: data.Train}
	return append([]Row{rows[0], gone}, rows[1:]...)
}

func makeGolden(t *testing.T, rows []Row, drops []DropRow) {
	t.Helper()
	all := withErased(rows)
	v := written(t, t.TempDir(), all, drops)
	if err := v.Erase(context.Background(), [][32]byte{newSum(all[1].Bytes)}); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(golden)
	if err := os.CopyFS(golden, os.DirFS(v.dir)); err != nil {
		t.Fatal(err)
	}
}
