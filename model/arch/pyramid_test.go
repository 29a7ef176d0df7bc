package arch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestPyramidByHand(t *testing.T) {
	for _, c := range []struct {
		height, width int
		want          []level
	}{
		{28, 28, []level{{7, 7, 32}, {14, 14, 16}, {28, 28, 8}}},
		{16, 16, []level{{4, 4, 32}, {8, 8, 16}, {16, 16, 8}}},
		{32, 48, []level{{4, 6, 40}, {8, 12, 32}, {16, 24, 16}, {32, 48, 8}}},
		{256, 64, []level{{16, 4, 40}, {32, 8, 40}, {64, 16, 32}, {128, 32, 16}, {256, 64, 8}}},
	} {
		got, err := pyramid(oblongs(c.height, c.width, 3).Target(), 8, 40, 1)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%d×%d: %v, %v; want %v", c.height, c.width, got, err, c.want)
		}
	}
	got, err := pyramid(pictures(28, 3).Target(), 8, 40, 2)
	if want := []level{{7, 7, 32}, {14, 14, 16}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("patches of 2: %v, %v; want %v", got, err, want)
	}
}

// TestSizesThatAreNamedWouldDo: whatever size does not do, those in its error do.
func TestSizesThatAreNamedWouldDo(t *testing.T) {
	size := regexp.MustCompile(`to (\d+)×(\d+)(?: or (\d+)×(\d+))?$`)
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(pyramidLeast, pyramidMost)
		height, width := side.Draw(t, "height"), side.Draw(t, "width")
		_, err := pyramid(oblongs(height, width, 1).Target(), 8, 40, 1)
		if err == nil {
			return
		}
		named := size.FindStringSubmatch(err.Error())
		if named == nil {
			t.Fatalf("no size in %q", err)
		}
		for i := 1; i < len(named) && named[i] != ""; i += 2 {
			h, _ := strconv.Atoi(named[i])
			w, _ := strconv.Atoi(named[i+1])
			if _, err := pyramid(oblongs(h, w, 1).Target(), 8, 40, 1); err != nil {
				t.Fatal(fmt.Errorf("%d×%d: named %d×%d: %w", height, width, h, w, err))
			}
		}
	})
}
