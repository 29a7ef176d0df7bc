package phone

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./gen numbers.txt

//go:embed numbers.txt
var table string

// A plan is the numbering plan of a country.
type plan struct {
	region  string
	code    int
	idd     *pattern // international call prefix
	prefix  *pattern // national prefix, nil if there is none
	rewrite string   // replacement of the national prefix, usually empty
	leading *pattern // leading digits that identify the country among those with its code, if there are such
	local   []int    // lengths of numbers without the area code
	general kind
	kinds   []kind // in the order of trial
	formats []format
}

// A kind describes the numbers of a service, such as mobile phones.
type kind struct {
	name    string
	lengths []int // if empty, those of all numbers
	whole   *pattern
}

func (k *kind) matches(number string) bool {
	return (len(k.lengths) == 0 || slices.Contains(k.lengths, len(number))) && k.whole.get().MatchString(number)
}

// A format is a national format of numbers.
type format struct {
	whole, leading *pattern
	template       string
}

// A pattern is a regular expression compiled on first use.
type pattern struct {
	text string
	once sync.Once
	re   *regexp.Regexp
}

func (p *pattern) get() *regexp.Regexp {
	p.once.Do(func() { p.re = regexp.MustCompile(p.text) })
	return p.re
}

func start(text string) *pattern { return &pattern{text: "^(?:" + text + ")"} }
func whole(text string) *pattern { return &pattern{text: "^(?:" + text + ")$"} }

// plans are the countries by calling code and, except for non-geographic networks, by name.
type plans struct {
	byCode   map[int][]*plan
	byRegion map[string]*plan
}

const noCountry = "001"

// world is the table, parsed on first use.
var world = sync.OnceValue(func() plans {
	all := plans{map[int][]*plan{}, map[string]*plan{}}
	var p *plan
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case line[0] == '#':
		case line[0] != ' ':
			code, _ := strconv.Atoi(fields[1])
			p = &plan{region: fields[0], code: code, idd: start("")}
			all.byCode[code] = append(all.byCode[code], p)
			if p.region != noCountry {
				all.byRegion[p.region] = p
			}
		default:
			p.read(fields[0][1:], fields[1:])
		}
	}
	return all
})

// read parses a line of the table.
func (p *plan) read(name string, fields []string) {
	switch name {
	case "idd":
		p.idd = start(fields[0])
	case "prefix":
		p.prefix, p.rewrite = start(fields[0]), fields[1]
	case "leading":
		p.leading = start(fields[0])
	case "local":
		p.local = lengths(fields[0])
	case "format":
		f := format{whole: whole(fields[0]), template: fields[2]}
		if fields[1] != "" {
			f.leading = start(fields[1])
		}
		p.formats = append(p.formats, f)
	default:
		k := kind{name, lengths(fields[0]), whole(fields[1])}
		if name == "general" {
			p.general = k
		} else {
			p.kinds = append(p.kinds, k)
		}
	}
}

func lengths(list string) (all []int) {
	for s := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(s); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// kind is the service of a number of the country, "" if it is invalid.
func (p *plan) kind(number string) string {
	if !p.general.matches(number) {
		return ""
	}
	for i := range p.kinds {
		if p.kinds[i].matches(number) {
			return p.kinds[i].name
		}
	}
	return ""
}
