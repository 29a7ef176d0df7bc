package memory

import (
	"os"
	"path"
	"strconv"
	"strings"
)

// system is the memory of the machine, or of the container if that is less, and the part that is
// free or reclaimable; 0 if unknown.
func system() (total, free float64) { return in("/") }

// in is system below a root folder, with which tests imitate other machines.
func in(root string) (total, free float64) {
	info := fields(path.Join(root, "proc/meminfo"))
	total, free = 1024*info["MemTotal:"], 1024*info["MemAvailable:"]
	if total == 0 {
		return 0, 0
	}
	text, _ := os.ReadFile(path.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(text)) {
		// hierarchy:controllers:path, as in cgroups(7)
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		g := version2
		if parts[1] != "" {
			if g = version1; !strings.Contains(","+parts[1]+",", ",memory,") {
				continue
			}
		}
		// A group is limited by its ancestors. In a container the path may be that outside, of
		// which only the root is visible.
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			if most, left := g.limit(path.Join(root, g.mount, at)); most > 0 {
				total, free = min(total, most), min(free, left)
			}
			if at == "/" {
				break
			}
		}
	}
	return total, free
}

// A hierarchy gives the file names of one version of control groups.
type hierarchy struct{ mount, most, used, cached string }

var (
	version1 = hierarchy{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
	version2 = hierarchy{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"}
)

// limit is the limit of a folder's group, and what is left of it; 0 if unlimited.
func (h hierarchy) limit(dir string) (most, left float64) {
	most = number(path.Join(dir, h.most))
	if most == 0 || most >= noLimit {
		return 0, 0
	}
	used := number(path.Join(dir, h.used)) - fields(path.Join(dir, "memory.stat"))[h.cached]
	return most, max(0, most-max(0, used))
}

// number reads a file with one number; 0 if it is not a number.
func number(file string) float64 {
	text, _ := os.ReadFile(file)
	n, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	if err != nil {
		return 0
	}
	return n
}

// fields reads a file whose lines are a name and a number.
func fields(file string) map[string]float64 {
	text, _ := os.ReadFile(file)
	all := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) >= 2 {
			all[words[0]], _ = strconv.ParseFloat(words[1], 64)
		}
	}
	return all
}
