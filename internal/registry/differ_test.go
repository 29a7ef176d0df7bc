package registry

import (
	"slices"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	was := "steps = 60\nname = \"a\"\n[model]\nuse = \"gan\"\nwidths = [8, 8]\n[[model.penalty]]\nuse = \"r1\"\n"
	is := "# a remark\nname = \"a\"\nseed = 1\nsteps = 80\nmodel = {widths = [8, 9], use = \"gan\", penalty = [{use = \"r1\"}]}\n"
	got, err := Differences([]byte(was), []byte(is))
	want := []string{"model.widths was [8,8] and is [8,9]", "seed was not set and is 1", "steps was 60 and is 80"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, error %v", got, err)
	}
	long := strings.Repeat("x", 1000)
	if got, err := Differences([]byte(`a = "`+long+`"`), nil); err != nil || len(got) != 1 || len(got[0]) > 100 {
		t.Errorf("got %q, error %v", got, err)
	}
	if _, err := Differences([]byte("a ="), nil); err == nil {
		t.Error("no error")
	}
}
