package provenance

import (
	"bytes"

	"atelier/internal/badinput"
)

// An HTML page made by the program has a line for its label, and one for the statement, which it
// fills in; other pages carry none. HTML does not interpret what is in a script but its end, which a
// label cannot have: JSON escapes the sign < in it.
type pageFile struct{}

const (
	// PageLabel is the line in the head of an HTML page that the label replaces.
	PageLabel     = pageLabelHead + pageLabelEnd
	pageLabelHead = `<script type="application/json" id="atelier-label">`
	pageLabelEnd  = "</script>\n"
	// PageStatement is the line that the statement replaces.
	PageStatement     = pageStatementHead + pageStatementEnd
	pageStatementHead = `<meta name="digitalsourcetype" content="`
	pageStatementEnd  = "\">\n"
	mostPageHead      = 4096 // bytes before the lines
)

func (pageFile) is(file []byte) bool {
	head := file[:min(len(file), mostPageHead)]
	return bytes.HasPrefix(head, []byte("<!doctype html>")) && bytes.Contains(head, []byte(pageLabelHead))
}

// filled replaces what is between the first head and the end after it.
func filled(file []byte, head, end string, by []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(file, []byte(head))
	_, after, ended := bytes.Cut(rest, []byte(end))
	if !ok || !ended {
		return nil, badinput.Errorf("the page is damaged or cut short: its label is not closed")
	}
	return bytes.Join([][]byte{before, []byte(head), by, []byte(end), after}, nil), nil
}

func (pageFile) write(file []byte, source Source, label []byte) ([]byte, error) {
	if bytes.IndexByte(label, '<') >= 0 {
		return nil, badinput.Errorf("the label has a sign that pages cannot hold")
	}
	file, err := filled(file, pageStatementHead, pageStatementEnd, []byte(source.address()))
	if err != nil {
		return nil, err
	}
	return filled(file, pageLabelHead, pageLabelEnd, label)
}

func (pageFile) read(file []byte) ([]byte, error) {
	_, rest, _ := bytes.Cut(file, []byte(pageLabelHead))
	label, _, ok := bytes.Cut(rest, []byte(pageLabelEnd))
	switch {
	case !ok:
		return nil, badinput.Errorf("the page is damaged or cut short: its label is not closed")
	case len(label) == 0:
		return nil, nil
	}
	return label, nil
}
