package jobs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"atelier/internal/durable"
	"atelier/internal/ledger"
)

// Reindex adds jobs to a ledger that lacks them, such as one that was lost and is new, by the files in
// the outputs of a home, and returns how many. Jobs that made no files are not found again. No queue
// may be opened on the ledger.
func Reindex(l *ledger.Ledger, home string) (added int, err error) {
	err = l.Change(func(tx *sql.Tx) (err error) {
		added, err = reindex(tx, home)
		return err
	})
	return added, err
}

// reindex reads the outputs. No job is given a number again that a folder has, whoever made it.
func reindex(tx *sql.Tx, home string) (added int, err error) {
	folders, err := filepath.Glob(filepath.Join(home, outputs, "*", "*-*"))
	if err != nil {
		return 0, err
	}
	var last int64
	for _, folder := range folders {
		number, _, _ := strings.Cut(filepath.Base(folder), "-")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || id < 1 {
			continue // it is not of a job
		}
		last = max(last, id)
		j, ok, err := sealed(folder)
		if err != nil {
			return added, err
		}
		if !ok || j.ID != id || filepath.Join(home, outputs, place(j)) != folder {
			continue
		}
		n, err := insert(tx, j)
		if err != nil {
			return added, err
		}
		added += n
	}
	_, err = tx.Exec(`INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'jobs');
		UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'jobs'`, last)
	return added, err
}

// sealed is the job of a folder that is finished; ok is false for another one.
func sealed(folder string) (j Job, ok bool, err error) {
	text, err := durable.ReadFile(filepath.Join(folder, sealFile), sealMost)
	if errors.Is(err, fs.ErrNotExist) {
		return j, false, nil
	}
	if err != nil || json.Unmarshal(text, &j) != nil || !j.State.Final() {
		return j, false, err
	}
	kept := j.Outputs[:0]
	for _, o := range j.Outputs { // a person may have removed some
		if CheckName(o.Name) != nil {
			continue
		}
		if info, err := os.Stat(filepath.Join(folder, o.Name)); err == nil && info.Mode().IsRegular() {
			kept, j.bytes = append(kept, o), j.bytes+info.Size()
		}
	}
	j.Outputs, j.folder = kept, place(j)
	return j, true, nil
}

// insert adds a job that is over, unless there is one of its number.
func insert(tx *sql.Tx, j Job) (n int, err error) {
	var problem []byte
	if j.Problem != nil {
		problem = marshal(j.Problem)
	}
	r, err := tx.Exec("INSERT OR IGNORE INTO jobs ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, 0)",
		j.ID, j.Kind, j.App, []byte(j.Inputs), marshal(j.Options), j.State, j.Priority, j.By, j.Wide, max(j.Attempt, 1),
		j.Created.UnixMilli(), millis(j.Started), millis(j.Ended), j.Run, j.folder, marshal(j.Outputs), []byte(j.Found), problem, millis(j.Trashed), j.bytes)
	if err != nil {
		return 0, err
	}
	changed, err := r.RowsAffected()
	return int(changed), err
}

// millis is a time as it is stored, nil for none.
func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	at := t.UnixMilli()
	return &at
}
