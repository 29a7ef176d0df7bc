package bench

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed peers/*.py
var peerPrograms embed.FS

// torch is a Python with PyTorch, and the folder of the programs that it runs.
type torch struct {
	python, folder string
	threads        int
	bind           bool
}

// Where OpenBLAS lies that shares OpenMP's threads with PyTorch, as Debian's package
// libopenblas0-openmp puts it. With threads of its own it is far slower.
const openBLAS = "/usr/lib/*/openblas-openmp"

// findTorch returns the first of these Pythons that has PyTorch, with the programs in
// a new folder; nil if there is none.
func findTorch(ctx context.Context, pythons []string, threads int, bind bool) (*torch, error) {
	for _, python := range pythons {
		if exec.CommandContext(ctx, python, "-c", "import torch").Run() != nil {
			continue
		}
		folder, err := os.MkdirTemp("", "peers")
		if err != nil {
			return nil, err
		}
		t := &torch{python: python, folder: folder, threads: threads, bind: bind}
		if err := os.CopyFS(folder, peerPrograms); err != nil {
			t.close()
			return nil, err
		}
		return t, nil
	}
	return nil, nil
}

func (t *torch) close() { os.RemoveAll(t.folder) }

// without leaves variables out of an environment.
func without(environment []string, variables ...string) []string {
	return slices.DeleteFunc(environment, func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(variables, name)
	})
}

// command is that of a program in PyTorch's best configuration on a processor: one
// pool of threads for everything, memory that is kept, and OpenBLAS's own choice of
// kernels, from which some machines keep it.
func (t *torch) command(ctx context.Context, program string, arguments ...string) *exec.Cmd {
	path := filepath.Join(t.folder, "peers", program)
	c := exec.CommandContext(ctx, t.python, append([]string{"-B", path}, arguments...)...)
	c.Env = append(without(os.Environ(), "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
		fmt.Sprintf("OMP_NUM_THREADS=%d", t.threads),
		fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", t.threads),
		fmt.Sprintf("OMP_PROC_BIND=%t", t.bind),
		"MALLOC_MMAP_THRESHOLD_=1073741824", "MALLOC_TRIM_THRESHOLD_=4294967296", "MALLOC_TOP_PAD_=268435456",
	)
	if found, _ := filepath.Glob(openBLAS); len(found) > 0 {
		c.Env = append(c.Env, "LD_LIBRARY_PATH="+found[0])
	}
	return c
}
