// Package phone distinguishes telephone numbers from other digits, by the numbering plans of
// libphonenumber. It does what github.com/nyaruka/phonenumbers does with strings of digits, but
// loads the plans, and compiles their patterns, on demand.
package phone

import (
	"slices"
	"strconv"
	"strings"
)

// A Number is a string of digits that may be a telephone number.
type Number struct {
	Code     int    // country calling code
	National string // the digits that follow
}

// The lengths that national numbers may have at all.
const (
	shortest = 2
	longest  = 17
)

// IsRegion reports whether a country code, such as "US", has a numbering plan.
func IsRegion(region string) bool { return world().byRegion[region] != nil }

// International parses digits that begin with a country calling code, as after a "+".
func International(digits string) (Number, bool) {
	code, national, ok := splitCode(digits)
	if !ok {
		return Number{}, false
	}
	return number(code, national, world().byCode[code][0])
}

// In parses digits as dialled in a region.
func In(digits, region string) (Number, bool) {
	p := world().byRegion[region]
	if p == nil {
		return Number{}, false
	}
	if abroad, ok := p.stripAbroad(digits); ok {
		return International(abroad)
	}
	if national, ok := p.stripOwnCode(digits); ok {
		return number(p.code, national, world().byCode[p.code][0])
	}
	return number(p.code, digits, p)
}

// splitCode splits digits into the country calling code and the rest.
func splitCode(digits string) (code int, national string, ok bool) {
	if len(digits) <= shortest || digits[0] == '0' {
		return 0, "", false
	}
	for n := 1; n <= 3; n++ {
		code, _ = strconv.Atoi(digits[:n])
		if world().byCode[code] != nil {
			return code, digits[n:], true
		}
	}
	return 0, "", false
}

// stripAbroad removes the international call prefix.
func (p *plan) stripAbroad(digits string) (string, bool) {
	at := p.idd.get().FindStringIndex(digits)
	if at == nil || strings.HasPrefix(digits[at[1]:], "0") { // no country code begins with 0
		return "", false
	}
	return digits[at[1]:], true
}

// stripOwnCode removes the country's own code, if the digits are only a number without it.
func (p *plan) stripOwnCode(digits string) (string, bool) {
	national, found := strings.CutPrefix(digits, strconv.Itoa(p.code))
	if !found {
		return "", false
	}
	national = p.stripPrefix(national)
	general := p.general.whole.get()
	better := !general.MatchString(digits) && general.MatchString(national)
	return national, better || p.length(digits) == tooLong
}

// stripPrefix removes the national prefix, unless that would turn a valid number into an invalid
// one.
func (p *plan) stripPrefix(digits string) string {
	if digits == "" || p.prefix == nil {
		return digits
	}
	prefix := p.prefix.get()
	groups := prefix.FindStringSubmatchIndex(digits)
	if groups == nil {
		return digits
	}
	rest := digits[groups[1]:]
	if last := groups[len(groups)-2]; p.rewrite != "" && last >= 0 {
		rest = prefix.ReplaceAllString(digits, p.rewrite)
	}
	if general := p.general.whole.get(); general.MatchString(digits) && !general.MatchString(rest) {
		return digits
	}
	return rest
}

// The possible outcomes of checking a number's length.
type length int

const (
	possible length = iota
	impossible
	tooLong
)

func (p *plan) length(number string) length {
	n, all := len(number), p.general.lengths
	switch {
	case slices.Contains(p.local, n):
		return impossible
	case n > all[len(all)-1]:
		return tooLong
	case slices.Contains(all, n):
		return possible
	}
	return impossible
}

// number is the number without the national prefix.
func number(code int, national string, p *plan) (Number, bool) {
	if len(national) < shortest {
		return Number{}, false
	}
	if rest := p.stripPrefix(national); p.length(rest) != impossible {
		national = rest
	}
	return Number{code, national}, len(national) >= shortest && len(national) <= longest
}

// plan is the plan of a number's country, nil if the number is invalid.
func (n Number) plan() *plan {
	all := world().byCode[n.Code]
	if len(all) == 1 {
		return all[0]
	}
	for _, p := range all {
		if p.leading != nil && p.leading.get().MatchString(n.National) || p.leading == nil && p.kind(n.National) != "" {
			return p
		}
	}
	return nil
}

// Valid reports whether a number is valid in its country's plan.
func (n Number) Valid() bool {
	p := n.plan()
	return p != nil && p.kind(n.National) != ""
}

// ValidIn reports whether a number is valid in a region's plan.
func (n Number) ValidIn(region string) bool {
	p := world().byRegion[region]
	return p != nil && p.code == n.Code && p.kind(n.National) != ""
}

// Mobile reports whether a number is certainly that of a mobile phone.
func (n Number) Mobile() bool {
	p := n.plan()
	return p != nil && p.kind(n.National) == "mobile"
}

// Groups are the digit groups of the number in national format.
func (n Number) Groups() []string {
	written := n.National
	if all := world().byCode[n.Code]; all != nil {
		for _, f := range all[0].formats {
			if (f.leading == nil || f.leading.get().MatchString(written)) && f.whole.get().MatchString(written) {
				written = f.whole.get().ReplaceAllString(written, f.template)
				break
			}
		}
	}
	return strings.FieldsFunc(written, func(r rune) bool { return r < '0' || r > '9' })
}
