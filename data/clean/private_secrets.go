package clean

import (
	"strings"

	"atelier/internal/pattern"
)

// The separator between the name of a secret and the secret.
const assigned = `[a-z_]*["']? ?(=>|:=|[=:：]) ?`

var (
	// secrets are values named as secrets of machines.
	secrets = pattern.New(`(?i)(secret|token|credential|(?:api|access|auth)[_\- ]?key|密钥|密鑰|令牌)` + assigned + `(["']?)([A-Za-z0-9/+_\-.]{6,200}={0,2})`)
	// tokens are those of HTTP headers (RFC 6750, RFC 7617).
	tokens = pattern.New(`(?i)(?:\bbearer[ :=]+([A-Za-z0-9\-._~+/]{10,1000}=*)|\bauthorization["']?\s*[:=]\s*["']?(?:basic|digest|token|apikey)\s+([A-Za-z0-9\-._~+/]{6,1000}=*))`)
	// logins are those of URLs (RFC 3986).
	logins = pattern.New(`(?i)\b[a-z][a-z0-9+.\-]*://[^\s/:@\[]*:([^\s/\[\]{}<>"'$*]{2,200})@`)
)

// The features that a line needs to be searched: searching takes ten times as long.
var (
	secretMarks = []string{"ecret", "ECRET", "oken", "OKEN", "key", "Key", "KEY", "redential", "REDENTIAL", "密钥", "密鑰", "令牌"}
	tokenMarks  = []string{"earer", "EARER", "uthorization", "UTHORIZATION"}
)

// findSecrets finds secrets by what precedes them.
func findSecrets(s string, look look, add func(from, to int, kind string)) {
	if look.colons+look.equals > 0 && containsAny(s, secretMarks) {
		findMachines(s, add)
	}
	findPasswords(s, look, add)
	if containsAny(s, tokenMarks) {
		for _, m := range tokens().FindAllStringSubmatchIndex(s, -1) {
			if basic := m[4] >= 0; basic {
				add(m[4], m[5], "KEY")
			} else if mixed(s[m[2]:m[3]]) {
				add(m[2], m[3], "KEY")
			}
		}
	}
	if look.colons > 0 && strings.Contains(s, "://") {
		for _, m := range logins().FindAllStringSubmatchIndex(s, -1) {
			add(m[2], m[3], "KEY")
		}
	}
}

// findMachines finds the secrets of machines.
func findMachines(s string, add func(from, to int, kind string)) {
	for _, m := range secrets().FindAllStringSubmatchIndex(s, -1) {
		from, to := m[8], m[8]+len(strings.TrimRight(s[m[8]:m[9]], "."))
		if isSecret(s[m[2]:m[3]], s[m[4]:m[5]], m[6] < m[7], s[from:to]) && !called(s, m[9]) {
			add(from, max(to, valueEnd(s, from)), "KEY")
		}
	}
}

// isSecret reports whether a value looks like a secret: the weaker the name and the sign, the
// longer it must be.
func isSecret(name, sign string, quoted bool, value string) bool {
	least := 6
	if strings.EqualFold(name, "token") && sign != "=" && !quoted {
		least = 10 // "token: word2vec"
	}
	return len(value) >= least && mixed(value)
}

// called reports whether a value continues like code.
func called(s string, at int) bool { return at < len(s) && strings.IndexByte("([{", s[at]) >= 0 }

// Blocks of private keys (RFC 7468, RFC 4716, OpenPGP).
var (
	blockBegin = pattern.New(`-{4,5} ?BEGIN ((?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?) ?-{4,5}`)
	blockLine  = pattern.New(`^[>\s]*(?:[A-Za-z0-9+/=]{2,}|[A-Za-z\-]+: .*|\\n)*\s*$`)
)

// findBlocks finds private keys in PEM-like blocks. A block without an end includes all lines that
// can be its own.
func findBlocks(s string, add func(from, to int, kind string)) {
	if !strings.Contains(s, "PRIVATE KEY") {
		return
	}
	for at := 0; ; {
		m := blockBegin().FindStringSubmatchIndex(s[at:])
		if m == nil {
			return
		}
		from, to := at+m[0], at+m[1]
		head := s[at+m[2] : at+m[3]]
		if i := strings.Index(s[to:], "END "+head); i >= 0 {
			to += i + len("END "+head)
			to += len(s[to:]) - len(strings.TrimLeft(s[to:], " "))
			to += len(s[to:]) - len(strings.TrimLeft(s[to:], "-"))
		} else {
			first := true
			for line := range strings.Lines(s[to:]) {
				if !first && !blockLine().MatchString(line) {
					break
				}
				first = false
				to += len(line)
			}
			to = len(strings.TrimRight(s[:to], "\r\n"))
		}
		add(from, to, "KEY")
		at = to
	}
}
