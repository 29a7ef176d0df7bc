//go:build xla && cgo

package xla

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	gomlx "github.com/gomlx/go-xla/compute/xla"

	"atelier/internal/badinput"
)

// Open loads the plugin of a platform, cpu or cuda, and returns its backend. A missing plugin is a
// user error that says what to install. Matrix products are computed in float32 on every device,
// not in TF32, so that a recipe trains the same everywhere.
func Open(platform string) (compute.Backend, error) {
	path, err := find(platform, folders(os.Getenv))
	if err != nil {
		return nil, fmt.Errorf("device xla:%s: %w", platform, err)
	}
	if strings.Contains(path, ",") {
		return nil, badinput.Errorf("device xla:%s: the path of the plugin, %s, has a comma, which gomlx's backend does not understand", platform, path)
	}
	if err := quiet(path); err != nil {
		return nil, err
	}
	gomlx.EnableAutoInstall(false)
	// gomlx infers from the whole path whether memory is shared with the device.
	backend, err := gomlx.NewWithOptions(fmt.Sprintf("%s,shared_buffers=%t", path, platform == "cpu"), nil)
	if err != nil {
		return nil, fmt.Errorf("device xla:%s by %s: %w", platform, path, err)
	}
	backend.DotGeneralUseTF32 = false
	return backend, nil
}

// checks is the variable that disables gomlx's search for CUDA's libraries.
const checks = "GOPJRT_CUDA_CHECKS"

// quiet stops gomlx from warning that CUDA's libraries are not beside a plugin that finds them
// elsewhere, as JAX's does in Python's site-packages.
func quiet(path string) error {
	beside := filepath.Join(filepath.Dir(filepath.Dir(path)), "nvidia")
	if _, err := os.Stat(beside); err == nil || os.Getenv(checks) != "" {
		return nil
	}
	return os.Setenv(checks, "no")
}
