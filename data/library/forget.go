package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/badinput"
)

// A Selection selects Items of a dataset to be forgotten.
type Selection struct {
	// Hashes are the SHA-256 of Items in hex, or prefixes of at least 8 digits.
	Hashes []string
	// Origins are patterns of places, as in [path.Match], except that * also matches slashes.
	Origins []string
}

// Check refuses an empty or ambiguous selection.
func (s *Selection) Check() error {
	if len(s.Hashes)+len(s.Origins) == 0 {
		return badinput.Errorf("forget: want --item HASH or --origin PATTERN, to say what is to be forgotten")
	}
	if err := checkHashes(s.Hashes); err != nil {
		return err
	}
	for _, o := range s.Origins {
		if _, err := path.Match(o, ""); err != nil {
			return badinput.Errorf("forget: %q is not a pattern such as https://example.org/*: %w", o, err)
		}
	}
	return nil
}

func checkHashes(hashes []string) error {
	for _, h := range hashes {
		if _, err := hex.DecodeString(h + strings.Repeat("0", len(h)%2)); err != nil || len(h) < 8 || len(h) > 64 {
			return badinput.Errorf("forget: want the SHA-256 of an Item in hex, or at least its first 8 digits, got %q", h)
		}
	}
	return nil
}

// isOneOf reports whether a SHA-256 begins with one of the hashes.
func isOneOf(sum [32]byte, hashes []string) bool {
	digits := hex.EncodeToString(sum[:])
	return slices.ContainsFunc(hashes, func(h string) bool { return strings.HasPrefix(digits, strings.ToLower(h)) })
}

// matches reports whether an Item is to be forgotten.
func (s *Selection) matches(r store.Row) bool {
	if isOneOf(r.SHA256, s.Hashes) {
		return true
	}
	for _, o := range s.Origins {
		for _, place := range []string{r.Origin.Place, r.Name} {
			if ok, _ := path.Match(flat(o), flat(place)); ok && place != "" {
				return true
			}
		}
	}
	return false
}

// digest identifies a selection, so that an interrupted one is not resumed by another, without
// revealing what is forgotten.
func (s *Selection) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", s.Hashes, s.Origins))
	return hex.EncodeToString(sum[:6])
}

// flat hides the slashes of a path or a pattern, so that * matches them.
func flat(s string) string { return strings.ReplaceAll(s, "/", "\x00") }

// Forgotten is the result of forgetting.
type Forgotten struct {
	// Version is the new version without the Items, or the newest one if it has none of them.
	Version *store.Version
	// Items is the number of such Items in the newest version; Digests are their hashes, with those
	// selected in older versions.
	Items   int
	Digests [][32]byte
	// Most is the largest number of such Items in a version, repeated ones included.
	Most int
	// Had are the versions that had some of them, as name@version, with their hashes.
	Had []store.Base
}

// Forget makes a new version of a dataset without the selected Items, unless only older versions
// have them, and returns which versions do. The Items are kept out of later versions, by their
// hashes: see [Library.Readmit].
func (l *Library) Forget(ctx context.Context, name string, s *Selection) (*Forgotten, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	newest, err := l.Store.Version(ctx, name)
	if err != nil {
		return nil, err
	}
	name = newest.Manifest().Name
	f := &Forgotten{Version: newest}
	if err := l.find(ctx, name, s, f); err != nil {
		return nil, err
	}
	if len(f.Had) == 0 {
		// Items that an earlier call erased from all versions may still be left elsewhere.
		if f.Digests, err = l.forgotten(ctx, name, s.Hashes); err != nil || len(f.Digests) > 0 {
			return f, err
		}
		return nil, badinput.Errorf("no version of %s has an Item that is selected", name)
	}
	if err := l.Store.Forget(ctx, name, f.Digests); err != nil {
		return nil, err
	}
	if f.Had[len(f.Had)-1].Ref != newest.Ref() {
		return f, nil
	}
	in := storedInput(newest)
	in.kept = true
	in.rows = func(ctx context.Context, split data.Split) iter.Seq2[store.Row, error] {
		return without(newest.Rows(ctx, split), f)
	}
	in.record.Use = "forget"
	in.record.Settings += fmt.Sprintf("selection = %q\n", s.digest())
	m := &store.Manifest{Name: name, Base: baseOf(newest)}
	f.Version, err = l.follow(ctx, m, &Pipeline{TestShare: newest.Manifest().TestShare}, []input{in}, &following{newest: newest})
	return f, err
}

// find searches every version of a dataset for the selected Items.
func (l *Library) find(ctx context.Context, name string, s *Selection, f *Forgotten) error {
	versions, err := l.Store.Versions(ctx, name)
	if err != nil {
		return err
	}
	seen := map[[32]byte]bool{}
	for _, n := range versions {
		v, err := l.Store.Version(ctx, refTo(name, n))
		if err != nil {
			return err
		}
		had := 0
		for _, split := range []data.Split{data.Train, data.Test} {
			for r, err := range v.Rows(ctx, split) {
				if err != nil {
					return err
				}
				if !s.matches(r) {
					continue
				}
				had++
				if !seen[r.SHA256] {
					seen[r.SHA256] = true
					f.Digests = append(f.Digests, r.SHA256)
				}
			}
		}
		f.Most = max(f.Most, had)
		if had > 0 {
			f.Had = append(f.Had, *baseOf(v))
		}
	}
	return nil
}

// without yields the rows that are not forgotten.
func without(rows iter.Seq2[store.Row, error], f *Forgotten) iter.Seq2[store.Row, error] {
	gone := map[[32]byte]bool{}
	for _, sum := range f.Digests {
		gone[sum] = true
	}
	return func(yield func(store.Row, error) bool) {
		for r, err := range rows {
			if err == nil && gone[r.SHA256] {
				f.Items++
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
