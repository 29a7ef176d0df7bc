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

// A Processor describes the CPU and the code path in use.
type Processor struct {
	Path    string   `json:"path"`         // the vector instructions in use
	Paths   []string `json:"paths"`        // the available ones, best first
	Threads int      `json:"threads"`      // one per core
	Peak    float64  `json:"peak"`         // GFLOP/s of all threads in float32, measured with all data in L1
	L1      int      `json:"l1,omitempty"` // bytes of a core's L1 data cache; 0 if unknown
	L2      int      `json:"l2,omitempty"` // bytes of its L2 cache; 0 if unknown
}

// ThisProcessor describes the processor that the program runs on, and measures it for a fraction of
// a second. An unsupported value of ATELIER_CPU is a user error.
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

// caches reads the sizes of the L1 and L2 data caches from a folder as in Linux's sysfs; 0 where
// unknown.
func caches(folder string) (first, second int) {
	levels, _ := filepath.Glob(filepath.Join(folder, "index*"))
	for _, level := range levels {
		read := func(name string) string {
			text, _ := os.ReadFile(filepath.Join(level, name)) // an empty text is not a level
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

// size parses a size such as 32K or 1M; 0 if it cannot be parsed.
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
