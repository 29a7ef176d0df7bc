package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/pattern"
)

const (
	// ManifestName is the file that describes a version. It is written last.
	ManifestName = "manifest.json"
	// Format is the format of versions that this program writes.
	Format        = 2
	sealedFormat  = 2        // the first in which every manifest has a seal, and shards name their format
	manifestLimit = 64 << 20 // bytes
)

// A Manifest describes a version: its content, sources and cleaning.
type Manifest struct {
	// Format, Version, Counts, Licences, Shards, Root and Seal are set by [Store.Write]; Made and
	// Classes are set if they are empty.
	Format  int       `json:"format"`
	Name    string    `json:"name"`
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
	// Program is the version of the program that made it.
	Program string `json:"program,omitempty"`
	// Base is the version that this one extends, nil if there is none.
	Base    *Base          `json:"base,omitempty"`
	Sources []SourceRecord `json:"sources,omitempty"`
	Steps   []Step         `json:"steps,omitempty"`
	// TestShare is the share of groups in the test part.
	TestShare float64 `json:"test_share,omitempty"`
	// Classes are the classes in order; by default the labels, sorted.
	Classes []string `json:"classes,omitempty"`
	Counts  Counts   `json:"counts"`
	// Licences counts the Items by licence, "unknown" if none is known.
	Licences map[string]int `json:"licences,omitempty"`
	// Statistics are other figures of the set, by name.
	Statistics map[string]json.RawMessage `json:"statistics,omitempty"`
	Shards     []Shard                    `json:"shards"`
	// Root is the hash of the version, in hex: see [Version.Hash].
	Root string `json:"root"`
	// Erased lists the SHA-256, in hex, of the Items that were erased later.
	Erased []string `json:"erased,omitempty"`
	// Tombstones stand for the erased rows, so that Root can still be checked.
	Tombstones []Tombstone `json:"tombstones,omitempty"`
	// Seal is a hash, in hex, of the manifest without it, by which [Version.Verify] finds edits by
	// hand. Versions of format 1 may have none.
	Seal string `json:"seal,omitempty"`
}

// A Base names the version that another one extends.
type Base struct {
	Ref  string `json:"ref"`
	Hash string `json:"hash"`
}

// A SourceRecord describes a source of Items.
type SourceRecord struct {
	Use string `json:"use"`
	// Settings is the source's table in TOML.
	Settings    string `json:"settings,omitempty"`
	Place       string `json:"place,omitempty"`
	Licence     string `json:"licence,omitempty"`
	Attribution string `json:"attribution,omitempty"`
	// Dropped counts, by reason, the Items that reached no cleaner: unreadable, left out by the
	// source, or forgotten.
	Dropped map[string]int `json:"dropped,omitempty"`
}

// A Step records the effect of a cleaner.
type Step struct {
	Use string `json:"use"`
	// Settings is the cleaner's table in TOML.
	Settings string `json:"settings,omitempty"`
	// Seen is the number of Items that it received.
	Seen int `json:"seen"`
	// Changed counts the Items by change, Dropped by reason.
	Changed map[string]int `json:"changed,omitempty"`
	Dropped map[string]int `json:"dropped,omitempty"`
}

// Counts are the numbers of Items.
type Counts struct {
	Splits     map[data.Split]int `json:"splits"`
	Classes    map[string]int     `json:"classes,omitempty"`
	MediaTypes map[string]int     `json:"media_types,omitempty"`
	// Dropped counts the dropped Items by reason.
	Dropped map[string]int `json:"dropped,omitempty"`
	// Bytes is the total size of the Items.
	Bytes int64 `json:"bytes"`
}

// Unlabelled is the number of Items without a label in a set with labels.
func (c Counts) Unlabelled() int {
	n := 0
	for _, items := range c.Splits {
		n += items
	}
	for _, items := range c.Classes {
		n -= items
	}
	if len(c.Classes) == 0 {
		return 0
	}
	return n
}

// A Shard is a Parquet file of a version.
type Shard struct {
	// Path is relative to the version's folder, with slashes.
	Path string `json:"path"`
	// Split is the part, or "dropped" for dropped Items.
	Split  data.Split `json:"split"`
	Rows   int64      `json:"rows"`
	Bytes  int64      `json:"bytes"`
	SHA256 string     `json:"sha256"`
}

// dropped is the part of dropped Items.
const dropped data.Split = "dropped"

// parts are the parts of a version, in the order of the root hash.
var parts = []data.Split{data.Train, data.Test, dropped}

var (
	nameForm = pattern.New(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	// Names that Windows reserves for devices, or shortens.
	unportable = pattern.New(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$`)
	hexForm    = pattern.New(`^[0-9a-f]{64}$`)
)

// CheckName refuses invalid names of datasets.
func CheckName(name string) error {
	if !nameForm().MatchString(name) {
		return badinput.Errorf("%q is not a valid dataset name; use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first", name)
	}
	return nil
}

// CheckNewName refuses invalid names of new datasets: they must name a folder on every system.
func CheckNewName(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if unportable().MatchString(name) {
		return badinput.Errorf("%q is not a valid folder name on Windows, where the dataset may be used too; choose another", name)
	}
	return nil
}

// check refuses an inconsistent manifest.
func (m *Manifest) check() error {
	switch {
	case m.Format < 1:
		return errors.New("it has no format")
	case m.Version < 1:
		return errors.New("it has no version")
	case !hexForm().MatchString(m.Root):
		return errors.New("its root is not a SHA-256 in hex")
	}
	if err := CheckName(m.Name); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range m.Shards {
		if !filepath.IsLocal(filepath.FromSlash(s.Path)) || path.Clean(s.Path) != s.Path || strings.Contains(s.Path, `\`) {
			return fmt.Errorf("%q lies outside of the folder", s.Path)
		}
		if seen[s.Path] {
			return fmt.Errorf("%s is listed twice", s.Path)
		}
		seen[s.Path] = true
		if !isPart(s.Split) || s.Rows < 0 || s.Bytes < 0 || !hexForm().MatchString(s.SHA256) {
			return fmt.Errorf("the entry of %s is not valid", s.Path)
		}
	}
	for _, split := range parts[:2] {
		rows := int64(0)
		for _, s := range m.shards(split) {
			rows += s.Rows
		}
		if said, ok := m.Counts.Splits[split]; (ok || rows > 0) && int64(said) != rows {
			return fmt.Errorf("it counts %d Items in the part %s, and the files that it lists have %d: it was changed by hand", said, split, rows)
		}
	}
	return m.checkTombstones()
}

func (m *Manifest) checkTombstones() error {
	next := map[data.Split]int64{}
	for _, t := range m.Tombstones {
		if !isPart(t.Split) || t.At < next[t.Split] || !hexForm().MatchString(t.Digest) || t.Bytes < 0 {
			return fmt.Errorf("the tombstone %d of %s is not valid", t.At, t.Split)
		}
		next[t.Split] = t.At + 1
	}
	return nil
}

func isPart(s data.Split) bool { return s == data.Train || s == data.Test || s == dropped }

// shards returns the shards of a part, in order.
func (m *Manifest) shards(split data.Split) []Shard {
	var out []Shard
	for _, s := range m.Shards {
		if s.Split == split {
			out = append(out, s)
		}
	}
	return out
}

// encode encodes the manifest, sealed.
func (m *Manifest) encode() ([]byte, error) {
	text, err := m.text()
	if err == nil {
		m.Seal, err = sealOf(text)
	}
	if err != nil {
		return nil, err
	}
	return m.text()
}

func (m *Manifest) text() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}
