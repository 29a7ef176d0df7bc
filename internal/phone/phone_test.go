package phone

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// examples are numbers of all kinds of a country, as it writes them and as others do.
func examples(m *phonenumbers.PhoneMetadata) []string {
	var all []string
	for _, d := range []*phonenumbers.PhoneNumberDesc{
		m.GetGeneralDesc(), m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(),
		m.GetPersonalNumber(), m.GetVoip(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
	} {
		if n := d.GetExampleNumber(); n != "" {
			all = append(all, n, m.GetNationalPrefix()+n, fmt.Sprint(m.GetCountryCode(), n), "00"+fmt.Sprint(m.GetCountryCode(), n), "011"+fmt.Sprint(m.GetCountryCode(), n))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// spoiled is a number with some of its digits changed, removed or added.
func spoiled(r *rand.Rand, digits string) string {
	b := []byte(digits)
	for range r.IntN(3) {
		b[r.IntN(len(b))] = byte('0' + r.IntN(10))
	}
	switch at := r.IntN(len(b)); r.IntN(4) {
	case 0:
		b = slices.Delete(b, at, at+1)
	case 1:
		b = slices.Insert(b, at, byte('0'+r.IntN(10)))
	}
	return string(b)
}

// TestLibrary compares what is said of numbers of all countries, right and wrong ones,
// with what github.com/nyaruka/phonenumbers says of them.
func TestLibrary(t *testing.T) {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	valid, invalid := 0, 0
	for _, m := range all.GetMetadata() {
		for _, example := range examples(m) {
			for i := range 8 {
				digits := example
				if i > 0 {
					digits = spoiled(r, example)
				}
				if len(digits) < 7 {
					continue
				}
				if n, ok := compare(t, m.GetId(), digits); ok && n.ValidIn(m.GetId()) {
					valid++
				} else {
					invalid++
				}
			}
		}
	}
	if t.Logf("%d valid numbers, %d others", valid, invalid); valid < 5000 || invalid < 5000 {
		t.Error("too few numbers of a kind")
	}
}

// compare compares what is said of digits that are dialled in a region, and after a "+".
func compare(t *testing.T, region, digits string) (Number, bool) {
	t.Helper()
	n, ok := International(digits)
	want, err := phonenumbers.Parse("+"+digits, "")
	if got, want := outcome(n, ok, ""), expected(want, err, ""); got != want {
		t.Errorf("+%s: got %s, want %s", digits, got, want)
	}
	if region == noCountry {
		return n, ok
	}
	n, ok = In(digits, region)
	want, err = phonenumbers.Parse(digits, region)
	if got, want := outcome(n, ok, region), expected(want, err, region); got != want {
		t.Errorf("%s in %s: got %s, want %s", digits, region, got, want)
	}
	return n, ok
}

func outcome(n Number, ok bool, region string) string {
	if !ok {
		return "none"
	}
	return fmt.Sprint(n.Code, n.National, " ", n.Valid(), n.ValidIn(region), n.Mobile(), n.Groups())
}

func expected(n *phonenumbers.PhoneNumber, err error, region string) string {
	if err != nil {
		return "none"
	}
	written := strings.FieldsFunc(phonenumbers.Format(n, phonenumbers.NATIONAL), func(r rune) bool { return r < '0' || r > '9' })
	return fmt.Sprint(n.GetCountryCode(), phonenumbers.GetNationalSignificantNumber(n), " ", phonenumbers.IsValidNumber(n),
		phonenumbers.IsValidNumberForRegion(n, region), phonenumbers.GetNumberType(n) == phonenumbers.MOBILE, written)
}

func TestRegions(t *testing.T) {
	for region := range phonenumbers.GetSupportedRegions() {
		if !IsRegion(region) {
			t.Errorf("%s has no plan", region)
		}
	}
	for _, region := range []string{"", "001", "us", "XX"} {
		if IsRegion(region) {
			t.Errorf("%q has a plan", region)
		}
	}
}

func TestByHand(t *testing.T) {
	for _, c := range []struct {
		digits, region string
		valid, mobile  bool
		groups         string
	}{
		{"2025550123", "US", true, false, "202 555 0123"},
		{"12025550123", "US", true, false, "202 555 0123"},
		{"1025550123", "US", false, false, ""}, // no area code begins with 1
		{"13912345678", "CN", true, true, "139 1234 5678"},
		{"01082303456", "CN", true, false, "010 8230 3456"},
		{"02079460123", "GB", true, false, "020 7946 0123"},
		{"07400123456", "GB", true, true, "07400 123456"},
		{"4402079460123", "", true, false, "020 7946 0123"},
		{"80012345678", "", true, false, "1234 5678"}, // a network of no country
		{"99912345678", "", false, false, ""},
	} {
		n, ok := In(c.digits, c.region)
		valid := ok && n.ValidIn(c.region)
		if c.region == "" {
			n, ok = International(c.digits)
			valid = ok && n.Valid()
		}
		if valid != c.valid || valid && (n.Mobile() != c.mobile || strings.Join(n.Groups(), " ") != c.groups) {
			t.Errorf("%s in %q: valid %v, mobile %v, %q", c.digits, c.region, valid, n.Mobile(), n.Groups())
		}
	}
}

func BenchmarkIn(b *testing.B) {
	for b.Loop() {
		if n, ok := In("2025550123", "US"); !ok || !n.ValidIn("US") {
			b.Fatal(n)
		}
	}
}
