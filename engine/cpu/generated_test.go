package cpu

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestGeneratedIsFresh(t *testing.T) {
	again := filepath.Join(t.TempDir(), "record_gen.go")
	if out, err := exec.Command("go", "run", "./gen", again).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("record_gen.go"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("record_gen.go is not what its generator writes; run go generate ./engine/cpu (%v)", err)
	}
}
