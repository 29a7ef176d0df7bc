package licence

import (
	"strings"

	"atelier/internal/pattern"
)

// What licences ask of those who pass works on.
const (
	credit      = "name the author and the licence, with a link to it, and say what was changed"
	noBusiness  = "no commercial use"
	alike       = "pass adaptations on under the same licence only"
	unchanged   = "pass on unchanged copies only, no adaptations"
	notice      = "keep the copyright notice and the text of the licence with copies"
	changes     = "say which files were changed, and keep the file NOTICE if there is one"
	source      = "pass copies on under the same licence only, with their source"
	sameFiles   = "pass changed files on under the same licence only, with their source"
	sameBase    = "pass adapted databases on under the same licence only"
	namedBase   = "name the database and the licence where works made from it are shown"
	sameFont    = "pass the font on under the same licence only, not sold by itself"
	linkLicence = "keep the text of the licence with copies, or a link to it"
)

// obligations are those of licences other than Creative Commons.
var obligations = map[string][]string{
	PublicDomain: {}, "CC0-1.0": {}, "CC-PDM-1.0": {}, "Unlicense": {}, "PDDL-1.0": {}, "WTFPL": {},
	"MIT": {notice}, "ISC": {notice}, "BSD-2-Clause": {notice}, "BSD-3-Clause": {notice, "do not use the names of the authors to promote what is made from it"},
	"Zlib": {"mark changed versions as such, and keep the notice with sources"}, "Apache-2.0": {notice, changes},
	"GPL-2.0-only": {source}, "GPL-2.0-or-later": {source}, "GPL-3.0-only": {source}, "GPL-3.0-or-later": {source}, "AGPL-3.0-only": {source}, "LGPL-2.1-only": {source}, "LGPL-3.0-only": {source},
	"MPL-2.0": {sameFiles}, "Artistic-2.0": {changes}, "GFDL-1.3-or-later": {credit, alike}, "OFL-1.1": {sameFont},
	"ODC-By-1.0": {namedBase}, "ODbL-1.0": {namedBase, sameBase},
	"CDLA-Permissive-1.0": {linkLicence}, "CDLA-Permissive-2.0": {linkLicence}, "CDLA-Sharing-1.0": {linkLicence, sameBase},
}

var ccIdentifier = pattern.New(`^CC-BY(-NC)?(-SA|-ND)?-\d\.\d(?:-[A-Z]{2,3})?$`)

// Obligations are what a licence, in any spelling, asks of those who pass works on, in short: its
// text decides. There are none for works free of rights. Not known for other licences than those
// with an identifier.
func Obligations(licence string) (asks []string, known bool) {
	id := Name(licence)
	if asks, known = obligations[id]; known {
		return asks, true
	}
	terms := ccIdentifier().FindStringSubmatch(id)
	if terms == nil {
		return nil, false
	}
	asks = []string{credit}
	if terms[1] != "" {
		asks = append(asks, noBusiness)
	}
	switch terms[2] {
	case "-SA":
		asks = append(asks, alike)
	case "-ND":
		asks = append(asks, unchanged)
	}
	return asks, true
}

// Unknown stands for a licence that is not known.
const Unknown = "unknown"

// InWords is what a licence asks, in words for people.
func InWords(licence string) string {
	asks, known := Obligations(licence)
	switch {
	case len(asks) > 0:
		return strings.Join(asks, "; ")
	case known:
		return "nothing"
	case licence == Unknown || licence == "":
		return "not known: ask the authors before you pass anything on"
	}
	return "not known to this program: read it before you pass anything on"
}
