package library

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"atelier/data"
	"atelier/data/store"
)

// killedHome names the library of a process that is to be killed.
const killedHome = "ATELIER_TEST_KILLED_HOME"

func TestMain(m *testing.M) {
	if home := os.Getenv(killedHome); home != "" {
		add := addSlowly
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

// A slow source takes its time.
type slow struct{ named }

func (s *slow) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for it, err := range s.named.Rest(ctx, split, j) {
			if it.Name != "" && len(it.Bytes)%3 == 0 {
				time.Sleep(time.Millisecond)
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

const slowItems = 2000

// addSlowly makes the version that a killed process was to make.
func addSlowly(ctx context.Context, home string) error {
	s, err := store.Open(home)
	if err != nil {
		return err
	}
	l := &Library{Store: s, Home: home, Program: "test"}
	inputs := []input{
		{source: &numbers{0, slowItems, 0}, record: store.SourceRecord{Use: "numbers-test"}},
		{source: &slow{named: named{numbers{slowItems, 2 * slowItems, 0}}}, record: store.SourceRecord{Use: "slow-test"}},
	}
	_, err = l.make(ctx, &store.Manifest{Name: "n"}, pipeline(), inputs)
	return err
}

// TestKilled kills a job at random moments until it is done, and compares what
// comes of it with what an undisturbed job makes.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	undisturbed := t.TempDir()
	began := time.Now()
	if err := addSlowly(t.Context(), undisturbed); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	home := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration((0.05+0.6*rng.Float64())*float64(took)))
		cmd := exec.CommandContext(ctx, exe)
		cmd.Env = append(os.Environ(), killedHome+"="+home)
		out, err := cmd.CombinedOutput()
		killed := ctx.Err() != nil
		cancel()
		if err != nil && !killed {
			t.Fatalf("%v: %s", err, out)
		}
		if !killed && kills > 0 {
			break
		}
		if !killed { // the undisturbed job was slow by chance: once more, sooner
			home, took = t.TempDir(), took/2
			continue
		}
		kills++
		visible(t, home)
	}
	if kills == 0 {
		t.Error("no process was killed on the way")
	}
	if err := addSlowly(t.Context(), home); err != nil {
		t.Fatal(err)
	}
	if got, want := hashOf(t, home), hashOf(t, undisturbed); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
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
