package app

import (
	"context"
	"fmt"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/chatform"
	"atelier/internal/conversation"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/retrieve"
	"atelier/model/retrieve/about"
)

// A talk is a conversation and the sources of its answers.
type talk struct {
	env      *Env
	how      Chat
	pen      *pen               // writes the answers, or
	distant  *distant           // does; both nil if they are quoted
	form     *chatform.Template // of conversations with the pen, nil if it has none
	passages []retrieve.Passage
	index    *retrieve.Index            // of the passages
	said     *conversation.Conversation // so far
}

// talk opens the sources of answers.
func (c Chat) talk(ctx context.Context, env *Env) (*talk, error) {
	t := &talk{env: env, how: c, said: &conversation.Conversation{}}
	var err error
	if c.Documents != "" {
		if t.passages, err = env.passages(ctx, string(c.Documents)); err != nil {
			return nil, err
		}
	}
	texts := make([]string, len(t.passages))
	for i, p := range t.passages {
		texts[i] = p.Section + "\n" + p.Text
	}
	t.index = retrieve.NewIndex(texts)
	if c.Conversation != "" {
		if t.said, err = env.conversation(c.Conversation); err != nil {
			return nil, err
		}
		if n := t.said.Messages(); n > 0 && c.Message == "" {
			env.notice(fmt.Sprintf("continuing the conversation %s after %d messages", c.Conversation, n))
		}
	}
	if err := t.branch(c.Before); err != nil {
		return nil, err
	}
	if _, is := remoteName(c.Model); is {
		t.distant, err = env.distant(ctx, c.Model)
		return t, err
	}
	if c.Model == "" {
		return t, nil
	}
	if t.pen, err = env.pen(c.Model, ""); err != nil {
		return nil, err
	}
	return t, t.checkTemplate()
}

// branch begins the conversation with what came before it, messages and answers in turn.
func (t *talk) branch(before Strings) error {
	if len(before) > 0 && len(t.said.Exchanges) > 0 {
		return badinput.Mark(registry.Unfit("before", fmt.Sprintf("the conversation %s has begun already; want another name", t.how.Conversation)))
	}
	for i := 0; i+1 < len(before); i += 2 {
		if err := t.said.Add(conversation.Exchange{Message: before[i], Answer: before[i+1]}); err != nil {
			return err
		}
	}
	return nil
}

// conversation opens a saved conversation to go on with it.
func (e *Env) conversation(name string) (*conversation.Conversation, error) {
	in, err := conversation.In(e.Studio.Home)
	if err != nil {
		return nil, err
	}
	c, err := in.Open(name)
	if e.Studio.By != "" {
		c, err = in.OpenFor(e.Studio.By, name)
	}
	if err != nil {
		return nil, err
	}
	if c.Torn > 0 {
		e.notice(fmt.Sprintf("%s: lines that cannot be read and are left out: %d", in.Path(name), c.Torn))
	}
	return c, nil
}

// Thresholds for passages that answer a question.
const (
	leastOfQuestion = 0.4 // smallest share of the question that a passage covers
	leastByAWord    = 0.7 // and if by a single word, which may be there by chance
	mostPassages    = 2   // passages
	mostLooked      = 20  // of the best passages that are considered
)

// found are the passages that answer a question, the best first. The built-in answers are used if
// the documents have none.
func (t *talk) found(question string) (all []retrieve.Passage) {
	for _, hit := range t.index.Search(question, mostLooked) {
		if hit.Share >= leastOfQuestion && (hit.Words > 1 || hit.Share >= leastByAWord) && len(all) < mostPassages {
			all = append(all, t.passages[hit.Text])
		}
	}
	if len(all) > 0 {
		return all
	}
	if known, ok := about.Find(question); ok {
		all = append(all, retrieve.Passage{Text: known.Turn.Answer})
	}
	return all
}

