package brought

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
)

// The embedded language model. Its licence is in stories/NOTICE.
const (
	// BuiltIn is its name.
	BuiltIn          = "stories260k"
	builtInFile      = "stories260K.bin"
	builtInTokenizer = "tok512.bin"
	builtInHome      = "https://github.com/karpathy/llama2.c"
	builtInLicence   = "MIT"
)

//go:embed stories
var stories embed.FS

// BuiltInCard is the card of the embedded model.
func BuiltInCard() (*Card, error) {
	o, err := openBuiltIn()
	if err != nil {
		return nil, err
	}
	c := &Card{Format: cardFormat, Source: builtInHome, Facts: o.Facts, Contents: o.embedded}
	for _, f := range c.Contents {
		c.Bytes += f.Size
	}
	return c, o.Close()
}

// openBuiltIn opens the embedded model.
func openBuiltIn() (o *Opened, err error) {
	o = &Opened{}
	o.Facts.Name, o.Facts.Licence = BuiltIn, builtInLicence
	var files [2][]byte
	for i, name := range []string{builtInFile, builtInTokenizer} {
		if files[i], err = stories.ReadFile(path.Join("stories", name)); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(files[i])
		o.embedded = append(o.embedded, Content{name, int64(len(files[i])), hex.EncodeToString(sum[:])})
	}
	o.hash = hashOf(o.embedded)
	if err = o.openLlama2C(files[0]); err == nil {
		err = o.setLlama2C(files[1])
	}
	if err == nil {
		err = o.finish()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", BuiltIn, err)
	}
	o.title = strings.TrimSuffix(builtInFile, ".bin")
	return o, nil
}
