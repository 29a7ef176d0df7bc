package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Home is where a person's datasets are kept: ATELIER_HOME, or else the folder
// "atelier" in what the system has for such data: %LocalAppData% on Windows,
// $XDG_DATA_HOME or ~/.local/share elsewhere.
func Home() (string, error) {
	if home := os.Getenv("ATELIER_HOME"); home != "" {
		return home, nil
	}
	name := "XDG_DATA_HOME"
	if runtime.GOOS == "windows" {
		name = "LocalAppData"
	}
	if dir := os.Getenv(name); filepath.IsAbs(dir) {
		return filepath.Join(dir, "atelier"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("there is no home folder to keep datasets in; set ATELIER_HOME to one")
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(home, "AppData", "Local", "atelier"), nil
	}
	return filepath.Join(home, ".local", "share", "atelier"), nil
}
