package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"atelier/data"
	"atelier/internal/ledger"
)

// childHome names the home of a process of the tests that does jobs until it is killed, and
// manyKills how often it is, if not as usual.
const (
	childHome = "JOBS_TEST_CHILD"
	manyKills = "JOBS_TEST_KILLS"
)

// child does jobs until all are done.
func child(home string) {
	l, err := ledger.Open(context.Background(), filepath.Join(home, "server.db"), Tables)
	if err == nil {
		var q *Queue
		if q, err = OpenQueue(l, home); err == nil {
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				for q.Waiting() > 0 || q.Busy() > 0 {
					time.Sleep(5 * time.Millisecond)
				}
				cancel()
			}()
			err = q.Run(ctx, worker(smallJob), Lanes(4), time.Second)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// smallJob makes two files, slowly enough to be killed in between.
func smallJob(_ context.Context, t *Task) error {
	for i := range 2 {
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		text := fmt.Sprintf("file %d of job %d", i, t.Job.ID)
		if err := t.Emit(data.Item{Name: fmt.Sprintf("%d.txt", i), MediaType: "text/plain", Bytes: []byte(text)}); err != nil {
			return err
		}
	}
	t.Found(t.Job.ID)
	return nil
}

// Of many small jobs, none is lost and none is done twice in effect, however often the process
// that does them is killed.
func TestKilled(t *testing.T) {
	n, kills := 120, 6
	if text := os.Getenv(manyKills); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		n = 20 * kills
	}
	home := t.TempDir()
	q := opened(t, home)
	for range n {
		add(t, q, Job{App: "write"})
	}
	q.ledger.Close()
	start := func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childHome+"="+home)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for range kills {
		c := start()
		time.Sleep(time.Duration(20+rand.IntN(150)) * time.Millisecond)
		c.Process.Kill()
		c.Wait()
	}
	if err := start().Wait(); err != nil {
		t.Fatal(err)
	}
	q = opened(t, home)
	all, err := q.List(t.Context(), Filter{Limit: 2 * n})
	if err != nil || len(all) != n {
		t.Fatalf("%d jobs of %d: %v", len(all), n, err)
	}
	again := 0
	for _, j := range all {
		again += j.Attempt - 1
		if j.State != Done || len(j.Outputs) != 2 || string(j.Found) != fmt.Sprint(j.ID) {
			t.Errorf("%+v %+v", j, j.Problem)
			continue
		}
		for i, o := range j.Outputs {
			_, path, err := q.Output(t.Context(), j.ID, o.Name)
			b, lost := os.ReadFile(path)
			if want := fmt.Sprintf("file %d of job %d", i, j.ID); err != nil || lost != nil || string(b) != want {
				t.Errorf("%s: %q, want %q; %v %v", path, b, want, err, lost)
			}
		}
		if entries, _ := os.ReadDir(filepath.Join(home, outputs, place(j))); len(entries) != 3 {
			t.Errorf("job %d left %v", j.ID, entries)
		}
		var done int
		if err := q.ledger.Read.QueryRow("SELECT count(*) FROM events WHERE job = ? AND type = 'state' AND data = ?", j.ID, []byte(`{"state":"done"}`)).Scan(&done); err != nil || done != 1 {
			t.Errorf("job %d was done %d times: %v", j.ID, done, err)
		}
	}
	t.Logf("%d jobs, %d kills, %d begun again", n, kills, again)
}

// A job that ends the process each time has failed after some attempts.
func TestGivesUp(t *testing.T) {
	home := t.TempDir()
	q := opened(t, home)
	j := add(t, q, Job{App: "write"})
	if err := q.ledger.Change(func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET state = 'running', attempt = ?", mostAttempts)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	q.ledger.Close()
	q = opened(t, home)
	if j, err := q.Get(t.Context(), j.ID); err != nil || j.State != Failed || j.Problem == nil {
		t.Errorf("%+v %v", j, err)
	}
}
