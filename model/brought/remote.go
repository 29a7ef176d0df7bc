package brought

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/fetch"
	"atelier/internal/memory"
)

// A Remote model can be downloaded.
type Remote struct {
	Name    string // its default name in the store
	Source  string // its address
	Licence string // empty if unknown
	Files   []RemoteFile

	about string // its size, if no server was asked
}

// A RemoteFile is a file of a remote model.
type RemoteFile struct {
	Path string // relative to the folder of the model
	fetch.File
}

// needed are the required files of a repository.
var needed = []string{configName, weightsName, tokenizerName}

const (
	huggingFace = "huggingface.co"
	notThere    = "HTTP 404"
)

// Remote is the download of a known model.
func (k *Known) Remote() *Remote {
	r := &Remote{Name: k.Name, Source: k.Home, Licence: k.Licence, about: k.Size}
	for _, f := range k.Files {
		r.Files = append(r.Files, RemoteFile{f, fetch.File{Address: k.address(f), SHA256: k.SHA256[f]}})
	}
	return r
}

// RemoteAt is the download from an address: a file, or a Hugging Face repository.
func RemoteAt(address string) (*Remote, error) {
	u, err := fetch.Parse(address)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if u.Host == huggingFace && len(parts) == 2 {
		k := Known{Name: NameFor(parts[1]), Home: u.String(), Files: append(slices.Clone(needed), settingsName, "README.md", "LICENSE")}
		return k.Remote(), nil
	}
	if u.Host == huggingFace && len(parts) > 3 && parts[2] == "blob" { // a file's page
		parts[2] = "resolve"
		u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/" + strings.Join(parts, "/")}
	}
	name := path.Base(u.Path)
	if end := path.Ext(name); !filepath.IsLocal(name) || end != ".gguf" && end != ".bin" {
		return nil, badinput.Errorf("%s: want the address of a .gguf or .bin file, or of a repository at %s", address, huggingFace)
	}
	return &Remote{Name: NameFor(name), Source: u.String(), Files: []RemoteFile{{name, fetch.File{Address: u.String()}}}}, nil
}

// Describe requests the sizes and hashes of the files. Optional files that do not exist are left
// out.
func (r *Remote) Describe(ctx context.Context, client *fetch.Client) error {
	var there []RemoteFile
	for _, f := range r.Files {
		d, err := client.Describe(ctx, f.Address)
		var refused *fetch.Refusal
		if errors.As(err, &refused) && refused.Reason == notThere && len(r.Files) > 1 && !slices.Contains(needed, f.Path) {
			continue
		}
		if err != nil {
			return err
		}
		d.SHA256 = cmp.Or(f.SHA256, d.SHA256)
		there = append(there, RemoteFile{f.Path, d})
	}
	r.Files = there
	return nil
}

// About describes the size of the files, as far as it is known.
func (r *Remote) About() string {
	var size int64
	for _, f := range r.Files {
		size += f.Size
	}
	switch {
	case size > 0:
		return memory.Size(float64(size))
	case r.about != "":
		return "about " + r.about
	}
	return "of unknown size"
}

// Folder is a unique folder name for the files.
func (r *Remote) Folder() string {
	sum := sha256.Sum256([]byte(r.Source))
	return fmt.Sprintf("weights-%x", sum[:8])
}

// Download downloads the files into a folder, which no other process may be filling. It announces
// each file first.
func (r *Remote) Download(ctx context.Context, client *fetch.Client, folder string, tell func(RemoteFile)) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return durable.Explain(folder, err)
	}
	lock := durable.NewLock(folder + lockFile)
	if _, err := lock.TryLockContext(ctx, lockEvery); err != nil {
		return durable.Explain(folder, err)
	}
	defer lock.Close()
	for _, f := range r.Files {
		path := filepath.Join(folder, f.Path)
		if f.SHA256 != "" && fetch.Verify(path, f.SHA256) == nil {
			continue // from an earlier attempt
		}
		tell(f)
		if err := client.Download(ctx, f.File, path); err != nil {
			return err
		}
	}
	return nil
}

// In is the folder in a mirror with the files of a known model, with their known hashes verified;
// empty if there is none.
func (k *Known) In(mirror string) (string, error) {
	for _, folder := range []string{filepath.Join(mirror, k.Name), filepath.Join(mirror, filepath.FromSlash(strings.TrimPrefix(k.Home, "https://"+huggingFace+"/")))} {
		if info, err := os.Stat(folder); mirror == "" || err != nil || !info.IsDir() {
			continue
		}
		for name, sum := range k.SHA256 {
			if err := fetch.Verify(filepath.Join(folder, name), sum); err != nil {
				return "", fmt.Errorf("%s: %w", filepath.Join(folder, name), err)
			}
		}
		return folder, nil
	}
	return "", nil
}
