package atelier

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// bannedPhrases are turns of phrase that read as if translated, see docs/style.md;
// cmd/atelier/help_test.go has those of help texts.
var bannedPhrases = regexp.MustCompile(`(?i)\b(there twice|comes? twice|may as well|made anew|laid on white|handed in|gone on with|going on with|weights of others|that others trained|lets? go of|whichever suits|as it were|tells? of|told of|what there is to)\b`)

// No source, script, page or recipe has a banned phrase, except where the phrases are listed.
func TestPlainWords(t *testing.T) {
	listed := map[string]bool{"words_test.go": true, "docs/style.md": true, "cmd/atelier/help_test.go": true}
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(path)
		if d.IsDir() {
			if slashed == "shared" || strings.HasPrefix(d.Name(), ".") && slashed != "." {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".toml", ".txtar":
		default:
			return nil
		}
		if listed[slashed] {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			if phrase := bannedPhrases.FindString(line); phrase != "" {
				t.Errorf("%s:%d: %q reads as if translated: %s", slashed, i+1, phrase, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
