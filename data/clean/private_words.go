package clean

import (
	"net/netip"
	"slices"
	"strings"

	"atelier/internal/pattern"
)

// The parts of e-mail addresses, and their common obfuscations.
const (
	mailbox  = `(?:[\p{Latin}0-9][\p{Latin}0-9._%+\-'&#!$*^~]*|[\p{Cyrillic}\p{Greek}\p{Hangul}\p{Arabic}\p{Hebrew}\p{Devanagari}\p{Thai}][\p{L}\p{M}\p{N}._%+\-]*|[\p{Han}\p{Hiragana}\p{Katakana}]{1,12})`
	hostPart = `[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}\-]*[\p{L}\p{M}\p{N}])?`
	// namedLevel are top-level domains in other scripts.
	namedLevel = `公司|中国|中國|网络|網絡|网址|网店|商城|集团|香港|台湾|台灣|政务|公益|在线|我爱你|中文网|新加坡|рф|рус|укр|срб|мкд|бел|бг|қаз|онлайн|сайт|дети|москва|орг|ком|ελ|भारत|한국|닷컴|닷넷|みんな|コム|ไทย|السعودية|مصر|امارات|ایران|المغرب|ישראל`
	veiledBox  = `[a-z0-9][a-z0-9._%+\-]*`
	host       = `[a-z0-9\-]+`
	veiledAt   = `(?: ?[\[({<] ?(?:at|ät) ?[\])}>] ?|[\[({<]@[\])}>])`
	veiledDot  = `(?: ?[\[({<] ?(?:dot|punkt) ?[\])}>] ?|[\[({<]\.[\])}>])`
	topLevel   = `(?:com|org|net|edu|gov|info|io|co|dev|app|me|eu|us|uk|de|at|ch|fr|nl|be|it|es|pt|pl|se|no|dk|fi|ru|cn|jp|kr|in|au|ca|br)`
)

var (
	email    = pattern.New(mailbox + `@(?:` + hostPart + `[.。｡])+(?:xn--[a-z0-9\-]{2,59}|[A-Za-z]{2,18}|` + namedLevel + `)`)
	veiled   = pattern.New(`(?i)` + veiledBox + `(?:` + veiledAt + host + `(?:(?:` + veiledDot + `|\.)` + host + `)+|@` + host + `(?:\.` + host + `)*(?:` + veiledDot + host + `)+)`)
	spelled  = pattern.New(`(?i)\b` + veiledBox + `(?: dot [a-z0-9_+\-]+)* at ` + host + `(?: dot ` + host + `)* dot ` + topLevel + `\b`)
	files    = pattern.New(`(?i)\.(?:png|jpe?g|gif|webp|svg|css|js|txt|md|html?|eml|pdf|json|csv|midi?|zip)$`)
	filed    = pattern.New(`(?i)\.` + topLevel + `$`)
	userinfo = pattern.New(`(?i)[a-z][a-z0-9+.\-]*://[^\s/:@]*:$`)
)

var (
	spelledMarks = []string{" dot ", " DOT ", " Dot "}
	mails        = []string{"mail", "contact", "write to", "writing to", "reach ", "message", "send ", "address", "邮箱", "邮件"}
)

// findEmails finds e-mail addresses, also with [at] and [dot], or in words where that is
// unmistakable.
func findEmails(s string, add func(from, to int, kind string)) {
	for _, m := range email().FindAllStringIndex(s, -1) {
		name := s[m[0]:m[1]]
		if ext := files().FindString(name); ext != "" { // of a file, which may be called after an address
			if name = strings.TrimSuffix(name, ext); !filed().MatchString(name) {
				continue
			}
		}
		if strings.HasPrefix(name, "git@") || userinfo().MatchString(s[:m[0]]) {
			continue
		}
		add(m[0], m[0]+len(name), "EMAIL")
	}
	for _, m := range veiled().FindAllStringIndex(s, -1) {
		add(m[0], m[1], "EMAIL")
	}
	if !containsAny(s, spelledMarks) {
		return
	}
	for _, m := range spelled().FindAllStringIndex(s, -1) {
		name, _, _ := strings.Cut(s[m[0]:m[1]], " ")
		if said(s, m[0], mails) || strings.ContainsAny(name, "0123456789._+") || strings.Contains(s[m[0]:m[1]], " AT ") {
			add(m[0], m[1], "EMAIL")
		}
	}
}

