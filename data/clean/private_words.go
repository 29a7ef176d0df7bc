package clean

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	email    = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._%+\-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,18}`)
	veiled   = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9._%+\-]* ?[\[(] ?at ?[\])] ?[a-z0-9\-]+(?: ?[\[(] ?dot ?[\])] ?[a-z0-9\-]+|\.[a-z0-9\-]+)+`)
	pictures = regexp.MustCompile(`(?i)\.(?:png|jpe?g|gif|webp|svg|css|js)$`)
)

// findEmails finds addresses of e-mail, also with [at] and [dot].
func findEmails(s string, add func(from, to int, kind string)) {
	for _, m := range email.FindAllStringIndex(s, -1) {
		name := s[m[0]:m[1]]
		if strings.HasPrefix(name, "git@") || pictures.MatchString(name) {
			continue
		}
		add(m[0], m[1], "EMAIL")
	}
	for _, m := range veiled.FindAllStringIndex(s, -1) {
		add(m[0], m[1], "EMAIL")
	}
}

// keys are those whose form says that they are one.
var keys = regexp.MustCompile(strings.Join([]string{
	`(?:AKIA|ASIA)[A-Z2-7]{16}`,                                           // AWS
	`gh[pousr]_[A-Za-z0-9]{36,255}`,                                       // GitHub
	`github_pat_[A-Za-z0-9_]{22,255}`,                                     // GitHub
	`glpat-[A-Za-z0-9_\-]{20,64}`,                                         // GitLab
	`sk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_\-]{20,200}`,                   // OpenAI and its like
	`(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,128}`,                      // Stripe
	`AIza[A-Za-z0-9_\-]{35}`,                                              // Google
	`xox[abprs]-[A-Za-z0-9\-]{10,200}`,                                    // Slack
	`hf_[A-Za-z0-9]{30,64}`,                                               // Hugging Face
	`npm_[A-Za-z0-9]{36}`,                                                 // npm
	`eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}`, // JWT
}, "|"))

// secrets are values that a name says are one.
var secrets = regexp.MustCompile(`(?i)(?:secret|token|api[_\-]?key|access[_\-]?key|passw(?:or)?d|密码|密钥)[a-z_]*["']? ?(?:=|:|：|=>) ?["']?([A-Za-z0-9/+_\-.]{16,200}={0,2})`)

var keyMarks = []string{"AKIA", "ASIA", "gh", "glpat-", "sk", "rk_", "pk_", "AIza", "xox", "hf_", "npm_", "eyJ"}
var secretMarks = []string{"ecret", "oken", "key", "Key", "KEY", "ECRET", "OKEN", "assw", "ASSW", "密"}

// findKeys finds keys and tokens of services.
func findKeys(s string, add func(from, to int, kind string)) {
	if containsAny(s, keyMarks) {
		for _, m := range keys.FindAllStringIndex(s, -1) {
			if alone(s, m[0], m[1]) && mixed(s[m[0]:m[1]]) {
				add(m[0], m[1], "KEY")
			}
		}
	}
	if containsAny(s, secretMarks) {
		for _, m := range secrets.FindAllStringSubmatchIndex(s, -1) {
			if mixed(s[m[2]:m[3]]) {
				add(m[2], m[3], "KEY")
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

// mixed reports whether a string has letters and digits, as a key has.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsAny(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz")
}

// findBlocks finds private keys in blocks of text (RFC 7468).
func findBlocks(s string, add func(from, to int, kind string)) {
	for at := 0; ; {
		i := strings.Index(s[at:], "-----BEGIN ")
		if i < 0 {
			return
		}
		from := at + i
		at = from + len("-----BEGIN ")
		head, _, ok := strings.Cut(s[at:min(len(s), at+64)], "-----")
		if !ok || !strings.HasSuffix(head, "PRIVATE KEY") {
			continue
		}
		end := "-----END " + head + "-----"
		to := len(s)
		if j := strings.Index(s[at:], end); j >= 0 {
			to = at + j + len(end)
		}
		add(from, to, "KEY")
		at = to
	}
}

var (
	ip4     = regexp.MustCompile(`\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}`)
	ip6     = regexp.MustCompile(`[0-9A-Fa-f:]{6,39}`)
	version = []string{"version", "ver.", "ver ", " v", "release", "build", "版本", "section", "chapter", "§", "章", "节", "firmware", "driver", "sdk", "固件", "oid"}
	address = []string{"ip", "地址", "server", "host", "ping", "服务器", "dns", "主机"}
)

// findAddresses finds addresses of the Internet that are somebody's: no version
// numbers, none that every machine has.
func findAddresses(s string, l look, add func(from, to int, kind string)) {
	if l.dots >= 3 {
		for _, m := range ip4.FindAllStringIndex(s, -1) {
			if isAddress4(s, m[0], m[1]) {
				add(m[0], m[1], "IP")
			}
		}
	}
	if l.colons >= 2 {
		for _, m := range ip6.FindAllStringIndex(s, -1) {
			a, err := netip.ParseAddr(s[m[0]:m[1]])
			groups := len(strings.FieldsFunc(s[m[0]:m[1]], func(r rune) bool { return r == ':' }))
			if err == nil && alone(s, m[0], m[1]) && groups >= 3 && strings.ContainsAny(s[m[0]:m[1]], "0123456789") && !a.IsLoopback() {
				add(m[0], m[1], "IP")
			}
		}
	}
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
	if said(s, from, version) {
		return false
	}
	for _, b := range a.As4() {
		if b >= 10 {
			return true
		}
	}
	return said(s, from, address)
}
