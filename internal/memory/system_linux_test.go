package memory

import (
	"os"
	"path/filepath"
	"testing"
)

// machine writes the files of a machine below a folder.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSystem(t *testing.T) {
	const info = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    800 kB\n"
	for name, c := range map[string]struct {
		files       map[string]string
		total, free float64
	}{
		"nothing known": {map[string]string{}, 0, 0},
		"a machine":     {map[string]string{"proc/meminfo": info}, 1000 << 10, 800 << 10},
		"no limit": {map[string]string{"proc/meminfo": info, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n"},
			1000 << 10, 800 << 10},
		"a group around it": {map[string]string{"proc/meminfo": info, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max": "409600\n", "sys/fs/cgroup/a/memory.current": "307200\n",
			"sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 204800\n"}, 400 << 10, 300 << 10},
		"version 1, and the path of outside": {map[string]string{"proc/meminfo": info,
			"proc/self/cgroup":                             "4:cpu,memory:/outside\n1:cpuset:/x\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   "204800\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes":   "102400\n",
			"sys/fs/cgroup/memory/memory.stat":             "total_inactive_file 0\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1\n"}, 200 << 10, 100 << 10},
	} {
		if total, free := in(machine(t, c.files)); total != c.total || free != c.free {
			t.Errorf("%s: %g bytes with %g free, want %g with %g", name, total, free, c.total, c.free)
		}
	}
}