// keys are keys with a recognisable form.
var keys = pattern.New(strings.Join([]string{
	`(?:AKIA|ASIA)[A-Z2-7]{16}`,                                           // AWS
	`gh[pousr]_[A-Za-z0-9]{30,255}`,                                       // GitHub
	`github_pat_[A-Za-z0-9_]{22,255}`,                                     // GitHub
	`glpat-[A-Za-z0-9_\-]{20,64}`,                                         // GitLab
	`sk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_\-]{20,200}`,                   // OpenAI and its like
	`(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,128}`,                      // Stripe
	`AIza[A-Za-z0-9_\-]{35}`,                                              // Google
	`xox[abprs]-[A-Za-z0-9\-]{10,200}`,                                    // Slack
	`hf_[A-Za-z0-9]{20,128}`,                                              // Hugging Face
	`npm_[A-Za-z0-9]{30,64}`,                                              // npm
	`pypi-[A-Za-z0-9_\-]{40,250}`,                                         // PyPI
	`SG\.[A-Za-z0-9_\-]{10,64}\.[A-Za-z0-9_\-]{10,128}`,                   // SendGrid
	`ya29\.[A-Za-z0-9_\-]{20,250}`,                                        // Google, OAuth
	`dop_v1_[a-f0-9]{64}`,                                                 // DigitalOcean
	`eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}`, // JWT
}, "|"))

var keyMarks = []string{"AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "sk_", "rk_", "pk_", "AIza", "xox", "hf_", "npm_", "eyJ", "pypi-", "SG.", "ya29.", "dop_v1_"}

// findKeys finds keys and tokens of services.
func findKeys(s string, add func(from, to int, kind string)) {
	if containsAny(s, keyMarks) {
		for _, m := range keys().FindAllStringIndex(s, -1) {
			if alone(s, m[0], m[1]) && (mixed(s[m[0]:m[1]]) || strings.HasPrefix(s[m[0]:], "hf_")) {
				add(m[0], m[1], "KEY")
			}
		}
	}
}

func containsAny(s string, marks []string) bool {
	for _, m := range marks {
		if strings.Contains(s, m) {
			return true
		}
	}
	return false
}

// mixed reports whether a string has both letters and digits, as keys do.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsAny(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz")
}

var (
	ip4     = pattern.New(`\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}`)
	ip6     = pattern.New(`[0-9A-Fa-f:]{6,39}`)
	version = []string{"version", "ver.", "ver ", " v", "release", "build", "版本", "section", "chapter", "§", "章", "节", "firmware", "driver", "sdk", "固件", "oid"}
	systems = []string{"windows", "android", "chrome", "firefox", "office", "macos", "kernel"}
	built   = []string{" build", " version", " release", " update"}
	address = []string{"ip", "地址", "server", "host", "ping", "服务器", "dns", "主机"}
)

// findAddresses finds IP addresses of individual machines: not version numbers, and no addresses
// that every machine has.
func findAddresses(s string, l look, add func(from, to int, kind string)) {
	if l.dots >= 3 {
		for _, m := range ip4().FindAllStringIndex(s, -1) {
			if isAddress4(s, m[0], m[1]) {
				add(m[0], m[1], "IP")
			}
		}
	}
	if l.colons >= 2 {
		for _, m := range ip6().FindAllStringIndex(s, -1) {
			a, err := netip.ParseAddr(s[m[0]:m[1]])
			groups := len(strings.FieldsFunc(s[m[0]:m[1]], func(r rune) bool { return r == ':' }))
			if err == nil && alone(s, m[0], m[1]) && groups >= 3 && wide(s[m[0]:m[1]]) && strings.ContainsAny(s[m[0]:m[1]], "0123456789") && !a.IsLoopback() {
				add(m[0], m[1], "IP")
			}
		}
	}
}

// wide reports whether a group of an address has three digits or more: ratios such as 1:2:3 have
// not.
func wide(address string) bool {
	return slices.ContainsFunc(strings.Split(address, ":"), func(g string) bool { return len(g) >= 3 })
}

// endsWith reports whether a text ends with one of the words, ignoring spaces.
func endsWith(s string, words []string) bool {
	s = strings.ToLower(strings.TrimRight(s[max(0, len(s)-16):], " "))
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(s, w) })
}

func isAddress4(s string, from, to int) bool {
	a, err := netip.ParseAddr(s[from:to])
	dotted := from > 0 && (s[from-1] == '.' || s[from-1] == '-') || to+1 < len(s) && s[to] == '.' && isDigit(s[to+1])
	if err != nil || dotted || !alone(s, from, to) || a.IsLoopback() || a.IsUnspecified() || a.As4()[0] == 0 || a.As4()[0] == 255 {
		return false
	}
	if from > 1 && s[from-1] == '/' && s[from-2] != '/' { // a program and its version
		return false
	}
	if said(s, from, version) || saidAfter(s[:min(len(s), to+10)], to, built) || endsWith(s[:from], systems) {
		return false
	}
	for _, b := range a.As4() {
		if b >= 10 {
			return true
		}
	}
	return said(s, from, address)
}
