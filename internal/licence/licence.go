// Package licence recognizes licences in the many ways in which they are written.
package licence

import (
	"net/url"
	"strings"

	"atelier/internal/pattern"
)

// PublicDomain marks works without rights holders; SPDX has no identifier for it.
const PublicDomain = "public-domain"

// written maps spellings, reduced to small letters and digits, to identifiers.
var written = map[string]string{
	"publicdomain": PublicDomain, "pd": PublicDomain, "nocopyright": PublicDomain,
	"noknowncopyrightrestrictions": PublicDomain, "publicdomainmark": "CC-PDM-1.0", "publicdomainmark10": "CC-PDM-1.0", "ccpdm10": "CC-PDM-1.0",
	"cc0": "CC0-1.0", "cc010": "CC0-1.0", "cczero": "CC0-1.0", "creativecommonszero": "CC0-1.0", "creativecommonszerov10universal": "CC0-1.0", "cc010universal": "CC0-1.0",
	"mit": "MIT", "mitlicense": "MIT", "isc": "ISC", "unlicense": "Unlicense", "wtfpl": "WTFPL", "zlib": "Zlib",
	"apache": "Apache-2.0", "apache20": "Apache-2.0", "apache2": "Apache-2.0", "apachelicense20": "Apache-2.0", "apachelicenseversion20": "Apache-2.0",
	"bsd2": "BSD-2-Clause", "bsd2clause": "BSD-2-Clause", "bsd3": "BSD-3-Clause", "bsd3clause": "BSD-3-Clause",
	"gpl20": "GPL-2.0-only", "gplv2": "GPL-2.0-only", "gpl20only": "GPL-2.0-only", "gpl20orlater": "GPL-2.0-or-later",
	"gpl30": "GPL-3.0-only", "gplv3": "GPL-3.0-only", "gpl30only": "GPL-3.0-only", "gpl30orlater": "GPL-3.0-or-later",
	"lgpl21": "LGPL-2.1-only", "lgpl30": "LGPL-3.0-only", "agpl30": "AGPL-3.0-only", "mpl20": "MPL-2.0",
	"odcby": "ODC-By-1.0", "odcby10": "ODC-By-1.0", "odbl": "ODbL-1.0", "odbl10": "ODbL-1.0", "pddl": "PDDL-1.0", "pddl10": "PDDL-1.0",
	"ofl": "OFL-1.1", "ofl11": "OFL-1.1", "gfdl": "GFDL-1.3-or-later", "artistic20": "Artistic-2.0",
	"cdlapermissive10": "CDLA-Permissive-1.0", "cdlapermissive20": "CDLA-Permissive-2.0", "cdlasharing10": "CDLA-Sharing-1.0",
}

// hosts maps the addresses of licences, without scheme and www, to identifiers.
var hosts = map[string]string{
	"opensource.org/licenses/mit": "MIT", "opensource.org/license/mit": "MIT", "mit-license.org": "MIT",
	"apache.org/licenses/license-2.0": "Apache-2.0", "opensource.org/licenses/bsd-3-clause": "BSD-3-Clause", "opensource.org/licenses/bsd-2-clause": "BSD-2-Clause",
	"gnu.org/licenses/gpl-3.0": "GPL-3.0-only", "opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
	"opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0", "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0", "unlicense.org": "Unlicense",
}

var (
	ccAddress = pattern.New(`^creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)(?:/([a-z]{2,3}))?(?:/(?:deed|legalcode)[^/]*)?$`)
	ccWords   = pattern.New(`^(?:creativecommons|cc)(?:license)?(by|attribution)(nc|noncommercial)?(sa|sharealike|nd|noderivatives|noderivs)?v?([1-4])([05])(?:international|unported|generic)?(?:license)?$`)
	address   = pattern.New(`https?://[^\s<>"']+`)
	loose     = pattern.New(`[^a-z0-9]+`)
)

// Normalise returns the SPDX identifier of a licence written in one of the usual ways: as its
// identifier, its name or its address, alone or within a sentence. It is [PublicDomain] for works
// free of rights, and empty if unknown: a guess would be worse.
func Normalise(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 4096 {
		return ""
	}
	if id := fromWords(s); id != "" {
		return id
	}
	for _, a := range address().FindAllString(s, 4) {
		if id := fromAddress(strings.TrimRight(a, ".,;)")); id != "" {
			return id
		}
	}
	return ""
}

// Name returns the identifier of a licence, or else the original words.
func Name(s string) string {
	if id := Normalise(s); id != "" {
		return id
	}
	return strings.TrimSpace(s)
}

func fromAddress(s string) string {
	u, err := url.Parse(strings.ToLower(s))
	if err != nil {
		return ""
	}
	place := strings.TrimSuffix(strings.TrimPrefix(u.Host, "www.")+strings.TrimRight(u.Path, "/"), ".html")
	place = strings.TrimSuffix(place, ".txt")
	if m := ccAddress().FindStringSubmatch(place); m != nil {
		id := "CC-" + strings.ToUpper(m[1]) + "-" + m[2]
		if m[3] != "" && m[3] != "en" {
			id += "-" + strings.ToUpper(m[3])
		}
		return id
	}
	switch {
	case strings.HasPrefix(place, "creativecommons.org/publicdomain/zero/1.0"):
		return "CC0-1.0"
	case strings.HasPrefix(place, "creativecommons.org/publicdomain/mark/1.0"):
		return "CC-PDM-1.0"
	}
	return hosts[place]
}

// fromWords recognizes identifiers and names, such as "CC BY-SA 4.0".
func fromWords(s string) string {
	plain := loose().ReplaceAllString(strings.ToLower(s), "")
	if id := written[plain]; id != "" {
		return id
	}
	m := ccWords().FindStringSubmatch(plain)
	if m == nil {
		return ""
	}
	id := "CC-BY"
	if m[2] != "" {
		id += "-NC"
	}
	switch m[3] {
	case "sa", "sharealike":
		id += "-SA"
	case "nd", "noderivatives", "noderivs":
		id += "-ND"
	}
	return id + "-" + m[4] + "." + m[5]
}

// Match reports whether a licence, in any spelling, matches one of the patterns. They are
// identifiers; a star after a hyphen stands for a version, so that CC-BY-* matches CC-BY-4.0 and
// CC-BY-3.0-DE, but not CC-BY-NC-4.0, which grants less. A star elsewhere at the end stands for
// anything: CC* matches every Creative Commons licence, and * every recognized licence.
func Match(patterns []string, licence string) bool {
	id := strings.ToLower(Name(licence))
	if id == "" {
		return false
	}
	for _, p := range patterns {
		p = strings.ToLower(strings.TrimSpace(p))
		start, star := strings.CutSuffix(p, "*")
		rest, found := strings.CutPrefix(id, start)
		switch {
		case !star && strings.ToLower(Name(p)) == id:
			return true
		case !star || !found:
		case !strings.HasSuffix(start, "-") || rest != "" && rest[0] >= '0' && rest[0] <= '9':
			return true
		}
	}
	return false
}
