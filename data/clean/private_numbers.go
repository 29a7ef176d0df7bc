package clean

import (
	"slices"
	"strings"
	"time"

	"atelier/internal/phone"
)

// A digits is a run of digits in a line.
type digits struct{ from, to int }

const (
	mostRuns   = 7  // of digits that form one number
	mostDigits = 19 // of a number
)

// findNumbers finds identity numbers, bank cards and telephone numbers.
func (c *Private) findNumbers(s string, add func(from, to int, kind string)) {
	regions := listed(c.Regions)
	group := make([]digits, 0, mostRuns)
	for at := 0; at < len(s); {
		group = numberGroup(s, at, group[:0])
		if len(group) == 0 {
			return
		}
		at = group[0].to
		for n := len(group); n > 0; n-- {
			from, to := group[0].from, group[n-1].to
			if kind, whole := numberKind(s, group[:n], regions); kind != "" {
				add(from-whole.before, to+whole.after, kind)
				at = to
				break
			}
		}
	}
}

// numberGroup returns the runs of digits from an index on that may form one number: at most two
// separators apart.
func numberGroup(s string, at int, group []digits) []digits {
	total := 0
	for len(group) < mostRuns {
		from := at
		for from < len(s) && !isDigit(s[from]) {
			from++
		}
		if k := len(group); k > 0 && !separates(s[group[k-1].to:from]) || from == len(s) {
			return group
		}
		to := from
		for to < len(s) && isDigit(s[to]) {
			to++
		}
		if total += to - from; total > mostDigits && len(group) > 0 {
			return group
		}
		group = append(group, digits{from, to})
		at = to
	}
	return group
}

// separates reports whether a string may separate the digits of one number.
func separates(gap string) bool {
	return len(gap) <= 2 && strings.Trim(gap, " -.()") == ""
}

// around is the number of bytes beside the digits that belong to a number.
type around struct{ before, after int }

func numberKind(s string, group []digits, regions []string) (string, around) {
	from, to := group[0].from, group[len(group)-1].to
	var plain strings.Builder
	for _, d := range group {
		plain.WriteString(s[d.from:d.to])
	}
	number := plain.String()
	if len(number) < 7 || len(number) > mostDigits {
		return "", around{}
	}
	if len(group) == 1 && len(number) == 17 && to < len(s) && s[to]|0x20 == 'x' && alone(s, from, to+1) && isResident(number+"X") {
		return "ID", around{after: 1}
	}
	if from > 0 && (isWord(s[from-1]) || strings.IndexByte("$£€#", s[from-1]) >= 0) || to < len(s) && isWord(s[to]) {
		return "", around{}
	}
	switch {
	case len(group) == 1 && len(number) == 18 && isResident(number):
		return "ID", around{}
	case isSocial(s, group, number):
		return "ID", around{}
	case isCard(s, group, number):
		return "CARD", around{}
	}
	if before, ok := isPhone(s, group, number, regions); ok {
		return "PHONE", around{before: before}
	}
	return "", around{}
}

// isResident reports whether a number is a Chinese identity number: a province, a date of birth,
// and the check digit of GB 11643-1999 (ISO 7064, MOD 11-2).
func isResident(number string) bool {
	if number[0] < '1' || number[0] > '8' {
		return false
	}
	born, err := time.Parse("20060102", number[6:14])
	if err != nil || born.Year() < 1900 || born.Year() > 2100 {
		return false
	}
	sum := 0
	for i := range 17 {
		sum = (sum + int(number[i]-'0')) * 2 % 11
	}
	return number[17] == "10X98765432"[sum%11]
}

var social = []string{"ssn", "social security", "soc. sec", "社会安全"}

// isSocial reports whether a number is a US social security number: 3, 2 and 4 digits, none of them
// all zeros, between dashes, or in any grouping next to a word for it.
func isSocial(s string, group []digits, number string) bool {
	from, to := group[0].from, group[len(group)-1].to
	if len(number) != 9 || number[:3] == "000" || number[:3] == "666" || number[0] == '9' || number[3:5] == "00" || number[5:] == "0000" {
		return false
	}
	if from > 0 && strings.IndexByte("-./", s[from-1]) >= 0 || to+1 < len(s) && strings.IndexByte("-./", s[to]) >= 0 && isDigit(s[to+1]) {
		return false // part of something longer
	}
	if len(group) == 3 && (group[0].to-from != 3 || group[1].to-group[1].from != 2) || len(group) == 2 {
		return false
	}
	dashed := len(group) == 3 && s[group[0].to:group[1].from] == "-" && s[group[1].to:group[2].from] == "-"
	return said(s, from, social) || saidAfter(s, to, social) || dashed && !said(s, from, orders)
}

