package app

import (
	"context"
	"fmt"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/pattern"
	"atelier/model/brought"
	"atelier/model/remote"
	"atelier/model/retrieve"
)

// RemoteModel is the name of the model at a server, the one of its settings; remote:NAME is
// another one there.
const RemoteModel = brought.Distant

// remoteName is the model that a name asks a server for, empty for the usual one; false if it is
// the name of a run or of weights.
func remoteName(name Model) (model string, ok bool) {
	word, model, _ := strings.Cut(string(name), ":")
	return model, word == RemoteModel
}

// A distant is a model at a server.
type distant struct {
	*Maker
	client *remote.Client
}

// madeAt returns the model at a server as a maker.
func madeAt(c *remote.Client) *Maker {
	return &Maker{Name: RemoteModel + ":" + c.Model(), Tokens: true, Server: c.Kind()}
}

// distant opens the model at a server that a name asks for, and says where what it is asked goes.
func (e *Env) distant(ctx context.Context, name Model) (*distant, error) {
	model, _ := remoteName(name)
	c, err := remote.Open(ctx, e.Remote, model)
	if err != nil {
		return nil, err
	}
	e.atEnd = append(e.atEnd, c.Close)
	where := ", which is not this machine: what it is asked goes there"
	if c.Local() {
		where = ""
	}
	e.notice(fmt.Sprintf("asking %s at %s (%s)%s", c.Model(), c.Host(), c.Kind(), where))
	return &distant{madeAt(c), c}, nil
}

// mostHistory is how many bytes of earlier exchanges are sent along, the latest first.
const mostHistory = 32 << 10

// ask asks for one text, and returns whether it was cut.
func (d *distant) ask(ctx context.Context, env *Env, r remote.Request) (text string, cut bool, err error) {
	pieces := 0
	a, err := d.client.Ask(ctx, r, func(piece string) {
		env.text(piece)
		pieces++ // each about a token
		env.progress(min(pieces, r.Length), r.Length)
	})
	return a.Text, a.Cut, err
}

// tellCut says that a text ends at the limit of tokens.
func (e *Env) tellCut(length int) {
	e.notice(fmt.Sprintf("the text ends at the limit of %d tokens; --length sets another", length))
}

// answer answers a message of a conversation, and returns whether the answer was cut.
func (d *distant) answer(ctx context.Context, t *talk, message string, found []retrieve.Passage) (answer string, cut bool, err error) {
	turns := t.said.Remembered()
	from, size := len(turns), 0
	for ; from > 0; from-- {
		if size += len(turns[from-1].Message) + len(turns[from-1].Answer); size > mostHistory {
			break
		}
	}
	all := []remote.Message{{Role: remote.System, Text: t.system(found)}}
	for _, turn := range turns[from:] {
		all = append(all, remote.Message{Role: remote.User, Text: turn.Message}, remote.Message{Role: remote.Assistant, Text: turn.Answer})
	}
	all = append(all, remote.Message{Role: remote.User, Text: message})
	answer, cut, err = d.ask(ctx, t.env, remote.Request{
		Messages: all, Length: t.how.Length, Temperature: t.how.Temperature, TopP: t.how.TopP, Seed: t.seed(),
	})
	return strings.TrimSpace(answer), cut, err
}

// unfileable are the characters of names of models, such as org/model:7b, that are none of file names.
var unfileable = pattern.New(`[^\p{L}\p{N}]+`)

// goOn tells a chat model to go on with a text.
const goOn = "Go on with the text that the user sends, in its language and its manner, from exactly where it ends. Write only what follows; do not repeat the text and do not comment on it."

// checkRemote refuses what cannot be asked of a model at a server.
func (w Write) checkRemote() error {
	if _, is := remoteName(w.Model); !is {
		return nil
	}
	for _, c := range []struct {
		is   bool
		what string
	}{
		{w.Class != "", "class"}, {w.Verse != "", "verse"}, {w.Schema.Given(), "schema"}, {len(w.Ban) > 0, "ban"}, {len(w.Outline) > 0, "outline"},
		{w.TopK > 0, "top_k"}, {w.MinP > 0, "min_p"}, {w.Repetition != 1, "repetition"}, {w.Format == formatJSON, "format json"}, {w.Presence < -2 || w.Presence > 2, "presence beyond -2 to 2"},
	} {
		if c.is {
			return badinput.Errorf("%s: a model at a server cannot be asked for that; a run or weights can", c.what)
		}
	}
	return nil
}

// writeRemote writes texts by a model at a server, one after the other.
func (w Write) writeRemote(ctx context.Context, env *Env) error {
	if w.Format == formatJSON {
		return badinput.Errorf("format json: a model at a server does not tell its tokens")
	}
	if strings.TrimSpace(w.beginning()) == "" {
		return badinput.Errorf("prompt: want the beginning of a text for a model at a server to go on with")
	}
	d, err := env.distant(ctx, w.Model)
	if err != nil {
		return err
	}
	p, apart := &pen{Maker: d.Maker}, env.Out.Apart && !w.together
	names := w.names(&pen{Maker: &Maker{Name: unfileable().ReplaceAllString(d.Name, "-")}}, apart)
	if err := env.expectUnread(names...); err != nil {
		return err
	}
	var all []*draft
	for i := range w.N {
		if i > 0 {
			env.text(w.rule())
		}
		env.text(w.beginning())
		one := &draft{Seed: w.Seed + uint64(i)}
		text, cut, err := d.ask(ctx, env, remote.Request{
			Messages: []remote.Message{{Role: remote.System, Text: goOn}, {Role: remote.User, Text: w.beginning()}},
			Length:   w.Length, Temperature: w.Temperature, TopP: w.TopP, Presence: w.Presence, Seed: one.Seed, Stop: w.Stop,
		})
		if err != nil {
			return err
		}
		if cut {
			env.tellCut(w.Length)
		}
		one.Text = []byte(w.beginning() + text)
		if all = append(all, one); apart {
			alone := w
			alone.N, alone.Seed = 1, one.Seed
			if err := alone.emit(env, p, names[i], all[i:]); err != nil {
				return err
			}
		}
	}
	if apart {
		return nil
	}
	return w.emit(env, p, names[0], all)
}
