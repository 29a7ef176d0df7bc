package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"atelier/engine/product"
	"atelier/engine/simd"
	"atelier/engine/threads"
	"atelier/internal/badinput"
)

// A Processor is what the device cpu computes with.
type Processor struct {
	Path    string   `json:"path"`         // the vector instructions that are used
	Paths   []string `json:"paths"`        // those that it has, best first
	Threads int      `json:"threads"`      // one a core
	Peak    float64  `json:"peak"`         // GFLOP/s of all threads in float32, measured where everything is in L1
	L1      int      `json:"l1,omitempty"` // bytes of a core's first cache for data; 0 if unknown
	L2      int      `json:"l2,omitempty"` // bytes of its second; 0 if unknown
}

// ThisProcessor describes the processor that the program runs on, and measures it
// for a fraction of a second. A value of
// ATELIER_CPU that it cannot follow is a mistake.
func ThisProcessor() (Processor, error) {
	if err := simd.CheckPath(); err != nil {
		return Processor{}, badinput.Mark(err)
	}
	p := Processor{Path: string(simd.Best()), Threads: runtime.GOMAXPROCS(0)}
	for _, path := range simd.Paths() {
		p.Paths = append(p.Paths, string(path))
	}
	p.Peak = product.Peak(threads.New(p.Threads), simd.Best())
	p.L1, p.L2 = caches("/sys/devices/system/cpu/cpu0/cache")
	return p, nil
}

// caches reads the sizes of the first and second cache for data as Linux shows
// them in a folder; 0 where it does not.
func caches(folder string) (first, second int) {
	levels, _ := filepath.Glob(filepath.Join(folder, "index*"))
	for _, level := range levels {
		read := func(name string) string {
			text, _ := os.ReadFile(filepath.Join(level, name)) // an empty text is no level
			return strings.TrimSpace(string(text))
		}
		if read("type") == "Instruction" {
			continue
		}
		switch read("level") {
		case "1":
			first = size(read("size"))
		case "2":
			second = size(read("size"))
		}
	}
	return first, second
}

// size reads bytes written as 32K or 1M; 0 is what cannot be read.
func size(text string) int {
	unit := 1
	switch {
	case strings.HasSuffix(text, "K"):
		unit = 1 << 10
	case strings.HasSuffix(text, "M"):
		unit = 1 << 20
	}
	n, err := strconv.Atoi(strings.TrimRight(text, "KM"))
	if err != nil || n < 0 {
		return 0
	}
	return n * unit
}
