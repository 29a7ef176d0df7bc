// Package simd implements vector kernels on []float32 for several instruction sets, and detects
// which one this processor supports.
package simd

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/cpu"
)

// A Path is a set of vector instructions that kernels are written for. Results of one path are
// bitwise the same everywhere; two paths may differ in the last places.
type Path string

const (
	AVX512   Path = "avx512"   // amd64 with AVX-512 F, BW, DQ and VL
	AVX2     Path = "avx2"     // amd64 with AVX2, FMA and F16C
	NEON     Path = "neon"     // arm64
	Portable Path = "portable" // plain Go
)

// Variable is the environment variable that lowers the path, to see the results of an older
// processor on a newer one.
const Variable = "ATELIER_CPU"

var ladder = []Path{AVX512, AVX2, NEON, Portable} // best first

// Paths returns the paths that this processor supports, best first, whatever ATELIER_CPU says.
// Portable is always the last.
func Paths() []Path {
	var paths []Path
	for _, p := range ladder {
		if p.runs() {
			paths = append(paths, p)
		}
	}
	return paths
}

// Best returns the path to use: the one in ATELIER_CPU, or else the best that this processor
// supports. It reads the environment once. If CheckPath returns an error, it is the processor's
// best.
func Best() Path {
	p, _ := chosen()
	return p
}

// CheckPath returns an error if the value of ATELIER_CPU is invalid.
func CheckPath() error {
	_, err := chosen()
	return err
}

var chosen = sync.OnceValues(func() (Path, error) { return choose(os.Getenv(Variable)) })

// choose returns the named path, or the best one with an error that lists the alternatives.
func choose(name string) (Path, error) {
	paths := Paths()
	if name == "" {
		return paths[0], nil
	}
	if slices.Contains(paths, Path(name)) {
		return Path(name), nil
	}
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = string(p)
	}
	what := "no such path"
	if slices.Contains(ladder, Path(name)) {
		what = "this processor lacks it"
	}
	return paths[0], fmt.Errorf("%s=%s: %s; there are %s", Variable, name, what, strings.Join(names, ", "))
}

// runs reports whether this processor and its operating system support p. Every processor with AVX2
// and FMA has F16C.
func (p Path) runs() bool {
	switch p {
	case AVX512:
		return AVX2.runs() && cpu.X86.HasBMI2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
	case AVX2:
		return cpu.X86.HasAVX2 && cpu.X86.HasFMA
	case NEON:
		return cpu.ARM64.HasASIMD
	case Portable:
		return true
	}
	return false
}
