// Package home locates the program's data on the machine, and defines the environment variables for
// it.
package home

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"atelier/internal/bucket"
)

const (
	// Variable is the environment variable with the place of the datasets.
	Variable = "ATELIER_HOME"
	// MirrorVariable is the environment variable with the folder that the files of well-known sets
	// are taken from.
	MirrorVariable = "ATELIER_MIRROR"
)

// Datasets is the place of the user's datasets: ATELIER_HOME, or else the folder "atelier" in the
// system's data directory: %LocalAppData% on Windows, $XDG_DATA_HOME or ~/.local/share elsewhere.
func Datasets() (string, error) {
	if home := os.Getenv(Variable); home != "" {
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
		return "", errors.New("there is no home folder to keep datasets in; set " + Variable + " to one")
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(home, "AppData", "Local", "atelier"), nil
	}
	return filepath.Join(home, ".local", "share", "atelier"), nil
}

// Local is the local folder for a place of datasets: the place itself or, for one in a bucket, a
// folder in the user's cache. It holds the catalog, work in progress and local copies.
func Local(place string) (string, error) {
	if !strings.HasPrefix(place, bucket.Scheme) {
		return place, nil
	}
	server, err := bucket.FromEnvironment()
	if err != nil {
		return "", err
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for what belongs to %s on this machine: %w", place, err)
	}
	place = strings.TrimSuffix(place, "/")
	sum := sha256.Sum256([]byte(server.Endpoint + "\n" + place))
	return filepath.Join(dir, "atelier", "buckets", fmt.Sprintf("%s-%x", path.Base(place), sum[:4])), nil
}

// SetDatasets sets the place of the datasets, for this process and its children.
func SetDatasets(place string) error { return os.Setenv(Variable, place) }

// Mirror is the folder that the files of well-known sets are taken from, empty if there is none.
func Mirror() string { return os.Getenv(MirrorVariable) }

// SetMirror sets the mirror, for this process and its children.
func SetMirror(folder string) error { return os.Setenv(MirrorVariable, folder) }

// Downloads is the folder of downloaded files: downloads below ATELIER_HOME, or else below the
// user's cache folder.
func Downloads() (string, error) {
	if home := os.Getenv(Variable); home != "" {
		local, err := Local(home)
		return filepath.Join(local, "downloads"), err
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for downloads: %w; name one with cache or the environment variable %s", err, Variable)
	}
	return filepath.Join(dir, "atelier", "downloads"), nil
}
