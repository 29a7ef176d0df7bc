package provenance

import (
	"bytes"

	"atelier/internal/badinput"
)

// An HTML page made by the program has lines for its label and its statement, which it fills in;
// other pages carry none. HTML does not interpret what is in a script but its end, which JSON does
// not have: it escapes the sign < in texts.
type pageFile struct{}

// The lines of a page, empty as here in its template, are replaced.
const (
	PageLines         = pageStatementHead + pageStatementEnd + pageAIGCHead + pageEnd + pageLabelHead + pageEnd
	pageStatementHead = `<meta name="DigitalSourceType" content="`
	pageStatementEnd  = "\">\n"
	pageAIGCHead      = `<script type="application/json" id="AIGC">`
	pageLabelHead     = `<script type="application/json" id="atelier-label">`
	pageEnd           = "</script>\n"
	mostPageHead      = 4096 // bytes before the lines
)

func (pageFile) is(file []byte) bool {
	head := file[:min(len(file), mostPageHead)]
	return bytes.HasPrefix(head, []byte("<!doctype html>")) && bytes.Contains(head, []byte(pageAIGCHead))
}

// filled replaces what is between the first head and the end after it, and returns what was there.
func filled(file []byte, head, end string, by []byte) (out, old []byte, err error) {
	before, rest, ok := bytes.Cut(file, []byte(head))
	old, after, ended := bytes.Cut(rest, []byte(end))
	if !ok || !ended {
		return nil, nil, badinput.Errorf("the page is damaged or cut short: its label is not closed")
	}
	return bytes.Join([][]byte{before, []byte(head), by, []byte(end), after}, nil), old, nil
}

func (pageFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	if bytes.IndexByte(label, '<') >= 0 {
		return nil, badinput.Errorf("the label has a sign that pages cannot hold")
	}
	for _, l := range []struct {
		head, end string
		text      []byte
	}{{pageStatementHead, pageStatementEnd, []byte(s.Source)}, {pageAIGCHead, pageEnd, s.AIGC.json()}, {pageLabelHead, pageEnd, label}} {
		var err error
		if file, _, err = filled(file, l.head, l.end, l.text); err != nil {
			return nil, err
		}
	}
	return file, nil
}

func (pageFile) read(file []byte) (held bare, err error) {
	_, source, err := filled(file, pageStatementHead, pageStatementEnd, nil)
	if err != nil {
		return held, err
	}
	_, aigc, err := filled(file, pageAIGCHead, pageEnd, nil)
	if err != nil {
		return held, err
	}
	_, label, err := filled(file, pageLabelHead, pageEnd, nil)
	if err != nil {
		return held, err
	}
	held.source = string(source)
	if len(aigc) > 0 {
		held.aigc = aigc
	}
	if len(label) > 0 {
		held.label = label
	}
	return held, nil
}
