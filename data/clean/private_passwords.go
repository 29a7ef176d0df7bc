package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/internal/pattern"
)

var (
	// passwords are names of passwords, up to the value.
	passwords = pattern.New(`(?i)(passw(?:or)?d|passphrase|\bpwd|_pwd|\bpass|_pass|passwort|kennwort|contrase[ñn]a|\bsenha|has[łl]o|heslo|wachtwoord|l[öo]senord|adgangskode|salasana|jelszó|parola|[şs]ifre|mot de passe|mật khẩu|парол[ья]|κωδικός|비밀번호|암호|パスワード|密码|密碼|口令|暗証番号)([a-z_]*["']? {0,2})(=>|:=|[=:：]) {0,2}`)
	// elements are passwords and secrets in XML.
	elements = pattern.New(`(?i)<(?:[a-z]+:)?(?:password|passwd|passphrase|pwd|secret|token|api-?key)(?: [^<>]*)?>\s*([^<>\s]{3,200})\s*</`)
	// arguments are passwords and secrets in command lines.
	arguments = pattern.New(`(?i)(?:^|\s)(?:-pass(?:word)?|--(?:[a-z]+-)?(?:password|passwd|passphrase|pwd|pass|secret|token|api-key))[ =]+("[^"\n]{3,200}"|'[^'\n]{3,200}'|[^\s"'\-]\S{2,199})`)
)

// passwordMarks are parts of the names of passwords, by first byte, with ASCII letters in lower
// case.
var passwordMarks = byFirst(
	"pass", "pwd", "kennwort", "contrase", "senha", "hasł", "hasŁ", "haslo", "heslo", "wachtwoord", "senord", "adgangskode", "salasana",
	"jelszó", "jelszÓ", "parola", "ifre", "khẩu", "парол", "Парол", "ПАРОЛ", "κωδικός", "비밀번호", "암호", "パスワード", "密码", "密碼", "口令", "暗証番号",
)

// namesPassword reports whether the name of a password stands before a colon or an equals sign of a
// line.
func namesPassword(s string) bool {
	const reach = 30
	for i := range len(s) {
		if b := s[i]; b != ':' && b != '=' && (b != 0xef || !strings.HasPrefix(s[i:], "：")) {
			continue
		}
		if passwordMarks.in(s[max(0, i-reach):i]) {
			return true
		}
	}
	return false
}

// Marks are beginnings of words, by the first byte.
type marks [256][]string

func byFirst(all ...string) *marks {
	var by marks
	for _, m := range all {
		by[m[0]] = append(by[m[0]], m)
	}
	return &by
}

// in reports whether a text contains one of the marks, ignoring the case of ASCII.
func (by *marks) in(s string) bool {
	for at := range len(s) {
		for _, m := range by[small(s[at])] {
			if beginsWith(s[at:], m) {
				return true
			}
		}
	}
	return false
}

// beginsWith reports whether a text begins with a mark, ignoring the case of ASCII.
func beginsWith(s, mark string) bool {
	if len(s) < len(mark) {
		return false
	}
	for i := range len(mark) {
		if small(s[i]) != small(mark[i]) {
			return false
		}
	}
	return true
}

func small(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b | 0x20
	}
	return b
}

// vacant are placeholders for passwords.
var vacant = []string{
	"password", "passwd", "passphrase", "pwd", "your", "example", "xxx", "***", "...", "none", "null", "nil", "true", "false",
	"required", "optional", "string", "incorrect", "invalid", "forgot", "protected", "hidden", "reset", "unknown", "unchanged",
	"enter", "getenv", "environ", "args", "self", "config", "input", "empty", "undefined", "wrong", "prompt", "http", "://",
}

