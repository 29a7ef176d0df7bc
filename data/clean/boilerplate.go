package clean

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/pattern"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("boilerplate", "removes boilerplate: cookie notices, share and navigation links, running heads (by length and words, as jusText, Pomikálek 2011), and the licence around Project Gutenberg's books",
		func() data.Cleaner { return &Boilerplate{Heads: 5, Longest: 120} })
}

// Boilerplate removes lines that are not part of the text itself.
type Boilerplate struct {
	Heads   int `help:"a short line repeated this often, at least ten lines apart and ignoring its numbers, is removed as a running head; 0 keeps them"`
	Longest int `help:"lines longer than this many characters are always kept"`
}

// Check refuses settings outside their range.
func (c *Boilerplate) Check() error {
	if c.Heads < 0 || c.Heads == 1 {
		return registry.Unfit("heads", fmt.Sprintf("want 0, or 2 or more, got %d", c.Heads))
	}
	if c.Longest < 0 {
		return registry.Unfit("longest", fmt.Sprintf("want 0 or more characters, got %d", c.Longest))
	}
	return nil
}

// notices are the beginnings of boilerplate lines.
var notices = pattern.New(`(?i)^(?:` + strings.Join([]string{
	`(?:this|our) (?:web ?)?site uses cookies`, `we use cookies`, `by (?:continuing|using) (?:to use )?(?:this|our) (?:web ?)?site`, `accept (?:all )?cookies`, `cookie (?:policy|settings|preferences)`, `privacy policy`, `terms (?:of (?:use|service)|and conditions)`,
	`share (?:this|on|via|to)\b`, `tweet (?:this)?$`, `follow us\b`, `like us on\b`, `pin it$`, `e-?mail this\b`, `print this\b`,
	`skip to (?:main )?(?:content|navigation)`, `back to (?:the )?top`, `jump to (?:navigation|search)`, `toggle navigation`, `(?:log|sign) ?(?:in|up|out)$`, `(?:read|show|load|view) (?:more|less)(?: …|\.\.\.| »)?$`, `click here\b`, `subscribe (?:to|now)\b`, `sign up (?:for|to)\b`, `leave a (?:comment|reply)`, `(?:previous|next|older|newer) (?:post|article|page|story)s?\b`, `related (?:posts|articles|stories)`, `filed under`, `posted (?:in|by|on)\b`, `advertisement$`,
	`(?:copyright )?(?:©|\(c\)) ?(?:copyright )?\d{4}`, `all rights reserved`, `powered by\b`,
	`分享到`, `分享至`, `转发到`, `上一[篇页]`, `下一[篇页]`, `返回(?:顶部|首页|目录)`, `点击(?:这里|此处|查看|加载)`, `版权所有`, `相关(?:文章|阅读|推荐)`, `责任编辑`, `免责声明`, `扫一扫`, `关注我们`, `本网站使用`, `.{0,6}ICP备`,
}, "|") + `)`)

// Clean implements [data.Cleaner].
func (c *Boilerplate) Clean(p *data.Piece) error {
	t, ok := textOf(p)
	if !ok || t.body == "" {
		return nil
	}
	s := withoutLicence(t.body)
	if s != t.body {
		p.Change("Gutenberg licence", 1)
	}
	heads := c.heads(s)
	var out strings.Builder
	removed := 0
	for line := range strings.Lines(s) {
		bare := strings.TrimSpace(line)
		if bare != "" && (c.isNotice(bare) || len(heads) > 0 && heads[withoutNumbers(bare)]) {
			removed++
			continue
		}
		out.WriteString(line)
	}
	p.Change("boilerplate lines", removed)
	if removed > 0 {
		s = out.String()
	}
	if strings.TrimSpace(s) == "" && strings.TrimSpace(t.body) != "" {
		return &data.Drop{Reason: "nothing but boilerplate"}
	}
	t.set(s)
	return nil
}

// isNotice reports whether a line is a notice or a row of links.
func (c *Boilerplate) isNotice(line string) bool {
	if utf8.RuneCountInString(line) > c.Longest {
		return false
	}
	return maybeNotice(line) && notices().MatchString(line) || isNavigation(line)
}

// first holds the bytes that notices begin with.
var first = func() (table [256]bool) {
	for _, b := range []byte("thoburawecpsflejvn©(") {
		table[b], table[b&^0x20] = true, true
	}
	for _, r := range "分转上下返点版相责免扫关本" {
		table[string(r)[0]] = true
	}
	return table
}()

func maybeNotice(line string) bool {
	return first[line[0]] && (len(line) < 200) || strings.Contains(line, "ICP")
}

// isNavigation reports whether a line is a row of three or more short links.
func isNavigation(line string) bool {
	for _, separator := range []string{"|", " › ", " » ", " • "} {
		if strings.Count(line, separator) < 2 {
			continue
		}
		for item := range strings.SplitSeq(line, separator) {
			if len(strings.Fields(item)) > 3 || strings.ContainsAny(item, ".。!?！？") {
				return false
			}
		}
		return !strings.HasPrefix(line, "|") // a row of a table
	}
	return false
}

const (
	longestHead = 60 // characters
	headsApart  = 10 // lines
)

// heads returns the running heads among the lines, without their numbers.
func (c *Boilerplate) heads(s string) map[string]bool {
	if c.Heads == 0 || strings.Count(s, "\n") < (c.Heads-1)*headsApart {
		return nil
	}
	type places struct{ count, last int }
	seen := map[string]places{}
	row := 0
	for line := range strings.Lines(s) {
		row++
		line = strings.TrimSpace(line)
		if utf8.RuneCountInString(line) > longestHead {
			continue
		}
		key := withoutNumbers(line)
		if key == "" {
			continue
		}
		at, known := seen[key]
		switch {
		case !known:
			seen[key] = places{1, row}
		case at.count > 0 && row-at.last >= headsApart:
			seen[key] = places{at.count + 1, row}
		default:
			seen[key] = places{}
		}
	}
	heads := map[string]bool{}
	for key, at := range seen {
		if at.count >= c.Heads {
			heads[key] = true
		}
	}
	return heads
}

// withoutNumbers is a line without its digits and spaces; empty if it has no letters.
func withoutNumbers(line string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == ' ' {
			return -1
		}
		return r
	}, line)
	if strings.IndexFunc(bare, unicode.IsLetter) < 0 {
		return ""
	}
	return bare
}

var (
	bookStarts = pattern.New(`(?im)^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*\n`)
	bookEnds   = pattern.New(`(?im)^\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG EBOOK`)
)

// withoutLicence returns a book of Project Gutenberg without the licence before and after it.
func withoutLicence(s string) string {
	if !strings.Contains(s, "GUTENBERG") {
		return s
	}
	if all := bookStarts().FindAllStringIndex(s, -1); len(all) > 0 {
		s = s[all[len(all)-1][1]:]
	}
	if m := bookEnds().FindStringIndex(s); m != nil {
		s = s[:m[0]]
	}
	return s
}
