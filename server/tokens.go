package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/ledger"
	"atelier/internal/pattern"
	"atelier/jobs"
)

// Tables are those of the ledger of a home, those of the queue among them, in the order in which the
// steps were released: a step is only ever added at the end.
var Tables = []string{jobs.Tables[0], accountTables, jobs.Tables[1], jobs.Tables[2], unsentTables}

const accountTables = `
CREATE TABLE tokens (
	name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, scope TEXT NOT NULL,
	created INTEGER NOT NULL, expires INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
	hash TEXT PRIMARY KEY, created INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sent (
	token TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, job INTEGER NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (token, key)) STRICT, WITHOUT ROWID;
`

// unsentTables has a key of a request go with the job that it made.
const unsentTables = `
DELETE FROM sent WHERE job NOT IN (SELECT id FROM jobs);
CREATE INDEX sent_job ON sent (job);
CREATE TRIGGER unsent AFTER DELETE ON jobs BEGIN DELETE FROM sent WHERE job = old.id; END;
`

// LedgerFile is the ledger of a home: queue, tokens and sessions.
const LedgerFile = "server.db"

// OpenLedger opens the ledger of a home.
func OpenLedger(ctx context.Context, home string) (*ledger.Ledger, error) {
	l, err := ledger.Open(ctx, filepath.Join(home, LedgerFile), Tables)
	return l, advised(err)
}

// advised says what to do about a ledger that is damaged.
func advised(err error) error {
	if damaged := (*ledger.DamagedError)(nil); errors.As(err, &damaged) {
		return fmt.Errorf("%w; move it away, with server.db-wal and server.db-shm: the next start makes a new one, which knows the results again, but not the tokens and the jobs that waited", err)
	}
	return err
}

// IsHome reports whether a home has had a studio.
func IsHome(home string) bool { return exists(filepath.Join(home, ownerFile)) }

const (
	ownerName   = "owner"
	ownerFile   = "studio.token"
	sessionTime = 30 * 24 * time.Hour
	codeTime    = 15 * time.Minute
	mostCodes   = 16
)

// secret is a new secret of 256 bits, in hexadecimal behind a word by which scanners find it.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b) // it does not fail
	return "atelier_" + hex.EncodeToString(b)
}

// hashed is how a secret is stored: with 256 bits of chance it needs no salt.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// OwnerToken reads the owner's token from its file in a home, which is made if there is none. One
// that others can read is refused.
func OwnerToken(home string) (string, error) {
	path := filepath.Join(home, ownerFile)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newOwner(home, path)
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", badinput.Errorf("%s holds the owner's token, and others can read it: chmod 600 it, or delete it for a new one", path)
	}
	text, err := durable.ReadFile(path, 1<<10)
	token := strings.TrimSpace(string(text))
	if err == nil && len(token) < 40 {
		err = badinput.Errorf("%s does not hold a token; delete it for a new one", path)
	}
	return token, err
}

