package store

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// duckdbFolder names a folder with DuckDB: npm install --prefix FOLDER @duckdb/node-api@1.5.6-r.1
const duckdbFolder = "ATELIER_DUCKDB"

// TestDuckDBReadsShards compares what another program reads from shards with what was stored, byte
// by byte.
func TestDuckDBReadsShards(t *testing.T) {
	packages := os.Getenv(duckdbFolder)
	if packages == "" {
		t.Skipf("skipped: %s names no folder with @duckdb/node-api", duckdbFolder)
	}
	golden, _ := goldenRows()
	v := written(t, t.TempDir(), append(golden, manyRows(9000, 300)...), nil)
	rows, _ := stored(t, v)

	args := []string{"testdata/duckdb.mjs", packages}
	for _, s := range v.manifest.Shards {
		args = append(args, filepath.Join(v.dir, filepath.FromSlash(s.Path)))
	}
	cmd := exec.Command("node", args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	n := 0
	for ; lines.Scan(); n++ {
		var got map[string]*string
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil || n >= len(rows) {
			t.Fatalf("line %d: %v", n, err)
		}
		sameInDuckDB(t, &rows[n], got)
	}
	if n != len(rows) {
		t.Errorf("DuckDB read %d rows of %d", n, len(rows))
	}
}

func sameInDuckDB(t *testing.T, r *Row, got map[string]*string) {
	t.Helper()
	want := map[string]string{
		"label": r.Label, "caption": r.Caption, "group": r.Group, "name": r.Name, "media_type": r.MediaType,
		"sha256": hex.EncodeToString(r.SHA256[:]), "licence": r.Origin.Licence, "creator": r.Origin.Creator,
		"attribution": r.Origin.Attribution, "place": r.Origin.Place,
	}
	if !r.Origin.Collected.IsZero() {
		want["collected"] = strconv.FormatInt(r.Origin.Collected.UnixMicro(), 10)
	}
	if len(r.Changes) > 0 {
		text, _ := json.Marshal(r.Changes)
		want["changes"] = string(text)
	}
	column := map[content]string{inImage: "image", inText: "text", inFile: "file"}[contentOf(&r.Item)]
	if b := got[column]; b == nil || !strings.EqualFold(*b, hex.EncodeToString(r.Bytes)) {
		t.Errorf("%s: other bytes", r.Name)
	}
	for name, got := range got {
		if strings.HasPrefix(name, "image") || strings.HasPrefix(name, "file") || name == "text" {
			continue
		}
		if got == nil && want[name] != "" || got != nil && *got != want[name] {
			t.Errorf("%s: %s is not %q", r.Name, name, want[name])
		}
	}
}
