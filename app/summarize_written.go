package app

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/conversation"
	"atelier/internal/pattern"
	"atelier/model/summary"
)

// How a model is asked for a summary.
const (
	summarySystem = "You summarise documents. Keep to what the document says: add nothing, judge nothing, and keep names and numbers as they are. Write in the language of the document, and write only the summary."
	// summaryMark stands between a text and its summary in what a run learned, and for weights
	// that were not made for conversations.
	summaryMark = "\n\nSummary:\n"

	remoteWords  = 2000 // of the document that are sent to a server
	wordTokens   = 2    // that a word of a summary has at most, about
	sentenceMost = 60   // tokens of a sentence of a summary
	leastLength  = 64   // tokens of a summary
	leastShare   = 20   // words of a summary that is a share of its document
)

// write has a model write the summary of each part, of as many of its sentences as it can read.
func (s Summarize) write(ctx context.Context, env *Env, name, title string, parts []part) error {
	t, err := s.writer(ctx, env)
	if err != nil {
		return err
	}
	silent := *env // the text is shown once it has its end
	silent.Text = nil
	t.env = &silent
	var texts []string
	n, missed := 0, ""
	for i, p := range parts {
		text, seen, cut, err := s.written(ctx, t, title, p)
		if err != nil {
			return err
		}
		text, missing := shortenedTo(strings.TrimSpace(text), s.mostWords(p.sentences), cut)
		if text == "" {
			return badinput.Errorf("%s writes no summary of this document: another --seed or another model may", t.by().Name)
		}
		texts, n, missed = append(texts, p.heading()+text), n+seen, cmp.Or(missed, missing)
		env.progress(i+1, len(parts))
	}
	text, whole := strings.Join(texts, "\n\n"), parts[0].of
	read := "all " + Counted(n, "sentence")
	switch {
	case whole == 1:
		read = "its only sentence"
	case n < whole:
		read = fmt.Sprintf("%d of %d sentences, those that say most", n, whole)
	}
	env.text(text)
	if missed != "" {
		env.notice(missed)
	}
	env.notice(fmt.Sprintf("written by %s, which read %s; a model can get things wrong", t.by().Name, read))
	return env.emit(s, t.by(), data.Item{Name: name, MediaType: "text/plain; charset=utf-8", Bytes: []byte(text + "\n")}, []uint64{s.Seed})
}

