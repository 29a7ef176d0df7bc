package store

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
)

func TestErase(t *testing.T) {
	ctx := context.Background()
	home := t.TempDir()
	rows := manyRows(18000, 200) // two row groups of either content
	secret := strings.Repeat("a secret of somebody ", 20)
	for _, i := range []int{0, 1, 9000, 17999} {
		rows[i].Bytes = []byte(secret)
	}
	drop := DropRow{Item: item("copy", "text/plain", secret, ""), SHA256: sha256.Sum256([]byte(secret)), Drop: data.Drop{Reason: "duplicate"}}
	v := written(t, home, rows, []DropRow{drop, {Item: item("other", "", "", ""), Drop: data.Drop{Reason: "blank"}}})
	s, _ := Open(home)
	sums := [][32]byte{drop.SHA256}
	before, hash := v.remainder(), v.Hash()
	if _, err := s.Search(ctx, sums); err == nil || !strings.Contains(err.Error(), "still holds the bytes of the Item") {
		t.Errorf("search found %v", err)
	}
	for range 2 { // the second time there is nothing to do
		if err := v.Erase(ctx, sums); err != nil {
			t.Fatal(err)
		}
	}
	v, err := s.Version(ctx, "set")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(ctx); err != nil {
		t.Fatal(err)
	}
	if v.Hash() != hash || v.remainder() == before {
		t.Errorf("the hash went from %s to %s, that of what is left to %s", hash, v.Hash(), v.remainder())
	}
	if m := v.manifest; len(m.Erased) != 1 || len(m.Tombstones) != 5 || m.Counts.Splits[data.Train]+m.Counts.Splits[data.Test] != 17996 {
		t.Errorf("%v erased, %d tombstones, counts %v", m.Erased, len(m.Tombstones), m.Counts.Splits)
	}
	got, drops := stored(t, v)
	if len(got) != 17996 || len(drops) != 1 {
		t.Errorf("%d rows and %d drops are left", len(got), len(drops))
	}
	if files, err := s.Search(ctx, sums); err != nil || files < 4 {
		t.Errorf("searched %d files, found %v", files, err)
	}
	if err := v.Erase(ctx, [][32]byte{sha256.Sum256(got[5].Bytes)}); err != nil { // beside existing tombstones
		t.Fatal(err)
	}
	if err := v.Verify(ctx); err != nil || len(v.manifest.Tombstones) != 6 {
		t.Error(err, len(v.manifest.Tombstones))
	}
}

func TestSearchReadsOtherFiles(t *testing.T) {
	ctx := context.Background()
	home := t.TempDir()
	secret := strings.Repeat("a secret of somebody ", 20)
	short := "twenty-byte-long-one"
	v := written(t, home, []Row{
		{Item: item("a", "text/plain", secret, ""), Split: data.Train},
		{Item: item("b", "text/plain", short, ""), Split: data.Train},
		{Item: item("c", "text/plain", "stays", ""), Split: data.Train},
	}, nil)
	sums := [][32]byte{sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(short))}
	if err := v.Erase(ctx, sums); err != nil {
		t.Fatal(err)
	}
	s, _ := Open(home)
	for _, c := range []struct {
		content string
		found   bool
	}{
		{secret, true}, {short, true}, {"before " + secret + " after", true}, {"xx" + short, true},
		{secret[:len(secret)-1], false}, {"nothing", false},
	} {
		file := filepath.Join(home, "other")
		if err := os.WriteFile(file, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Search(ctx, sums); (err != nil) != c.found {
			t.Errorf("%q: %v", c.content, err)
		}
	}
}
