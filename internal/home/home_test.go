package home

import (
	"path/filepath"
	"runtime"
	"testing"
)

func TestDatasets(t *testing.T) {
	data := map[bool]string{false: "XDG_DATA_HOME", true: "LocalAppData"}[runtime.GOOS == "windows"]
	folder := t.TempDir()
	t.Setenv(data, folder)
	t.Setenv(Variable, "")
	if got, err := Datasets(); err != nil || got != filepath.Join(folder, "atelier") {
		t.Error(got, err)
	}
	if got, err := Downloads(); err != nil || filepath.Base(filepath.Dir(got)) != "atelier" || filepath.Base(got) != "downloads" {
		t.Error(got, err)
	}
	if err := SetDatasets("/somewhere"); err != nil {
		t.Fatal(err)
	}
	if got, err := Datasets(); err != nil || got != "/somewhere" {
		t.Error(got, err)
	}
	if got, err := Downloads(); err != nil || got != filepath.Join("/somewhere", "downloads") {
		t.Error(got, err)
	}
	t.Setenv(data, "not/absolute")
	t.Setenv(Variable, "")
	if got, err := Datasets(); err == nil && !filepath.IsAbs(got) {
		t.Error(got)
	}
}
