// Package home knows where on a machine what the program keeps lies, and the
// environment variables that say so.
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
	// Variable names the environment variable with the place of the datasets.
	Variable = "ATELIER_HOME"
	// MirrorVariable names the environment variable with the folder that the files of
	// well-known sets are taken from.
	MirrorVariable = "ATELIER_MIRROR"
)

// Datasets is where a person's datasets are kept: ATELIER_HOME, or else the folder
// "atelier" in what the system has for such data: %LocalAppData% on Windows,
// $XDG_DATA_HOME or ~/.local/share elsewhere.
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

// Local is the folder on this machine of what belongs to a place of datasets: the
// place itself, or, for one in a bucket, a folder below the user's for caches. There are
// the catalog, work in progress and copies of what was needed.
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

// SetDatasets makes a place that of the datasets, for this process and those that it
// starts.
func SetDatasets(place string) error { return os.Setenv(Variable, place) }

// Mirror is the folder that the files of well-known sets are taken from, empty if
// there is none.
func Mirror() string { return os.Getenv(MirrorVariable) }

// SetMirror makes a folder the mirror, for this process and those that it starts.
func SetMirror(folder string) error { return os.Setenv(MirrorVariable, folder) }

// Downloads is the folder of files that were downloaded: downloads below
// ATELIER_HOME, or else below the user's folder for caches.
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