// isCard reports whether a number is that of a bank card: prefix and length of an issuer, check
// digit of Luhn (ISO/IEC 7812), and the grouping of cards.
func isCard(s string, group []digits, number string) bool {
	if !issued(number) || !luhn(number) {
		return false
	}
	for i, d := range group {
		n := d.to - d.from
		last := i == len(group)-1
		if len(group) > 1 && !(n == 4 || len(number) == 15 && (n == 6 || n == 5) || last && n <= 7) {
			return false
		}
		if i > 0 && strings.Trim(s[group[i-1].to:d.from], " -.") != "" {
			return false
		}
	}
	return !said(s, group[0].from, orders)
}

func issued(number string) bool {
	n := len(number)
	two, four := number[:2], number[:4]
	switch {
	case number[0] == '4':
		return n == 16 || n == 13 || n == 19
	case two >= "51" && two <= "55", four >= "2221" && four <= "2720", four == "6011", two == "65", number[:3] >= "644" && number[:3] <= "649":
		return n == 16
	case two == "34" || two == "37":
		return n == 15
	case two == "62", two == "81":
		return n >= 16
	case four >= "3528" && four <= "3589":
		return n == 16
	case two == "36" || two == "38" || number[:3] >= "300" && number[:3] <= "305":
		return n == 14
	}
	return false
}

func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

var (
	orders = []string{"order", "invoice", "isbn", "issn", "serial", "sku", "ref", "tracking", "ticket", "doi", "part no", "model", "订单", "单号", "编号", "序列号", "运单", "发票", "货号", "型号", "流水", "学号", "合同号"}
	calls  = []string{"tel", "phone", "call", "mobile", "fax", "whatsapp", "text me", "cell", "ring", "dial", "sms", "contact", "电话", "手机", "拨打", "联系", "致电", "热线", "传真", "微信", "座机", "來電", "電話", "手機"}
)

// isPhone reports whether a number is a telephone number, and how many bytes before its digits
// belong to it. Without a country code it must be written in the format of one of the regions, or
// follow a word for telephone.
func isPhone(s string, group []digits, number string, regions []string) (before int, ok bool) {
	from := group[0].from
	if len(number) > 15 || said(s, from, orders) && !said(s, from, calls) {
		return 0, false
	}
	if from > 0 && s[from-1] == '(' {
		before, from = 1, from-1
	}
	if from > 0 && s[from-1] == '+' {
		n, ok := phone.International(number)
		return before + 1, ok && n.Valid()
	}
	if rest, found := strings.CutPrefix(number, "00"); found {
		n, ok := phone.International(rest)
		return before, ok && n.Valid()
	}
	isSaid := said(s, from, calls)
	for _, region := range regions {
		if !isSaid && !writable(s, group, number, region) {
			continue // parsing is slow
		}
		n, ok := phone.In(number, region)
		if ok && n.ValidIn(region) && (isSaid || written(s, group, number, n, region)) {
			return before, true
		}
	}
	return 0, false
}

// writable reports whether the grouping can be that of a region.
func writable(s string, group []digits, number, region string) bool {
	if region == "CN" && len(number) == 11 && number[0] == '1' {
		return true
	}
	return len(group) > 1 && (number[0] == '0' || s[group[0].to] != ' ')
}

// written reports whether the grouping, which is [writable], is that of the region.
func written(s string, group []digits, number string, n phone.Number, region string) bool {
	if region == "CN" && len(number) == 11 && number[0] == '1' && n.Mobile() {
		return len(group) == 1 || len(group) == 3 && group[0].to-group[0].from == 3
	}
	if len(group) == 1 || number[0] != '0' && s[group[0].to] == ' ' {
		return false
	}
	parts := n.Groups()
	runs := make([]string, len(group))
	for i, d := range group {
		runs[i] = s[d.from:d.to]
	}
	return slices.Equal(parts, runs) || runs[0] == "1" && slices.Equal(parts, runs[1:]) || number[0] == '0' && len(parts) > 0 && parts[0] == runs[0] && len(runs) <= 3
}
