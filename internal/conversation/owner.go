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
	path := f.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, durable.Explain(path, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrExists
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
		return nil, fmt.Errorf("the conversation cannot be kept: %w", err)
	}
	return f.Open(name)
}

// Claim refuses someone who is to go on with a conversation that another began, and begins it as
// theirs if there is none.
func (f Folder) Claim(name, by string) error {
	_, err := f.Create(name, by)
	if !errors.Is(err, ErrExists) {
		return err
	}
	return f.CheckOwner(name, by)
}

// CheckOwner refuses someone who is to go on with a conversation that another began. One that there
// is not is anybody's.
func (f Folder) CheckOwner(name, by string) error {
	c, err := f.Open(name)
	if err != nil || c.Changed.IsZero() || c.Owner == by {
		return err
	}
	return badinput.Errorf("conversation: %q was begun by another, who alone goes on with it; want another name", name)
}