// answer answers a message and shows the answer as it is generated.
func (t *talk) answer(ctx context.Context, message string) (conversation.Exchange, error) {
	found := t.found(message)
	if t.pen != nil || t.distant != nil {
		return t.write(ctx, message, found)
	}
	if err := ctx.Err(); err != nil {
		return conversation.Exchange{}, err
	}
	answer := t.unknown(message)
	if len(found) > 0 {
		answer = quoted(found)
	}
	t.env.text(answer)
	return conversation.Exchange{Message: message, Answer: answer}, nil
}

// quoted are passages with their sources.
func quoted(found []retrieve.Passage) string {
	var parts []string
	for _, p := range found {
		text := p.Text
		if p.Source != "" {
			text += "\n(" + p.Where() + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "\n\n")
}

// unknown says that there is no answer, and what there are answers about.
func (t *talk) unknown(question string) string {
	if retrieve.IsChinese(question) {
		text := "我不知道。我可以回答关于 Atelier 的问题：安装、训练、评分、数据集、单张图片的编辑、按文字画图、游戏、三维模型、摘要、文本、音乐和权重"
		if t.how.Documents != "" {
			text += "，以及 " + string(t.how.Documents) + " 中的内容"
		}
		return text + "。"
	}
	text := "I do not know that. I can answer questions about Atelier: installing, training, scores, datasets, editing single pictures, drawing from words, games, 3-D models, summaries, texts, music and weights"
	if t.how.Documents != "" {
		text += "; and about what is in " + string(t.how.Documents)
	}
	return text + "."
}

// write has the model answer, with the passages in its prompt.
func (t *talk) write(ctx context.Context, message string, found []retrieve.Passage) (said conversation.Exchange, err error) {
	said = conversation.Exchange{Message: message, Sources: sourcesOf(found), By: t.by().Name}
	if t.distant != nil {
		var cut bool
		if said.Answer, cut, err = t.distant.answer(ctx, t, message, found); cut && err == nil {
			t.env.tellCut(t.how.Length)
		}
	} else {
		said.Answer, err = t.writeHere(ctx, message, found)
	}
	if err == nil && said.Sources != "" {
		t.env.text("\n" + said.Sources)
	}
	return said, err
}

// seed is that of the next answer.
func (t *talk) seed() uint64 { return t.how.Seed + uint64(len(t.said.Remembered())) }

// by is what writes the answers, nil if they are quoted.
func (t *talk) by() *Maker {
	switch {
	case t.distant != nil:
		return t.distant.Maker
	case t.pen != nil:
		return t.pen.Maker
	}
	return nil
}

// writeHere has a language model of this machine answer.
func (t *talk) writeHere(ctx context.Context, message string, found []retrieve.Passage) (answer string, err error) {
	tokens, err := t.prompt(message, found)
	if err != nil {
		return "", err
	}
	answer, why, err := t.writeTokens(ctx, tokens)
	if err == nil && why == whyContext {
		t.env.notice(fmt.Sprintf("the answer ends where the context of %s does", t.pen.Name))
	}
	return answer, err
}

// writeTokens has a language model of this machine go on with tokens, and returns why it ended.
func (t *talk) writeTokens(ctx context.Context, tokens []int32) (answer, why string, err error) {
	given := *t.pen
	given.prompt = func(string) ([]int32, error) { return tokens, nil }
	c := &composition{
		pen: &given, how: language.Writer{Model: t.pen.model, Sampling: t.how.sampling()},
		length: t.how.Length, stops: t.stops(), show: t.env.text, progress: t.env.progress,
	}
	err = c.write(ctx, []uint64{t.seed()}, func(d *draft) error {
		answer, why = strings.TrimSpace(string(d.Text)), d.Why
		return nil
	})
	return answer, why, err
}

// sourcesOf lists the sources of the passages in a prompt, which the model may have ignored.
func sourcesOf(found []retrieve.Passage) string {
	var names []string
	for _, p := range found {
		name := p.Where()
		if p.Source == "" {
			name = "the built-in answers about Atelier"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return "(given to the model: " + strings.Join(names, "; ") + ")"
}
