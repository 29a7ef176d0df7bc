package netfile

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// Limits of packages.
const (
	mostPackage = 1 << 30 // bytes, unpacked
	mostEntries = 1 << 14
)

// Unpack copies the files of a folder of a package of npm, a tar.gz, into a folder that is there. It
// copies plain files of these names only, and reads no more than a bounded number of bytes.
func Unpack(archive, inside, dir string, names ...string) error {
	f, err := durable.Open(archive)
	if err != nil {
		return badinput.Mark(err)
	}
	defer f.Close()
	if err := unpack(f, inside, dir, names); err != nil {
		return badinput.Errorf("%s: %w", archive, err)
	}
	return nil
}

func unpack(r io.Reader, inside, dir string, names []string) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return badinput.Errorf("not a package of npm: it is not compressed by gzip")
	}
	defer z.Close()
	bounded := &io.LimitedReader{R: z, N: mostPackage}
	files := tar.NewReader(bounded)
	missing := map[string]bool{}
	for _, name := range names {
		missing[path.Join("package", inside, name)] = true
	}
	for range mostEntries {
		h, err := files.Next()
		if errors.Is(err, io.EOF) || len(missing) == 0 {
			break
		}
		if bounded.N <= 0 {
			return badinput.Errorf("it is larger than %d bytes", mostPackage)
		}
		if err != nil {
			return badinput.Errorf("a damaged archive: %w", err)
		}
		name := path.Clean(h.Name)
		if !missing[name] || h.Typeflag != tar.TypeReg {
			continue
		}
		delete(missing, name)
		if err := copyOut(files, filepath.Join(dir, path.Base(name))); err != nil {
			return badinput.Errorf("%s: %w", name, err)
		}
	}
	if len(missing) > 0 {
		var left []string
		for name := range missing {
			left = append(left, name)
		}
		return badinput.Errorf("it has no %s", strings.Join(left, ", "))
	}
	return nil
}

func copyOut(r io.Reader, name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
