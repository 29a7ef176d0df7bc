package language

import "strings"

// without is the [Constraint] of [Without].
type without struct {
	words []string // lower case
	texts []string // of the tokens, lower case
	tail  string   // the end of the text
	most  int      // length of the longest word
}

// Without restricts a text to contain none of the words, in upper or lower case. texts are those of
// the tokens.
func Without(words, texts []string) Constraint {
	w := &without{texts: make([]string, len(texts))}
	for i, text := range texts {
		w.texts[i] = strings.ToLower(text)
	}
	for _, word := range words {
		if word != "" {
			w.words, w.most = append(w.words, strings.ToLower(word)), max(w.most, len(word))
		}
	}
	return w
}

// Allows implements [Constraint].
func (w *without) Allows(token int32) bool {
	text := w.texts[token]
	for _, word := range w.words {
		if strings.Contains(text, word) {
			return false
		}
		for k := 1; k < len(word); k++ {
			if strings.HasSuffix(w.tail, word[:k]) && strings.HasPrefix(text, word[k:]) {
				return false
			}
		}
	}
	return true
}

// Accept implements [Constraint].
func (w *without) Accept(token int32) {
	w.tail += w.texts[token]
	w.tail = w.tail[max(0, len(w.tail)-w.most):]
}

// Done implements [Constraint].
func (*without) Done() bool { return false }

// Complete implements what [Complete] asks.
func (*without) Complete() bool { return true }

// Complete reports whether a text that ends here satisfies a constraint.
func Complete(c Constraint) bool {
	if k, ok := c.(interface{ Complete() bool }); ok {
		return k.Complete()
	}
	return c.Done()
}

// Both restricts a text by two constraints, either of which may be nil.
func Both(a, b Constraint) Constraint {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return both{a, b}
}

type both struct{ a, b Constraint }

// Allows implements [Constraint].
func (b both) Allows(token int32) bool { return b.a.Allows(token) && b.b.Allows(token) }

// Accept implements [Constraint].
func (b both) Accept(token int32) { b.a.Accept(token); b.b.Accept(token) }

// Done implements [Constraint].
func (b both) Done() bool { return b.a.Done() || b.b.Done() }

// Complete implements what [Complete] asks.
func (b both) Complete() bool { return Complete(b.a) && Complete(b.b) }
