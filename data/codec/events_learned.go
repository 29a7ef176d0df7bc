package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"atelier/internal/events"
)

// The file of a run that holds what its events were taken from.
const (
	eventsFile   = "events.json"
	eventsFormat = 1
)

// An eventsVocabulary is what the file holds.
type eventsVocabulary struct {
	Format int `json:"format"`
	fittedEvents
}

// Learned implements [data.Learner].
func (c *Events) Learned() (map[string][]byte, error) {
	if c.Fitted.Styles == nil && c.Fitted.Instruments == nil {
		return nil, nil
	}
	file, err := json.Marshal(eventsVocabulary{eventsFormat, c.Fitted})
	return map[string][]byte{eventsFile: append(file, '\n')}, err
}

// Recall implements [data.Learner].
func (c *Events) Recall(files map[string][]byte) error {
	file, ok := files[eventsFile]
	if !ok || len(files) > 1 {
		return fmt.Errorf("want %s and no other file, got %d", eventsFile, len(files))
	}
	var v eventsVocabulary
	err := json.Unmarshal(file, &v)
	if err == nil && v.Format > eventsFormat {
		return fmt.Errorf("%s has format %d; this version of atelier reads formats up to %d: use a newer one", eventsFile, v.Format, eventsFormat)
	}
	was := c.Fitted
	c.Fitted = v.fittedEvents
	own := c.Vocabulary()
	if err == nil {
		err = own.Check()
	}
	wrong := func(program int) bool { return program < 0 || program > events.Drums }
	if err == nil && (slices.ContainsFunc(v.Instruments, wrong) || !slices.IsSorted(v.Instruments)) {
		err = errors.New("its instruments are none of General MIDI, or not in order")
	}
	if again, _ := c.Learned(); err == nil && !bytes.Equal(again[eventsFile], file) {
		err = errors.New("it is not what was written")
	}
	if err != nil {
		c.Fitted = was
		return fmt.Errorf("%s is damaged: %w", eventsFile, err)
	}
	return nil
}
