package source

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
)

// examples returns the Examples of both parts, and the reasons of the drops.
func examples(t *testing.T, s data.Composite) (all []data.Example, drops []string) {
	t.Helper()
	for _, split := range []data.Split{data.Train, data.Test} {
		for ex, err := range s.Examples(context.Background(), split) {
			var drop *data.Drop
			switch {
			case errors.As(err, &drop):
				drops = append(drops, ex[data.Target].Name+": "+drop.Reason)
			case err != nil:
				t.Fatal(err)
			default:
				all = append(all, ex)
			}
		}
	}
	return all, drops
}

func TestPairs(t *testing.T) {
	dir := write(t, map[string][]byte{
		"B/train/1.png": pngOf(t, 1), "A/train/1.bmp.png": pngOf(t, 2), "A/train/1.png": pngOf(t, 3),
		"B/train/2.PNG": pngOf(t, 1), "A/train/2.png": pngOf(t, 2),
		"B/test/1.png": pngOf(t, 1), "A/test/1.png": pngOf(t, 4),
		"B/test/2.png": pngOf(t, 1), "A/test/2.png": pngOf(t, 1), "A/test/2.gif": pngOf(t, 1),
		"B/test/3.png": pngOf(t, 1), "A/test/4.png": pngOf(t, 1),
		"masks/train/1.png": pngOf(t, 5), "masks/train/2.png": pngOf(t, 5), "masks/test/1.png": pngOf(t, 5),
	})
	s := &Pairs{Path: dir, Target: "B", Source: "A", Mask: data.MaskField}
	if got := s.Companions(); !slices.Equal(got, []string{"source"}) || !s.Divided() {
		t.Errorf("companions %q, divided %v", got, s.Divided())
	}
	all, drops := examples(t, s)
	if want := []string{"test/2.png: several of one name", "test/3.png: no source"}; !slices.Equal(drops, want) {
		t.Errorf("drops %q, want %q", drops, want)
	}
	var pairs []string
	for _, ex := range all {
		pairs = append(pairs, ex[data.Target].Name+"<"+ex[data.SourceField].Name)
	}
	if want := []string{"train/1.png<train/1.png", "train/2.PNG<train/2.png", "test/1.png<test/1.png"}; !slices.Equal(pairs, want) {
		t.Errorf("pairs %q, want %q", pairs, want)
	}
	s.Mask = "masks"
	if got := s.Companions(); !slices.Equal(got, []string{"mask", "source"}) {
		t.Errorf("companions %q", got)
	}
	if all, _ = examples(t, s); len(all) != 3 || len(all[0][data.MaskField].Bytes) == 0 {
		t.Errorf("%d examples with masks", len(all))
	}
}

// A source that cannot be read is named, and not its target.
func TestPairsNamesTheFile(t *testing.T) {
	dir := write(t, map[string][]byte{"target/3.png": pngOf(t, 1), "source/3.png": []byte("a text")})
	for _, err := range (&Pairs{Path: dir, Target: "target", Source: "source"}).Examples(context.Background(), data.Train) {
		if want := filepath.Join(dir, "source", "3.png"); err == nil || !strings.Contains(err.Error(), "its source, "+want) {
			t.Errorf("%v, want one that names %s", err, want)
		}
	}
}

func TestPairsRefuses(t *testing.T) {
	dir := write(t, map[string][]byte{"target/1.png": pngOf(t, 1)})
	for want, s := range map[string]*Pairs{
		"path is not set":                       {Target: "target", Source: "source"},
		"no such file":                          {Path: dir, Target: "target", Source: "source"},
		"want another folder":                   {Path: dir, Target: "target", Source: "target"},
		"want the folder of what targets":       {Path: dir, Target: "target"},
		"want the folder of what is to be made": {Path: dir, Source: "source"},
	} {
		var got error
		for _, err := range s.Items(context.Background(), data.Train) {
			got = err
		}
		if !errors.Is(got, badinput.Err) || !strings.Contains(got.Error(), want) && want != "no such file" {
			t.Errorf("%+v: %v, want %s", s, got, want)
		}
	}
}
