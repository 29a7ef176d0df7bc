package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/pattern"
)

// conversationsFolder is the folder of saved conversations in the home folder.
const conversationsFolder = "conversations"

// conversationName is the form of valid names: file names on every system.
var conversationName = pattern.New(`^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$`)

// checkConversation rejects an invalid name.
func (c Chat) checkConversation() error {
	if c.Conversation != "" && !conversationName().MatchString(c.Conversation) {
		return badinput.Errorf("conversation: want a name of up to 64 letters, digits, - and _, got %q", c.Conversation)
	}
	return nil
}

// A keptLine is a line of a saved conversation: an exchange, or the start of a new one.
type keptLine struct {
	Message string `json:"message,omitempty"`
	Answer  string `json:"answer,omitempty"`
	New     bool   `json:"new,omitempty"`
}

// kept is the file of a saved conversation.
type kept struct {
	path string
	cut  bool // whether its last line is incomplete
}

// keptIn returns the named conversation in a home folder, and its exchanges so far. An invalid
// line, such as one truncated by a crash, is skipped and counted.
func keptIn(home, name string) (k *kept, turns []exchange, torn int, err error) {
	if home == "" {
		return nil, nil, 0, badinput.Errorf("conversation: there is no home folder to keep it in: set ATELIER_HOME")
	}
	k = &kept{path: filepath.Join(home, conversationsFolder, name+".jsonl")}
	text, err := durable.ReadFile(k.path, mostFile)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil, 0, nil
	}
	if err != nil {
		return nil, nil, 0, badinput.Errorf("conversation: %w", err)
	}
	k.cut = len(text) > 0 && text[len(text)-1] != '\n'
	for _, line := range bytes.Split(text, []byte("\n")) {
		var l keptLine
		switch err := json.Unmarshal(line, &l); {
		case len(bytes.TrimSpace(line)) == 0:
		case err != nil:
			torn++
		case l.New:
			turns = nil
		default:
			turns = append(turns, exchange{l.Message, l.Answer})
		}
	}
	return k, turns, torn, nil
}

// add appends a line, atomically.
func (k *kept) add(l keptLine) error {
	line, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if k.cut {
		line = append([]byte("\n"), line...)
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(k.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("the conversation cannot be kept: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err == nil {
		err, k.cut = f.Sync(), false
	}
	return errors.Join(err, f.Close())
}
