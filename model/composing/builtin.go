package composing

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"atelier/internal/arrange"
	"atelier/model/language"
)

// The composer that comes with the program.
const (
	// BuiltIn is its name.
	BuiltIn     = "ensemble"
	weightsFile = "ensemble/ensemble.gguf"
	cardFile    = "ensemble/ensemble.json"
)

//go:embed ensemble
var ensemble embed.FS

// A Card says what the embedded weights are.
type Card struct {
	Format     int     `json:"format"`
	Parameters int     `json:"parameters"`
	Train      string  `json:"train"`    // hash of the training examples
	HeldOut    float64 `json:"held_out"` // perplexity of an event of held-out pieces
	Recipe     string  `json:"recipe"`   // the resolved run file that makes the weights again
	SHA256     string  `json:"sha256"`   // of the weights
}

// OpenBuiltIn opens the composer that comes with the program, and returns the hash of its
// weights.
func OpenBuiltIn(k language.Kernels) (c *Composer, hash string, err error) {
	file, err := ensemble.ReadFile(weightsFile)
	if err != nil {
		return nil, "", err
	}
	if c, err = Open(file, k); err != nil {
		return nil, "", fmt.Errorf("%s: %w", BuiltIn, err)
	}
	c.Kit = true
	for i, style := range c.Vocabulary.Styles {
		if !arrange.HasDrums(style) {
			c.Drumless = append(c.Drumless, i)
		}
	}
	return c, HashBuiltIn(), nil
}

// HashBuiltIn is the hash of the embedded weights.
func HashBuiltIn() string {
	file, _ := ensemble.ReadFile(weightsFile)
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// BuiltInCard is the card of the embedded weights.
func BuiltInCard() (*Card, error) {
	text, err := ensemble.ReadFile(cardFile)
	if err != nil {
		return nil, err
	}
	c := &Card{}
	return c, json.Unmarshal(text, c)
}
