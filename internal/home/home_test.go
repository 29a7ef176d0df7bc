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

func TestLocal(t *testing.T) {
	cache := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, cache)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "")
	t.Setenv("AWS_ENDPOINT_URL", "")
	if got, err := Local("/some/folder"); err != nil || got != "/some/folder" {
		t.Error(got, err)
	}
	seen := map[string]bool{}
	for _, server := range []string{"", "http://127.0.0.1:9000"} {
		t.Setenv("AWS_ENDPOINT_URL", server)
		for _, place := range []string{"s3://shelf", "s3://shelf/", "s3://shelf/home", "s3://shelves/home"} {
			got, err := Local(place)
			if rel, e := filepath.Rel(cache, got); err != nil || e != nil || !filepath.IsLocal(rel) {
				t.Error(got, err)
			}
			seen[got] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d folders of 6 places: %v", len(seen), seen)
	}
	t.Setenv(Variable, "s3://shelf")
	if got, err := Downloads(); err != nil || !filepath.IsAbs(got) || filepath.Base(got) != "downloads" {
		t.Error(got, err)
	}
}
