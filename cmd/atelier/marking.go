package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/stamp"
)

// producerVariable is the environment variable with the name or code of who offers the generation, for
// the statement in files.
const producerVariable = "ATELIER_PRODUCER"

// longestProducer is its size limit in characters.
const longestProducer = 200

// ownKey is the value of --sign and --watermark without a file.
const ownKey = "own"

// A marks holds the flags that say how works are marked.
type marks struct{ visible, watermark, sign string }

// markFlags are the names of those flags, and of what [app.Marking] says is wrong with them.
var markFlags = []string{"visible", "watermark", "sign"}

// addMarks adds the flags that say how works are marked.
func addMarks(cmd *cobra.Command) *marks {
	m := &marks{}
	f := cmd.Flags()
	f.StringVar(&m.visible, "visible", "", "draw a visible mark on pictures: en (AI-generated) or zh (AI生成)")
	f.StringVar(&m.watermark, "watermark", "", "hide a watermark in pictures that verify finds, with this machine's key, or that of --watermark=FILE")
	f.StringVar(&m.sign, "sign", "", "sign files by C2PA with a key made on this machine, or with key and certificates of --sign=FILE in PEM")
	f.Lookup("visible").NoOptDefVal = "en"
	f.Lookup("watermark").NoOptDefVal = ownKey
	f.Lookup("sign").NoOptDefVal = ownKey
	cmd.RegisterFlagCompletionFunc("visible", cobra.FixedCompletions(languages(), cobra.ShellCompDirectiveNoFileComp))
	return m
}

// languages are those of the visible mark.
func languages() []string { return slices.Sorted(maps.Keys(stamp.Texts)) }

// marking opens the keys that the flags ask for.
func (m *marks) marking() (out app.Marking, err error) {
	if m.visible != "" && stamp.Texts[m.visible] == "" {
		return out, badinput.Errorf("--visible: no language %q; %s", m.visible, registry.Suggest(m.visible, languages()))
	}
	if out.Producer, err = producer(); err != nil {
		return out, err
	}
	out.Visible = m.visible
	keys := markKeys()
	if m.watermark != "" {
		if out.Watermark, err = keys.Watermark(given(m.watermark), true); err != nil {
			return out, err
		}
	}
	if m.sign != "" {
		if out.Signer, err = keys.Signer(given(m.sign), true); err != nil {
			return out, err
		}
	}
	if m.watermark != "" && out.Watermark == nil || m.sign != "" && out.Signer == nil {
		return out, badinput.Errorf("there is no place for keys on this machine; set ATELIER_HOME to a folder, or name the file of one")
	}
	return out, nil
}

// given is the file of a key, empty for this machine's own.
func given(flag string) string {
	if flag == ownKey {
		return ""
	}
	return flag
}

// producer is who offers the generation, by the environment.
func producer() (string, error) {
	name := strings.TrimSpace(os.Getenv(producerVariable))
	if utf8.RuneCountInString(name) > longestProducer || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", badinput.Errorf("%s: want a name of at most %d characters, without control characters", producerVariable, longestProducer)
	}
	return name, nil
}

// markKeys are the keys of this machine.
func markKeys() app.Keys {
	place := weightsHome()
	if place == "" {
		return app.Keys{}
	}
	return app.Keys{Folder: filepath.Join(place, "keys")}
}
