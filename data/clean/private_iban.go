package clean

import "strings"

// The lengths of account numbers by country (the IBAN registry of ISO 13616).
var ibans = map[string]int{
	"AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CR": 22, "CY": 28, "CZ": 24,
	"DE": 22, "DK": 18, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GR": 27,
	"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21,
	"LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
	"PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}

// findIBANs finds account numbers with valid check digits, grouped or not, in either case.
func findIBANs(s string, add func(from, to int, kind string)) {
	for i := 2; i+1 < len(s); i++ {
		if !isDigit(s[i]) || !isDigit(s[i+1]) || !isLetter(s[i-1]) || !isLetter(s[i-2]) || i > 2 && isWord(s[i-3]) {
			continue
		}
		if to, ok := ibanAt(s, i-2, ibans[strings.ToUpper(s[i-2:i])]); ok {
			add(i-2, to, "IBAN")
			i = to
		}
	}
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// ibanAt reads an account number of a given length, and returns its end.
func ibanAt(s string, from, length int) (to int, ok bool) {
	if length == 0 {
		return 0, false
	}
	number := make([]byte, 0, 34)
	small, count := 0, 0
	for to = from; to < len(s) && len(number) < length; to++ {
		switch b := s[to]; {
		case isDigit(b):
			number = append(number, b)
			count++
		case isLetter(b):
			number = append(number, b&^0x20)
			small += int(b & 0x20)
		case (b == ' ' || b == '-' || b == '.') && len(number)%4 == 0:
		default:
			return 0, false
		}
	}
	if len(number) < length || !alone(s, from, to) || small > 0 && count < length/2 { // hashes are in small letters
		return 0, false
	}
	rest := 0
	for _, b := range append(number[4:], number[:4]...) { // modulo 97 must be 1 (ISO 7064)
		if isDigit(b) {
			rest = (rest*10 + int(b-'0')) % 97
		} else {
			rest = (rest*100 + int(b-'A') + 10) % 97
		}
	}
	return to, rest == 1
}