// isVacant reports whether a value is a placeholder for a password.
func isVacant(value string) bool {
	low := strings.ToLower(value)
	return value == "" || strings.IndexByte(`$%<{[*(&,;|\`, value[0]) >= 0 || slices.ContainsFunc(vacant, func(v string) bool { return strings.Contains(low, v) })
}

// findPasswords finds passwords by their names.
func findPasswords(s string, look look, add func(from, to int, kind string)) {
	if look.colons+look.equals > 0 && namesPassword(s) {
		for _, m := range passwords().FindAllStringSubmatchIndex(s, -1) {
			findPassword(s, m, add)
		}
	}
	if look.tags > 0 && strings.Contains(s, "</") {
		for _, m := range elements().FindAllStringSubmatchIndex(s, -1) {
			if !isVacant(s[m[2]:m[3]]) {
				add(m[2], m[3], "KEY")
			}
		}
	}
	if look.tags > 0 && strings.Contains(s, "--") || strings.Contains(s, "-p") {
		for _, m := range arguments().FindAllStringSubmatchIndex(s, -1) {
			findArgument(s, m[2], m[3], add)
		}
	}
}

// findArgument adds the argument of a command if it can be a password: in prose about the command,
// words follow.
func findArgument(s string, from, to int, add func(from, to int, kind string)) {
	rest := strings.TrimSpace(s[to:])
	quoted := s[from] == '"' || s[from] == '\''
	if quoted {
		from, to = from+1, to-1
	} else {
		to = valueEnd(s, from)
	}
	value := s[from:to]
	if last := rest == "" || rest[0] == '-'; !isVacant(value) && len(value) >= 3 && (chosen(value) || quoted || last) {
		add(from, to, "KEY")
	}
}

// calling matches code in the place of a password.
var calling = pattern.New(`^[A-Za-z_][\w.]*[(\[{]`)

// findPassword adds the value after the name of a password if it can be one.
func findPassword(s string, m []int, add func(from, to int, kind string)) {
	named, sign, from := m[4] == m[5] || strings.Trim(s[m[4]:m[5]], `"' `) == "", s[m[6]:m[7]], m[1]
	if from == len(s) {
		return
	}
	quoted := s[from] == '"' || s[from] == '\''
	var to int
	if quoted {
		from++
		n := strings.IndexByte(s[from:], s[from-1])
		if n < 0 || n > 200 {
			return
		}
		to = from + n
	} else if to = valueEnd(s, from); calling().MatchString(s[from:to]) || called(s, to) {
		return
	}
	value := s[from:to]
	if len(value) < 4 || isVacant(value) {
		return
	}
	tight := sign == "=" && s[from-1] == '='
	argument := to < len(s) && strings.IndexByte("),", s[to]) >= 0
	alone := strings.TrimSpace(s[:m[0]]) == "" && strings.TrimSpace(s[to:]) == "" && len(value) >= 6
	spaced := strings.Contains(value, " ")
	switch {
	case chosen(value) && (!spaced || mixed(value)),
		quoted && !spaced,
		quoted && named && isPhrase(value),
		!quoted && (tight && !argument || alone):
		add(from, to, "KEY")
	}
}

// chosen reports whether a value has the characters that passwords need, and is not an expression.
func chosen(value string) bool {
	letters := strings.IndexFunc(value, unicode.IsLetter) >= 0
	return letters && len(value) >= 5 && strings.ContainsAny(value, "0123456789!#$%*?^~@")
}

// ordinary are words of sentences about passwords.
var ordinary = []string{"a", "an", "the", "is", "are", "be", "to", "of", "for", "at", "in", "must", "may", "not", "no", "and", "or", "with", "has", "have", "can", "please", "new", "old", "least", "characters", "too"}

// isPhrase reports whether a value is a sequence of words that is not a sentence.
func isPhrase(value string) bool {
	words := strings.Fields(value)
	for _, w := range words {
		if strings.ContainsAny(w, ".,:;!?%{}<>()") || slices.Contains(ordinary, strings.ToLower(w)) {
			return false
		}
	}
	return len(words) >= 3
}

// parting matches the end of a value and the beginning of the next: "&user=", ",user:", `\n`.
var parting = pattern.New(`^(?:[&,;|][A-Za-z_][A-Za-z0-9_\-]*["']?[=:]|\\[nrt"'])`)

// valueEnd returns the end of an unquoted value that begins at an index: white space, a quote, a
// tag, Chinese text, or another value. Punctuation at its end is left out.
func valueEnd(s string, from int) int {
	to := from
	for to < len(s) {
		r, size := utf8.DecodeRuneInString(s[to:])
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`<“”‘’«»，。；、！？：（）【】「」", r) || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
			strings.IndexByte(`&,;|\`, s[to]) >= 0 && parting().MatchString(s[to:min(len(s), to+40)]) {
			break
		}
		to += size
	}
	return from + len(strings.TrimRight(s[from:to], ".,;:)]}"))
}
