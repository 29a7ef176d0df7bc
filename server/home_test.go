package server

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"atelier/internal/ledger"
	"atelier/jobs"
)

// Without its indexes a home has all that its files hold: datasets, runs, and jobs with what they
// made. A job that comes then takes nobody's place.
func TestLostIndexes(t *testing.T) {
	s := start(t)
	body, kind := pictures(12)
	var up Upload
	s.want(201, sent{method: "POST", path: "/uploads", body: body, head: map[string]string{"Content-Type": kind}}, &up)
	s.done("data-add", map[string]any{"name": "mine", "sources": []any{map[string]any{"upload": up.ID}}, "clean": []string{"none"}}, "")
	j := s.done("write", story, "")
	name := "/results/2/" + j.Outputs[0].Name
	_, made := s.do(sent{method: "GET", path: name})
	s.done("write", story, "")
	s.want(200, sent{method: "DELETE", path: "/jobs/3"}, nil)
	s.want(200, sent{method: "GET", path: "/datasets"}, nil) // which makes the catalog
	s.stop()
	for _, pattern := range []string{LedgerFile + "*", "catalog.db*"} {
		files, _ := filepath.Glob(filepath.Join(s.home, pattern))
		if len(files) == 0 {
			t.Fatalf("there is no %s", pattern)
		}
		for _, f := range files {
			os.Remove(f)
		}
	}
	s = startOn(t, s.home)
	var again jobs.Job
	s.want(200, sent{method: "GET", path: "/jobs/2"}, &again)
	if again.State != jobs.Done || again.By != j.By || again.Outputs[0] != j.Outputs[0] || !again.Created.Equal(j.Created) || again.App != "write" {
		t.Errorf("%+v, was %+v", again, j)
	}
	if _, b := s.do(sent{method: "GET", path: name}); string(b) != string(made) {
		t.Errorf("%q, was %q", b, made)
	}
	if next := s.done("write", story, ""); next.ID != 4 {
		t.Errorf("the next job has the number %d", next.ID)
	}
	var trash []Trashed
	if s.want(200, sent{method: "GET", path: "/trash"}, &trash); len(trash) != 1 || trash[0].ID != "job-3" {
		t.Errorf("%+v", trash)
	}
	var sets DatasetPage
	if s.want(200, sent{method: "GET", path: "/datasets"}, &sets); len(sets.Datasets) != 1 || sets.Datasets[0].Items != 12 {
		t.Errorf("%+v", sets)
	}
	var page RunPage
	if s.want(200, sent{method: "GET", path: "/runs"}, &page); len(page.Runs) != 1 {
		t.Errorf("%+v", page)
	}
	var all []Upload
	if s.want(200, sent{method: "GET", path: "/uploads"}, &all); len(all) != 1 || all[0].Bytes != up.Bytes {
		t.Errorf("%+v", all)
	}
	if kept := s.queue.Kept(ownerName); kept < int64(len(made)) {
		t.Errorf("%d bytes are kept", kept)
	}
}

// A home that the version before made, whose ledger had two steps, is taken over: what waited is done,
// what was done is there, with the bytes that it has.
func TestHomeOfTheVersionBefore(t *testing.T) {
	home := t.TempDir()
	l, err := ledger.Open(t.Context(), filepath.Join(home, LedgerFile), Tables[:2])
	if err != nil {
		t.Fatal(err)
	}
	made := []byte("Once upon a time")
	folder := filepath.Join(home, "outputs", "2026-01-02", "000001-write")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "story.txt"), made, 0o600); err != nil {
		t.Fatal(err)
	}
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMilli()
	err = l.Change(func(tx *sql.Tx) error {
		for _, query := range []string{
			fmt.Sprintf(`INSERT INTO jobs VALUES (1, 'app', 'write', CAST('{}' AS BLOB), CAST('{}' AS BLOB), 'done', 0, 'laptop', 0, 1, %d, %d, %d, '', '2026-01-02/000001-write',
				CAST('[{"name":"story.txt","media_type":"text/plain","bytes":%d,"sha256":"00"}]' AS BLOB), NULL, NULL, NULL)`, created, created, created, len(made)),
			fmt.Sprintf(`INSERT INTO jobs VALUES (2, 'app', 'write', CAST('{"length": 4}' AS BLOB), CAST('{}' AS BLOB), 'queued', 0, 'laptop', 0, 0, %d, NULL, NULL, '', '', NULL, NULL, NULL, NULL)`, created),
			fmt.Sprintf(`INSERT INTO tokens VALUES ('laptop', '%s', 'make', %d, NULL)`, hashed("secret"), created),
			`INSERT INTO facts VALUES ('instance', '0123456789abcdef')`,
		} {
			if _, err := tx.Exec(query); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := startOn(t, home)
	if got := s.queue.Kept("laptop"); got < int64(len(made)) {
		t.Errorf("%d bytes are kept", got)
	}
	if _, b := s.do(sent{method: "GET", path: "/results/1/story.txt", token: "secret"}); string(b) != string(made) {
		t.Errorf("%q", b)
	}
	var j jobs.Job
	ctx := t.Context()
	if err := s.queue.Follow(ctx, 2, 0, time.Hour, func(jobs.Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if s.want(200, sent{method: "GET", path: "/jobs/2", token: "secret"}, &j); j.State != jobs.Done {
		t.Errorf("%+v %+v", j, j.Problem)
	}
	if s.config.Workshop.Instance != "0123456789abcdef" {
		t.Error(s.config.Workshop.Instance)
	}
}
