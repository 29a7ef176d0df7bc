// Package ledger keeps small records that must survive a kill of the program: a SQLite file
// with one writer. A change that was reported is on the disk.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// ErrClosed is the error of a change after Close.
var ErrClosed = errors.New("the ledger is closed")

// A DamagedError reports a file that is no ledger, or not any more.
type DamagedError struct {
	Path string
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %v", e.Path, e.Err) }

// Unwrap returns what is wrong.
func (e *DamagedError) Unwrap() error { return e.Err }

// explain tells an error of SQLite that the file is damaged from others.
func explain(path string, err error) error {
	var failed *sqlite.Error
	if errors.As(err, &failed) && (failed.Code()&0xff == lib.SQLITE_CORRUPT || failed.Code()&0xff == lib.SQLITE_NOTADB) {
		return &DamagedError{path, failed}
	}
	return err
}

// A Ledger is an opened file. It is safe for use by several goroutines.
type Ledger struct {
	// Read reads what was committed; it does not wait for the writer.
	Read *sql.DB

	write             *sql.DB
	begin, undo, keep *sql.Stmt // of one change
	path              string
	changes           chan change
	closing           chan struct{}
	ended             chan struct{}
	once              sync.Once
}

// A change waits to be committed.
type change struct {
	do   func(*sql.Tx) error
	done chan error
}

// readers is how many read at once.
const readers = 4

// together is how many changes are committed at once, at most.
const together = 256

// Open opens the ledger in a file, readable by its owner alone, and brings its tables up to
// date: step i makes version i+1 of version i, and is never changed once released. A file that
// a newer program wrote is refused. What is deleted is overwritten.
func Open(ctx context.Context, path string, steps []string) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, durable.Explain(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600) // SQLite would ignore the umask
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, durable.Explain(path, err)
	}
	l := &Ledger{path: path, changes: make(chan change), closing: make(chan struct{}), ended: make(chan struct{})}
	if err := l.open(ctx, steps); err != nil {
		return nil, errors.Join(explain(path, err), l.shut())
	}
	go l.run()
	return l, nil
}

func (l *Ledger) open(ctx context.Context, steps []string) (err error) {
	if l.write, err = open(l.path, "_txlock=immediate"); err != nil {
		return err
	}
	l.write.SetMaxOpenConns(1)
	if err := migrate(ctx, l.write, l.path, steps); err != nil {
		return err
	}
	for query, to := range map[string]**sql.Stmt{"SAVEPOINT one": &l.begin, "ROLLBACK TO one": &l.undo, "RELEASE one": &l.keep} {
		if *to, err = l.Prepare(query); err != nil {
			return err
		}
	}
	if l.Read, err = open(l.path, "_pragma=query_only(1)"); err != nil {
		return err
	}
	l.Read.SetMaxOpenConns(readers)
	l.Read.SetMaxIdleConns(readers) // to open one takes as long as many queries
	l.Read.SetConnMaxIdleTime(time.Minute)
	return nil
}

func open(path, option string) (*sql.DB, error) {
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path),
		RawQuery: option + "&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-1024)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)"}
	return sql.Open("sqlite", name.String())
}

func migrate(ctx context.Context, db *sql.DB, path string, steps []string) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("%s cannot be used: %w", path, err)
	}
	if version > len(steps) {
		return badinput.Errorf("%s was written by a newer version of atelier, in format %d; this one reads up to %d", path, version, len(steps))
	}
	for i := version; i < len(steps); i++ {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, steps[i]); err == nil {
			_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", i+1))
		}
		if err != nil {
			return errors.Join(fmt.Errorf("%s cannot be brought to format %d: %w", path, i+1, err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// Prepare prepares a statement that changes often make: a [sql.Tx] of theirs has it as its Stmt. It is
// closed with the ledger.
func (l *Ledger) Prepare(query string) (*sql.Stmt, error) { return l.write.Prepare(query) }

// Change makes a change, wholly or not at all, and returns when it is on the disk. Changes that
// wait at the same time are committed together, each of them undone alone if it fails. do must
// not call Change.
func (l *Ledger) Change(do func(*sql.Tx) error) error {
	c := change{do, make(chan error, 1)}
	select {
	case l.changes <- c:
		return explain(l.path, <-c.done)
	case <-l.closing:
		return ErrClosed
	}
}

// run commits what waits, until Close.
func (l *Ledger) run() {
	defer close(l.ended)
	for {
		select {
		case c := <-l.changes:
			l.commit(c)
		case <-l.closing:
			return
		}
	}
}

// commit commits a change and those that wait with it.
func (l *Ledger) commit(first change) {
	var done []change
	tx, err := l.write.Begin()
	if err != nil {
		first.done <- err
		return
	}
	for c, more := first, true; more; {
		if err := l.apply(tx, c.do); err != nil {
			c.done <- err
		} else {
			done = append(done, c)
		}
		if len(done) == together {
			break
		}
		select {
		case c = <-l.changes:
		default:
			more = false
		}
	}
	err = tx.Commit()
	for _, c := range done {
		c.done <- err
	}
}

// apply makes one change of a transaction, or undoes it.
func (l *Ledger) apply(tx *sql.Tx, do func(*sql.Tx) error) (err error) {
	if _, err := tx.Stmt(l.begin).Exec(); err != nil {
		return err
	}
	if err = do(tx); err != nil {
		_, undone := tx.Stmt(l.undo).Exec()
		err = errors.Join(err, undone)
	}
	_, released := tx.Stmt(l.keep).Exec()
	return errors.Join(err, released)
}

// Scrub has what was deleted leave the log beside the file, too, where it would be readable until later
// changes took its place. It waits for those who read; where they go on for longer than SQLite waits for
// them, it is an error. It is not for the function of a change.
func (l *Ledger) Scrub() error {
	var busy, pages, moved int
	err := l.write.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		err = fmt.Errorf("what was deleted can still be read in %s-wal, until the program ends: somebody reads the file", l.path)
	}
	return explain(l.path, err)
}

// Close ends the ledger; changes that wait are refused.
func (l *Ledger) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.ended
	return l.shut()
}

func (l *Ledger) shut() (err error) {
	for _, db := range []*sql.DB{l.Read, l.write} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
