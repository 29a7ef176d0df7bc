package source

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"modernc.org/sqlite"               // the driver sqlite

	"atelier/internal/badinput"
)

const sqliteScheme = "sqlite:"

// limitAttached is SQLITE_LIMIT_ATTACHED, the number of further databases of a connection.
const limitAttached = 7

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// withoutPassword is the address of a database as it may be displayed and stored.
func withoutPassword(address string) string {
	if !isPostgres(address) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "postgres://"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = ""
	return u.String()
}

// openDatabase opens a database for reading.
func openDatabase(address string) (*sql.DB, error) {
	file, isSQLite := strings.CutPrefix(address, sqliteScheme)
	switch {
	case isSQLite:
		if info, err := os.Stat(file); err != nil {
			return nil, badinput.Errorf("%w; want sqlite:FILE with a file that is there", err)
		} else if info.IsDir() {
			return nil, badinput.Errorf("is a folder; want sqlite:FILE")
		} else if !info.Mode().IsRegular() {
			return nil, badinput.Errorf("is a pipe or a device; want sqlite:FILE")
		}
		place := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: "mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(10000)"}
		return sql.Open("sqlite", place.String())
	case isPostgres(address):
		return sql.Open("pgx", address)
	case address == "":
		return nil, badinput.Errorf("address is not set; want sqlite:FILE or postgres://USER@HOST/DATABASE")
	}
	return nil, badinput.Errorf("want the address sqlite:FILE or postgres://USER@HOST/DATABASE")
}

// rows yields the rows of the query, numbered from 1, in a read-only transaction.
func (s *SQL) rows(ctx context.Context) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		if err := s.walk(ctx, func(r row) bool { return yield(r, nil) }); err != nil {
			yield(row{}, err)
		}
	}
}

func (s *SQL) walk(ctx context.Context, yield func(row) bool) error {
	db, err := openDatabase(s.Address)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if !isPostgres(s.Address) {
		// ATTACH and VACUUM INTO create files even if the database is read-only.
		if _, err := sqlite.Limit(conn, limitAttached, 0); err != nil {
			return err
		}
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	query := s.Query
	if err := checkReads(query); err != nil {
		return err
	}
	if query == "" {
		if query, err = onlyTable(ctx, tx, isPostgres(s.Address)); err != nil {
			return err
		}
	}
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	names = named(names)
	for at := 1; rows.Next(); at++ {
		r := row{record: record{names: names, values: make([]any, len(names))}, at: at}
		into := make([]any, len(names))
		for i := range into {
			into[i] = &r.values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("row %d: %w", at, err)
		}
		if !yield(r) {
			return nil
		}
	}
	return rows.Err()
}

// reading are the keywords that queries begin with.
var reading = []string{"SELECT", "WITH", "VALUES", "TABLE"}

// checkReads rejects statements that are not queries: COPY, for example, writes files on the server
// even in a read-only transaction. An empty query is allowed.
func checkReads(query string) error {
	word := strings.TrimLeft(query, " \t\r\n(")
	for {
		var comment string
		switch {
		case strings.HasPrefix(word, "--"):
			comment = "\n"
		case strings.HasPrefix(word, "/*"):
			comment = "*/"
		}
		if comment == "" {
			break
		}
		_, word, _ = strings.Cut(word, comment)
		word = strings.TrimLeft(word, " \t\r\n(")
	}
	if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		word = word[:end]
	}
	if query != "" && !slices.Contains(reading, strings.ToUpper(word)) {
		return fmt.Errorf("query: want one that reads, such as SELECT ... ORDER BY ...; %q begins with %q, and the database is read-only", query, word)
	}
	return nil
}

// onlyTable is the query for everything in a database with a single table.
func onlyTable(ctx context.Context, tx *sql.Tx, postgres bool) (string, error) {
	query := "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if postgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name"
	}
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", err
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	if len(tables) != 1 {
		return "", fmt.Errorf("query is not set, and the database has the tables %s; want query = \"SELECT ... FROM ... ORDER BY ...\"", strings.Join(tables, ", "))
	}
	quoted := `"` + strings.ReplaceAll(tables[0], `"`, `""`) + `"`
	if postgres {
		return "SELECT * FROM " + quoted + " ORDER BY 1", nil
	}
	return "SELECT * FROM " + quoted + " ORDER BY rowid", nil
}
