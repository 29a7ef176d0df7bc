package source

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
)

// execute runs statements on a database.
func execute(t *testing.T, driver, place string, statements ...string) {
	t.Helper()
	db, err := sql.Open(driver, place)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
}

// sqliteOf makes a database with a table of works of both parts.
func sqliteOf(t *testing.T, rows int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "100% #my set?.db")
	statements := []string{"CREATE TABLE works (text TEXT, label INTEGER, picture BLOB)"}
	for i := range rows {
		statements = append(statements, fmt.Sprintf("INSERT INTO works VALUES ('text %d', %d, NULL)", i, i%3))
	}
	execute(t, "sqlite", "file:"+strings.NewReplacer("%", "%25", "#", "%23", "?", "%3f", " ", "%20").Replace(file), statements...)
	return file
}

func TestSQLite(t *testing.T) {
	file := sqliteOf(t, 20)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := new(SQL)
	if s.Recognize("sqlite:"+file) != data.Certain || s.SetName() != "100% #my set" {
		t.Error(s.SetName())
	}
	items, _, drops := take(t, s)
	if it := items["row/7"]; string(it.Bytes) != "text 6" || it.Label != "0" || it.Origin.Place != "sqlite:"+file+"#7" || len(items) != 20 || len(drops) > 0 {
		t.Errorf("%+v of %d, %v", it, len(items), drops)
	}
	s.Query = "SELECT x'89504e470d0a1a0a' AS picture, 'a dot' AS caption, 'train' AS split UNION ALL SELECT NULL, 'none', 'test'"
	items, _, drops = take(t, s)
	if it := items["row/1"]; it.MediaType != "image/png" || it.Caption != "a dot" || fmt.Sprint(drops) != "map[row/2:empty]" || !s.Divided() {
		t.Errorf("%+v, %v", it, drops)
	}
	for query, want := range map[string]string{
		"SELECT nothing FROM works":          "query: ",
		"DELETE FROM works":                  "",
		"INSERT INTO works VALUES (1, 2, 3)": "",
		"SELECT label AS number FROM works":  "none of the columns number holds a text or a file",
	} {
		s.Query = query
		if _, err := collect(s, data.Train); err == nil && want != "" || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Error("the database was written to", err)
	}
	for address, want := range map[string]string{
		"":                         "address is not set",
		"mysql://x":                "want the address sqlite:FILE or postgres",
		"sqlite:none.db":           "want sqlite:FILE with a file that is there",
		"sqlite:" + t.TempDir():    "is a folder",
		"sqlite:" + file + "/x.db": "want sqlite:FILE",
	} {
		if _, err := collect(&SQL{Address: address}, data.Train); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", address, err, want)
		}
	}
}

// A file that is no database, or only the beginning of one, is an error.
func TestDamagedSQLite(t *testing.T) {
	file := sqliteOf(t, 400)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{[]byte("no database, but long enough to be looked at"), whole[:len(whole)/2], whole[:100]} {
		if err := os.WriteFile(file, b, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := collect(&SQL{Address: "sqlite:" + file, Query: "SELECT text FROM works"}, data.Train); err == nil || !strings.HasPrefix(err.Error(), "sql sqlite:") {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

// TestQueriesMakeNothing tries every statement that makes a file or changes the database.
func TestQueriesMakeNothing(t *testing.T) {
	file := sqliteOf(t, 3)
	dir := filepath.Dir(file)
	made := filepath.Join(dir, "made.db")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"ATTACH '" + made + "' AS m", "VACUUM INTO '" + made + "'", "SELECT text FROM works; ATTACH '" + made + "' AS m; CREATE TABLE m.t (x)",
		"SELECT text FROM works; VACUUM INTO '" + made + "'", "-- a comment\nATTACH 'file:" + made + "?mode=rwc' AS m", "/* a comment */ PRAGMA journal_mode = WAL",
		"CREATE TABLE more (x)", "DROP TABLE works", "UPDATE works SET text = ''", "WITH w AS (SELECT 1) INSERT INTO works SELECT 'x', 1, NULL FROM w RETURNING text", "--", "/*",
	} {
		_, _ = collect(&SQL{Address: "sqlite:" + file, Query: query}, data.Train)
		files, err := os.ReadDir(dir)
		after, e := os.ReadFile(file)
		if len(files) != 1 || err != nil || e != nil || string(after) != string(before) {
			t.Fatalf("%s: made %v, %v, %v", query, files, err, e)
		}
	}
	for _, query := range []string{"select text from works", " (SELECT text FROM works)", "-- note\n/* and */ WITH w AS (SELECT * FROM works) SELECT text FROM w", "VALUES ('a text')"} {
		if err := checkReads(query); err != nil {
			t.Error(err)
		}
	}
	if _, err := collect(&SQL{Address: "sqlite:" + file, Query: "COPY works TO '/tmp/x'"}, data.Train); err == nil || !strings.Contains(err.Error(), `begins with "COPY"`) {
		t.Error(err)
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	s := &SQL{Address: "postgres://ann:secret@127.0.0.1:1/set?password=secret&connect_timeout=1"}
	_, err := collect(s, data.Train)
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "sql postgres://ann@127.0.0.1:1/set: ") {
		t.Error(err)
	}
}

// postgres starts a server of its own and returns its address.
func postgres(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		t.Skip("needs a PostgreSQL server: apt install postgresql")
	}
	bin := filepath.Dir(found[0])
	dir, err := os.MkdirTemp("", "pg") // short: the path of a socket must be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	run := func(program string, args ...string) *exec.Cmd {
		if os.Geteuid() == 0 { // which the server refuses to run as
			return exec.Command("runuser", append([]string{"-u", "postgres", "--", filepath.Join(bin, program)}, args...)...)
		}
		return exec.Command(filepath.Join(bin, program), args...)
	}
	if os.Geteuid() == 0 {
		if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
			t.Skip("there is no user postgres to run the server as:", string(out))
		}
	}
	files := filepath.Join(dir, "data")
	if out, err := run("initdb", "-D", files, "-A", "trust", "-U", "ann", "--no-sync").CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	if out, err := run("pg_ctl", "-D", files, "-w", "-l", filepath.Join(dir, "log"), "-o", "-F -h '' -k "+dir, "start").CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	t.Cleanup(func() { _ = run("pg_ctl", "-D", files, "-m", "immediate", "stop").Run() })
	return "postgres://ann@/postgres?host=" + dir
}

func TestPostgreSQL(t *testing.T) {
	address := postgres(t)
	execute(t, "pgx", address, "CREATE TABLE works (id int PRIMARY KEY, text text, label text, image bytea)",
		"INSERT INTO works SELECT i, 'text ' || i, 'class ' || i % 3, NULL FROM generate_series(1, 20) i",
		`INSERT INTO works VALUES (21, 'a dot', 'x', '\x89504e470d0a1a0a')`)
	s := &SQL{Address: address}
	items, _, drops := take(t, s)
	if it := items["row/7"]; string(it.Bytes) != "text 7" || it.Label != "class 1" || len(items) != 21 || len(drops) > 0 {
		t.Errorf("%+v of %d, %v", it, len(items), drops)
	}
	if it := items["row/21"]; it.MediaType != "image/png" || it.Caption != "a dot" {
		t.Errorf("%+v", it)
	}
	s.Query = "DELETE FROM works RETURNING text"
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Error("the database was written to:", err)
	}
	s.Query = "SELECT nothing"
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "query: ") {
		t.Error(err)
	}
}
