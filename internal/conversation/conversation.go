// Package conversation keeps conversations as files on this machine: a line of JSON for each
// exchange, in a folder of their own.
package conversation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/pattern"
	"atelier/internal/registry"
)

// An Exchange is a message and its answer.
type Exchange struct {
	Message string `json:"message,omitempty"`
	Answer  string `json:"answer,omitempty"`
	// Sources says what the model was given to answer from; empty for nothing.
	Sources string `json:"sources,omitempty"`
	// By names the model that wrote the answer; empty if a person wrote what was quoted.
	By string `json:"by,omitempty"`
	// New reports that the conversation begins anew here: what was said before is forgotten.
	New bool `json:"new,omitempty"`
}

// Whole is the answer, with its sources in a line of their own.
func (e Exchange) Whole() string {
	if e.Sources == "" {
		return e.Answer
	}
	return e.Answer + "\n" + e.Sources
}

const (
	folder = "conversations" // in the home folder
	ending = ".jsonl"
	most   = 64 << 20 // bytes of a file
)

// validName is the form of names: those of files on every system.
var validName = pattern.New(`^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$`)

// CheckName reports a name that no conversation can have.
func CheckName(name string) error {
	if !validName().MatchString(name) {
		return badinput.Errorf("conversation: want a name of up to 64 letters, digits, - and _, got %q", name)
	}
	return nil
}

// A Folder is where conversations are kept.
type Folder string

// In returns the folder of the conversations in a home folder on this machine.
func In(home string) (Folder, error) {
	if home == "" {
		return "", badinput.Errorf("conversation: there is no home folder to keep it in: set ATELIER_HOME")
	}
	return Folder(filepath.Join(home, folder)), nil
}

// Path is the file of a conversation.
func (f Folder) Path(name string) string { return filepath.Join(string(f), name+ending) }

// A Conversation is what was said so far under a name. The zero value is one that is kept nowhere.
type Conversation struct {
	Name      string
	Exchanges []Exchange
	Changed   time.Time // when the last exchange was added
	// Owner is who began it, see [Folder.Create]; empty for the owner of the home.
	Owner string
	// Torn is the number of lines that cannot be read, such as one that a crash cut short, and are left
	// out.
	Torn int

	path string
}

// Open reads a conversation. One that there is not yet is empty.
func (f Folder) Open(name string) (*Conversation, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	c := &Conversation{Name: name, path: f.Path(name)}
	text, err := durable.ReadFile(c.path, most)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, badinput.Errorf("conversation: %w", err)
	}
	if info, err := os.Stat(c.path); err == nil {
		c.Changed = info.ModTime()
	}
	for one := range bytes.Lines(text) {
		var l line
		switch err := json.Unmarshal(one, &l); {
		case len(bytes.TrimSpace(one)) == 0:
		case err == nil && l.Owner != "":
			c.Owner = l.Owner
		case err != nil || l == line{}:
			c.Torn++
		default:
			c.Exchanges = append(c.Exchanges, l.Exchange)
		}
	}
	return c, nil
}

// Find reads a conversation that there is.
func (f Folder) Find(name string) (*Conversation, error) {
	c, err := f.Open(name)
	if err == nil && c.Changed.IsZero() {
		var names []string
		if names, err = f.Names(); err == nil {
			err = badinput.Errorf("there is no conversation %q; %s", name, registry.Suggest(name, names))
			if len(names) == 0 {
				err = badinput.Errorf("there is no conversation %q, and no other is kept; atelier chat --conversation %s begins it", name, name)
			}
		}
	}
	return c, err
}

// Names are the names of all conversations, in order.
func (f Folder) Names() (names []string, err error) {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("conversations: %w", err)
	}
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), ending); is && validName().MatchString(name) && e.Type().IsRegular() {
			names = append(names, name)
		}
	}
	return names, nil
}

// All reads all conversations, the latest last. One that cannot be read is an error.
func (f Folder) All() (all []*Conversation, err error) {
	names, err := f.Names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		c, err := f.Open(name)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b *Conversation) int { return a.Changed.Compare(b.Changed) })
	return all, nil
}

// Delete removes a conversation for good.
func (f Folder) Delete(name string) error {
	c, err := f.Find(name)
	if err != nil {
		return err
	}
	return durable.RemoveLines(c.path)
}

// Add appends an exchange, and flushes it to the disk if the conversation is kept in a file.
func (c *Conversation) Add(e Exchange) error {
	if c.path == "" {
		c.Exchanges = append(c.Exchanges, e)
		return nil
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err = c.begin(); err == nil {
		err = durable.AppendLine(c.path, text)
	}
	if err != nil {
		return fmt.Errorf("the conversation cannot be kept: %w", err)
	}
	c.Exchanges, c.Changed = append(c.Exchanges, e), time.Now()
	return nil
}

// begin makes the file if there is none. One that another made meanwhile is theirs.
func (c *Conversation) begin() error {
	owner := c.Owner
	if !c.Changed.IsZero() { // it has been begun
		owner = ""
	}
	err := create(c.path, owner)
	if errors.Is(err, ErrExists) && owner == "" {
		return nil
	}
	return err
}

// Remembered are the exchanges since the conversation last began.
func (c *Conversation) Remembered() []Exchange {
	for i, e := range slices.Backward(c.Exchanges) {
		if e.New {
			return c.Exchanges[i+1:]
		}
	}
	return c.Exchanges
}

// First is the first message, empty if there is none.
func (c *Conversation) First() string {
	for _, e := range c.Exchanges {
		if !e.New {
			return e.Message
		}
	}
	return ""
}

// Messages is the number of messages.
func (c *Conversation) Messages() (n int) {
	for _, e := range c.Exchanges {
		if !e.New {
			n++
		}
	}
	return n
}
