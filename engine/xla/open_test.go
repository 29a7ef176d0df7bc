//go:build xla && cgo

package xla

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// touch makes empty files and returns their folder.
func touch(t *testing.T, names ...string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestFind(t *testing.T) {
	versions := touch(t, "pjrt_c_api_cpu_v0.83.1_plugin.so", "pjrt_c_api_cpu_v0.90.0_plugin.so", "pjrt_c_api_tpu_plugin.so", "README")
	jax := touch(t, "xla_cuda_plugin.so", "__init__.py")
	all := []string{filepath.Join(versions, "nowhere"), versions, jax}
	for platform, want := range map[string]string{
		"cpu":  filepath.Join(versions, "pjrt_c_api_cpu_v0.90.0_plugin.so"),
		"cuda": filepath.Join(jax, "xla_cuda_plugin.so"),
	} {
		if got, err := find(platform, all); err != nil || got != want {
			t.Errorf("plugin of %s: %q, %v; want %q", platform, got, err, want)
		}
	}
}

func TestNoPlugin(t *testing.T) {
	empty := t.TempDir()
	t.Setenv(searchPath, empty+string(filepath.ListSeparator))
	for platform, advice := range map[string]string{"cpu": "pjrt-cpu-binaries", "cuda": "pip install jax-cuda13-pjrt"} {
		_, err := Open(platform)
		if !errors.Is(err, badinput.Err) {
			t.Fatalf("%s without a plugin: %v", platform, err)
		}
		for _, part := range []string{"device xla:" + platform, advice, empty, searchPath} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", platform, err, part)
			}
		}
	}
}

// A file that is no library is an error, not the end of the process.
func TestBrokenPlugin(t *testing.T) {
	t.Setenv(searchPath, touch(t, "pjrt_c_api_cpu_plugin.so"))
	if b, err := Open("cpu"); err == nil || !strings.Contains(err.Error(), "pjrt_c_api_cpu_plugin.so") {
		t.Errorf("an empty plugin: %v, %v", b, err)
	}
	t.Setenv(searchPath, touch(t, "pjrt_c_api_cpu_plugin.so")+"/a,b")
	if _, err := Open("cpu"); !errors.Is(err, badinput.Err) {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

func TestFolders(t *testing.T) {
	python := t.TempDir()
	plugin := filepath.Join(python, "lib", "python3.12", "site-packages", "jax_plugins", "xla_cuda13")
	if err := os.MkdirAll(plugin, 0o700); err != nil {
		t.Fatal(err)
	}
	got := folders(func(name string) string {
		return map[string]string{"VIRTUAL_ENV": python, "LD_LIBRARY_PATH": "/one::/two"}[name]
	})
	for _, want := range []string{"/usr/local/lib/go-xla", plugin, "/one", "/two"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	only := folders(func(name string) string { return map[string]string{searchPath: "/a:/b", "LD_LIBRARY_PATH": "/c"}[name] })
	if !slices.Equal(only, []string{"/a", "/b"}) {
		t.Errorf("folders that are named: %q", only)
	}
}
