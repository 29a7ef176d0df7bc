package library

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atelier/data"
	"atelier/data/store"
)

// killedHome names the library of a process that is to be killed, killedAt the event
// at which: what happens, how often, and whether the process waits there.
const (
	killedHome = "ATELIER_TEST_KILLED_HOME"
	killedAt   = "ATELIER_TEST_KILLED_AT"
)

func TestMain(m *testing.M) {
	if home := os.Getenv(killedHome); home != "" {
		add := func(ctx context.Context, home string) error {
			return addWatched(ctx, home, markerOf(os.Getenv(killedAt)))
		}
		if of := os.Getenv(killedSource); of != "" {
			add = func(ctx context.Context, home string) error { return addFromWeb(ctx, home, of) }
		}
		if err := add(context.Background(), home); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A marker tells, by a line, when an event has happened so many times.
type marker struct {
	event string
	left  atomic.Int64
	waits bool // whether nothing goes on where it happened
}

// markLine is the line.
const markLine = "kill me"

func markerOf(text string) *marker {
	var m marker
	var left int64
	fmt.Sscan(text, &m.event, &left, &m.waits)
	m.left.Store(left)
	return &m
}

func (m *marker) happened(event string) {
	if event != m.event || m.left.Add(-1) != 0 {
		return
	}
	fmt.Println(markLine)
	for m.waits {
		time.Sleep(time.Hour) // until it is killed
	}
}

// Watched sources tell a marker of each Item.
type (
	watched struct {
		*numbers
		*marker
	}
	watchedRest struct {
		*named
		*marker
	}
)

func (s watched) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.marker.each(s.numbers.Items(ctx, split))
}

func (s watchedRest) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.marker.each(s.named.Rest(ctx, split, j))
}

func (m *marker) each(items iter.Seq2[data.Item, error]) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for it, err := range items {
			if m.happened("item"); !yield(it, err) {
				return
			}
		}
	}
}

const watchedItems = 2000 // of each source

// addWatched makes the version that a killed process was to make.
func addWatched(ctx context.Context, home string, m *marker) error {
	s, err := store.Open(home)
	if err != nil {
		return err
	}
	l := &Library{Store: s, Home: home, Program: "test", Progress: func(stage string, _, _ int) {
		stage, _, _ = strings.Cut(stage, " ")
		m.happened(stage)
	}}
	inputs := []input{
		{source: watched{&numbers{0, watchedItems, 0}, m}, record: store.SourceRecord{Use: "numbers-test"}},
		{source: watchedRest{&named{numbers{watchedItems, 2 * watchedItems, 0}}, m}, record: store.SourceRecord{Use: "watched-test"}},
	}
	_, err = l.make(ctx, &store.Manifest{Name: "n"}, pipeline(), inputs)
	return err
}

// TestKilled kills a job again and again, at or soon after some Item or some stage of
// the work, and compares what comes of it with what an undisturbed job makes.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	undisturbed := t.TempDir()
	if err := addWatched(t.Context(), undisturbed, new(marker)); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	item := func(least, most int) string { return fmt.Sprintf("item %d ", least+rng.IntN(most-least)) }
	for _, at := range []string{
		item(1, watchedItems) + "true", item(watchedItems+1, 2*watchedItems) + "true",
		"comparing 1 true", "stored 1 true", "stored 2 true",
		item(1, watchedItems) + "false", item(1, watchedItems) + "false", "comparing 1 false", "stored 2 false",
	} {
		killed := killAt(t, home, at)
		visible(t, home)
		if !killed && strings.HasSuffix(at, "true") {
			t.Fatalf("%s: the process was not killed", at)
		}
		if !killed {
			break
		}
	}
	if err := addWatched(t.Context(), home, new(marker)); err != nil {
		t.Fatal(err)
	}
	if got, want := hashOf(t, home), hashOf(t, undisturbed); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

// killAt starts a process, kills it at an event, and reports whether it did: one that
// does not wait there may have come to its end before.
func killAt(t *testing.T, home, at string) bool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), killedHome+"="+home, killedAt+"="+at)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	reached := lines.Scan() && lines.Text() == markLine
	if reached {
		cmd.Process.Kill() // it may have ended by itself
	}
	err = cmd.Wait()
	if !reached && err != nil {
		t.Fatalf("%s: %v: %s", at, err, said.String())
	}
	return err != nil
}

// visible checks that whatever can be seen is whole.
func visible(t *testing.T, home string) {
	t.Helper()
	s, versions := versionsOf(t, home)
	for _, n := range versions {
		v, err := s.Version(t.Context(), refTo("n", n))
		if err == nil {
			err = v.Verify(t.Context())
		}
		if err != nil {
			t.Errorf("after a kill: %v", err)
		}
	}
}

// versionsOf are the versions of the dataset that the tests make.
func versionsOf(t *testing.T, home string) (*store.Store, []int) {
	t.Helper()
	s, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := s.Versions(t.Context(), "n")
	if err != nil {
		t.Fatal(err)
	}
	return s, versions
}

func hashOf(t *testing.T, home string) string {
	t.Helper()
	s, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Version(t.Context(), "n@1")
	if err != nil {
		t.Fatal(err)
	}
	return v.Hash()
}
