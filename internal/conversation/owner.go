package conversation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A line of the file of a conversation is an exchange, or says whose the conversation is.
type line struct {
	Exchange
	Owner string `json:"owner,omitempty"`
}

// ErrExists is that of [Folder.Create] for a name that is taken.
var ErrExists = badinput.Errorf("there is a conversation of this name already")

// Create begins a conversation, of which there is a file from then on. Owner is who alone, with the
// owner of the home, may go on with it; empty for the owner of the home.
func (f Folder) Create(name, owner string) (*Conversation, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if err := create(f.Path(name), owner); err != nil {
		return nil, err
	}
	return f.Open(name)
}

// create makes the file of a conversation, which is for the owner of the home alone.
func create(path, owner string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return durable.Explain(path, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err == nil && owner != "" {
		var text []byte
		if text, err = json.Marshal(line{Owner: owner}); err == nil {
			_, err = file.Write(append(text, '\n'))
		}
	}
	if file != nil {
		err = errors.Join(err, file.Sync(), file.Close())
	}
	if err != nil {
		return fmt.Errorf("the conversation cannot be kept: %w", err)
	}
	return nil
}

// OpenFor is [Folder.Open] for someone other than the owner of the home, who goes on with what they
// began alone. One that there is not yet becomes theirs by the first exchange that is added.
func (f Folder) OpenFor(by, name string) (*Conversation, error) {
	c, err := f.Open(name)
	switch {
	case err != nil:
		return nil, err
	case c.Changed.IsZero():
		c.Owner = by
	case c.Owner != by:
		return nil, badinput.Errorf("conversation: %q was begun by another, who alone goes on with it; want another name", name)
	}
	return c, nil
}
