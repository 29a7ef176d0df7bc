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

// torch is a Python with PyTorch, and the folder of its programs.
type torch struct {
	python, folder string
	threads        int
	bind           bool
}

// The location of an OpenBLAS that shares OpenMP's threads with PyTorch, as installed by Debian's
// package libopenblas0-openmp. With its own threads it is far slower.
const openBLAS = "/usr/lib/*/openblas-openmp"

// findPython returns a Python that has the modules: the one that a setting names, or the first that is
// found if it is empty. It returns "" for "none", and reports it if there is none.
func findPython(ctx context.Context, on *Machine, setting, modules, packages string) string {
	pythons := []string{"python3", "/usr/bin/python3"}
	switch setting {
	case "":
	case "none":
		return ""
	default:
		pythons = []string{setting}
	}
	for _, python := range pythons {
		if exec.CommandContext(ctx, python, "-c", "import "+modules).Run() == nil {
			return python
		}
	}
	on.Tell(fmt.Sprintf("no Python with %s is found, so there is nothing to compare with; Debian has it as %s", modules, packages))
	return ""
}

// findTorch returns the Python that has PyTorch (see [findPython]), with the programs in a new folder,
// or nil.
func findTorch(ctx context.Context, on *Machine, setting string, bind bool) (*torch, error) {
	python := findPython(ctx, on, setting, "torch", "python3-torch and libopenblas0-openmp")
	if python == "" {
		return nil, nil
	}
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, err
	}
	t := &torch{python: python, folder: folder, threads: on.Threads, bind: bind}
	if err := os.CopyFS(folder, peerPrograms); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *torch) close() { os.RemoveAll(t.folder) }

// without removes variables from an environment.
func without(environment []string, variables ...string) []string {
	return slices.DeleteFunc(environment, func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(variables, name)
	})
}

// command runs a program in PyTorch's best configuration on a CPU: one thread pool for everything,
// cached memory, and OpenBLAS's own choice of kernels, which some machines override.
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
