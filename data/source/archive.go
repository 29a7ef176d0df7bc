package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

func init() {
	data.Sources.Add("archive", "like folder, from a .zip, .tar, .tar.gz or .tar.zst file; nothing is unpacked to disk",
		func() data.Source { return &Archive{Kind: all, TestShare: 0.1} })
}

// Archive reads the works in an archive, as Folder does those in a folder. Nothing is written to
// disk. Members are dropped if they are not regular files, if their names are repeated or lead out
// of the archive, or if they decompress to far more than their size.
type Archive struct {
	Path      string  `help:"the archive: .zip, .tar, .tar.gz, .tgz, .tar.zst"`
	Kind      string  `help:"which files are read: pictures, texts, music, or all"`
	Label     string  `help:"where classes come from: a column of the table beside the files, folder, or none; if empty, the column label or class, else the folder"`
	TestShare float64 `help:"share of the files, 0 to 0.9, held out as the test part, chosen by path; a set that comes already divided stays so"`

	converted conversions
}

// Check rejects a share outside its range and an unknown kind.
func (s *Archive) Check() error { return checkWorks(s.Kind, s.TestShare) }

// SetName is the name of the archive without extensions.
func (s *Archive) SetName() string { return nameOfFile(s.Path) }

// Recognize takes files by the ends of their names.
func (s *Archive) Recognize(place string) data.Fit {
	if archiveKind(place) == "" && !hasExtension(place, unreadArchives...) || !isLocalFile(place) {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// archiveKind is zip, tar, tar.gz or tar.zst, or empty if the name is none of them.
func archiveKind(place string) string {
	place = strings.ToLower(place)
	for _, k := range []struct{ end, kind string }{
		{".zip", "zip"}, {".tar", "tar"}, {".tar.gz", "tar.gz"}, {".tgz", "tar.gz"}, {".tar.zst", "tar.zst"}, {".tzst", "tar.zst"},
	} {
		if strings.HasSuffix(place, k.end) {
			return k.kind
		}
	}
	return ""
}

// ClassNames returns the sorted labels of the files.
func (s *Archive) ClassNames() []string { return opener(s.open).classNames() }

// Divided reports whether top-level folders or a table define the parts.
func (s *Archive) Divided() bool { return opener(s.open).divided() }

// Remarks lists the tables that were converted, one line per encoding.
func (s *Archive) Remarks() []string { return s.converted.lines() }

// Items yields the files as they are, those of a zip sorted by path, those of a tar in archive
// order; compressed texts are decompressed.
func (s *Archive) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, noneKnown)
}

// Rest yields the files that are not in the journal.
func (s *Archive) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, j.Known)
}

// open opens the archive and surveys it.
func (s *Archive) open(ctx context.Context) (tree, *survey, works, error) {
	w := works{Kind: s.Kind, Label: s.Label, TestShare: s.TestShare, converted: &s.converted, at: func(file string) string { return s.Path + "/" + file }}
	if err := s.Check(); err != nil {
		return nil, nil, w, fmt.Errorf("archive %w", err)
	}
	t, err := openArchive(s.Path)
	if err != nil {
		return nil, nil, w, err
	}
	found, err := takeSurvey(ctx, t, w)
	switch {
	case err != nil && ctx.Err() != nil:
	case err != nil:
		err = fmt.Errorf("archive %s: %w", s.Path, err)
	case len(found.works) == 0:
		err = found.nothing("archive "+s.Path, w)
	}
	if err != nil {
		t.Close()
	}
	return t, found, w, err
}

// openArchive opens the file and, for a zip, reads its central directory.
func openArchive(place string) (tree, error) {
	if place == "" {
		return nil, badinput.Errorf("archive: path is not set; it names a file .zip, .tar, .tar.gz or .tar.zst")
	}
	f, err := durable.Open(place)
	switch {
	case err != nil && archiveKind(place) == "":
		return nil, badinput.Errorf("archive %s: want a file .zip, .tar, .tar.gz or .tar.zst", place)
	case err != nil:
		return nil, badinput.Errorf("archive: %w; path must name a file .zip, .tar, .tar.gz or .tar.zst", plainly(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = badinput.Errorf("is not a regular file")
	}
	var kind string
	if err == nil {
		kind, err = kindOfArchive(f, place)
	}
	var t tree
	if err == nil {
		t, err = newArchiveTree(f, info.Size(), kind)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("archive %s: %w", place, err)
	}
	return t, nil
}

// An archiveFile is the file of an archive, or one in memory.
type archiveFile interface {
	io.ReaderAt
	io.Closer
}

// newArchiveTree opens an archive of the given kind and size in bytes.
func newArchiveTree(f archiveFile, size int64, kind string) (tree, error) {
	if kind == "zip" {
		return newZipTree(f, size)
	}
	return &tarTree{file: f, kind: kind, size: size}, nil
}

// archiveMarks are the magic numbers of archives; those without a kind are not supported.
var archiveMarks = []struct{ mark, kind, name string }{
	{"PK\x03\x04", "zip", ""}, {"PK\x05\x06", "zip", ""}, {"\x1f\x8b", "tar.gz", ""}, {"\x28\xb5\x2f\xfd", "tar.zst", ""},
	{"7z\xbc\xaf\x27\x1c", "", "7z"}, {"Rar!", "", "RAR"}, {"\xfd7zXZ\x00", "", "xz"}, {"BZh", "", "bzip2"},
}

// unreadArchives are extensions of unsupported archives, recognized for a better message.
var unreadArchives = []string{".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".7z", ".rar"}

// isArchive reports whether a file is a supported archive.
func isArchive(place string) bool {
	f, err := durable.Open(place)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = kindOfArchive(f, place)
	return err == nil
}

// kindOfArchive is the kind of an archive by its first bytes, or else by its name.
func kindOfArchive(f io.ReaderAt, place string) (string, error) {
	const tarMark, tarMarkAt = "ustar", 257
	head := make([]byte, tarMarkAt+len(tarMark))
	n, _ := f.ReadAt(head, 0) // a short file is recognized by its name
	head = head[:n]
	for _, m := range archiveMarks {
		switch {
		case !bytes.HasPrefix(head, []byte(m.mark)):
		case m.kind == "":
			return "", badinput.Errorf("is an archive of the kind %s, which is not read; unpack it, or pack it as .zip, .tar, .tar.gz or .tar.zst", m.name)
		default:
			return m.kind, nil
		}
	}
	if bytes.HasSuffix(head, []byte(tarMark)) {
		return "tar", nil
	}
	if kind := archiveKind(place); kind != "" {
		return kind, nil
	}
	return "", badinput.Errorf("want a file .zip, .tar, .tar.gz or .tar.zst")
}
