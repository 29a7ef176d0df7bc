// Package sound turns pieces of music into recordings: synthesis with a SoundFont, loudness, and
// WAV and FLAC files.
package sound

import (
	_ "embed" // of the SoundFont
	"sync"

	"atelier/internal/synth"
)

//go:embed sf_GMbank.sf2
var ownFont []byte

// Own is the embedded font.
var Own = sync.OnceValues(func() (*synth.Font, error) { return synth.OpenFont(ownFont) })
