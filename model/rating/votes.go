package rating

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// What a vote can be for.
const (
	ForLeft  = "left"
	ForRight = "right"
	Tie      = "tie"
)

// A Vote is a line of a file of votes.
type Vote struct {
	Rater   string    `json:"rater"`
	Time    time.Time `json:"time"`
	Seconds float64   `json:"seconds"` // that it took
	Item    string    `json:"item"`
	Left    string    `json:"left"`
	Right   string    `json:"right"`
	For     string    `json:"for"` // left, right or tie
	Repeat  bool      `json:"repeat,omitempty"`
	// Hashes are of the works that were shown, left and right: the beginning of their SHA-256.
	Hashes [2]string `json:"hashes"`
}

func (v Vote) pair() Pair { return Pair{v.Item, v.Left, v.Right, v.Repeat} }

// mostVotes is the size limit of a file of votes in bytes: about 250,000 votes.
const mostVotes = 64 << 20

// Keep appends a vote to a file, in one piece and on the disk when it returns.
func Keep(path string, v Vote) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return durable.AppendLine(path, line)
}

// Hold keeps others from voting under a rater's name in a file until it is released. If somebody
// does already, the error is one of [badinput].
func Hold(path, rater string) (release func() error, err error) {
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("%s: there is no folder %s for the votes", path, filepath.Dir(path))
	}
	name := sha256.Sum256([]byte(rater))
	lock := durable.NewLock(filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%x.lock", filepath.Base(path), name[:8])))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return nil, durable.Explain(path, err)
	case !held:
		return nil, badinput.Errorf("%s is rating into %s already, in another window: go on there, or give another --rater", rater, path)
	}
	return lock.Close, nil
}

// Read reads a file of votes, and counts the lines that are none; a file that is not there has none.
func Read(path string) (votes []Vote, torn int, err error) {
	text, err := durable.ReadFile(path, mostVotes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, badinput.Mark(err)
	}
	votes, torn = Parse(text)
	if len(votes) == 0 && torn > 0 {
		return nil, 0, badinput.Errorf("%s is no file of votes: none of its lines is a vote", path)
	}
	return votes, torn, nil
}

// Parse reads lines, and counts those that are no votes.
func Parse(text []byte) (votes []Vote, torn int) {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var v Vote
		switch err := json.Unmarshal(line, &v); {
		case err != nil, v.Left == "", v.Right == "", v.Left == v.Right, v.For != ForLeft && v.For != ForRight && v.For != Tie:
			torn++
		default:
			votes = append(votes, v)
		}
	}
	return votes, torn
}
