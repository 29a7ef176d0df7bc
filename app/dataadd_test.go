package app

import (
	"strings"
	"testing"

	"atelier/model/run"
)

// A well-known set is introduced line by line: an end of a line within a notice is escaped.
func TestIntroduce(t *testing.T) {
	sources, err := DataAdd{Name: "tang300"}.sources()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	env := &Env{Watcher: run.Watcher{Notice: func(line string) { lines = append(lines, line) }}}
	if err := introduce(env, sources); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "tang300: ") || !strings.HasPrefix(lines[1], "licence: ") || !strings.HasPrefix(lines[2], "attribution: ") {
		t.Fatalf("told %q", lines)
	}
	if all := strings.Join(lines, ""); strings.Contains(all, "\n") {
		t.Errorf("told %q", lines)
	}
}
