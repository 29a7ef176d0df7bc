package netfile

import (
	"bytes"
	"encoding/json"
	"strings"

	"atelier/internal/badinput"
)

// exported is the object that a minified script exports, as JSON. The script is not run: of the
// language only what such objects are written with is read.
func exported(script []byte) ([]byte, error) {
	const begin = ".exports={"
	at := bytes.Index(script, []byte(begin))
	if at < 0 {
		return nil, badinput.Errorf("the script exports no object")
	}
	l := &literal{text: script, at: at + len(begin) - 1}
	if err := l.value(0); err != nil {
		return nil, badinput.Errorf("the object that the script exports, at byte %d: %w", l.at, err)
	}
	return l.out.Bytes(), nil
}

// A literal is a value of JavaScript that is written as JSON.
type literal struct {
	text []byte
	at   int
	out  bytes.Buffer
}

const deepest = 64 // values in one another

func (l *literal) value(depth int) error {
	if depth > deepest {
		return badinput.Errorf("more than %d values in one another", deepest)
	}
	rest := l.text[l.at:]
	switch {
	case len(rest) == 0:
		return badinput.Errorf("it ends early")
	case rest[0] == '{':
		return l.list('}', func() error {
			if err := l.key(); err != nil {
				return err
			}
			if l.at >= len(l.text) || l.text[l.at] != ':' {
				return badinput.Errorf("want a colon")
			}
			l.at++
			l.out.WriteByte(':')
			return l.value(depth + 1)
		})
	case rest[0] == '[':
		return l.list(']', func() error { return l.value(depth + 1) })
	case rest[0] == '"' || rest[0] == '\'':
		return l.string()
	}
	for _, w := range [][2]string{{"!0", "true"}, {"!1", "false"}, {"true", "true"}, {"false", "false"}, {"null", "null"}, {"void 0", "null"}, {"1/0", "null"}} {
		if bytes.HasPrefix(rest, []byte(w[0])) {
			l.at += len(w[0])
			l.out.WriteString(w[1])
			return nil
		}
	}
	return l.number()
}

// list reads what is between brackets, with commas in between.
func (l *literal) list(end byte, item func() error) error {
	l.out.WriteByte(l.text[l.at])
	l.at++
	for first := true; ; first = false {
		switch {
		case l.at >= len(l.text):
			return badinput.Errorf("it ends early")
		case l.text[l.at] == end:
			l.at++
			l.out.WriteByte(end)
			return nil
		case !first:
			if l.text[l.at] != ',' {
				return badinput.Errorf("want a comma or %c", end)
			}
			l.at++
			l.out.WriteByte(',')
		}
		if err := item(); err != nil {
			return err
		}
	}
}

// key reads a name, which needs no quotes.
func (l *literal) key() error {
	if l.at < len(l.text) && (l.text[l.at] == '"' || l.text[l.at] == '\'') {
		return l.string()
	}
	from := l.at
	for l.at < len(l.text) && (l.text[l.at] == '_' || l.text[l.at] == '$' || isDigit(l.text[l.at]) || l.text[l.at]|0x20 >= 'a' && l.text[l.at]|0x20 <= 'z') {
		l.at++
	}
	if from == l.at {
		return badinput.Errorf("want a name")
	}
	l.out.WriteString(`"` + string(l.text[from:l.at]) + `"`)
	return nil
}

func (l *literal) string() error {
	quote, from := l.text[l.at], l.at+1
	end := bytes.IndexByte(l.text[from:], quote)
	if end < 0 {
		return badinput.Errorf("a text without end")
	}
	text := l.text[from : from+end]
	if bytes.IndexByte(text, '\\') >= 0 {
		return badinput.Errorf("a text with escapes, which are not read")
	}
	l.at = from + end + 1
	quoted, err := json.Marshal(string(text))
	l.out.Write(quoted)
	return err
}

// number reads a number; a minifier leaves out zeros before the point.
func (l *literal) number() error {
	from := l.at
	for l.at < len(l.text) && (isDigit(l.text[l.at]) || bytes.IndexByte([]byte("+-.eE"), l.text[l.at]) >= 0) {
		l.at++
	}
	text := string(l.text[from:l.at])
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	if !json.Valid([]byte(sign + text)) {
		return badinput.Errorf("want a value")
	}
	l.out.WriteString(sign + text)
	return nil
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
