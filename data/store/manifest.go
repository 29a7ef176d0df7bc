package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/badinput"
)

const (
	// ManifestName is the file of a version that says what is in it. It is written last.
	ManifestName = "manifest.json"
	// Format is the format of versions that this program writes.
	Format        = 2
	sealedFormat  = 2        // the first of which every manifest has a seal, and shards name their format
	manifestLimit = 64 << 20 // bytes
)

// A Manifest says what a version holds, where it came from and what was done to it.
type Manifest struct {
	// Format, Version, Counts, Licences, Shards, Root and Seal are filled in by
	// [Store.Write], and Made and Classes if they are not set.
	Format  int       `json:"format"`
	Name    string    `json:"name"`
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
	// Program is the version of the program that made it.
	Program string `json:"program,omitempty"`
	// Base is the version that this one grew from, nil if it grew from none.
	Base    *Base          `json:"base,omitempty"`
	Sources []SourceRecord `json:"sources,omitempty"`
	Steps   []Step         `json:"steps,omitempty"`
	// TestShare is the share of the groups that make the test part.
	TestShare float64 `json:"test_share,omitempty"`
	// Classes are the classes in their order; by default the sorted labels.
	Classes []string `json:"classes,omitempty"`
	Counts  Counts   `json:"counts"`
	// Licences counts the Items by licence; "unknown" are those of which none is known.
	Licences map[string]int `json:"licences,omitempty"`
	// Statistics is what else is known of the set, by name.
	Statistics map[string]json.RawMessage `json:"statistics,omitempty"`
	Shards     []Shard                    `json:"shards"`
	// Root is the hash of the version, in hex: see [Version.Hash].
	Root string `json:"root"`
	// Erased lists the SHA-256, in hex, of the Items whose bytes were erased later.
	Erased []string `json:"erased,omitempty"`
	// Tombstones stand for the rows that were erased, so that Root can still be checked.
	Tombstones []Tombstone `json:"tombstones,omitempty"`
	// Seal is a hash of all of this but itself, in hex: by it [Version.Verify] finds what
	// was changed by hand. Versions of format 1 may have none.
	Seal string `json:"seal,omitempty"`
}

// A Base names the version that another grew from.
type Base struct {
	Ref  string `json:"ref"`
	Hash string `json:"hash"`
}

// A SourceRecord says where Items came from.
type SourceRecord struct {
	Use string `json:"use"`
	// Settings is the source's table in TOML.
	Settings    string `json:"settings,omitempty"`
	Place       string `json:"place,omitempty"`
	Licence     string `json:"licence,omitempty"`
	Attribution string `json:"attribution,omitempty"`
	// Dropped counts, by reason, the Items that came to no cleaner: those that the source
	// could not read or had to leave, and those that were forgotten.
	Dropped map[string]int `json:"dropped,omitempty"`
}

// A Step says what a cleaner did.
type Step struct {
	Use string `json:"use"`
	// Settings is the cleaner's table in TOML.
	Settings string `json:"settings,omitempty"`
	// Seen is how many Items came to it.
	Seen int `json:"seen"`
	// Changed counts the Items by what was changed, Dropped by reason.
	Changed map[string]int `json:"changed,omitempty"`
	Dropped map[string]int `json:"dropped,omitempty"`
}

// Counts is how many Items there are of what.
type Counts struct {
	Splits     map[data.Split]int `json:"splits"`
	Classes    map[string]int     `json:"classes,omitempty"`
	MediaTypes map[string]int     `json:"media_types,omitempty"`
	// Dropped counts the Items that were not taken by reason.
	Dropped map[string]int `json:"dropped,omitempty"`
	// Bytes is the size of all Items together.
	Bytes int64 `json:"bytes"`
}

// Unlabelled is how many Items have no label, though others have.
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
	// Split is the part that it belongs to, "dropped" for what was not taken.
	Split  data.Split `json:"split"`
	Rows   int64      `json:"rows"`
	Bytes  int64      `json:"bytes"`
	SHA256 string     `json:"sha256"`
}

// dropped is the part of what was not taken.
const dropped data.Split = "dropped"

// parts are the parts of a version, in the order of the root hash.
var parts = []data.Split{data.Train, data.Test, dropped}

var (
	nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	// What Windows takes for a device, or takes the end off.
	unportable = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$`)
	hexForm    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// CheckName says what is wrong with the name of a dataset, if anything.
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return badinput.Errorf("%q is no name of a dataset; use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first", name)
	}
	return nil
}

// CheckNewName says what is wrong with the name of a dataset that there is not yet, if
// anything: it must name a folder on every system.
func CheckNewName(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if unportable.MatchString(name) {
		return badinput.Errorf("%q is no name of a folder on Windows, to which the dataset may be taken; choose another", name)
	}
	return nil
}

// check says what cannot be right in a manifest.
func (m *Manifest) check() error {
	switch {
	case m.Format < 1:
		return errors.New("it has no format")
	case m.Version < 1:
		return errors.New("it has no version")
	case !hexForm.MatchString(m.Root):
		return errors.New("its root is no SHA-256 in hex")
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
		if !isPart(s.Split) || s.Rows < 0 || s.Bytes < 0 || !hexForm.MatchString(s.SHA256) {
			return fmt.Errorf("the entry of %s makes no sense", s.Path)
		}
	}
	return m.checkTombstones()
}

func (m *Manifest) checkTombstones() error {
	next := map[data.Split]int64{}
	for _, t := range m.Tombstones {
		if !isPart(t.Split) || t.At < next[t.Split] || !hexForm.MatchString(t.Digest) || t.Bytes < 0 {
			return fmt.Errorf("the tombstone %d of %s makes no sense", t.At, t.Split)
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

// encode writes the manifest, sealed.
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
