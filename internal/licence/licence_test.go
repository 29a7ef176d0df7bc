package licence

import (
	"maps"
	"slices"
	"testing"
)

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"https://creativecommons.org/licenses/by/4.0/":           "CC-BY-4.0",
		"http://creativecommons.org/licenses/by-nc-sa/3.0/de/":   "CC-BY-NC-SA-3.0-DE",
		"https://creativecommons.org/licenses/by-sa/4.0/deed.en": "CC-BY-SA-4.0",
		"https://creativecommons.org/licenses/by/2.0/legalcode":  "CC-BY-2.0",
		"https://creativecommons.org/publicdomain/zero/1.0/":     "CC0-1.0",
		"https://creativecommons.org/publicdomain/mark/1.0/":     "CC-PDM-1.0",
		"CC BY 4.0":       "CC-BY-4.0",
		"CC-BY-SA-3.0":    "CC-BY-SA-3.0",
		"cc-by-nc-nd-4.0": "CC-BY-NC-ND-4.0",
		"Creative Commons Attribution-ShareAlike 4.0 International": "CC-BY-SA-4.0",
		"CC0 1.0":       "CC0-1.0",
		"public domain": PublicDomain,
		"Public-Domain": PublicDomain,
		"MIT License":   "MIT",
		"apache-2.0":    "Apache-2.0",
		"BSD 3-clause":  "BSD-3-Clause",
		"https://www.apache.org/licenses/LICENSE-2.0.txt":                                         "Apache-2.0",
		"This work is licensed to the public under https://creativecommons.org/licenses/by/4.0/.": "CC-BY-4.0",
		"https://creativecommons.org/licenses/":                                                   "",
		"all rights reserved":                                                                     "",
		"CC":                                                                                      "",
		"not under CC BY 4.0":                                                                     "",
		"":                                                                                        "",
		"https://example.com/?x=https://creativecommons.org.evil/licenses/by/4.0": "",
	} {
		if got := Normalise(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if id := Normalise(want); want != "" && len(want) < 17 && id != want {
			t.Errorf("%q is not its own identifier: %q", want, id)
		}
	}
	if got := Name("  All rights reserved "); got != "All rights reserved" {
		t.Errorf("%q", got)
	}
}

func TestMatch(t *testing.T) {
	usual := []string{"CC-BY-*", " CC0-*", "mit"}
	for licence, want := range map[string]bool{
		"CC-BY-4.0": true, "CC BY 2.0": true, "CC-BY-3.0-DE": true, "https://creativecommons.org/publicdomain/zero/1.0/": true, "MIT": true,
		"CC-BY-NC-4.0": false, "CC-BY-SA-4.0": false, "Apache-2.0": false, "": false, "all rights reserved": false, "MITX": false,
	} {
		if Match(usual, licence) != want {
			t.Errorf("%q: %v", licence, !want)
		}
	}
	if !Match([]string{"CC*"}, "CC-BY-NC-4.0") || Match([]string{"CC*"}, "MIT") {
		t.Error("CC* is not every licence of Creative Commons")
	}
	if !Match([]string{"*"}, "my own") || Match([]string{"*"}, "") || Match(nil, "MIT") {
		t.Error("* is not every licence")
	}
}

// Every licence with an identifier has obligations, or is known to have none.
func TestObligations(t *testing.T) {
	for _, id := range append(slices.Collect(maps.Values(written)), "CC-BY-4.0", "CC-BY-NC-SA-3.0-DE") {
		if _, known := Obligations(id); !known {
			t.Errorf("%s: no obligations are known", id)
		}
	}
	for licence, want := range map[string][]string{
		"CC BY-NC-ND 4.0": {credit, noBusiness, unchanged}, "cc-by-sa-3.0": {credit, alike}, "CC BY 4.0": {credit}, "public domain": {}, "MIT License": {notice},
	} {
		if got, known := Obligations(licence); !known || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", licence, got, known)
		}
	}
	for _, licence := range []string{"", "all rights reserved", "ask me"} {
		if got, known := Obligations(licence); known {
			t.Errorf("%q: %q", licence, got)
		}
	}
}
