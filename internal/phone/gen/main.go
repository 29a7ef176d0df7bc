// Command gen writes numbers.txt, the numbering plans of all countries, from the
// metadata of libphonenumber.
package main

import (
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"atelier/internal/durable"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: gen FILE")
	}
	text, err := plans()
	if err == nil {
		err = durable.WriteFile(os.Args[1], []byte(text))
	}
	if err != nil {
		log.Fatal("gen: ", err)
	}
}

const head = `# Numbering plans from the metadata of libphonenumber (Apache-2.0), one line per fact,
# written by internal/phone/gen. A country's first line is its name and calling code;
# the first country of a code is the one whose rules are used to parse and to format.
`

// plans is the text of the table.
func plans() (string, error) {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return "", err
	}
	byRegion := map[string]*phonenumbers.PhoneMetadata{}
	for _, m := range all.GetMetadata() {
		byRegion[key(m.GetId(), int(m.GetCountryCode()))] = m
	}
	var out strings.Builder
	out.WriteString(head)
	for _, code := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedCallingCodes())) {
		for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
			m := byRegion[key(region, code)]
			if m == nil {
				return "", fmt.Errorf("no metadata of %s, +%d", region, code)
			}
			write(&out, m)
		}
	}
	return out.String(), nil
}

func key(region string, code int) string { return fmt.Sprintf("%s %d", region, code) }

// write writes the plan of a country.
func write(out *strings.Builder, m *phonenumbers.PhoneMetadata) {
	line := func(fields ...string) {
		if strings.Join(fields[1:], "") != "" {
			out.WriteString(strings.Join(fields, "\t") + "\n")
		}
	}
	line(m.GetId(), fmt.Sprint(m.GetCountryCode()))
	line(" idd", m.GetInternationalPrefix())
	line(" prefix", m.GetNationalPrefixForParsing(), m.GetNationalPrefixTransformRule())
	line(" leading", m.GetLeadingDigits())
	line(" local", lengths(m.GetGeneralDesc().GetPossibleLengthLocalOnly()))
	for _, kind := range []struct {
		name string
		desc *phonenumbers.PhoneNumberDesc
	}{
		{"general", m.GetGeneralDesc()},
		// In the order in which the library asks for the type of a number.
		{"premium", m.GetPremiumRate()}, {"free", m.GetTollFree()}, {"shared", m.GetSharedCost()},
		{"voip", m.GetVoip()}, {"personal", m.GetPersonalNumber()}, {"pager", m.GetPager()},
		{"uan", m.GetUan()}, {"voicemail", m.GetVoicemail()}, {"fixed", m.GetFixedLine()}, {"mobile", m.GetMobile()},
	} {
		pattern := kind.desc.GetNationalNumberPattern()
		if pattern == "" || pattern == "NA" || kind.name == "mobile" && m.GetSameMobileAndFixedLinePattern() {
			continue
		}
		line(" "+kind.name, lengths(kind.desc.GetPossibleLength()), pattern)
	}
	for _, f := range m.GetNumberFormat() {
		leading := ""
		if all := f.GetLeadingDigitsPattern(); len(all) > 0 {
			leading = all[len(all)-1]
		}
		line(" format", f.GetPattern(), leading, template(f))
	}
}

var firstGroup = regexp.MustCompile(`\$\d`)

// template is how a format writes a number within its country.
func template(f *phonenumbers.NumberFormat) string {
	rule := f.GetNationalPrefixFormattingRule()
	at := firstGroup.FindStringIndex(f.GetFormat())
	if rule == "" || at == nil {
		return f.GetFormat()
	}
	return f.GetFormat()[:at[0]] + rule + f.GetFormat()[at[1]:]
}

func lengths(all []int32) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ","), "[]")
}
