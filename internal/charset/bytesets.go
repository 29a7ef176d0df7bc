package charset

import (
	"sync"

	"golang.org/x/text/encoding/charmap"
)

// A byteSet is a single-byte encoding.
type byteSet struct {
	name     string
	encoding *charmap.Charmap
	rare     int  // penalty in half bits: the rarer the encoding, the more evidence is needed
	latin    bool // whether it is for languages in Latin script
	west     bool // whether it is for Western European languages
}

var byteSets = []byteSet{
	{"windows-1252", charmap.Windows1252, 0, true, true},
	{"windows-1250", charmap.Windows1250, 4, true, false},
	{"windows-1251", charmap.Windows1251, 4, false, false},
	{"windows-1253", charmap.Windows1253, 4, false, false},
	{"windows-1254", charmap.Windows1254, 4, true, false},
	{"windows-1255", charmap.Windows1255, 4, false, false},
	{"windows-1256", charmap.Windows1256, 4, false, false},
	{"windows-1257", charmap.Windows1257, 4, true, false},
	{"windows-1258", charmap.Windows1258, 4, true, false},
	{"windows-874", charmap.Windows874, 4, false, false},
	{"iso-8859-2", charmap.ISO8859_2, 6, true, false},
	{"iso-8859-4", charmap.ISO8859_4, 20, true, false},
	{"iso-8859-5", charmap.ISO8859_5, 6, false, false},
	{"iso-8859-6", charmap.ISO8859_6, 6, false, false},
	{"iso-8859-7", charmap.ISO8859_7, 6, false, false},
	{"iso-8859-8", charmap.ISO8859_8, 6, false, false},
	{"iso-8859-10", charmap.ISO8859_10, 20, true, false},
	{"iso-8859-13", charmap.ISO8859_13, 16, true, false},
	{"iso-8859-14", charmap.ISO8859_14, 20, true, true},
	{"iso-8859-15", charmap.ISO8859_15, 6, true, true},
	{"iso-8859-16", charmap.ISO8859_16, 8, true, false},
	{"koi8-r", charmap.KOI8R, 4, false, false},
	{"koi8-u", charmap.KOI8U, 6, false, false},
	{"macintosh", charmap.Macintosh, 8, true, true},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, 8, false, false},
	{"ibm437", charmap.CodePage437, 8, true, true},
	{"ibm850", charmap.CodePage850, 8, true, true},
	{"ibm852", charmap.CodePage852, 8, true, false},
	{"ibm855", charmap.CodePage855, 8, false, false},
	{"ibm860", charmap.CodePage860, 20, true, true},
	{"ibm862", charmap.CodePage862, 8, false, false},
	{"ibm863", charmap.CodePage863, 20, true, true},
	{"ibm865", charmap.CodePage865, 20, true, true},
	{"ibm866", charmap.CodePage866, 6, false, false},
}

// symbols maps the bytes of each encoding to the symbols of each language, computed once.
var symbols = sync.OnceValue(func() [][][256]symbol {
	all := make([][][256]symbol, len(byteSets))
	for i, c := range byteSets {
		all[i] = make([][256]symbol, len(languages()))
		for j, l := range languages() {
			for b := 0; b < 256 && l.latin() == c.latin; b++ {
				all[i][j][b] = l.symbol(c.encoding.DecodeByte(byte(b)))
			}
		}
	}
	return all
})
