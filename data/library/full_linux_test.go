package library

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"atelier/data"
	"atelier/data/store"
)

// A bulky source yields incompressible texts, 3 MiB in all.
type bulky struct{}

func (*bulky) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		r := rand.New(rand.NewPCG(3, 3))
		for i := 0; i < 48 && split == data.Train; i++ {
			b := make([]byte, 64<<10)
			for at := range b {
				b[at] = byte(r.Uint32())
			}
			if !yield(data.Item{Name: fmt.Sprintf("bulk %02d", i), MediaType: "text/plain", Bytes: b}, nil) {
				return
			}
		}
	}
}

// fullHome is the mount point of a small disk.
const fullHome = "ATELIER_TEST_FULL_HOME"

// TestDiskFull fills a small disk while Items are collected, and while they are stored. The disk is
// a tmpfs, mounted by a process in its own namespaces.
func TestDiskFull(t *testing.T) {
	home := os.Getenv(fullHome)
	if home != "" {
		for _, size := range []string{"2m", "5m"} {
			fillDisk(t, home, size)
		}
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestDiskFull$", "-test.v")
	cmd.Env = append(os.Environ(), fullHome+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case len(out) == 0 && err != nil:
		t.Skipf("no process can have a disk of its own here: %v", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skip(string(out))
	case err != nil:
		t.Errorf("%v: %s", err, out)
	}
}

// fillDisk adds to a dataset on a disk of a size that is too small, and resumes once there is room.
func fillDisk(t *testing.T, home, size string) {
	if err := syscall.Mount("tmpfs", home, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(home, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	s, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	l := &Library{Store: s, Home: home, Program: "test"}
	if _, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), ""); err != nil {
		t.Fatal(err)
	}
	_, err = l.Add(t.Context(), "n", source(&bulky{}), pipeline(), "")
	if err == nil || !strings.Contains(err.Error(), "the disk is full; what was there before is unchanged") {
		t.Errorf("%s: %v", size, err)
	}
	visible(t, home)
	if got, err := s.Versions(t.Context(), "n"); err != nil || len(got) != 1 {
		t.Errorf("%s: there are the versions %v, %v", size, got, err)
	}
	if err := syscall.Mount("tmpfs", home, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	v, err := l.Add(t.Context(), "n", source(&bulky{}), pipeline(), "")
	if err != nil || v.Ref() != "n@2" {
		t.Fatalf("%s: with room %v", size, err)
	}
	visible(t, home)
	roomy := newLibrary(t)
	for _, s := range []data.Source{&numbers{0, 20, 0}, &bulky{}} {
		want, err := roomy.Add(t.Context(), "n", source(s), pipeline(), "")
		if err != nil {
			t.Fatal(err)
		}
		if want.Ref() == v.Ref() && want.Hash() != v.Hash() {
			t.Errorf("%s: hash %s instead of %s", size, v.Hash(), want.Hash())
		}
	}
}