// writer opens the model that writes summaries.
func (s Summarize) writer(ctx context.Context, env *Env) (*talk, error) {
	t := &talk{env: env, how: Chat{System: summarySystem, Seed: s.Seed, Temperature: s.Temperature, TopP: 1}, said: &conversation.Conversation{}}
	var err error
	if _, is := remoteName(s.Model); is {
		t.distant, err = env.distant(ctx, s.Model)
		return t, err
	}
	if t.pen, err = env.pen(s.Model, ""); err != nil {
		return nil, err
	}
	if t.pen.template != "" {
		if err := t.checkTemplate(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// mostWords is how many words the summary has at most, 0 if that is open.
func (s Summarize) mostWords(all []summary.Sentence) int {
	if s.Share == 0 {
		return s.Words
	}
	whole := 0
	for _, one := range all {
		whole += summary.Words(one.Text)
	}
	return max(leastShare, int(s.Share*float64(whole)))
}

// sentenceEnd matches the end of a sentence, as far as that can be told, or of a line.
var sentenceEnd = pattern.New(`[.!?…]["”’')\]]*(\s|$)|[。！？][”’」』）]*|\n`)

// shortenedTo is a text that a model wrote up to the end of its last whole sentence, if the model
// was cut, and within a number of words, 0 for any; and what to say if it was shortened or is too
// long still.
func shortenedTo(text string, words int, cut bool) (short, missed string) {
	whole, within := "", ""
	for _, at := range sentenceEnd().FindAllStringIndex(text, -1) {
		whole = strings.TrimSpace(text[:at[1]])
		if words == 0 || summary.Words(whole) <= words {
			within = whole
		}
	}
	n := summary.Words(text)
	switch {
	case words > 0 && n > words && within == "":
		return text, fmt.Sprintf("the summary has %s, more than the %d that were asked for: no sentence of it ends within them", Counted(n, "word"), words)
	case words > 0 && n > words:
		return within, fmt.Sprintf("the model wrote %s; the summary ends with the last sentence within the %d that were asked for", Counted(n, "word"), words)
	case cut && whole == "":
		return text, "the summary breaks off at the limit of its length: the model did not end it"
	case cut && whole != text:
		return whole, "the model did not end the summary within its length: it ends with the last whole sentence"
	}
	return text, ""
}

// written is the summary of a part, of how many sentences, and whether the model was cut.
func (s Summarize) written(ctx context.Context, t *talk, title string, p part) (text string, n int, cut bool, err error) {
	words := s.Read
	t.how.Length = s.tokens(p.sentences)
	switch {
	case words == 0 && t.distant != nil:
		words = remoteWords
	case words == 0:
		words = t.pen.model.Context // a word is a token or more
	}
	if t.pen != nil {
		t.how.Length = min(t.how.Length, t.pen.model.Context/2)
	}
	for ; ; words = words * 3 / 4 {
		taken := p.Take(atMost(words))
		if len(taken) == 0 {
			return "", 0, false, badinput.Errorf("%s has no room for a sentence of this document beside its summary: ask for a shorter one, or name another model", t.by().Name)
		}
		source := asText(p, taken)
		if t.distant != nil {
			text, cut, err = t.distant.answer(ctx, t, s.request(title, source), nil)
			return text, len(taken), cut, err
		}
		tokens, err := s.prompt(t, title, source)
		switch room := t.pen.model.Context - t.how.Length; {
		case err != nil:
			return "", 0, false, err
		case len(tokens) <= room:
			text, why, err := t.writeTokens(ctx, tokens)
			return text, len(taken), why == whyLength || why == whyContext, err
		case s.Read > 0:
			return "", 0, false, badinput.Errorf("read: %d words have %d tokens with what goes before them; %s has room for %d beside the summary", s.Read, len(tokens), t.pen.Name, room)
		}
	}
}

// prompt is what a language model of this machine is given: a message to a chat model, or else the
// text and the mark that its summary follows.
func (s Summarize) prompt(t *talk, title, source string) ([]int32, error) {
	if t.pen.template == "" {
		return t.pen.prompt(source + summaryMark)
	}
	return t.conversation(nil, s.request(title, source), nil)
}

// atMost takes sentences of so many words in all.
func atMost(words int) func([]summary.Sentence, summary.Sentence) bool {
	return func(_ []summary.Sentence, next summary.Sentence) bool {
		words -= summary.Words(next.Text)
		return words >= 0
	}
}

// asText are sentences as the text of a document.
func asText(p part, taken []int) string {
	return strings.TrimSpace(Summarize{Form: prose}.arrange(p, taken))
}

// request is what a chat model is asked.
func (s Summarize) request(title, source string) string {
	length := Counted(fewSentences, "sentence")
	switch {
	case s.Words > 0:
		length = fmt.Sprintf("at most %d words", s.Words)
	case s.Share > 0:
		length = fmt.Sprintf("at most %d words", max(leastShare, int(s.Share*float64(summary.Words(source)))))
	case s.Sentences > 0:
		length = Counted(s.Sentences, "sentence")
	}
	form := ""
	if s.Form == bulleted {
		form = ", one a line, each after \"- \""
	}
	if title != "" {
		title = "\n\n" + title
	}
	return fmt.Sprintf("Summarise this document in %s%s.%s\n\n%s", length, form, title, source)
}

// tokens is how many tokens the summary has at most.
func (s Summarize) tokens(all []summary.Sentence) int {
	switch {
	case s.Words > 0:
		return max(leastLength, wordTokens*s.Words)
	case s.Share > 0:
		whole := 0
		for _, one := range all {
			whole += summary.Words(one.Text)
		}
		return max(leastLength, int(wordTokens*s.Share*float64(whole)))
	case s.Sentences > 0:
		return max(leastLength, sentenceMost*s.Sentences)
	}
	return max(leastLength, sentenceMost*fewSentences)
}
