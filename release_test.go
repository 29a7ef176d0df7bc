package atelier

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestRelease builds a release of this system alone, and runs it.
func TestRelease(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" || testing.Short() {
		t.Skip("skipped: releases are built by a bash script, which takes long")
	}
	dir := t.TempDir()
	release := func() (string, error) {
		out, err := exec.CommandContext(t.Context(), "bash", "docs/release.sh", dir, runtime.GOOS+"/"+runtime.GOARCH).CombinedOutput()
		return string(out), err
	}
	if out, err := release(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := release(); err == nil || !strings.Contains(out, "is not empty") {
		t.Errorf("a release over another: %v, %s", err, out)
	}
	binary := "atelier-0.1.0-" + runtime.GOOS + "-" + runtime.GOARCH
	said, err := exec.CommandContext(t.Context(), filepath.Join(dir, binary), "version").Output()
	if err != nil || !strings.HasPrefix(string(said), "atelier 0.1.0") {
		t.Errorf("version: %q, %v", said, err)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{binary, "LICENSE", "NOTICE", "NOTICE-data.txt", "LICENSE-go.txt", "LICENSES-modules.txt"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		sum := sha256.Sum256(b)
		if err != nil || !strings.Contains(string(sums), hex.EncodeToString(sum[:])+"  "+name+"\n") {
			t.Errorf("%s: %v, and its checksum is not among %s", name, err, sums)
		}
		if name == "LICENSES-modules.txt" && (!strings.Contains(string(b), "==== github.com/spf13/cobra v") || !strings.Contains(string(b), "Apache License")) {
			t.Errorf("%s lacks licences", name)
		}
	}
}
