package midi

// Text returns the contents of a text event, such as a title, a copyright notice or a lyric; false
// for other events.
func (e *Event) Text() (string, bool) {
	if len(e.Message) < 3 || e.Message[0] != meta || e.Message[1] == 0 || e.Message[1] > lastText {
		return "", false
	}
	t := trackReader{rest: e.Message[2:]}
	text, err := t.block()
	return string(text), err == nil
}

// SetText replaces the contents of a text event.
func (e *Event) SetText(text string) {
	message := appendNumber([]byte{meta, e.Message[1]}, len(text))
	e.Message = append(message, text...)
}

// appendNumber appends a variable-length number, seven bits per byte.
func appendNumber(to []byte, n int) []byte {
	shift := 0
	for n>>shift >= noteOff {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
		to = append(to, byte(n>>shift)|noteOff)
	}
	return append(to, byte(n)&^noteOff)
}