// newOwner makes the file of the owner's token.
func newOwner(home, path string) (string, error) {
	if err := os.MkdirAll(home, 0o777); err != nil {
		return "", durable.Explain(home, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", durable.Explain(path, err)
	}
	token := secret()
	_, err = f.WriteString(token + "\n")
	return token, durable.Explain(path, errors.Join(err, f.Sync(), f.Close()))
}

// A Token is what a program shows to be let in; its secret is not kept.
type Token struct {
	Name    string     `json:"name"`
	Scope   Scope      `json:"scope"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires,omitempty"`
}

// Tokens are those of a ledger.
type Tokens struct{ Ledger *ledger.Ledger }

var tokenName = pattern.New(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$`)

// Add makes a token, and returns its secret, which is shown once. It expires after a time, 0 for
// never.
func (t Tokens) Add(name string, scope Scope, expires time.Duration) (string, error) {
	if name == ownerName || !tokenName().MatchString(name) {
		return "", badinput.Errorf("name: want up to 64 letters, digits, dots and dashes, and not %q, got %q", ownerName, name)
	}
	s, now := secret(), time.Now()
	var until *int64
	if expires > 0 {
		at := now.Add(expires).UnixMilli()
		until = &at
	}
	return s, t.Ledger.Change(func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM tokens WHERE name = ?", name).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return badinput.Errorf("there is a token %q already; revoke it first, or choose another name", name)
		}
		_, err := tx.Exec("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", name, hashed(s), scope.String(), now.UnixMilli(), until)
		return err
	})
}

// List returns the tokens by name.
func (t Tokens) List(ctx context.Context) ([]Token, error) {
	rows, err := t.Ledger.Read.QueryContext(ctx, "SELECT name, scope, created, expires FROM tokens ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Token{}
	for rows.Next() {
		k, err := scanToken(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

func scanToken(row interface{ Scan(...any) error }) (k Token, err error) {
	var scope string
	var created int64
	var expires sql.NullInt64
	if err := row.Scan(&k.Name, &scope, &created, &expires); err != nil {
		return k, err
	}
	k.Created = time.UnixMilli(created).UTC()
	if expires.Valid {
		at := time.UnixMilli(expires.Int64).UTC()
		k.Expires = &at
	}
	k.Scope, err = ParseScope(scope)
	return k, err
}

// Revoke ends a token at once.
func (t Tokens) Revoke(name string) error {
	return t.Ledger.Change(func(tx *sql.Tx) error {
		r, err := tx.Exec("DELETE FROM tokens WHERE name = ?", name)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, badinput.Errorf("there is no token %q", name))
		}
		return nil
	})
}

// A door lets callers in.
type door struct {
	Tokens
	owner string // hashed

	mu    sync.Mutex
	codes map[string]time.Time // one-time codes, hashed, and when they expire
}

// byToken finds who shows a token.
func (d *door) byToken(ctx context.Context, token string) (Caller, bool, error) {
	h := hashed(token)
	if subtle.ConstantTimeCompare([]byte(h), []byte(d.owner)) == 1 {
		return Caller{Name: ownerName, Scope: Admin}, true, nil
	}
	k, err := scanToken(d.Ledger.Read.QueryRowContext(ctx, "SELECT name, scope, created, expires FROM tokens WHERE hash = ?", h))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Caller{}, false, nil
	case err != nil:
		return Caller{}, false, err
	case k.Expires != nil && time.Now().After(*k.Expires):
		return Caller{}, false, nil
	}
	return Caller{Name: k.Name, Scope: k.Scope}, true, nil
}

// bySession finds who shows a cookie.
func (d *door) bySession(ctx context.Context, cookie string) (Caller, bool, error) {
	h := hashed(cookie)
	var expires int64
	err := d.Ledger.Read.QueryRowContext(ctx, "SELECT expires FROM sessions WHERE hash = ?", h).Scan(&expires)
	if errors.Is(err, sql.ErrNoRows) || err == nil && time.Now().UnixMilli() > expires {
		return Caller{}, false, nil
	}
	return Caller{Name: ownerName, Scope: Admin, Session: true, key: h}, err == nil, err
}

// code makes a one-time code.
func (d *door) code() string {
	c := secret()
	d.mu.Lock()
	defer d.mu.Unlock()
	for h, until := range d.codes {
		if time.Now().After(until) || len(d.codes) >= mostCodes {
			delete(d.codes, h)
		}
	}
	d.codes[hashed(c)] = time.Now().Add(codeTime)
	return c
}

// trade makes a session of a one-time code.
func (d *door) trade(code string) (session string, ok bool, err error) {
	h := hashed(code)
	d.mu.Lock()
	until, ok := d.codes[h]
	delete(d.codes, h)
	d.mu.Unlock()
	if !ok || time.Now().After(until) {
		return "", false, nil
	}
	s, now := secret(), time.Now()
	err = d.Ledger.Change(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM sessions WHERE expires < ?", now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO sessions VALUES (?, ?, ?)", hashed(s), now.UnixMilli(), now.Add(sessionTime).UnixMilli())
		return err
	})
	return s, err == nil, err
}

// leave ends a session, or all if the key is empty.
func (d *door) leave(key string) error {
	return d.Ledger.Change(func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM sessions WHERE hash = ? OR ? = ''", key, key)
		return err
	})
}
