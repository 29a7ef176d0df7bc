//go:build unix

package durable

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"atelier/internal/badinput"
)

// Special files are written into, and stay what they are.
func TestPlaceThatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		text, _ := os.ReadFile(pipe)
		got <- string(text)
	}()
	if _, err := put(t, &Guard{}, pipe, "through"); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "through" {
		t.Errorf("read %q", text)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("%v %v", info.Mode(), err)
	}

	// A pipe without a reader is waited for until the work is called off.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (&Guard{}).File(ctx, pipe); !errors.Is(err, context.Canceled) {
		t.Errorf("without a reader: %v", err)
	}
	r, err := os.Open(pipe) // lets the opening end
	if err == nil {
		r.Close()
	}
}

// An open file is written into where it stands, even if it is a regular file.
func TestPlaceThatIsOpen(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "before "); err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/dev/fd/"+strconv.Itoa(fd), link); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t, &Guard{}, link, "and after"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	holds(t, filepath.Join(dir, "a"), "before and after")
	only(t, dir, "a link")
}

// A device that takes nothing has no disk that could be made room on, and keeps nothing.
func TestPlaceInFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("skipped: no /dev/full on " + runtime.GOOS)
	}
	_, err := put(t, &Guard{}, "/dev/full", "text")
	if err == nil || !strings.HasPrefix(err.Error(), "the output to /dev/full is incomplete: ") || errors.Is(err, badinput.Err) {
		t.Errorf("error %v", err)
	}
}

// A link stays, and what it leads to is written.
func TestPlaceBehindLinks(t *testing.T) {
	dir := t.TempDir()
	link, further, file := filepath.Join(dir, "link"), filepath.Join(dir, "further"), filepath.Join(dir, "sub", "file")
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "sub"), 0o777), os.Symlink("further", link), os.Symlink("sub/file", further)); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t, &Guard{}, link, "one"); err != nil { // it dangles
		t.Fatal(err)
	}
	holds(t, file, "one")
	if _, err := put(t, &Guard{}, link, "two"); err == nil {
		t.Error("replaced without force")
	}
	if _, err := put(t, &Guard{Force: true}, link, "two"); err != nil {
		t.Fatal(err)
	}
	holds(t, file, "two")
	for _, l := range []string{link, further} {
		if info, err := os.Lstat(l); err != nil || info.Mode().Type() != os.ModeSymlink {
			t.Errorf("%s: %v %v", l, info.Mode(), err)
		}
	}
	circle := filepath.Join(dir, "circle")
	if err := os.Symlink("circle", circle); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t, &Guard{Force: true}, circle, "x"); err == nil {
		t.Error("wrote through a circle of links")
	}
}
