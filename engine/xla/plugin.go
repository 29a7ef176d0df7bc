//go:build xla && cgo

package xla

import (
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"atelier/internal/badinput"
)

// searchPath is the variable with the folders of plugins; without it they are searched where
// gomlx's installer and pip put them.
const searchPath = "PJRT_PLUGIN_LIBRARY_PATH"

// install says where to get a platform's plugin.
var install = map[string]string{
	"cpu":  "unpack a release of https://github.com/gomlx/pjrt-cpu-binaries into ~/.local/lib/go-xla",
	"cuda": "run pip install jax-cuda13-pjrt (jax-cuda12-pjrt for CUDA 12) in an active virtual environment",
}

// patterns are the file names of a platform's plugin: gomlx's, those of others, and JAX's.
func patterns(platform string) []string {
	extension := map[string]string{"darwin": ".dylib", "windows": ".dll"}[runtime.GOOS]
	if extension == "" {
		extension = ".so"
	}
	return []string{
		"pjrt_c_api_" + platform + "_plugin" + extension,
		"pjrt_c_api_" + platform + "_*_plugin" + extension,
		"pjrt[-_]plugin[-_]" + platform + "*" + extension,
		"xla_" + platform + "_plugin" + extension,
	}
}

// folders are searched for plugins, in this order.
func folders(getenv func(string) string) []string {
	if list := getenv(searchPath); list != "" {
		return notEmpty(filepath.SplitList(list))
	}
	var all []string
	if home, err := os.UserHomeDir(); err == nil {
		all = append(all, filepath.Join(home, ".local", "lib", "go-xla"), filepath.Join(home, ".local", "lib", "go-xla", "nvidia"))
		if runtime.GOOS == "darwin" {
			all = append(all, filepath.Join(home, "Library", "Application Support", "go-xla"))
		}
	}
	all = append(all, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia")
	if python := getenv("VIRTUAL_ENV"); python != "" {
		found, _ := filepath.Glob(filepath.Join(python, "lib", "python3*", "site-packages", "jax_plugins", "*"))
		all = append(all, found...)
	}
	return append(all, notEmpty(filepath.SplitList(getenv("LD_LIBRARY_PATH")))...)
}

func notEmpty(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// find returns the absolute path of a platform's plugin: in the first folder that has one, by the
// first matching pattern, the last by name.
func find(platform string, folders []string) (string, error) {
	wanted := patterns(platform)
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // most of them do not exist
		}
		for _, pattern := range wanted {
			for _, e := range slices.Backward(entries) {
				if ok, _ := path.Match(pattern, e.Name()); ok {
					return filepath.Abs(filepath.Join(folder, e.Name()))
				}
			}
		}
	}
	return "", badinput.Errorf("no XLA plugin: there is no %s or %s in %s; %s, or name its folder in %s",
		wanted[0], wanted[len(wanted)-1], strings.Join(folders, ", "), install[platform], searchPath)
}
